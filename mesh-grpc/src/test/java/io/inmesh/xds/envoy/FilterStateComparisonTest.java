package io.inmesh.xds.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.set_filter_state.v3.Config;
import io.envoyproxy.envoy.type.matcher.v3.AddressMatcher;
import io.envoyproxy.envoy.type.matcher.v3.FilterStateMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.exchange.RequestHead;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.xds.testing.FreePorts;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The filter state of connections of several kinds, and the routes that are chosen by it, at Envoy and at the engine. */
class FilterStateComparisonTest {
    private static final String WEB = "spiffe://default/web";
    private static final String ZONE = "kuma://kuma.io/zone/zone-1";
    private static final String PEER = "%DOWNSTREAM_PEER_URI_SAN%";
    private static final List<String> FORMATS = List.of(
            PEER,
            "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
            "%REQUESTED_SERVER_NAME%",
            "%DOWNSTREAM_PEER_SUBJECT%|%DOWNSTREAM_PEER_ISSUER%|%DOWNSTREAM_PEER_DNS_SAN%|%DOWNSTREAM_LOCAL_URI_SAN%",
            "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%-%DOWNSTREAM_LOCAL_ADDRESS%-%DOWNSTREAM_LOCAL_PORT%",
            "a%%b-%PROTOCOL%");

    private final X509Bundle client = client();

