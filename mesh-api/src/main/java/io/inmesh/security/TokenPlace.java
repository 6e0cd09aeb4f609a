package io.inmesh.security;

import io.inmesh.exchange.RequestHead;
import java.util.Set;

/**
 * A place where tokens are looked for.
 *
 * @param kind    what it is
 * @param name    of the header (in lower case), query parameter or cookie
 * @param prefix  what comes before a token in a header; empty elsewhere
 * @param issuers whose tokens may be there; an empty one stands for all
 */
record TokenPlace(Kind kind, String name, String prefix, Set<String> issuers) {
    enum Kind {
        HEADER,
        PARAMETER,
        COOKIE
    }

    boolean allows(String issuer) {
        return issuers.contains("") || issuers.contains(issuer);
    }

    /** Takes the tokens out of the request. As in Envoy, cookies are left as they are. */
    void clear(RequestHead head) {
        switch (kind) {
            case HEADER -> head.headers().remove(name);
            case PARAMETER -> head.path(QueryTokens.without(head.path(), name));
            case COOKIE -> {}
        }
    }
}
