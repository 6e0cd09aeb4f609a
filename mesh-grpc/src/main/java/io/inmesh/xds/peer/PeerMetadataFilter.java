package io.inmesh.xds.peer;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.PeerMetadata;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.FilterStep;
import io.inmesh.filter.FilterStream;
import io.inmesh.filter.HttpFilter;
import io.inmesh.xds.peer.PeerMetadataConfig.Propagation;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code istio.metadata_exchange}, as {@code peer_metadata.cc} of Istio's Envoy has it. */
final class PeerMetadataFilter implements HttpFilter {
    static final String HEADER = "x-envoy-peer-metadata";
    static final String ID_HEADER = "x-envoy-peer-metadata-id";

    private static final String PASSTHROUGH = "PassthroughCluster";

    private final PeerMetadataConfig config;
    private final String id;
    private final String text;
    private final PeerTexts texts;

    PeerMetadataFilter(PeerMetadataConfig config, String id, Workload self) {
        this.config = config;
        this.id = id;
        this.text = self.text();
        this.texts = new PeerTexts(config.additionalLabels());
    }

    @Override
    public FilterStep onRequest(FilterStream stream) {
        Headers headers = stream.request().headers();
        StreamInfo info = stream.info();
        if (config.readsRequests()) {
            PeerMetadata peer = read(headers);
            if (peer != null) {
                info.downstreamPeer(peer);
            }
            stream.attachment(Received.of(headers.remove(ID_HEADER), headers.remove(HEADER)));
        }
        if (reaches(config.tells(), info)) {
            headers.set(ID_HEADER, id);
            headers.set(HEADER, text);
        }
        return FilterStep.CONTINUE;
    }

    @Override
    public FilterStep onResponse(FilterStream stream, ResponseHead head) {
        Headers headers = head.headers();
        StreamInfo info = stream.info();
        if (config.readsResponses()) {
            PeerMetadata peer = read(headers);
            if (peer != null) {
                info.upstreamPeer(peer);
            }
            headers.remove(ID_HEADER);
            headers.remove(HEADER);
        }
        if (stream.attachment() instanceof Received received && reaches(config.answers(), info)) {
            if (received.id) {
                headers.set(ID_HEADER, id);
            }
            if (received.text) {
                headers.set(HEADER, text);
            }
        }
        return FilterStep.CONTINUE;
    }

    private @Nullable PeerMetadata read(Headers headers) {
        String said = headers.get(HEADER);
        return said == null ? null : texts.read(said);
    }

    /** {@code skipMXHeaders}. */
    private static boolean reaches(Propagation propagation, StreamInfo info) {
        if (propagation == Propagation.NONE) {
            return false;
        }
        Map<String, Object> istio = info.upstream().clusterMetadata().getOrDefault("istio", Map.of());
        boolean external = PASSTHROUGH.equals(info.upstream().cluster()) || Boolean.TRUE.equals(istio.get("external"));
        return !(external && propagation == Propagation.MESH_ONLY) && !Boolean.TRUE.equals(istio.get("disable_mx"));
    }

    /** Which of the two headers a request had. */
    private enum Received {
        NOTHING(false, false),
        ID(true, false),
        TEXT(false, true),
        BOTH(true, true);

        final boolean id;
        final boolean text;

        Received(boolean id, boolean text) {
            this.id = id;
            this.text = text;
        }

        static Received of(boolean id, boolean text) {
            if (id) {
                return text ? BOTH : ID;
            }
            return text ? TEXT : NOTHING;
        }
    }
}
