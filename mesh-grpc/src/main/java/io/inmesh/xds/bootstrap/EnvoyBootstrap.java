package io.inmesh.xds.bootstrap;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.DynamicResources;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.StaticResources;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.xds.files.FieldLines;
import io.inmesh.xds.files.ResourceFileException;
import io.inmesh.xds.files.YamlMessages;
import io.inmesh.xds.protocol.RawResource;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.XdsNode;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsTransport;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Envoy's bootstrap: node, ADS, what is static; {@code envoy.config.bootstrap.v3.Bootstrap}. */
final class EnvoyBootstrap {
    private static final Set<String> KNOWN = Set.of("node", "static_resources", "dynamic_resources");
    private static final Set<String> KNOWN_STATIC = Set.of("listeners", "clusters", "secrets");
    private static final Set<String> KNOWN_DYNAMIC = Set.of("ads_config", "lds_config", "cds_config");

    private final String source;
    private final String text;
    private final List<String> unsupported = new ArrayList<>();

    EnvoyBootstrap(String source, String text) {
        this.source = source;
        this.text = text;
    }

    Bootstrap read() throws ResourceFileException {
        io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap bootstrap = YamlMessages.read(
                        source, text, io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.newBuilder())
                .build();
        note("", bootstrap, KNOWN);
        note("static_resources.", bootstrap.getStaticResources(), KNOWN_STATIC);
        note("dynamic_resources.", bootstrap.getDynamicResources(), KNOWN_DYNAMIC);
        DynamicResources dynamic = bootstrap.getDynamicResources();
        Set<ResourceKind> wildcards = EnumSet.noneOf(ResourceKind.class);
        if (dynamic.hasLdsConfig()) {
            requireAds("dynamic_resources.lds_config", dynamic.getLdsConfig());
            wildcards.add(ResourceKind.LISTENER);
        }
        if (dynamic.hasCdsConfig()) {
            requireAds("dynamic_resources.cds_config", dynamic.getCdsConfig());
            wildcards.add(ResourceKind.CLUSTER);
        }
        List<XdsServer> servers = dynamic.hasAdsConfig() ? servers(bootstrap) : List.of();
        if (!wildcards.isEmpty() && servers.isEmpty()) {
            throw failure("dynamic_resources", "lds_config or cds_config refer to ads, but there is no ads_config");
        }
        return new Bootstrap(
                source,
                node(bootstrap.getNode()),
                servers,
                wildcards,
                null,
                null,
                statics(bootstrap.getStaticResources()),
                unsupported);
    }

    private void note(String path, Message message, Set<String> known) {
        for (FieldDescriptor field : message.getAllFields().keySet()) {
            if (!known.contains(field.getName())) {
                unsupported.add(path + field.getName());
            }
        }
    }

    private void requireAds(String path, ConfigSource config) throws ResourceFileException {
        if (!config.hasAds()) {
            throw failure(
                    path,
                    "expected \"ads: {}\"; other sources are not supported (a folder of resources can be named instead of"
                            + " a bootstrap)");
        }
    }

    private List<XdsServer> servers(io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap bootstrap)
            throws ResourceFileException {
        String path = "dynamic_resources.ads_config";
        ApiConfigSource ads = bootstrap.getDynamicResources().getAdsConfig();
        XdsTransport transport =
                switch (ads.getApiType()) {
                    case DELTA_GRPC, AGGREGATED_DELTA_GRPC -> XdsTransport.INCREMENTAL;
                    case GRPC, AGGREGATED_GRPC -> XdsTransport.STATE_OF_THE_WORLD;
                    default ->
                        throw failure(path + ".api_type", "is " + ads.getApiType() + "; expected DELTA_GRPC or GRPC");
                };
        List<XdsServer> servers = new ArrayList<>();
        GrpcServices services = new GrpcServices(source, text, bootstrap.getStaticResources());
        for (int i = 0; i < ads.getGrpcServicesCount(); i++) {
            servers.addAll(services.read(ads.getGrpcServices(i), path + ".grpc_services[" + i + "]", transport));
        }
        if (servers.isEmpty()) {
            throw failure(path + ".grpc_services", "expected at least one envoy_grpc or google_grpc service");
        }
        return servers;
    }

    private static XdsNode node(Node node) {
        return new XdsNode(
                node.getId(),
                node.getCluster(),
                node.getLocality().getRegion(),
                node.getLocality().getZone(),
                node.getLocality().getSubZone(),
                StructValues.map(node.getMetadata()));
    }

    private static List<RawResource> statics(StaticResources resources) {
        List<RawResource> statics = new ArrayList<>();
        for (Cluster cluster : resources.getClustersList()) {
            statics.add(new RawResource(ResourceKind.CLUSTER, cluster.getName(), "static", Any.pack(cluster)));
        }
        for (Listener listener : resources.getListenersList()) {
            statics.add(new RawResource(ResourceKind.LISTENER, listener.getName(), "static", Any.pack(listener)));
        }
        for (Secret secret : resources.getSecretsList()) {
            statics.add(new RawResource(ResourceKind.SECRET, secret.getName(), "static", Any.pack(secret)));
        }
        return statics;
    }

    private ResourceFileException failure(String field, String reason) {
        return FieldLines.failure(source, text, field, reason);
    }
}
