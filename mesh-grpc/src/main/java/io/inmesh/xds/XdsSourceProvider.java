package io.inmesh.xds;

import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.ConfigurationSourceProvider;
import io.inmesh.xds.Settings.Setting;
import io.inmesh.xds.bootstrap.Bootstrap;
import io.inmesh.xds.files.FolderSource;
import io.inmesh.xds.files.ResourceFileException;
import io.inmesh.xds.istio.IstioSource;
import io.inmesh.xds.istio.IstioSourceBuilder;
import io.inmesh.xds.kuma.KumaSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds a source in system properties and environment variables. The first of these that is set decides, a property before its variable:
 *
 * <ol>
 *   <li>{@code inmesh.bootstrap}, {@code INMESH_BOOTSTRAP}: a bootstrap file, Envoy's or gRPC's
 *   <li>{@code inmesh.resources}, {@code INMESH_RESOURCES}: a folder or file of resources, watched
 *   <li>{@code inmesh.xds.server}, {@code INMESH_XDS_SERVER}: control planes as {@code host:port}, separated by commas; with
 *       {@code inmesh.xds.node} for the node id, {@code inmesh.xds.cluster} for its cluster
 *   <li>gRPC's own: {@code GRPC_XDS_BOOTSTRAP} or {@code io.grpc.xds.bootstrap} (a file), {@code GRPC_XDS_BOOTSTRAP_CONFIG} or
 *       {@code io.grpc.xds.bootstrapConfig} (the text itself)
 *   <li>a pod in which istiod's roots and a token for it are mounted, {@code /var/run/secrets/istio/root-cert.pem} and
 *       {@code /var/run/secrets/tokens/istio-token}, where no dialect is set: an {@link IstioSource} that finds everything by itself
 * </ol>
 *
 * <p>With {@code inmesh.xds.server} also, each with its variable: {@code inmesh.xds.ca} (a PEM file of roots, or {@code system}), {@code inmesh.xds.pin}
 * ({@code sha256/BASE64} of a public key or the SHA-256 of a certificate, several separated by commas), {@code inmesh.xds.server-name},
 * {@code inmesh.xds.client-cert} and {@code inmesh.xds.client-key}: any of these asks for TLS; {@code inmesh.xds.token-file} with
 * {@code inmesh.xds.token-scheme} ({@code bearer} or {@code raw}) and {@code inmesh.xds.token-over-plaintext}. The system property
 * {@code inmesh.xds.insecure-skip-verify}, which has no variable, asks for TLS with any server.
 *
 * <p>{@code inmesh.xds.dialect}, {@code INMESH_XDS_DIALECT}, is {@code envoy}, {@code grpc}, {@code istio} or {@code kuma}, and overrides what the form of a bootstrap
 * says.
 *
 * <p>With the dialect {@code istio} the control plane is an istiod and the source an {@link IstioSource}, with or without {@code inmesh.xds.server}: {@code ca},
 * {@code server-name}, {@code token-file}, {@code client-cert} and {@code client-key} go before what it finds by itself, {@code inmesh.xds.plaintext=true} asks for
 * a port without TLS, and node and other ways to prove who one is have no meaning. A bootstrap or a folder that {@code inmesh} settings name goes before it.
 *
 * <p>{@code kuma} makes a {@link KumaSource} of the environment of a kuma-dp, if no bootstrap and no folder is named; {@code inmesh.xds.server} and what belongs to
 * it, {@code inmesh.kuma.mesh}, {@code inmesh.kuma.dataplane} and {@code inmesh.kuma.workload} go before that environment. A node and a form of token have
 * no meaning.
 */
public final class XdsSourceProvider implements ConfigurationSourceProvider {
    private static final String DIALECT = "inmesh.xds.dialect";
    private static final String ISTIO = "istio";
    private static final String KUMA = "kuma";

    private final Settings settings;
    private final IstioSettings istio;

    /** For {@link java.util.ServiceLoader}: reads this process's surroundings. */
    public XdsSourceProvider() {
        this(System::getProperty, System::getenv, IstioSource::builder);
    }

    XdsSourceProvider(Function<String, @Nullable String> properties, Function<String, @Nullable String> environment) {
        this(properties, environment, IstioSource::builder);
    }

    XdsSourceProvider(
            Function<String, @Nullable String> properties,
            Function<String, @Nullable String> environment,
            Supplier<IstioSourceBuilder> istiod) {
        this.settings = new Settings(properties, environment);
        this.istio = new IstioSettings(settings, istiod);
    }

