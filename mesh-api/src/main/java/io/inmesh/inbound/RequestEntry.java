package io.inmesh.inbound;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.ClientRules;
import io.inmesh.model.ClientRules.ServerHeader;
import io.inmesh.model.ClientRules.Underscores;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.SingleFields;
import io.inmesh.resilience.RouterReplies;
import io.inmesh.routing.UrlNormalizer;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What Envoy's connection manager does to a request before its route is looked for, and to a response behind all filters:
 * {@code ConnectionManagerUtility::mutateRequestHeaders} and {@code mutateResponseHeaders}. Immutable.
 */
final class RequestEntry {
    private static final String HTTP2 = "HTTP/2";
    private static final String REQUEST_ID = "x-request-id";
    private static final String FORWARDED_FOR = "x-forwarded-for";
    private static final String FORWARDED_PROTO = "x-forwarded-proto";
    private static final String FORWARDED_PORT = "x-forwarded-port";

    /** Headers by which those inside a mesh say how a request is to be handled, and those outside may not. */
    private static final List<String> INTERNAL = List.of(
            "x-envoy-retriable-status-codes",
            "x-envoy-retriable-header-names",
            "x-envoy-retry-on",
            "x-envoy-retry-grpc-on",
            "x-envoy-max-retries",
            "x-envoy-upstream-alt-stat-name",
            "x-envoy-upstream-rq-timeout-ms",
            "x-envoy-upstream-rq-per-try-timeout-ms",
            "x-envoy-upstream-rq-timeout-alt-response",
            "x-envoy-expected-rq-timeout-ms",
            "x-envoy-force-trace",
            "x-envoy-ip-tags",
            "x-envoy-original-url",
            "x-envoy-hedge-on-per-try-timeout");

    private final HttpConnectionManager http;
    private final ClientRules rules;
    private final RandomGenerator random;

    RequestEntry(HttpConnectionManager http, RandomGenerator random) {
        this.http = http;
        this.rules = http.client();
        this.random = random;
    }

    /** The answer to a request that must not go on, or null. */
    @Nullable
    LocalReply admit(RequestHead head, StreamInfo info) {
        LocalReply unreadable = read(head.headers());
        if (unreadable != null) {
            return unreadable;
        }
        join(head.headers(), HTTP2.equals(info.protocol()));
        if (head.method().equals("CONNECT")) {
            // Only a route with a connect_matcher takes it, and no application is a tunnel's end. An extended one (RFC
            // 8441) would pass by rules about GET and upgrades.
            return RouterReplies.routeNotFound();
        }
        if (!head.path().isEmpty() && head.path().charAt(0) != '/') {
            return LocalReply.of(404, "", null, "absolute_path_rejected");
        }
        DownstreamConnection connection = Objects.requireNonNull(info.downstream());
        LocalReply reply = UrlNormalizer.apply(head, http.url(), connection.localPort());
        if (reply != null) {
            return reply;
        }
        if (!stripHopHeaders(head.headers())) {
            return LocalReply.of(403, "", null, "upgrade_failed");
        }
        mutate(head, info, connection);
        return null;
    }

    /** What a codec of Envoy's does not even let in. */
    private @Nullable LocalReply read(Headers headers) {
        long bytes = 0;
        for (int i = headers.size() - 1; i >= 0; i--) {
            bytes += headers.name(i).length() + headers.value(i).length();
            if (rules.underscores() != Underscores.ALLOW && headers.name(i).indexOf('_') >= 0) {
                if (rules.underscores() == Underscores.REJECT_REQUEST) {
                    return refused(400, "http1.unexpected_underscore");
                }
                headers.remove(headers.name(i));
                i = Math.min(i, headers.size());
            }
        }
        if (headers.size() > rules.maxHeaders()) {
            return refused(431, "http1.too_many_headers");
        }
        return bytes > 1024L * rules.maxHeadersKib() ? refused(431, "http1.headers_too_large") : null;
    }

