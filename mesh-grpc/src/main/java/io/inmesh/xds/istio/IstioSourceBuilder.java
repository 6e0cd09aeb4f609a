package io.inmesh.xds.istio;

import io.inmesh.grpc.AccessChoice;
import io.inmesh.identity.KeyType;
import io.inmesh.identity.WorkloadAccess;
import io.inmesh.identity.WorkloadAccess.Provisioned;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.xds.XdsDialect;
import io.inmesh.xds.XdsSource;
import io.inmesh.xds.XdsSourceBuilder;
import io.inmesh.xds.protocol.AdsSettings;
import io.inmesh.xds.protocol.XdsNode;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsServer.Security;
import io.inmesh.xds.protocol.XdsTransport;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Describes an {@link IstioSource}. What is called here goes before what is found; what is found, in this order:
 *
 * <table>
 * <caption>Where things are looked for</caption>
 * <tr><th>what</th><th>where</th></tr>
 * <tr><td>istiod</td><td>the annotation {@code sidecar.istio.io/discoveryAddress}; {@code discoveryAddress} in the annotation {@code proxy.istio.io/config};
 * {@code PILOT_ADDRESS}; {@code discoveryAddress} in {@code PROXY_CONFIG}, in {@code /etc/istio/config/mesh}; {@code istiod-REVISION.istio-system.svc:15012} of the label
 * {@code istio.io/rev}; {@code istiod.istio-system.svc:15012}</td></tr>
 * <tr><td>certificate authority</td><td>{@code CA_ADDR}; istiod</td></tr>
 * <tr><td>roots</td><td>{@code XDS_ROOT_CA} ({@code CA_ROOT_CA} for the authority), a file or {@code SYSTEM}; {@code /etc/certs/root-cert.pem};
 * {@code PROV_CERT/root-cert.pem}; {@code /var/run/secrets/istio/root-cert.pem}</td></tr>
 * <tr><td>token</td><td>{@code /var/run/secrets/tokens/istio-token}</td></tr>
 * <tr><td>provisioned certificate</td><td>{@code cert-chain.pem} and {@code key.pem} in {@code PROV_CERT}, in {@code OUTPUT_CERTS}, in
 * {@code /etc/certs}</td></tr>
 * <tr><td>name</td><td>{@code POD_NAME}; the token; the host's name</td></tr>
 * <tr><td>namespace</td><td>{@code POD_NAMESPACE}; {@code ISTIO_NAMESPACE}; the token; {@code /var/run/secrets/kubernetes.io/serviceaccount/namespace}</td></tr>
 * <tr><td>service account</td><td>{@code SERVICE_ACCOUNT}; the token</td></tr>
 * <tr><td>addresses</td><td>{@code INSTANCE_IP} or {@code ISTIO_SVC_IP}, then those of the machine's interfaces</td></tr>
 * <tr><td>cluster's domain</td><td>{@code search} in {@code /etc/resolv.conf}; {@code cluster.local}</td></tr>
 * <tr><td>trust domain</td><td>{@code TRUST_DOMAIN}; {@code trustDomain} in {@code /etc/istio/config/mesh}; {@code cluster.local}</td></tr>
 * <tr><td>labels</td><td>{@code /etc/istio/pod/labels} over {@code ISTIO_METAJSON_LABELS}</td></tr>
 * <tr><td>locality</td><td>the labels {@code topology.istio.io/locality}, {@code istio-locality}, {@code topology.kubernetes.io/region} and {@code zone};
 * else istiod takes the node's</td></tr>
 * <tr><td>network</td><td>{@code ISTIO_META_NETWORK}; the label {@code topology.istio.io/network}</td></tr>
 * <tr><td>other metadata</td><td>{@code ISTIO_META_NAME} gives {@code NAME}; the maps in {@code ISTIO_METAJSON_*}; {@code /etc/istio/pod/annotations}</td></tr>
 * </table>
 *
 * <p>Each variable is looked for in the environment, then in a virtual machine's {@code /var/lib/istio/envoy/cluster.env}, then in the mesh's
 * {@code proxyMetadata}. Not thread-safe.
 */
public final class IstioSourceBuilder {
    private static final Logger log = LoggerFactory.getLogger(IstioSourceBuilder.class);

    private final List<String> targets = new ArrayList<>();
    private final ToldWorkload workload = new ToldWorkload();
    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private Surroundings surroundings = Surroundings.ofProcess();
    private @Nullable String authority;
    private @Nullable String revision;
    private boolean plaintext;
    private boolean systemRoots;
    private @Nullable Path roots;
    private @Nullable String serverName;
    private @Nullable Path token;
    private @Nullable Provisioned provisioned;
    private @Nullable SecretProvider identity;
    private @Nullable Path kept;
    private KeyType keyType = KeyType.P256;
    private Duration validity = Duration.ofHours(24);
    private boolean grpc;
    private AdsSettings settings = AdsSettings.DEFAULT;
    private @Nullable RandomGenerator random;

