package io.inmesh.http.server;

import io.inmesh.filter.FilterFactories;
import io.inmesh.inbound.InboundEngine;
import io.inmesh.inbound.InboundSettings;
import io.inmesh.model.AccessCondition;
import io.inmesh.model.AccessRules;
import io.inmesh.model.ClientRules;
import io.inmesh.model.DataSource;
import io.inmesh.model.DownstreamTls;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.InboundChain;
import io.inmesh.model.InboundListener;
import io.inmesh.model.NetworkFilterConfig;
import io.inmesh.model.Rbac;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.RouteTable;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.TlsContext;
import io.inmesh.model.TlsContext.CertificateSource;
import io.inmesh.model.UpstreamTls;
import io.inmesh.model.UrlRules;
import io.inmesh.model.VirtualHost;
import io.inmesh.security.JwksFetcher;
import io.inmesh.security.JwtFilterFactory;
import io.inmesh.security.SecurityFilters;
import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.Dialect;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.snapshot.SourceStatus;
import io.inmesh.transport.ClientTls;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.TlsOptions;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A mesh in one process: a root, secrets that a test changes, real TLS and the real engine, with one listener for whatever port is bound. */
final class ServedMesh implements AutoCloseable, ConfigurationSource, Dialect, SecretProvider {
    private static final SecretName OWN = SecretName.ofControlPlane("default");
    private static final SecretName ROOTS = SecretName.ofControlPlane("ROOTCA");

    final X509Bundle root = root();
    final CountedTls tls;
    final InboundEngine inbound;
    private final MeshTls transport;
    private final Map<SecretName, SecretState> secrets = new ConcurrentHashMap<>();
    private final Map<SecretName, List<Consumer<SecretState>>> watchers = new ConcurrentHashMap<>();
    private final List<HttpFilterConfig> filters = new ArrayList<>();
    private final List<NetworkFilterConfig> networkFilters = new ArrayList<>();
    private final List<ClientTls> held = new CopyOnWriteArrayList<>();
    private UrlRules url = UrlRules.NONE;
    private ClientRules client = ClientRules.DEFAULT;
    private @Nullable Duration idle;
    private Route[] routes = {Route.of("all", RouteMatch.prefix("/"), RouteAction.Forward.to("app"))};
    private final ScheduledExecutorService fetches = Executors.newScheduledThreadPool(1);
    private long generation;

    ServedMesh() {
        secret(OWN, certificate(issue("spiffe://mesh/ns/test/sa/server")));
        secret(ROOTS, Secret.Validation.of(DataSource.Inline.of(root.getCertificatePEM())));
        transport = MeshTls.create(this, TlsOptions.DEFAULT);
        tls = new CountedTls(transport);
        inbound = new InboundEngine(new InboundSettings(
                this,
                SecurityFilters.addTo(
                        FilterFactories.builtIn(),
                        new JwtFilterFactory(JwksFetcher.NONE, source -> false, fetches, InstantSource.system())),
                SecurityFilters.forConnections(),
                new SplittableRandom(1),
                InstantSource.system()));
    }