    /**
     * Several fields of a name where Envoy's header map has one, and the crumbs of a cookie (RFC 9113, section 8.2.3), which its codec joins: whatever looks at the first of
     * them would miss what the last proxy has added.
     */
    private static void join(Headers headers, boolean crumbs) {
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i);
            String separator = SingleFields.contains(name) ? "," : crumbs && name.equals("cookie") ? "; " : "";
            if (!separator.isEmpty() && headers.indexOf(name, i + 1) >= 0) {
                headers.set(name, String.join(separator, headers.all(name)));
            }
        }
    }

    private static LocalReply refused(int status, String details) {
        return LocalReply.of(status, "", ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR, details);
    }

    /** Whether the request may go on: one for an upgrade only if that is configured. */
    private boolean stripHopHeaders(Headers headers) {
        String upgrade = upgrade(headers);
        boolean upgrades = upgrade != null;
        if (upgrade != null && !rules.upgrades().contains(upgrade)) {
            return false;
        }
        if (!upgrades) {
            headers.remove("connection");
            headers.remove("upgrade");
        }
        headers.remove("keep-alive");
        headers.remove("proxy-connection");
        headers.remove("transfer-encoding");
        return true;
    }

    /** The protocol that a request wants to change to, in lower case, or null. No client in a mesh gets to HTTP/2 that way. */
    private static @Nullable String upgrade(Headers headers) {
        String upgrade = headers.get("upgrade");
        String connection = headers.get("connection");
        boolean wanted =
                connection != null && connection.toLowerCase(Locale.ROOT).contains("upgrade");
        return upgrade == null || !wanted || upgrade.equalsIgnoreCase("h2c") ? null : upgrade.toLowerCase(Locale.ROOT);
    }

    private void mutate(RequestHead head, StreamInfo info, DownstreamConnection connection) {
        Headers headers = head.headers();
        ClientAddress client = ClientAddress.of(headers, connection.remote(), rules);
        info.remoteAddress(client.address());
        headers.remove("x-envoy-internal");
        if (rules.useRemoteAddress()) {
            if (!rules.skipForwardedForAppend()) {
                append(headers, FORWARDED_FOR, hop(connection), ",");
            }
            if (rules.trustedHops() == 0) {
                headers.remove(FORWARDED_PROTO);
            }
        }
        boolean outermost = rules.useRemoteAddress() && rules.trustedHops() == 0;
        if (rules.appendForwardedPort() && (outermost || !headers.contains(FORWARDED_PORT))) {
            headers.set(FORWARDED_PORT, Integer.toString(connection.localPort()));
        }
        scheme(head, connection);
        if (client.internal()) {
            headers.set("x-envoy-internal", "true");
        } else {
            if (client.edge()) {
                headers.remove("x-envoy-downstream-service-cluster");
                headers.remove("x-envoy-downstream-service-node");
                headers.set("x-envoy-external-address", client.address().toString());
            }
            INTERNAL.forEach(headers::remove);
        }
        if (!rules.via().isEmpty()) {
            append(headers, "via", rules.via(), ", ");
        }
        requestId(headers, client.edge());
        ClientCertificateHeader.apply(headers, connection.tls(), rules);
    }

    /** Where a connection comes from this machine, Envoy tells its own address in the place of the loopback's. */
    private static String hop(DownstreamConnection connection) {
        IpAddress remote = connection.remote();
        return (Arrived.isLoopback(remote) ? connection.local() : remote).toString();
    }

    private void scheme(RequestHead head, DownstreamConnection connection) {
        String own = connection.tls() == null ? "http" : "https";
        if (!head.headers().contains(FORWARDED_PROTO)) {
            head.headers().set(FORWARDED_PROTO, own);
        }
        if (rules.scheme() != null) {
            head.scheme(rules.scheme());
            head.headers().set(FORWARDED_PROTO, rules.scheme());
        }
    }

    private void requestId(Headers headers, boolean edge) {
        boolean replace = edge && !rules.preserveRequestId();
        if (rules.generateRequestId() && (replace || !headers.contains(REQUEST_ID))) {
            // RFC 9562, version 4.
            long high = (random.nextLong() & 0xffffffffffff0fffL) | 0x4000L;
            long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
            headers.set(REQUEST_ID, new UUID(high, low).toString());
        }
    }

    private static void append(Headers headers, String name, String value, String separator) {
        int index = headers.indexOf(name, 0);
        if (index < 0) {
            headers.add(name, value);
        } else {
            headers.setValue(index, headers.value(index) + separator + value);
        }
    }

    /** A response on its way out. */
    void finish(ResponseHead response, RequestHead request) {
        Headers headers = response.headers();
        boolean upgraded = response.status() == 101;
        if (!upgraded) {
            headers.remove("connection");
        }
        headers.remove("transfer-encoding");
        headers.remove("keep-alive");
        headers.remove("proxy-connection");
        String id = request.headers().get(REQUEST_ID);
        if (id != null && (rules.alwaysReturnRequestId() || request.headers().contains("x-envoy-force-trace"))) {
            headers.set(REQUEST_ID, id);
        }
        if (!rules.via().isEmpty()) {
            append(headers, "via", rules.via(), ", ");
        }
        boolean own = rules.serverHeader() == ServerHeader.OVERWRITE
                || (rules.serverHeader() == ServerHeader.APPEND_IF_ABSENT && !headers.contains("server"));
        if (own) {
            headers.set("server", rules.serverName());
        }
    }
}
