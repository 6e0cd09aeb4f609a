package io.inmesh.xds.peer;

import io.inmesh.filter.HttpFilter;
import io.inmesh.filter.HttpFilterFactory;
import io.inmesh.model.RawFilterConfig;
import io.inmesh.xds.protocol.XdsNode;
import java.util.Set;

/**
 * Makes {@code istio.metadata_exchange} filters ({@code io.istio.http.peer_metadata.Config} in a {@code TypedStruct}), which exist in Istio's build of Envoy only. A client sends
 * {@code x-envoy-peer-metadata} and {@code x-envoy-peer-metadata-id}; a server takes them off the request and answers with its own where a request had them.
 *
 * <p>Other ways of knowing a peer (workload discovery, baggage of tunnels, filter state of the upstream) belong to ambient meshes and are passed over.
 */
public final class PeerMetadataExchange implements HttpFilterFactory<PeerMetadataConfig> {
    private static final String TYPE_URL = "type.googleapis.com/io.istio.http.peer_metadata.Config";

    private final XdsNode self;

    private PeerMetadataExchange(XdsNode self) {
        this.self = self;
    }

    /**
     * For a process that a control plane knows as this node.
     *
     * @param self its id, and of its metadata what Istio's agents put there: {@code NAME}, {@code NAMESPACE}, {@code WORKLOAD_NAME}, {@code OWNER}, {@code CLUSTER_ID},
     *             {@code LABELS}
     */
    public static HttpFilterFactory<?> of(XdsNode self) {
        return new PeerMetadataExchange(self);
    }

    @Override
    public Set<String> typeUrls() {
        return Set.of(TYPE_URL);
    }

    @Override
    public Class<PeerMetadataConfig> configType() {
        return PeerMetadataConfig.class;
    }

    @Override
    public PeerMetadataConfig parse(RawFilterConfig raw) {
        return PeerMetadataConfig.of(raw);
    }

    @Override
    public HttpFilter create(Levels<PeerMetadataConfig> config) {
        PeerMetadataConfig chosen = config.mostSpecific();
        return new PeerMetadataFilter(chosen, self.id(), Workload.of(self, chosen.additionalLabels()));
    }
}