    private static X509Bundle root() {
        try {
            return new CertificateBuilder()
                    .subject("CN=root")
                    .setIsCertificateAuthority(true)
                    .algorithm(CertificateBuilder.Algorithm.ecp256)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    X509Bundle issue(String spiffeId) {
        try {
            return new CertificateBuilder()
                    .subject("CN=workload")
                    .algorithm(CertificateBuilder.Algorithm.ecp256)
                    .addSanUriName(spiffeId)
                    .buildIssuedBy(root);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Secret.Certificate certificate(X509Bundle bundle) {
        return Secret.Certificate.of(
                DataSource.Inline.of(bundle.getCertificatePathPEM()), DataSource.Inline.of(bundle.getPrivateKeyPEM()));
    }

    /** The server shows this from its next handshake on. */
    void rotate(X509Bundle own) {
        secret(OWN, certificate(own));
    }

    private void secret(SecretName name, Secret secret) {
        SecretState state = new SecretState.Ready(secret);
        // Nobody is told of an older state last.
        synchronized (watchers) {
            secrets.put(name, state);
            watchers.getOrDefault(name, List.of()).forEach(each -> each.accept(state));
        }
    }

    ServedMesh denies(StringMatcher path) {
        return rules("deny", AccessRules.Action.DENY, new AccessCondition.UrlPath(path), new AccessCondition.Any());
    }

    ServedMesh allowsOnly(String spiffeId) {
        return rules(
                "allow",
                AccessRules.Action.ALLOW,
                new AccessCondition.Any(),
                new AccessCondition.Authenticated(new StringMatcher.Exact(spiffeId, false)));
    }

    private ServedMesh rules(
            String name, AccessRules.Action action, AccessCondition permission, AccessCondition principal) {
        return filter(
                name,
                new Rbac(
                        new AccessRules.Policies(
                                action, List.of(new AccessRules.Policy(name, List.of(permission), List.of(principal)))),
                        null,
                        "",
                        "",
                        false));
    }

    ServedMesh filter(String name, FilterConfig config) {
        filters.add(new HttpFilterConfig(name, config, false));
        return this;
    }

    ServedMesh networkFilter(NetworkFilterConfig config) {
        networkFilters.add(config);
        return this;
    }

    ServedMesh routes(Route... newRoutes) {
        routes = newRoutes;
        return this;
    }

    ServedMesh url(UrlRules rules) {
        url = rules;
        return this;
    }

    ServedMesh rules(ClientRules rules) {
        client = rules;
        return this;
    }

    ServedMesh streamIdleTimeout(Duration timeout) {
        idle = timeout;
        return this;
    }

    ServedMesh openToAll() {
        filters.clear();
        networkFilters.clear();
        return this;
    }

    /** mTLS only. */
    ServedMesh strict(String... alpn) {
        return publish(List.of(chain("strict", FilterChainMatch.ANY, mutual(alpn))));
    }

    /** Its certificate is awaited, until {@link #rotate}. */
    ServedMesh withoutCertificate() {
        secrets.put(OWN, new SecretState.Awaited("a test"));
        return this;
    }

    /** TLS for all who show a certificate, whoever they are. */
    ServedMesh untrusting(String... alpn) {
        secret(
                ROOTS,
                new Secret.Validation(
                        null, false, null, List.of(), List.of(), List.of(), null, false, false, true, -1));
        return strict(alpn);
    }

    /** mTLS for those who offer what Istio's sidecars offer, HTTP in the clear for others, as Istio's permissive inbound. */
    ServedMesh permissive(List<String> offered, String... alpn) {
        return publish(List.of(
                chain("mtls", match("tls", offered), mutual(alpn)),
                chain("plain", match("raw_buffer", List.of()), null)));
    }

    private static FilterChainMatch match(String transportProtocol, List<String> alpn) {
        FilterChainMatch any = FilterChainMatch.ANY;
        return new FilterChainMatch(
                any.destinationPort(),
                any.prefixRanges(),
                any.serverNames(),
                transportProtocol,
                alpn,
                any.directSourceRanges(),
                any.sourceType(),
                any.sourceRanges(),
                any.sourcePorts());
    }

    static DownstreamTls mutual(String... alpn) {
        TlsContext common = new TlsContext(
                TlsContext.Parameters.DEFAULT, List.of(new CertificateSource.Sds(OWN)), null, ROOTS, List.of(alpn));
        return new DownstreamTls(common, true, false, null, null, true, true, null, false);
    }

    private InboundChain chain(String name, FilterChainMatch match, @Nullable DownstreamTls settings) {
        List<HttpFilterConfig> all = new ArrayList<>(filters);
        all.add(new HttpFilterConfig("router", new FilterConfig.Router(), false));
        return new InboundChain(
                name,
                match,
                settings,
                List.copyOf(networkFilters),
                new HttpConnectionManager("test", "test", all, idle, null, url, client),
                null);
    }

    private ServedMesh publish(List<InboundChain> chains) {
        InboundListener listener = new InboundListener("inbound", "0.0.0.0", 0, false, true, true, chains, null, null);
        inbound.apply(new MeshSnapshot(
                ++generation,
                Map.of(),
                Map.of("inbound", listener),
                Map.of("test", RouteTable.of("test", VirtualHost.of("all", List.of("*"), routes))),
                Map.of(),
                Map.of(),
                Map.of()));
        return this;
    }

    /** TLS of a caller; null identity for one that shows no certificate. */
    ClientTls client(@Nullable X509Bundle identity, String... alpn) {
        TlsContext common = new TlsContext(
                TlsContext.Parameters.DEFAULT,
                identity == null ? List.of() : List.of(new CertificateSource.Given(certificate(identity))),
                Secret.Validation.of(DataSource.Inline.of(root.getCertificatePEM())),
                null,
                Arrays.asList(alpn));
        ClientTls client = transport.client(new UpstreamTls(common, "", false, false, 1));
        held.add(client);
        return client;
    }

    @Override
    public boolean provides(SecretName name) {
        return secrets.containsKey(name);
    }

    @Override
    public Watch watch(SecretName name, Consumer<SecretState> listener) {
        synchronized (watchers) {
            List<Consumer<SecretState>> all = watchers.computeIfAbsent(name, each -> new CopyOnWriteArrayList<>());
            all.add(listener);
            listener.accept(secrets.getOrDefault(name, new SecretState.Awaited("nobody set it")));
            return () -> all.remove(listener);
        }
    }

    @Override
    public Dialect dialect() {
        return this;
    }

    @Override
    public Binding bind(MeshSnapshot snapshot, BoundAddress address) {
        InboundListener listener = snapshot.inbound().get("inbound");
        return listener == null ? new Binding.Refused("nothing is there") : new Binding.Served(listener);
    }

    @Override
    public String name() {
        return "test";
    }

    @Override
    public Directory index(MeshSnapshot snapshot) {
        return destination -> new Choice.Refused("no calls here");
    }

    @Override
    public void start(Consumer<MeshSnapshot> subscriber) {}

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
        inbound.close();
        fetches.shutdownNow();
        transport.close();
    }
}