    private static X509Bundle client() {
        try {
            return new CertificateBuilder()
                    .ecp256()
                    .subject("CN=client")
                    .addSanUriName(URI.create(WEB))
                    .addSanUriName(URI.create(ZONE))
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    @SuppressWarnings("try") // it runs as long as the connections are made
    void connections_withAndWithoutCertificate_haveTheSameStateAndRoute() throws Exception {
        Path binary = EnvoyProcess.binaryOrSkip();
        Listener plain = listener("plain", null);
        Listener secure = listener("secure", client);
        try (InboundEnvoy envoy = new InboundEnvoy(binary, List.of(plain, secure))) {
            assertThat(envoy).as("Envoy runs").isNotNull();
            List<String> seen = new ArrayList<>();
            for (String path : List.of("/", "/range", "/elsewhere", "/absent")) {
                seen.add(compare(plain, path, false, null));
                seen.add(compare(secure, path, true, null));
                seen.add(compare(secure, path, true, client));
            }
            assertThat(seen).anyMatch(each -> each.contains("x-route: web"));
            assertThat(seen).anyMatch(each -> each.contains("x-route: anyone"));
            assertThat(seen).anyMatch(each -> each.contains("x-route: range"));
            assertThat(seen).noneMatch(each -> each.contains("x-route: never"));
            assertThat(seen).anyMatch(each -> each.contains(WEB + "," + ZONE));
        }
    }

    private static String compare(Listener listener, String path, boolean tls, @Nullable X509Bundle certificate)
            throws Exception {
        int port = listener.getAddress().getSocketAddress().getPortValue();
        String serverName = tls ? "orders.mesh.local" : "";
        String envoy;
        ConnectionArrival arrival;
        try (Socket connection = InboundEnvoy.plain(port, "127.0.0.2", 0)) {
            arrival = new ConnectionArrival(
                    ip("127.0.0.2"),
                    connection.getLocalPort(),
                    ip("127.0.0.1"),
                    port,
                    tls,
                    serverName,
                    tls ? List.of() : List.of("http/1.1"));
            Socket socket = tls ? InboundEnvoy.secure(connection, serverName, List.of(), certificate) : connection;
            envoy = state(InboundEnvoy.ask(socket, "GET " + path + " HTTP/1.1\r\nhost: x\r\n\r\n"));
        }
        PeerCertificate peer = certificate == null
                ? null
                : new PeerCertificate(
                        List.of(WEB, ZONE), List.of(), List.of(), "CN=client", "CN=client", "", "", "", "", true);
        DownstreamConnection facts = new DownstreamConnection(
                arrival.remote(),
                arrival.remotePort(),
                arrival.local(),
                port,
                tls
                        ? new DownstreamConnection.Tls(
                                serverName, "", "TLSv1.3", "TLS_AES_128_GCM_SHA256", peer, List.of(WEB, ZONE))
                        : null);
        InboundSide.Answer answer =
                new InboundSide(listener).ask(arrival, facts, new RequestHead("GET", "http", "x", path, new Headers()));
        Headers headers = Objects.requireNonNull(answer.response()).headers();
        StringBuilder own = new StringBuilder();
        for (String name : names()) {
            own.append(name).append(": ").append(headers.get(name)).append('\n');
        }
        assertThat(own.toString())
                .as("%s at %s, certificate %s", path, listener.getName(), certificate != null)
                .isEqualTo(envoy);
        return envoy;
    }

    private static String state(String response) {
        StringBuilder text = new StringBuilder();
        for (String name : names()) {
            text.append(name)
                    .append(": ")
                    .append(InboundEnvoy.header(response, name))
                    .append('\n');
        }
        return text.toString();
    }

    private static List<String> names() {
        List<String> names = new ArrayList<>(List.of("x-route", "x-replaced", "x-omitted", "x-skipped", "x-both"));
        for (int i = 0; i < FORMATS.size(); i++) {
            names.add("x-early-" + i);
            names.add("x-late-" + i);
        }
        return names;
    }

    private static Listener listener(String name, @Nullable X509Bundle server) throws Exception {
        Config.Builder early = Config.newBuilder()
                .addOnNewConnection(value("replaced", "one", false).setReadOnly(true))
                .addOnNewConnection(value("replaced", "two", false))
                .addOnNewConnection(value("address", "10.1.2.3", false).setFactoryKey("envoy.network.ip"))
                .addOnNewConnection(value("text", "10.1.2.3", false));
        List<FilterStateValue> late = new ArrayList<>(List.of(
                value("who", PEER, false).build(),
                value("omitted", "[" + PEER + "]", true).build(),
                value("skipped", PEER, true).setSkipIfEmpty(true).build(),
                value("both", PEER, false).setSkipIfEmpty(true).build()));
        for (int i = 0; i < FORMATS.size(); i++) {
            early.addOnNewConnection(value("early-" + i, FORMATS.get(i), false));
            late.add(value("late-" + i, FORMATS.get(i), false).build());
        }
        Field.Builder handshake = Field.newBuilder();
        late.forEach(each -> handshake.addLengthDelimited(ByteString.copyFrom(each.toByteArray())));
        // on_downstream_tls_handshake, for which there is no setter.
        early.setUnknownFields(
                UnknownFieldSet.newBuilder().addField(2, handshake.build()).build());
        FilterChain.Builder chain = FilterChain.newBuilder()
                .addFilters(Filter.newBuilder()
                        .setName("envoy.filters.network.set_filter_state")
                        .setTypedConfig(Any.pack(early.build())))
                .addFilters(manager());
        if (server != null) {
            chain.setTransportSocket(InboundEnvoy.tls(server, server));
        }
        return Listener.newBuilder()
                .setName(name)
                .setAddress(EnvoyProcess.loopback(FreePorts.next()))
                .addListenerFilters(ListenerFilter.newBuilder()
                        .setName("envoy.filters.listener.tls_inspector")
                        .setTypedConfig(Any.pack(TlsInspector.getDefaultInstance())))
                .addFilterChains(chain)
                .build();
    }

    private static FilterStateValue.Builder value(String key, String format, boolean omitEmpty) {
        return FilterStateValue.newBuilder()
                .setObjectKey(key)
                .setFactoryKey("envoy.string")
                .setFormatString(SubstitutionFormatString.newBuilder()
                        .setTextFormatSource(DataSource.newBuilder().setInlineString(format))
                        .setOmitEmptyValues(omitEmpty));
    }

    /** The same route several times, for several callers, as Kuma's MeshTimeout and MeshRateLimit have it. */
    private static Filter manager() {
        VirtualHost.Builder host = VirtualHost.newBuilder().setName("all").addDomains("*");
        host.addRoutes(route("never", "/elsewhere", range("address", "10.2.0.0", 16)));
        host.addRoutes(route("never", "/range", range("text", "10.1.0.0", 16)));
        host.addRoutes(route("range", "/range", range("address", "10.1.0.0", 16)));
        host.addRoutes(route("never", "/absent", range("nothing", "0.0.0.0", 0)));
        host.addRoutes(route("never", "/", prefix("nothing", "s")));
        host.addRoutes(route("web", "/", prefix("who", WEB)));
        host.addRoutes(route("anyone", "/", null));
        HttpConnectionManager http = HttpConnectionManager.newBuilder()
                .setStatPrefix("inbound")
                .setRouteConfig(
                        RouteConfiguration.newBuilder().setName("routes").addVirtualHosts(host))
                .addHttpFilters(HttpFilter.newBuilder()
                        .setName("envoy.filters.http.router")
                        .setTypedConfig(Any.pack(Router.getDefaultInstance())))
                .build();
        return Filter.newBuilder()
                .setName("http")
                .setTypedConfig(Any.pack(http))
                .build();
    }

    private static Route route(String name, String path, @Nullable FilterStateMatcher matcher) {
        RouteMatch.Builder match = RouteMatch.newBuilder().setPrefix(path);
        if (matcher != null) {
            match.addFilterState(matcher);
        }
        Route.Builder route = Route.newBuilder()
                .setMatch(match)
                .setDirectResponse(DirectResponseAction.newBuilder().setStatus(200))
                .addResponseHeadersToAdd(header("x-route", name));
        for (String header : names().subList(1, names().size())) {
            route.addResponseHeadersToAdd(header(header, "<%FILTER_STATE(" + header.substring(2) + ":PLAIN)%>"));
        }
        return route.build();
    }

    private static HeaderValueOption header(String name, String value) {
        return HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
                .build();
    }

    private static FilterStateMatcher prefix(String key, String prefix) {
        return FilterStateMatcher.newBuilder()
                .setKey(key)
                .setStringMatch(StringMatcher.newBuilder().setPrefix(prefix))
                .build();
    }

    private static FilterStateMatcher range(String key, String address, int bits) {
        return FilterStateMatcher.newBuilder()
                .setKey(key)
                .setAddressMatch(AddressMatcher.newBuilder()
                        .addRanges(com.github.xds.core.v3.CidrRange.newBuilder()
                                .setAddressPrefix(address)
                                .setPrefixLen(com.google.protobuf.UInt32Value.of(bits))))
                .build();
    }

    private static IpAddress ip(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }
}
