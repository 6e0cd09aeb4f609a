package io.inmesh.http.envoy;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.security.MeshPrincipal;
import org.jspecify.annotations.Nullable;

/**
 * What an application sees of a request's client, which it answers.
 *
 * @param certificate {@code x-forwarded-client-cert}
 * @param peer        the URI names of the client's certificate
 * @param serverName  SNI
 * @param tlsVersion  {@code TLSv1.2}
 */
record Seen(
        @Nullable String certificate,
        @Nullable String peer,
        @Nullable String serverName,
        @Nullable String tlsVersion) {

    static Seen of(
            @Nullable String certificate,
            @Nullable MeshPrincipal principal,
            @Nullable DownstreamConnection connection) {
        DownstreamConnection.Tls tls = connection == null ? null : connection.tls();
        return new Seen(
                certificate,
                principal == null || principal.certificate() == null
                        ? null
                        : String.join(",", principal.certificate().uris()),
                tls == null ? null : written(tls.serverName()),
                tls == null ? null : tls.version());
    }

    /** {@code %REQUESTED_SERVER_NAME%} shows a name that is none of DNS with underscores, and says so. */
    private static String written(String serverName) {
        String harmless = serverName.replaceAll("[^A-Za-z0-9._-]", "_");
        return harmless.equals(serverName) ? serverName : "invalid:" + harmless;
    }

    /** The answer. */
    String text() {
        return "certificate=" + text(certificate) + " peer=" + text(peer) + " serverName=" + text(serverName) + " tls="
                + text(tlsVersion);
    }

    /** Envoy writes a dash where there is nothing. */
    private static String text(@Nullable String value) {
        return value == null ? "-" : value;
    }
}