    @Override
    public Optional<ConfigurationSource> find() {
        Setting file = settings.own("inmesh.bootstrap");
        Setting servers = settings.own("inmesh.xds.server");
        if (file != null) {
            return Optional.of(fromFile(file));
        }
        Setting resources = settings.own("inmesh.resources");
        if (resources != null) {
            return Optional.of(fromResources(resources));
        }
        if (isDialect(KUMA)) {
            return Optional.of(new KumaSettings(settings).source());
        }
        if (isDialect(ISTIO)) {
            return Optional.of(istio.source(servers));
        }
        if (servers != null) {
            return Optional.of(fromServers(servers));
        }
        for (Setting each : new Setting[] {
            settings.variable("GRPC_XDS_BOOTSTRAP"), settings.property("io.grpc.xds.bootstrap"),
        }) {
            if (each != null) {
                return Optional.of(fromFile(each));
            }
        }
        for (Setting each : new Setting[] {
            settings.variable("GRPC_XDS_BOOTSTRAP_CONFIG"), settings.property("io.grpc.xds.bootstrapConfig"),
        }) {
            if (each != null) {
                return Optional.of(build(each, () -> Bootstrap.parse(each.name(), each.value())));
            }
        }
        return settings.own(DIALECT) == null ? istio.inPod().map(ConfigurationSource.class::cast) : Optional.empty();
    }

    private boolean isDialect(String name) {
        Setting set = settings.own(DIALECT);
        return set != null && set.value().equals(name);
    }

    @Override
    public String hint() {
        return "set INMESH_BOOTSTRAP to a bootstrap file (Envoy's or gRPC's), INMESH_RESOURCES to a folder of resources, INMESH_XDS_SERVER to host:port of a"
                + " control plane, INMESH_XDS_DIALECT=kuma (or istio) beside the variables of a kuma-dp (or pilot-agent), or mount istio-ca-root-cert and a token for istio-ca where istiod's"
                + " injection mounts them";
    }

    private ConfigurationSource fromFile(Setting setting) {
        Path path = Path.of(setting.value());
        if (Files.isDirectory(path)) {
            throw new IllegalStateException(setting.name() + "=" + path
                    + " is a folder; expected a bootstrap file (inmesh.resources names a folder of resources)");
        }
        return build(setting, () -> Bootstrap.read(path));
    }

    private ConfigurationSource fromResources(Setting setting) {
        Path path = Path.of(setting.value());
        if (!Files.exists(path)) {
            throw new IllegalStateException(setting.name() + "=" + path
                    + ": there is no such file or folder; expected resources in YAML or JSON");
        }
        XdsDialect chosen = dialect();
        return new FolderSource(path, chosen == null ? XdsDialect.envoy() : chosen);
    }

    private ConfigurationSource fromServers(Setting setting) {
        XdsSourceBuilder builder = XdsSource.builder();
        ServerSettings server = new ServerSettings(settings);
        for (String target : setting.value().split(",")) {
            if (target.isBlank()) {
                throw setting.expected("host:port, or several separated by commas");
            }
            builder.server(server.server(target.trim()));
        }
        return withSettings(builder).build();
    }

    private ConfigurationSource build(Setting setting, Reader reader) {
        new ServerSettings(settings).requireNone();
        try {
            return withSettings(XdsSource.builder().bootstrap(reader.read())).build();
        } catch (ResourceFileException e) {
            throw new IllegalStateException(
                    "The bootstrap that " + setting.name() + " names cannot be used: " + e.getMessage(), e);
        }
    }

    private XdsSourceBuilder withSettings(XdsSourceBuilder builder) {
        Setting node = settings.own("inmesh.xds.node");
        Setting cluster = settings.own("inmesh.xds.cluster");
        if (node != null) {
            builder.node(node.value(), cluster == null ? "" : cluster.value());
        }
        XdsDialect chosen = dialect();
        return chosen == null ? builder : builder.dialect(chosen);
    }

    private @Nullable XdsDialect dialect() {
        Setting set = settings.own(DIALECT);
        if (set == null) {
            return null;
        }
        return switch (set.value()) {
            case "envoy" -> XdsDialect.envoy();
            case "grpc" -> XdsDialect.grpc();
            case ISTIO -> XdsDialect.istio();
            case KUMA -> XdsDialect.kuma();
            default -> throw set.expected("envoy, grpc, istio or kuma");
        };
    }

    private interface Reader {
        Bootstrap read() throws ResourceFileException;
    }
}
