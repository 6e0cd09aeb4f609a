package io.inmesh.xds.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.BoolValue;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertDetails;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.InternalAddressConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.PathWithEscapedSlashesAction;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.SetCurrentClientCertDetails;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.xds.testing.FreePorts;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.Socket;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of a request before its route is chosen, at Envoy and at the engine: path, authority, client certificate, the headers that only a mesh may set. */
class EntryComparisonTest {
    /** What the server's certificate names, and {@code By=} of {@code x-forwarded-client-cert} tells. */
    private static final List<String> SERVER = List.of("spiffe://td/ns/a/sa/server", "https://td/server;x=1");

    /** Not the loopback address: for that one Envoy tells an address of its machine in {@code x-forwarded-for}. */
    private static final String CLIENT = "127.0.0.2";

    private static final String[] SEEN = {
        "x-path", "%REQ(:PATH)%",
        "x-authority", "%REQ(:AUTHORITY)%",
        "x-cert", "%REQ(X-FORWARDED-CLIENT-CERT)%",
        "x-for", "%REQ(X-FORWARDED-FOR)%",
        "x-proto", "%REQ(X-FORWARDED-PROTO)%",
        "x-port", "%REQ(X-FORWARDED-PORT)%",
        "x-int", "%REQ(X-ENVOY-INTERNAL)%",
        "x-ext", "%REQ(X-ENVOY-EXTERNAL-ADDRESS)%",
        "x-retry", "%REQ(X-ENVOY-RETRY-ON)%",
        "x-node", "%REQ(X-ENVOY-DOWNSTREAM-SERVICE-NODE)%",
        "x-remote", "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
        "x-id", "%REQ(X-REQUEST-ID)%"
    };
    private static final List<String> PATHS = List.of(
            "/a/./b",
            "/a/../b",
            "/../b",
            "/a/..",
            "/a/.",
            "/a/%2e/b",
            "/a/%2E%2e/b",
            "/a/.%2e",
            "/a..b/..c/.d",
            "/a/...",
            "/a\\b\\..\\c",
            "//a//../b",
            "/a//b",
            "/a///",
            "//",
            "/a%",
            "/a%2",
            "/a%zz",
            "/a%%41",
            "/%2561",
            "/a;b/../c",
            "/a/..;/b",
            "/a/..;x=y/b",
            "/a/..;\\b",
            "/a/%2e%2e;x/b",
            "/a/.;/..;/c",
            "/a/..%3b/b",
            "/a/b/..;%2fc",
            "/a?x=../%2e/\\",
            "/a//b?c//d",
            "/a/..?q",
            "/a/%2e%2e%2fb",
            "/a%2Fb",
            "/a%5Cb",
            "/a%2f..%2fb",
            "/a%2f%2fb",
            "/a?x=%2f",
            "/A/%41%7e%5f",
            "/a%00b",
            "/a%20b",
            "/a{b}|^`\"<>",
            "/%c3%28",
            "/%C3%BC",
            "/a/%252e%252e/b",
            "/a/.%2E/%2e./c",
            "/%5c../x",
            "/a/b%2f..%2fc",
            "/%",
            "/.",
            "/..",
            "/a/.?");

    @Test
    void path_underEveryCombinationOfRules_isTheSame() throws Exception {
        List<HttpConnectionManager> rules = new ArrayList<>();
        for (PathWithEscapedSlashesAction action : List.of(
                PathWithEscapedSlashesAction.KEEP_UNCHANGED,
                PathWithEscapedSlashesAction.REJECT_REQUEST,
                PathWithEscapedSlashesAction.UNESCAPE_AND_REDIRECT,
                PathWithEscapedSlashesAction.UNESCAPE_AND_FORWARD)) {
            for (int i = 0; i < 4; i++) {
                rules.add(HttpConnectionManager.newBuilder()
                        .setPathWithEscapedSlashesAction(action)
                        .setNormalizePath(BoolValue.of(i % 2 == 1))
                        .setMergeSlashes(i / 2 == 1)
                        .build());
            }
        }
        List<Request> requests = new ArrayList<>();
        PATHS.forEach(path -> requests.add(new Request(path, "h", List.of())));
        requests.add(new Request("/a%2fb", "h", List.of("content-type", "application/grpc")));
        compare(rules, requests, List.of("x-path"), null);
    }

    @Test
    void authority_underEveryRule_isTheSame() throws Exception {
        List<Request> requests = new ArrayList<>();
        for (String host :
                List.of("h", "h:80", "h:PORT", "h.", "h.:80", "h.:PORT", "a.b", "[::1]", "[::1]:PORT", "h:0PORT")) {
            requests.add(new Request("/", host, List.of()));
        }
        compare(
                List.of(
                        HttpConnectionManager.newBuilder()
                                .setStripMatchingHostPort(true)
                                .build(),
                        HttpConnectionManager.newBuilder()
                                .setStripAnyHostPort(true)
                                .build(),
                        HttpConnectionManager.newBuilder()
                                .setStripTrailingHostDot(true)
                                .build(),
                        HttpConnectionManager.newBuilder()
                                .setStripTrailingHostDot(true)
                                .setStripMatchingHostPort(true)
                                .build()),
                requests,
                List.of("x-authority"),
                null);
    }

