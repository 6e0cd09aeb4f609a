package io.inmesh.identity;

import io.inmesh.grpc.ControlPlaneTls;
import io.inmesh.grpc.OwnTls;
import io.inmesh.model.Secret;
import io.inmesh.model.UpstreamTls;
import io.inmesh.transport.ClientTls;
import io.inmesh.xds.protocol.SessionLoop;
import io.inmesh.xds.protocol.SessionThread;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Describes an {@link IstiodIdentity}. The defaults are where Istio's injection puts things in a pod. */
public final class IstiodIdentityBuilder {
    final String target;
    IdentityNames names = IdentityNames.WORKLOAD;
    Path roots = Path.of("/var/run/secrets/istio/root-cert.pem");
    Path token = Path.of("/var/run/secrets/tokens/istio-token");
    String clusterId = "Kubernetes";
    KeyType keyType = KeyType.P256;
    Duration validity = Duration.ofHours(24);
    Duration timeout = Duration.ofSeconds(10);

    @Nullable
    String serverName;

    private WorkloadAccess.@Nullable Provisioned provisioned;
    private boolean systemRoots;

    private @Nullable String spiffeId;

    IstiodIdentityBuilder(String target) {
        this.target = target;
    }

    /** Who is asked for: {@code spiffe://TRUST_DOMAIN/ns/NAMESPACE/sa/SERVICE_ACCOUNT}. istiod goes by the token; this must be the same. */
    public IstiodIdentityBuilder workload(String trustDomain, String namespace, String serviceAccount) {
        spiffeId = "spiffe://" + trustDomain + "/ns/" + namespace + "/sa/" + serviceAccount;
        return this;
    }

    /** PEM of the roots by which istiod is trusted, and which the workload trusts; {@code /var/run/secrets/istio/root-cert.pem}. */
    public IstiodIdentityBuilder roots(Path pem) {
        roots = pem;
        return this;
    }

    /** The service-account token with the audience {@code istio-ca}, read for each request; {@code /var/run/secrets/tokens/istio-token}. */
    public IstiodIdentityBuilder token(Path file) {
        token = file;
        return this;
    }

    /** Trusts istiod by the roots of the operating system or the JVM; the file is whom the workload trusts all the same. */
    public IstiodIdentityBuilder istiodHasSystemRoots() {
        systemRoots = true;
        return this;
    }

    /** A certificate in PEM files that istiod trusts, shown where there is neither a good token nor a certificate of the workload's own yet. */
    public IstiodIdentityBuilder provisioned(Path chain, Path key) {
        provisioned = new WorkloadAccess.Provisioned(chain, key);
        return this;
    }

    /** The name that istiod's certificate must have, in place of the target's host. */
    public IstiodIdentityBuilder serverName(String name) {
        serverName = name;
        return this;
    }

    /** The cluster that the token is of; {@code Kubernetes}. */
    public IstiodIdentityBuilder clusterId(String id) {
        clusterId = id;
        return this;
    }

    /** The kind of key; {@link KeyType#P256}. */
    public IstiodIdentityBuilder keyType(KeyType type) {
        keyType = type;
        return this;
    }

    /** How long a certificate shall be good; 24 hours. istiod may give less. */
    public IstiodIdentityBuilder validity(Duration duration) {
        validity = duration;
        return this;
    }

    /** How long one exchange with istiod may take; 10 seconds. */
    public IstiodIdentityBuilder timeout(Duration duration) {
        timeout = duration;
        return this;
    }

    /** The names under which it is known; {@link IdentityNames#WORKLOAD}. */
    public IstiodIdentityBuilder names(IdentityNames secretNames) {
        names = secretNames;
        return this;
    }

    /**
     * The identity; nothing is read or asked for before somebody wants it.
     *
     * @throws IllegalStateException if {@link #workload} was not called
     */
    public IstiodIdentity build() {
        OwnTls tls = new OwnTls(access(() -> null, InstantSource.system()).settings());
        SessionThread loop = SessionThread.named("inmesh-identity");
        return build(loop, new Random(), tls, () -> {
            loop.close();
            tls.close();
        });
    }

    WorkloadAccess access(Supplier<Secret.@Nullable Certificate> own, InstantSource clock) {
        return new WorkloadAccess(this::trust, token, provisioned, own, clock);
    }

    private ControlPlaneTls trust() {
        ControlPlaneTls trust = ControlPlaneTls.to(target);
        trust = systemRoots ? trust.trustSystemRoots() : trust.trust(roots);
        return serverName == null ? trust : trust.serverName(serverName);
    }

    IstiodIdentity build(
            SessionLoop loop, RandomGenerator random, Function<UpstreamTls, ClientTls> tls, Runnable onClose) {
        if (spiffeId == null) {
            throw new IllegalStateException("Whose identity it is, is not said: expected workload(...)");
        }
        return new IstiodIdentity(this, spiffeId, loop, random, tls, onClose);
    }
}
