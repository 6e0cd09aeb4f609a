package io.inmesh.identity;

import io.inmesh.grpc.ControlPlaneTls;
import io.inmesh.grpc.OwnTls;
import io.inmesh.grpc.Targets;
import io.inmesh.model.UpstreamTls;
import io.inmesh.transport.ClientTls;
import io.inmesh.xds.protocol.AdsSettings;
import io.inmesh.xds.protocol.SessionLoop;
import io.inmesh.xds.protocol.SessionThread;
import io.inmesh.xds.protocol.XdsNode;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsServer.Security;
import io.inmesh.xds.protocol.XdsTransport;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Describes an {@link SdsIdentity}. */
public final class SdsIdentityBuilder {
    final String target;
    private IdentityNames names = IdentityNames.WORKLOAD;
    XdsNode node = XdsNode.of("inmesh-" + ProcessHandle.current().pid(), "");
    AdsSettings settings = AdsSettings.DEFAULT;
    private XdsTransport transport = XdsTransport.STATE_OF_THE_WORLD;
    private @Nullable String certificate;
    private @Nullable String roots;
    private @Nullable ControlPlaneTls tls;

    SdsIdentityBuilder(String target) {
        this.target = target;
    }

    /**
     * The source whose secrets are this agent's, and the two names by which the workload's own are known; {@link IdentityNames#WORKLOAD}. Any other name of
     * the source is asked for as it is.
     */
    public SdsIdentityBuilder names(IdentityNames secretNames) {
        names = secretNames;
        return this;
    }

    /** What the agent calls the workload's certificate, such as a SPIFFE id, where it is not called as the configuration calls it. */
    public SdsIdentityBuilder certificateAtServer(String name) {
        certificate = name;
        return this;
    }

    /** What the agent calls the roots, such as {@code ALL} for those of all trust domains, or a trust domain's SPIFFE id. */
    public SdsIdentityBuilder rootsAtServer(String name) {
        roots = name;
        return this;
    }

    /** Who this process is, for agents that ask. */
    public SdsIdentityBuilder node(XdsNode self) {
        node = self;
        return this;
    }

    /** What to try first; {@link XdsTransport#STATE_OF_THE_WORLD}, because the agents of SPIRE and Istio have no other. */
    public SdsIdentityBuilder transport(XdsTransport first) {
        transport = first;
        return this;
    }

    /** TLS to the agent. */
    public SdsIdentityBuilder tls(ControlPlaneTls protection) {
        tls = protection;
        return this;
    }

    /** Changes waiting times. */
    public SdsIdentityBuilder settings(AdsSettings waitingTimes) {
        settings = waitingTimes;
        return this;
    }

    /**
     * The secrets; nothing is dialled before somebody wants one.
     *
     * @throws IllegalStateException if private keys would travel over an open network
     */
    public SdsIdentity build() {
        OwnTls own = new OwnTls(tls == null ? List.of() : List.of(tls.settings()));
        SessionThread loop = SessionThread.named("inmesh-identity");
        return build(loop, new Random(), own, () -> {
            loop.close();
            own.close();
        });
    }

    SdsIdentity build(
            SessionLoop loop, RandomGenerator random, Function<UpstreamTls, ClientTls> tlsOf, Runnable onClose) {
        if (tls == null && !Targets.isThisMachine(target)) {
            throw new IllegalStateException(
                    "The SDS server at " + target
                            + " would send private keys over an open network; expected a Unix socket, a loopback address or tls(...)");
        }
        if (tls != null) {
            ControlPlaneTls.requireVerification(target, tls.settings());
        }
        return new SdsIdentity(this, loop, random, tlsOf, onClose);
    }

    XdsServer server() {
        Security security = tls == null ? new Security.Plaintext() : new Security.Tls(tls.settings());
        return new XdsServer(target, security, transport, Map.of());
    }

    SdsNames namesAtServer() {
        return new SdsNames(names, certificate, roots);
    }
}
