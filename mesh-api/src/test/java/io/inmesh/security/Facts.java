package io.inmesh.security;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Connections and requests for tests. */
public final class Facts {
    private Facts() {}

    /** A request to {@code shop.local}. */
    public static RequestHead request(String method, String path, String... headers) {
        return new RequestHead(method, "http", "shop.local", path, Headers.of(headers));
    }

    /** What is known of a stream on a connection from 10.1.2.3:40000 to 10.9.9.9:8080. */
    public static StreamInfo on(DownstreamConnection.@Nullable Tls tls) {
        return between("10.1.2.3", "10.9.9.9", 8080, tls);
    }

    /** What is known of a stream on a connection between two addresses. */
    public static StreamInfo between(
            String remote, String local, int localPort, DownstreamConnection.@Nullable Tls tls) {
        StreamInfo info = new StreamInfo();
        info.downstream(new DownstreamConnection(address(remote), 40_000, address(local), localPort, tls));
        return info;
    }

    /** TLS with a client certificate that has URI names. */
    public static DownstreamConnection.Tls mutualTls(String... uris) {
        return tls(peer(List.of(uris), List.of(), ""));
    }

    /** TLS with that client certificate, or none. */
    public static DownstreamConnection.Tls tls(@Nullable PeerCertificate peer) {
        return new DownstreamConnection.Tls("sni.local", "h2", "TLSv1.3", "TLS_AES_128_GCM_SHA256", peer);
    }

    /** A client certificate. */
    public static PeerCertificate peer(List<String> uris, List<String> dnsNames, String subject) {
        return new PeerCertificate(uris, dnsNames, List.of(), subject, "CN=ca", "01", "00", "", "", true);
    }

    /** A client certificate that nobody vouches for. */
    static PeerCertificate unverified(List<String> uris) {
        return new PeerCertificate(uris, List.of(), List.of(), "", "CN=self", "01", "00", "", "", false);
    }

    /** An address. */
    public static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }
}
