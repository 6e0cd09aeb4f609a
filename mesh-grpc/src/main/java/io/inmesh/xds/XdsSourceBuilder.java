package io.inmesh.xds;

import io.inmesh.grpc.ControlPlaneTls;
import io.inmesh.grpc.OwnTls;
import io.inmesh.grpc.Targets;
import io.inmesh.grpc.TokenFile;
import io.inmesh.model.UpstreamTls;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.xds.bootstrap.Bootstrap;
import io.inmesh.xds.protocol.AdsSettings;
import io.inmesh.xds.protocol.RawResource;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.XdsNode;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsServer.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Describes an {@link XdsSource}. A bootstrap gives the defaults; what is called here goes before it. */
public final class XdsSourceBuilder {
    private final List<XdsServer> servers = new ArrayList<>();
    private final List<SecretProvider> secrets = new ArrayList<>();
    private @Nullable Bootstrap bootstrap;
    private @Nullable XdsNode node;
    private @Nullable XdsDialect dialect;
    private AdsSettings settings = AdsSettings.DEFAULT;
    private RandomGenerator random = new Random();

    XdsSourceBuilder() {}

    /** Takes node, servers and static resources from a bootstrap that was read. */
    public XdsSourceBuilder bootstrap(Bootstrap read) {
        bootstrap = read;
        return this;
    }

    /** Adds a control plane without transport security; the first one added is preferred, the others are for fail-over. */
    public XdsSourceBuilder server(String target) {
        return server(XdsServer.plaintext(target));
    }

    /** Adds a control plane; the first one added is preferred, the others are for fail-over. */
    public XdsSourceBuilder server(XdsServer server) {
        servers.add(server);
        return this;
    }

    /** Adds where the client certificates come from that TLS to control planes names; of several the first that provides a name counts. */
    public XdsSourceBuilder secrets(SecretProvider provider) {
        secrets.add(provider);
        return this;
    }

    /** Says who this process is; control planes choose by it what they send. */
    public XdsSourceBuilder node(XdsNode self) {
        node = self;
        return this;
    }

    /** Says who this process is, by id and service cluster. */
    public XdsSourceBuilder node(String id, String cluster) {
        return node(XdsNode.of(id, cluster));
    }

    /** Chooses the conventions; {@link XdsDialect#envoy()} unless a gRPC bootstrap says otherwise. */
    public XdsSourceBuilder dialect(XdsDialect conventions) {
        dialect = conventions;
        return this;
    }

    /** Changes waiting times. */
    public XdsSourceBuilder settings(AdsSettings waitingTimes) {
        settings = waitingTimes;
        return this;
    }

    /** Gives the random numbers of back-off; tests give seeded ones. */
    public XdsSourceBuilder random(RandomGenerator generator) {
        random = generator;
        return this;
    }

    /**
     * The source, not yet started.
     *
     * @throws IllegalStateException if there is nothing to ask and nothing static; if a server asks for transport security that is not supported, for
     *                               TLS that trusts nothing, or for a token without TLS: such a server is not dialled
     */
    public XdsSource build() {
        List<XdsServer> all = servers.isEmpty() && bootstrap != null ? bootstrap.servers() : List.copyOf(servers);
        List<RawResource> statics = bootstrap == null ? List.of() : bootstrap.staticResources();
        String source = bootstrap == null ? "XdsSource.builder()" : bootstrap.source();
        if (all.isEmpty() && statics.isEmpty()) {
            throw new IllegalStateException(source + " names neither a control plane nor static resources");
        }
        all.forEach(XdsSourceBuilder::requireSafe);
        XdsDialect chosen = chosenDialect();
        Bootstrap effective = new Bootstrap(
                source,
                effectiveNode(),
                all,
                wildcards(chosen),
                bootstrap == null ? null : bootstrap.listenerTemplate(),
                bootstrap == null ? null : bootstrap.serverListenerTemplate(),
                statics,
                bootstrap == null ? List.of() : bootstrap.unsupported());
        return new XdsSource(effective, chosen, settings, random, ownTls(all));
    }

    private OwnTls ownTls(List<XdsServer> all) {
        List<UpstreamTls> protections = new ArrayList<>();
        for (XdsServer server : all) {
            if (server.security() instanceof Security.Tls protection) {
                protections.add(protection.settings());
            } else if (server.security() instanceof Security.Chosen chosen) {
                protections.addAll(chosen.choice().settings());
            }
        }
        return new OwnTls(protections, SecretProvider.firstOf(secrets));
    }

    private static void requireSafe(XdsServer server) {
        Security security = server.security();
        if (security instanceof Security.Unsupported unsupported) {
            throw new IllegalStateException("The control plane at " + server.target()
                    + " would need a protected connection that is not supported, and is not dialled without: "
                    + unsupported.what());
        }
        if (security instanceof Security.Chosen chosen) {
            chosen.choice().settings().forEach(each -> ControlPlaneTls.requireVerification(server.target(), each));
            return;
        }
        if (security instanceof Security.Tls tls) {
            ControlPlaneTls.requireVerification(server.target(), tls.settings());
            return;
        }
        TokenFile token = server.token();
        if (token != null && !token.overPlaintext() && !Targets.isThisMachine(server.target())) {
            throw new IllegalStateException("The token in " + token.file() + " would travel to " + server.target()
                    + " in the clear; expected TLS (inmesh.xds.ca or inmesh.xds.pin; istiod has it on port 15012), or"
                    + " inmesh.xds.token-over-plaintext=true");
        }
    }

    private XdsDialect chosenDialect() {
        if (dialect != null) {
            return dialect;
        }
        String template = bootstrap == null ? null : bootstrap.listenerTemplate();
        String servers = bootstrap == null ? null : bootstrap.serverListenerTemplate();
        if (template == null) {
            return XdsDialect.envoy();
        }
        return servers == null ? XdsDialect.grpc(template) : XdsDialect.grpc(template, servers);
    }

    /** An Envoy bootstrap says itself whether listeners and clusters are asked for. */
    private Set<ResourceKind> wildcards(XdsDialect chosen) {
        boolean byBootstrap = bootstrap != null && bootstrap.listenerTemplate() == null && dialect == null;
        return byBootstrap && bootstrap != null ? bootstrap.wildcards() : chosen.wildcards();
    }

    private XdsNode effectiveNode() {
        if (node != null) {
            return node;
        }
        XdsNode read = bootstrap == null ? XdsNode.of("", "") : bootstrap.node();
        // Some control planes refuse a node without an id; a made-up one shows at least which process it is.
        return read.id().isEmpty()
                ? new XdsNode(
                        "inmesh-" + ProcessHandle.current().pid(),
                        read.cluster(),
                        read.region(),
                        read.zone(),
                        read.subZone(),
                        read.metadata())
                : read;
    }
}
