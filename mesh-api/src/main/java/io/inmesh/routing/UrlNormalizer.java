package io.inmesh.routing;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.model.UrlRules;
import io.inmesh.model.UrlRules.EscapedSlashes;
import io.inmesh.model.UrlRules.PortStrip;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Brings path and authority of a request into the form that routes and rules are written for, before anybody looks at them:
 * {@code ConnectionManagerUtility::maybeNormalizePath} and {@code maybeNormalizeHost}.
 */
public final class UrlNormalizer {
    private static final String DETAILS = "path_normalization_failed";

    private UrlNormalizer() {}

    /**
     * Changes a head.
     *
     * @param port the port that the request came to
     * @return the answer to a request that must not go on, or null
     */
    public static @Nullable LocalReply apply(RequestHead head, UrlRules rules, int port) {
        if (rules.equals(UrlRules.NONE)) {
            return null;
        }
        LocalReply reply = head.path().isEmpty() ? null : path(head, rules);
        if (reply == null) {
            authority(head, rules, port);
        }
        return reply;
    }

    private static @Nullable LocalReply path(RequestHead head, UrlRules rules) {
        boolean redirect = false;
        if (rules.escapedSlashes() != EscapedSlashes.KEEP) {
            String unescaped = unescapeSlashes(head.path());
            if (unescaped.length() != head.path().length()) {
                if (rules.escapedSlashes() == EscapedSlashes.REJECT) {
                    return rejected();
                }
                redirect = rules.escapedSlashes() == EscapedSlashes.REDIRECT;
                head.path(unescaped);
            }
        }
        if (rules.normalizePath()) {
            String normal = CanonicalPath.of(head.path());
            if (normal == null) {
                return rejected();
            }
            head.path(normal);
        }
        if (rules.mergeSlashes()) {
            head.path(mergeSlashes(head.path()));
        }
        if (!redirect) {
            return null;
        }
        // gRPC clients follow no redirects.
        return LocalReply.isGrpc(head)
                ? rejected()
                : new LocalReply(307, "", Headers.of("location", head.path()), null, DETAILS);
    }

    private static LocalReply rejected() {
        return LocalReply.of(400, "", ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR, DETAILS);
    }

    private static String unescapeSlashes(String path) {
        int query = path.indexOf('?');
        int end = query < 0 ? path.length() : query;
        int escape = path.indexOf('%');
        if (escape < 0 || escape >= end) {
            return path;
        }
        StringBuilder unescaped = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) == '%' && i + 2 < end) {
                String code = path.substring(i + 1, i + 3).toUpperCase(Locale.ROOT);
                if (code.equals("2F") || code.equals("5C")) {
                    unescaped.append(code.equals("2F") ? '/' : '\\');
                    i += 2;
                    continue;
                }
            }
            unescaped.append(path.charAt(i));
        }
        return unescaped.toString();
    }

    private static String mergeSlashes(String path) {
        int query = path.indexOf('?');
        int end = query < 0 ? path.length() : query;
        int doubled = path.indexOf("//");
        if (doubled < 0 || doubled >= end - 1) {
            return path;
        }
        StringBuilder merged = new StringBuilder(path.length());
        for (int i = 0; i < end; i++) {
            char each = path.charAt(i);
            if (each != '/' || merged.isEmpty() || merged.charAt(merged.length() - 1) != '/') {
                merged.append(each);
            }
        }
        // Envoy joins what is between slashes, and a path of nothing but slashes keeps the first and the last.
        String whole = merged.length() == 1 ? "//" : merged.toString();
        return whole + path.substring(end);
    }

    private static void authority(RequestHead head, UrlRules rules, int port) {
        if (rules.stripTrailingDot()) {
            stripTrailingDot(head);
        }
        // RFC 9110: the target of CONNECT always has its port.
        if (rules.stripPort() == PortStrip.NONE || head.method().equals("CONNECT")) {
            return;
        }
        String authority = head.authority();
        int colon = Addresses.portColon(authority);
        int own = colon < 0 ? -1 : number(authority, colon + 1);
        if (own >= 0 && (rules.stripPort() == PortStrip.ANY || own == port)) {
            head.authority(authority.substring(0, colon));
        }
    }

    private static void stripTrailingDot(RequestHead head) {
        String authority = head.authority();
        int dot = authority.lastIndexOf('.');
        if (dot >= 0 && dot == authority.length() - 1) {
            head.authority(authority.substring(0, dot));
        } else if (dot >= 0 && authority.charAt(dot + 1) == ':') {
            head.authority(authority.substring(0, dot) + authority.substring(dot + 1));
        }
    }

    private static int number(String text, int from) {
        int number = 0;
        for (int i = from; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9 || number > 10_000_000) {
                return -1;
            }
            number = 10 * number + digit;
        }
        return from == text.length() ? -1 : number;
    }
}