    IstioSourceBuilder() {}

    // ---- istiod

    /** Adds an istiod, {@code host:port}; the first one is preferred, the others are for fail-over. */
    public IstioSourceBuilder istiod(String target) {
        targets.add(target);
        return this;
    }

    /** Takes the istiod of a revision, {@code istiod-REVISION.istio-system.svc:15012}, whatever the surroundings name. */
    public IstioSourceBuilder revision(String name) {
        revision = name;
        return this;
    }

    /** Asks for no transport security, as on port 15010. No token is sent then, and there is no identity unless one is given or a certificate authority is named. */
    public IstioSourceBuilder plaintext() {
        plaintext = true;
        return this;
    }

    /** PEM of the roots by which istiod is trusted, and which the workload trusts. */
    public IstioSourceBuilder rootCertificates(Path pem) {
        roots = pem;
        return this;
    }

    /** Trusts istiod by the roots of the operating system or the JVM. */
    public IstioSourceBuilder systemRoots() {
        systemRoots = true;
        return this;
    }

    /** The name that istiod's certificate must have, in place of the target's host. */
    public IstioSourceBuilder serverName(String host) {
        serverName = host;
        return this;
    }

    /** The file of the service-account token with the audience {@code istio-ca}. */
    public IstioSourceBuilder token(Path file) {
        token = file;
        return this;
    }

    /** A certificate in PEM files that istiod trusts, for workloads without a token. */
    public IstioSourceBuilder provisionedCertificate(Path chain, Path key) {
        provisioned = new Provisioned(chain, key);
        return this;
    }

    /** The certificate authority's {@code host:port}, where it is not istiod. */
    public IstioSourceBuilder certificateAuthority(String target) {
        authority = target;
        return this;
    }

    // ---- the workload

    /** The name of the pod or machine. */
    public IstioSourceBuilder name(String pod) {
        workload.name = pod;
        return this;
    }

    /** The workload's namespace. */
    public IstioSourceBuilder namespace(String newNamespace) {
        workload.namespace = newNamespace;
        return this;
    }

    /** The workload's service account: with namespace and trust domain it is the identity that is asked for. */
    public IstioSourceBuilder serviceAccount(String account) {
        workload.serviceAccount = account;
        return this;
    }

    /** All IP addresses of the workload, its own first: by them istiod finds the services that it is part of. */
    public IstioSourceBuilder addresses(String... ips) {
        workload.addresses = List.of(ips);
        return this;
    }

    /** The cluster's DNS domain. */
    public IstioSourceBuilder domain(String suffix) {
        workload.domain = suffix;
        return this;
    }

    /** The trust domain of the identity that is asked for. */
    public IstioSourceBuilder trustDomain(String newTrustDomain) {
        workload.trustDomain = newTrustDomain;
        return this;
    }

    /** Adds a label, by which policies choose workloads. */
    public IstioSourceBuilder label(String key, String value) {
        workload.labels.put(key, value);
        return this;
    }

    /** Where the workload runs; what is not known is empty. */
    public IstioSourceBuilder locality(String region, String zone, String subZone) {
        workload.locality = new Locality(region, zone, subZone);
        return this;
    }

    /** The cluster as istiod calls it. */
    public IstioSourceBuilder clusterId(String id) {
        return metadata("CLUSTER_ID", id);
    }

    /**
     * The network: endpoints of other ones are reached through their gateways. Where there are several and none is said, istiod leads to every network through its
     * gateway.
     */
    public IstioSourceBuilder network(String network) {
        return metadata("NETWORK", network);
    }

    /**
     * Lets istiod make a WorkloadEntry for this workload out of a WorkloadGroup of its namespace as long as it is connected.
     *
     * @param workloadGroup the name of the group
     */
    public IstioSourceBuilder autoRegister(String workloadGroup) {
        return metadata("AUTO_REGISTER_GROUP", workloadGroup);
    }

    /**
     * Sets any other metadata of the node.
     *
     * @param value a string, number or boolean, or a list or map of these
     */
    public IstioSourceBuilder metadata(String key, Object value) {
        metadata.put(key, value);
        return this;
    }

    // ---- identity

    /**
     * The workload's identity in place of one from istiod's authority, such as a {@code FileIdentity} or {@code SdsIdentity}. It is taken over: closed with the
     * source, if it can be closed.
     */
    public IstioSourceBuilder identity(SecretProvider provider) {
        identity = provider;
        return this;
    }

    /** The kind of key for certificates from istiod; {@link KeyType#P256}. */
    public IstioSourceBuilder keyType(KeyType type) {
        keyType = type;
        return this;
    }

    /** How long certificates from istiod shall be good; 24 hours. istiod may give less. */
    public IstioSourceBuilder certificateValidity(Duration duration) {
        validity = duration;
        return this;
    }

