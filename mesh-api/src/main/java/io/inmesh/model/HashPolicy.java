package io.inmesh.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a request's hash is made of: {@code RouteAction.HashPolicy}. */
public sealed interface HashPolicy {

    /** Whether the policies after this one are left out if this one gave a hash. */
    boolean terminal();

    /** A header field, in lower case, whose value may be rewritten first. */
    record Header(String name, @Nullable RegexRewrite rewrite, boolean terminal) implements HashPolicy {}

    /**
     * A cookie.
     *
     * @param ttl  if not null, the cookie is made when the request has none; zero is a session cookie
     * @param path of a cookie that is made; may be empty
     */
    record Cookie(String name, @Nullable Duration ttl, String path, boolean terminal) implements HashPolicy {}

    /** The caller's address. */
    record SourceIp(boolean terminal) implements HashPolicy {}

    /** The first query parameter of that name. */
    record QueryParameter(String name, boolean terminal) implements HashPolicy {}

    /** An object of the filter state. */
    record FilterState(String key, boolean terminal) implements HashPolicy {}
}