    @Test
    void clientCertificate_inEveryMode_isToldTheSame() throws Exception {
        X509Bundle authority = new CertificateBuilder()
                .ecp256()
                .subject("CN=ca")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        X509Bundle client = new CertificateBuilder()
                .ecp256()
                .subject("O=Example,CN=client")
                .addSanUriName("spiffe://td/ns/a/sa/b")
                .addSanUriName("spiffe://td/second")
                .addSanDnsName("client.example")
                .addSanDnsName("other.example")
                .buildIssuedBy(authority);
        List<HttpConnectionManager> rules = new ArrayList<>();
        for (ForwardClientCertDetails mode : ForwardClientCertDetails.values()) {
            if (mode != ForwardClientCertDetails.UNRECOGNIZED) {
                rules.add(HttpConnectionManager.newBuilder()
                        .setForwardClientCertDetails(mode)
                        .setSetCurrentClientCertDetails(SetCurrentClientCertDetails.newBuilder()
                                .setSubject(BoolValue.of(true))
                                .setUri(true)
                                .setDns(true)
                                .setCert(true)
                                .setChain(true))
                        .build());
                rules.add(HttpConnectionManager.newBuilder()
                        .setForwardClientCertDetails(mode)
                        .build());
            }
        }
        List<Request> requests = List.of(
                new Request("/", "h", List.of()),
                new Request("/", "h", List.of("x-forwarded-client-cert", "By=x;Hash=y")),
                new Request("/", "h", List.of("x-forwarded-client-cert", "a", "x-forwarded-client-cert", "b")));
        compare(rules, requests, List.of("x-cert"), new Certificates(authority, client));
        compare(rules, requests, List.of("x-cert"), new Certificates(authority, null));
        compare(rules, requests, List.of("x-cert"), null);
    }

    @Test
    void clientAddressAndInternalHeaders_atTheEdgeAndInside_areTheSame() throws Exception {
        List<HttpConnectionManager> rules = new ArrayList<>();
        InternalAddressConfig internal = InternalAddressConfig.newBuilder()
                .addCidrRanges(
                        CidrRange.newBuilder().setAddressPrefix("10.0.0.0").setPrefixLen(UInt32Value.of(8)))
                .addCidrRanges(
                        CidrRange.newBuilder().setAddressPrefix("127.0.0.1").setPrefixLen(UInt32Value.of(32)))
                .build();
        for (int i = 0; i < 16; i++) {
            HttpConnectionManager.Builder http = HttpConnectionManager.newBuilder()
                    .setUseRemoteAddress(BoolValue.of(i % 2 == 1))
                    .setXffNumTrustedHops(i / 2 % 2)
                    .setSkipXffAppend(i / 4 % 2 == 1)
                    .setAppendXForwardedPort(i < 12);
            rules.add((i / 8 == 1 ? http.setInternalAddressConfig(internal) : http).build());
        }
        List<Request> requests = new ArrayList<>();
        for (String forwarded : List.of(
                "", "10.0.0.1", "8.8.8.8", "10.0.0.1,8.8.8.8", "8.8.8.8, 10.0.0.1", "x", "1.2.3.4, x", "10.0.0.1,")) {
            List<String> headers = new ArrayList<>(List.of(
                    "x-envoy-retry-on", "5xx",
                    "x-envoy-internal", "true",
                    "x-envoy-downstream-service-node", "n",
                    "x-forwarded-proto", "https"));
            if (!forwarded.isEmpty()) {
                headers.addAll(List.of("x-forwarded-for", forwarded));
            }
            requests.add(new Request("/", "h", headers));
        }
        requests.add(new Request("/", "h", List.of("x-forwarded-port", "9")));
        compare(
                rules,
                requests,
                List.of("x-for", "x-proto", "x-port", "x-int", "x-ext", "x-retry", "x-node", "x-remote"),
                null);
    }