    /**
     * Keeps the certificate, its key and the roots in files ({@code cert-chain.pem}, {@code key.pem}, {@code root-cert.pem}) for their owner only, and starts with them
     * if there is no good token: for virtual machines, whose tokens are short-lived. {@code OUTPUT_CERTS} names such a folder, too.
     */
    public IstioSourceBuilder keepCertificates(Path newFolder) {
        kept = newFolder;
        return this;
    }

    // ---- the rest

    /**
     * Asks for the configuration of proxyless gRPC ({@code GENERATOR=grpc}) with the conventions of {@link XdsDialect#grpc(String, String)}. It is smaller and asked for by name,
     * and <b>protects less than an operator believes</b>: an AuthorizationPolicy that allows nothing allows everything; CUSTOM authorization,
     * RequestAuthentication and rules that need a JWT do not work; dry-run policies and trust-domain aliases are misread; there is no mutual TLS but where a
     * DestinationRule says {@code ISTIO_MUTUAL}; outlier detection, connection pools, EnvoyFilter and Telemetry are missing. It is logged as a warning at each start.
     */
    public IstioSourceBuilder grpcGenerator() {
        grpc = true;
        return this;
    }

    /** The variables to look at in place of the process's own. For tests, and for applications that know better. */
    public IstioSourceBuilder environment(Map<String, String> variables) {
        surroundings = surroundings.withVariables(variables);
        return this;
    }

    /** The folder under which all files are looked for, in place of {@code /}. */
    public IstioSourceBuilder root(Path folder) {
        surroundings = surroundings.withRoot(folder);
        return this;
    }

    /** Changes waiting times. */
    public IstioSourceBuilder settings(AdsSettings waitingTimes) {
        settings = waitingTimes;
        return this;
    }

    /** Gives the random numbers of back-off; tests give seeded ones. */
    public IstioSourceBuilder random(RandomGenerator generator) {
        random = generator;
        return this;
    }

    /**
     * The source, not yet started. Reads the surroundings.
     *
     * @throws IllegalStateException if something that is needed is nowhere; the message names all of it, and every way to give it. Also if a file that is there
     *                               cannot be read
     */
    public IstioSource build() {
        Missing missing = new Missing();
        Path tokenFile = token == null ? surroundings.file(AgentEnvironment.TOKEN) : token;
        AgentEnvironment environment = AgentEnvironment.read(surroundings, tokenFile);
        Workload self = workload.in(environment, missing);
        String output = environment.around().variable("OUTPUT_CERTS");
        Path folder =
                kept != null || output == null ? kept : environment.around().named(output);
        IstiodConnection istiod = IstiodConnection.find(
                new IstiodConnection.Told(
                        targets,
                        authority,
                        revision,
                        plaintext,
                        systemRoots,
                        roots,
                        serverName,
                        tokenFile,
                        provisioned,
                        folder),
                environment,
                missing);
        Map<String, Object> extra = new LinkedHashMap<>(metadata);
        if (grpc) {
            log.warn(GrpcGenerator.warning());
            extra.put("GENERATOR", "grpc");
        }
        XdsNode node = self.node(environment, extra);
        XdsSourceBuilder xds = XdsSource.builder()
                .node(node)
                .dialect(grpc ? GrpcGenerator.DIALECT : XdsDialect.istio(self.namespace(), self.domain()))
                .settings(settings);
        if (random != null) {
            xds.random(random);
        }
        String clusterId = String.valueOf(node.metadata().get("CLUSTER_ID"));
        SecretProvider found = identity == null
                ? new IdentityChoice(environment, istiod, self)
                        .find(keyType, validity, clusterId, authority != null, missing)
                : identity;
        OwnIdentity own = found == null
                ? OwnIdentity.none()
                : new OwnIdentity(found, folder == null ? null : new CertificateFolder(folder));
        try {
            missing.throwIfAny();
            Map<String, String> headers = IstiodConnection.headers(environment, clusterId);
            for (String target : istiod.targets()) {
                xds.server(new XdsServer(
                        target,
                        security(istiod, target, own),
                        grpc ? GrpcGenerator.TRANSPORT : XdsTransport.INCREMENTAL,
                        headers));
            }
            return new IstioSource(xds.build(), own);
        } catch (IllegalStateException e) {
            own.close();
            throw e;
        }
    }

    /**
     * The source, if this process runs in a pod that istiod's parts are mounted in: roots and token at their standard paths. Empty otherwise.
     *
     * @throws IllegalStateException as {@link #build}
     */
    public Optional<IstioSource> buildIfInPod() {
        return surroundings.isFile(IstiodConnection.POD_ROOTS) && surroundings.isFile(AgentEnvironment.TOKEN)
                ? Optional.of(build())
                : Optional.empty();
    }

    private static Security security(IstiodConnection istiod, String target, OwnIdentity own) {
        if (istiod.plaintext()) {
            return new Security.Plaintext();
        }
        AccessChoice access = new WorkloadAccess(
                () -> istiod.tls(target),
                istiod.token(),
                istiod.provisioned(),
                own::certificate,
                InstantSource.system());
        return new Security.Chosen(access);
    }
}
