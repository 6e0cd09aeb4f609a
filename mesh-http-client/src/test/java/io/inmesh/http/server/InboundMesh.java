package io.inmesh.http.server;

import io.inmesh.Mesh;
import io.inmesh.inbound.InboundPort;
import io.inmesh.model.ClientRules;
import io.inmesh.model.DataSource;
import io.inmesh.model.DownstreamTls;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.InboundChain;
import io.inmesh.model.InboundListener;
import io.inmesh.model.InboundListener.Inspection;
import io.inmesh.model.NetworkFilterConfig;
import io.inmesh.model.PathMatcher;
import io.inmesh.model.PortSet;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.RouteTable;
import io.inmesh.model.Secret;
import io.inmesh.model.TlsContext;
import io.inmesh.model.TlsContext.CertificateSource;
import io.inmesh.model.UrlRules;
import io.inmesh.model.VirtualHost;
import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.Dialect;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.snapshot.SourceStatus;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.TlsOptions;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A mesh with one inbound listener that a test changes, mesh TLS, and certificates for a server and a client. */
final class InboundMesh implements AutoCloseable {
    static final String CLIENT = "spiffe://cluster.local/ns/shop/sa/client";
    static final FilterChainMatch TLS = transport("tls");
    static final FilterChainMatch CLEAR = transport("raw_buffer");

    private final X509Bundle root;
    private final X509Bundle server;
    private final X509Bundle client;
    private final Source source = new Source();
    private final List<InboundChain> chains = new ArrayList<>();
    private List<Route> routes = List.of(route("/", RouteAction.Forward.to("app")));
    private List<HttpFilterConfig> filters = List.of();
    private ClientRules clientRules = ClientRules.DEFAULT;
    private Inspection inspection = Inspection.DEFAULT;
    private long generation;
    final Mesh mesh = Mesh.builder().source(source).build();
    final MeshTls tls = MeshTls.create(SecretProvider.firstOf(List.of()), TlsOptions.DEFAULT);
    final InboundPort port = mesh.inbound().port(new Dialect.BoundAddress("127.0.0.1", 8080));

    InboundMesh() {
        try {
            root = new CertificateBuilder()
                    .subject("CN=root")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
            server = new CertificateBuilder()
                    .subject("CN=server")
                    .addSanDnsName("localhost")
                    .addSanUriName("spiffe://cluster.local/ns/shop/sa/server")
                    .buildIssuedBy(root);
            client = new CertificateBuilder()
                    .subject("CN=client")
                    .addSanUriName(CLIENT)
                    .buildIssuedBy(root);
        } catch (Exception e) {
            throw new IllegalStateException("no certificates", e);
        }
    }

    static Route route(String prefix, RouteAction action) {
        return Route.of(prefix, RouteMatch.of(new PathMatcher.Prefix(prefix, false)), action);
    }

    InboundMesh routes(Route... newRoutes) {
        routes = List.of(newRoutes);
        return this;
    }

    InboundMesh filters(HttpFilterConfig... newFilters) {
        filters = List.of(newFilters);
        return this;
    }

    InboundMesh rules(ClientRules newRules) {
        clientRules = newRules;
        return this;
    }

    InboundMesh inspection(Inspection newInspection) {
        inspection = newInspection;
        return this;
    }

    InboundMesh tls(FilterChainMatch match, String... alpn) {
        return chain("tls", match, settings(alpn));
    }

    InboundMesh clear(FilterChainMatch match, NetworkFilterConfig... networkFilters) {
        return chain("clear", match, null, networkFilters);
    }

    private InboundMesh chain(
            String name, FilterChainMatch match, @Nullable DownstreamTls tlsOfChain, NetworkFilterConfig... network) {
        List<HttpFilterConfig> all = new ArrayList<>(filters);
        all.add(new HttpFilterConfig("router", new FilterConfig.Router(), false));
        HttpConnectionManager http = new HttpConnectionManager("in", "in", all, null, null, UrlRules.NONE, clientRules);
        chains.add(new InboundChain(name, match, tlsOfChain, List.of(network), http, null));
        return this;
    }

    /** Puts what was said since the last time in force. */
    InboundMesh publish() {
        InboundListener listener = new InboundListener(
                "in",
                "127.0.0.1",
                8080,
                false,
                PortSet.ALL,
                PortSet.ALL,
                inspection,
                List.copyOf(chains),
                null,
                null,
                List.of());
        RouteTable table = RouteTable.of("in", VirtualHost.of("all", List.of("*"), routes.toArray(Route[]::new)));
        source.publish(new MeshSnapshot(
                ++generation, Map.of(), Map.of("in", listener), Map.of("in", table), Map.of(), Map.of(), Map.of()));
        chains.clear();
        return this;
    }

    private DownstreamTls settings(String... alpn) {
        Secret.Certificate own = Secret.Certificate.of(
                DataSource.Inline.of(server.getCertificatePathPEM()), DataSource.Inline.of(server.getPrivateKeyPEM()));
        TlsContext common = new TlsContext(
                TlsContext.Parameters.DEFAULT,
                List.of(new CertificateSource.Given(own)),
                Secret.Validation.of(DataSource.Inline.of(root.getCertificatePEM())),
                null,
                List.of(alpn));
        return new DownstreamTls(common, true, false, null, null, true, true, null, false);
    }

    /** A client of the mesh, or one without a certificate. */
    SSLContext client(boolean withCertificate) throws Exception {
        char[] password = "password".toCharArray();
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(client.toKeyStore(password), password);
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("root", root.getCertificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                withCertificate ? keys.getKeyManagers() : new KeyManager[0],
                trust.getTrustManagers(),
                new SecureRandom());
        return context;
    }

    private static FilterChainMatch transport(String protocol) {
        FilterChainMatch any = FilterChainMatch.ANY;
        return new FilterChainMatch(
                0,
                any.prefixRanges(),
                any.serverNames(),
                protocol,
                any.applicationProtocols(),
                any.directSourceRanges(),
                any.sourceType(),
                any.sourceRanges(),
                any.sourcePorts());
    }

    @Override
    public void close() {
        port.close();
        mesh.close();
        tls.close();
    }

    /** A source of snapshots made by hand, with one listener for all servers. */
    private static final class Source implements ConfigurationSource {
        private @Nullable Consumer<MeshSnapshot> subscriber;

        void publish(MeshSnapshot snapshot) {
            if (subscriber != null) {
                subscriber.accept(snapshot);
            }
        }

        @Override
        public Dialect dialect() {
            return new Dialect() {
                @Override
                public String name() {
                    return "test";
                }

                @Override
                public Directory index(MeshSnapshot snapshot) {
                    return destination -> new Choice.Refused("this process only serves");
                }

                @Override
                public Binding bind(MeshSnapshot snapshot, BoundAddress address) {
                    InboundListener listener = snapshot.inbound().get("in");
                    return listener == null ? new Binding.Refused("no listener") : new Binding.Served(listener);
                }
            };
        }

        @Override
        public void start(Consumer<MeshSnapshot> newSubscriber) {
            subscriber = newSubscriber;
        }

        @Override
        public Interest want(ResourceName name, String watcher) {
            return () -> {};
        }

        @Override
        public SourceStatus status() {
            return new SourceStatus("a test", true, Instant.EPOCH, null, List.of());
        }

        @Override
        public void close() {
            subscriber = null;
        }
    }
}
