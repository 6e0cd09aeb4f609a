package io.inmesh.xds.peer;

import io.inmesh.model.FilterConfig;
import io.inmesh.model.RawFilterConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code io.istio.http.peer_metadata.Config}, as far as it is about headers.
 *
 * @param readsRequests    {@code downstream_discovery} by {@code istio_headers}
 * @param readsResponses   {@code upstream_discovery} by {@code istio_headers}
 * @param answers          {@code downstream_propagation} by {@code istio_headers}
 * @param tells            {@code upstream_propagation} by {@code istio_headers}
 * @param additionalLabels {@code additional_labels}
 */
record PeerMetadataConfig(
        boolean readsRequests,
        boolean readsResponses,
        Propagation answers,
        Propagation tells,
        Set<String> additionalLabels)
        implements FilterConfig {
    private static final String HEADERS = "istio_headers";

    /** To whom this workload's own metadata go. */
    enum Propagation {
        NONE,
        /** {@code skip_external_clusters}. */
        MESH_ONLY,
        ALL
    }

    static PeerMetadataConfig of(RawFilterConfig raw) {
        Map<String, Object> config = raw.struct();
        if (config == null) {
            throw new IllegalArgumentException(raw.typeUrl() + " is expected in a TypedStruct, as istiod sends it");
        }
        Set<String> labels = new HashSet<>();
        list(config, "additional_labels").forEach(label -> labels.add(String.valueOf(label)));
        return new PeerMetadataConfig(
                !headers(config, "downstream_discovery").isEmpty(),
                !headers(config, "upstream_discovery").isEmpty(),
                propagation(headers(config, "downstream_propagation")),
                propagation(headers(config, "upstream_propagation")),
                Set.copyOf(labels));
    }

    private static Propagation propagation(List<Map<?, ?>> methods) {
        Propagation widest = Propagation.NONE;
        for (Map<?, ?> method : methods) {
            boolean meshOnly = Boolean.TRUE.equals(method.get("skip_external_clusters"));
            Propagation each = meshOnly ? Propagation.MESH_ONLY : Propagation.ALL;
            widest = each.compareTo(widest) > 0 ? each : widest;
        }
        return widest;
    }

    /** What the methods of a list that are about headers say. */
    private static List<Map<?, ?>> headers(Map<String, Object> config, String field) {
        List<Map<?, ?>> methods = new ArrayList<>();
        for (Object method : list(config, field)) {
            Object headers = map(method, field).get(HEADERS);
            if (headers != null) {
                methods.add(map(headers, field + "." + HEADERS));
            }
        }
        return methods;
    }

    private static List<?> list(Map<String, Object> config, String field) {
        Object value = config.getOrDefault(field, List.of());
        if (value instanceof List<?> list) {
            return list;
        }
        throw new IllegalArgumentException(field + " must be a list");
    }

    private static Map<?, ?> map(@Nullable Object value, String field) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new IllegalArgumentException(field + " must hold messages");
    }
}
