package io.inmesh.xds.envoy;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Struct;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.http.set_metadata.v3.Metadata;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.CodecType;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** An Envoy with an RBAC filter whose rules are those of the routes, and which writes down what becomes of each request. */
final class RbacEnvoy implements AutoCloseable {
    static final String PLAIN = "plain";
    static final String PLAIN_ELSEWHERE = "plain elsewhere";
    static final String TLS = "tls";

    /** The filter's name, under which routes configure it. */
    static final String FILTER = "rbac";

    /** Tells requests apart in the log. */
    static final String ID = "x-id";

    private static final String SEPARATOR = "|";

    private final Path log;
    private final EnvoyProcess envoy;
    private final Map<String, Integer> ports;

    RbacEnvoy(Path binary, RouteConfiguration routes, Struct metadata, X509Bundle authority, X509Bundle server)
            throws IOException {
        log = Files.createTempFile("rbac", ".log");
        Any http = Any.pack(http(routes, metadata));
        Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
        bootstrap
                .getStaticResourcesBuilder()
                .addListeners(listener(PLAIN, "127.0.0.1", http))
                .addListeners(listener(PLAIN_ELSEWHERE, "127.0.0.9", http))
                .addListeners(tls(listener(TLS, "127.0.0.1", http), authority, server));
        envoy = EnvoyProcess.start(binary, bootstrap.build());
        ports = envoy.listenerPorts();
    }

    InetSocketAddress address(String listener) {
        return new InetSocketAddress(
                listener.equals(PLAIN_ELSEWHERE) ? "127.0.0.9" : "127.0.0.1",
                Objects.requireNonNull(ports.get(listener)));
    }

    /** What became of the requests, by their ids, as soon as all of them have been written down. */
    Map<String, RbacOutcome> outcomes(int count) {
        await().atMost(Duration.ofSeconds(60)).until(() -> lines().size() >= count);
        Map<String, RbacOutcome> outcomes = new HashMap<>();
        for (String line : lines()) {
            List<String> fields = Arrays.asList(line.split("\\|", -1));
            outcomes.put(
                    fields.get(0),
                    new RbacOutcome(Integer.parseInt(fields.get(1)), fields.get(2), fields.subList(3, fields.size())));
        }
        return outcomes;
    }

    private List<String> lines() {
        try {
            return Files.readString(log).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpConnectionManager http(RouteConfiguration routes, Struct metadata) {
        String format = "%REQ(" + ID + ")%" + SEPARATOR + "%RESPONSE_CODE%" + SEPARATOR + "%RESPONSE_CODE_DETAILS%"
                + SEPARATOR
                + RbacOutcome.KEYS.stream()
                        .map(key -> "%DYNAMIC_METADATA(" + key + ")%")
                        .collect(Collectors.joining(SEPARATOR))
                + "\n";
        FileAccessLog file = FileAccessLog.newBuilder()
                .setPath(log.toString())
                .setLogFormat(format(format))
                .build();
        return HttpConnectionManager.newBuilder()
                .setStatPrefix("http")
                .setCodecType(CodecType.HTTP1)
                .setRouteConfig(routes)
                .setGenerateRequestId(BoolValue.of(false))
                .addHttpFilters(filter(
                        "state",
                        io.envoyproxy.envoy.extensions.filters.http.set_filter_state.v3.Config.newBuilder()
                                .addOnRequestHeaders(FilterStateValue.newBuilder()
                                        .setObjectKey("who")
                                        .setFactoryKey("envoy.string")
                                        .setFormatString(format("web")))
                                .build()))
                .addHttpFilters(filter(
                        "metadata",
                        io.envoyproxy.envoy.extensions.filters.http.set_metadata.v3.Config.newBuilder()
                                .addMetadata(Metadata.newBuilder()
                                        .setMetadataNamespace("m")
                                        .setValue(metadata))
                                .build()))
                // Without rules for a route, nobody would get through.
                .addHttpFilters(filter(
                        FILTER,
                        io.envoyproxy
                                .envoy
                                .extensions
                                .filters
                                .http
                                .rbac
                                .v3
                                .RBAC
                                .newBuilder()
                                .setRules(RBAC.getDefaultInstance())
                                .setRulesStatPrefix("r_")
                                .setShadowRulesStatPrefix("s_")
                                .build()))
                .addHttpFilters(filter("router", Router.getDefaultInstance()))
                .addAccessLog(AccessLog.newBuilder().setName("file").setTypedConfig(Any.pack(file)))
                .build();
    }

    private static SubstitutionFormatString format(String text) {
        return SubstitutionFormatString.newBuilder()
                .setTextFormatSource(DataSource.newBuilder().setInlineString(text))
                .build();
    }

    private static HttpFilter filter(String name, com.google.protobuf.Message config) {
        return HttpFilter.newBuilder()
                .setName(name)
                .setTypedConfig(Any.pack(config))
                .build();
    }

    private static Listener listener(String name, String address, Any http) {
        return Listener.newBuilder()
                .setName(name)
                .setAddress(Address.newBuilder()
                        .setSocketAddress(
                                SocketAddress.newBuilder().setAddress(address).setPortValue(0)))
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(Filter.newBuilder().setName("http").setTypedConfig(http)))
                .build();
    }

    private static Listener tls(Listener plain, X509Bundle authority, X509Bundle server) {
        DownstreamTlsContext context = DownstreamTlsContext.newBuilder()
                .setCommonTlsContext(CommonTlsContext.newBuilder()
                        .addTlsCertificates(TlsCertificate.newBuilder()
                                .setCertificateChain(inline(server.getCertificatePathPEM()))
                                .setPrivateKey(inline(server.getPrivateKeyPEM())))
                        .setValidationContext(CertificateValidationContext.newBuilder()
                                .setTrustedCa(inline(authority.getRootCertificatePEM()))))
                .build();
        Listener.Builder listener = plain.toBuilder();
        listener.addListenerFilters(ListenerFilter.newBuilder()
                .setName("inspector")
                .setTypedConfig(Any.pack(TlsInspector.getDefaultInstance())));
        listener.getFilterChainsBuilder(0)
                .setTransportSocket(TransportSocket.newBuilder().setName("tls").setTypedConfig(Any.pack(context)));
        return listener.build();
    }

    private static DataSource inline(String pem) {
        return DataSource.newBuilder().setInlineString(pem).build();
    }

    @Override
    public void close() throws IOException {
        envoy.close();
        Files.deleteIfExists(log);
    }
}