    /** Answers, and the named headers of what was seen, must be the same. */
    @SuppressWarnings("try") // it runs as long as the requests are made
    private static void compare(
            List<HttpConnectionManager> rules,
            List<Request> requests,
            List<String> compared,
            @Nullable Certificates certificates)
            throws Exception {
        Path binary = EnvoyProcess.binaryOrSkip();
        X509Bundle server = new CertificateBuilder()
                .ecp256()
                .subject("CN=server")
                .addSanDnsName("server.example")
                .addSanUriName(SERVER.get(0))
                .addSanUriName(SERVER.get(1))
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        List<Listener> listeners = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            FilterChain.Builder chain =
                    FilterChain.newBuilder().addFilters(InboundEnvoy.answering("ok", rules.get(i), SEEN));
            if (certificates != null) {
                chain.setTransportSocket(InboundEnvoy.tls(server, certificates.authority()));
            }
            listeners.add(Listener.newBuilder()
                    .setName("listener" + i)
                    .setAddress(EnvoyProcess.loopback(FreePorts.next()))
                    .addFilterChains(chain)
                    .build());
        }
        List<String> differences = new ArrayList<>();
        try (InboundEnvoy envoy = new InboundEnvoy(binary, listeners)) {
            assertThat(envoy).as("Envoy runs").isNotNull();
            for (int i = 0; i < rules.size(); i++) {
                InboundSide engine = new InboundSide(listeners.get(i));
                for (Request request : requests) {
                    compare(listeners.get(i), engine, request, compared, certificates, rules.get(i), differences);
                }
            }
        }
        assertThat(differences).isEmpty();
    }

    private static void compare(
            Listener listener,
            InboundSide engine,
            Request request,
            List<String> compared,
            @Nullable Certificates certificates,
            HttpConnectionManager rules,
            List<String> differences)
            throws Exception {
        int port = listener.getAddress().getSocketAddress().getPortValue();
        String host = request.host().replace("PORT", Integer.toString(port));
        StringBuilder text = new StringBuilder("GET " + request.path() + " HTTP/1.1\r\nhost: " + host + "\r\n");
        Headers headers = new Headers();
        for (int i = 0; i < request.headers().size(); i += 2) {
            headers.add(request.headers().get(i), request.headers().get(i + 1));
            text.append(request.headers().get(i))
                    .append(": ")
                    .append(request.headers().get(i + 1))
                    .append("\r\n");
        }
        String envoy;
        try (Socket plain = InboundEnvoy.plain(port, CLIENT, 0)) {
            Socket socket = certificates == null
                    ? plain
                    : InboundEnvoy.secure(plain, "", List.of("http/1.1"), certificates.client());
            envoy = InboundEnvoy.ask(socket, text + "\r\n");
        }
        boolean tls = certificates != null;
        ConnectionArrival arrival =
                new ConnectionArrival(ip(CLIENT), 40_000, ip("127.0.0.1"), port, tls, "", List.of());
        DownstreamConnection facts = new DownstreamConnection(
                ip(CLIENT),
                40_000,
                ip("127.0.0.1"),
                port,
                certificates == null
                        ? null
                        : new DownstreamConnection.Tls("", "", "TLSv1.3", "", certificates.peer(), SERVER));
        InboundSide.Answer answer = engine.ask(
                arrival, facts, new RequestHead("GET", tls ? "https" : "http", host, request.path(), headers));
        ResponseHead own = Objects.requireNonNull(answer.response(), "answered by the route");
        List<String> names = new ArrayList<>(compared);
        names.add("location");
        StringBuilder envoySaw = new StringBuilder(envoy.length() < 12 ? "closed" : envoy.substring(9, 12));
        StringBuilder ownSaw = new StringBuilder(Integer.toString(own.status()));
        for (String name : names) {
            envoySaw.append(' ').append(name).append('=').append(InboundEnvoy.header(envoy, name));
            ownSaw.append(' ')
                    .append(name)
                    .append('=')
                    .append(
                            name.equals("x-remote")
                                    ? answer.remote()
                                    : own.headers().get(name));
        }
        if (!envoySaw.toString().contentEquals(ownSaw)) {
            differences.add("\n" + request + "\n under " + rules.toString().replaceAll("\\s+", " ") + "\n Envoy  "
                    + envoySaw + "\n engine " + ownSaw);
        }
    }

    private static IpAddress ip(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    private record Request(String path, String host, List<String> headers) {}

    /** @param client null for one that shows none */
    private record Certificates(
            X509Bundle authority, @Nullable X509Bundle client) {
        @Nullable
        PeerCertificate peer() throws Exception {
            if (client == null) {
                return null;
            }
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(client.getCertificate().getEncoded());
            StringBuilder chain = new StringBuilder();
            for (var each : client.getCertificatePath()) {
                chain.append(pem(each.getEncoded()));
            }
            return new PeerCertificate(
                    List.of("spiffe://td/ns/a/sa/b", "spiffe://td/second"),
                    List.of("client.example", "other.example"),
                    List.of(),
                    client.getCertificate().getSubjectX500Principal().getName(),
                    "CN=ca",
                    "",
                    HexFormat.of().formatHex(digest),
                    pem(client.getCertificate().getEncoded()),
                    chain.toString(),
                    true);
        }

        private static String pem(byte[] der) {
            return "-----BEGIN CERTIFICATE-----\n"
                    + java.util.Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                    + "\n-----END CERTIFICATE-----\n";
        }
    }
}
