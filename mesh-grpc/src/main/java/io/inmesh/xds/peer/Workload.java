package io.inmesh.xds.peer;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.inmesh.exchange.PeerMetadata;
import io.inmesh.xds.protocol.XdsNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A workload as Istio's {@code WorkloadMetadataObject}: made of a node's metadata or of a peer's text, and written as such a text. */
record Workload(PeerMetadata peer) {
    private static final String LABELS = "LABELS";
    private static final String OWNER_PREFIX = "kubernetes://apis/apps/v1/namespaces/";
    private static final Set<String> TYPES = Set.of("pod", "deployment", "job", "cronjob");
    private static final String CANONICAL_NAME = "service.istio.io/canonical-name";
    private static final String CANONICAL_REVISION = "service.istio.io/canonical-revision";
    private static final String APP = "app";
    private static final String VERSION = "version";
    private static final String QUALIFIED_APP = "app.kubernetes.io/name";
    private static final String QUALIFIED_VERSION = "app.kubernetes.io/version";

    /**
     * This process itself. What it counts as is what Istio's injector would have written on its pod: by the labels {@code app.kubernetes.io/name} and {@code app}, or the
     * workload's name; and {@code latest} where no version is given.
     */
    static Workload of(XdsNode self, Set<String> additionalLabels) {
        PeerMetadata said = of(self.metadata(), additionalLabels).peer;
        String service = first(said.canonicalService(), first(said.app(), said.workload()));
        String revision = first(said.canonicalRevision(), first(said.version(), service.isEmpty() ? "" : "latest"));
        return new Workload(new PeerMetadata(
                said.instance(),
                said.namespace(),
                said.workload(),
                said.workloadType(),
                said.cluster(),
                service,
                revision,
                said.app(),
                said.version(),
                first(said.region(), self.region()),
                first(said.zone(), self.zone()),
                said.labels()));
    }

    /** A peer, or null if the text is not Base64 of a {@code google.protobuf.Struct}. */
    static @Nullable Workload of(String text, Set<String> additionalLabels) {
        try {
            Struct struct = Struct.parseFrom(Base64.getDecoder().decode(text));
            Map<String, Object> metadata = new LinkedHashMap<>();
            struct.getFieldsMap().forEach((name, value) -> metadata.put(name, plain(value)));
            return of(metadata, additionalLabels);
        } catch (IllegalArgumentException | InvalidProtocolBufferException e) {
            return null;
        }
    }

    /** Strings and maps of strings, of which metadata here consist. */
    private static Object plain(Value value) {
        if (!value.hasStructValue()) {
            return value.getStringValue();
        }
        Map<String, Object> map = new LinkedHashMap<>();
        value.getStructValue().getFieldsMap().forEach((name, each) -> map.put(name, each.getStringValue()));
        return map;
    }

    private static Workload of(Map<String, Object> metadata, Set<String> additionalLabels) {
        Map<?, ?> labels = metadata.get(LABELS) instanceof Map<?, ?> map ? map : Map.of();
        Map<String, String> others = new LinkedHashMap<>();
        for (String label : additionalLabels) {
            String value = text(labels, label);
            if (!value.isEmpty() && !isNamed(label)) {
                others.put(label, value);
            }
        }
        String workload = text(metadata, "WORKLOAD_NAME");
        return new Workload(new PeerMetadata(
                text(metadata, "NAME"),
                text(metadata, "NAMESPACE"),
                workload,
                type(text(metadata, "OWNER"), workload),
                text(metadata, "CLUSTER_ID"),
                text(labels, CANONICAL_NAME),
                text(labels, CANONICAL_REVISION),
                first(text(labels, QUALIFIED_APP), text(labels, APP)),
                first(text(labels, QUALIFIED_VERSION), text(labels, VERSION)),
                text(metadata, "REGION"),
                text(metadata, "AVAILABILITY_ZONE"),
                Map.copyOf(others)));
    }

    private static boolean isNamed(String label) {
        return Set.of(CANONICAL_NAME, CANONICAL_REVISION, QUALIFIED_APP, QUALIFIED_VERSION, APP, VERSION)
                .contains(label);
    }

    private static String text(Map<?, ?> map, String name) {
        return map.get(name) instanceof String text ? text : "";
    }

    private static String first(String preferred, String other) {
        return preferred.isEmpty() ? other : preferred;
    }

    /** {@code parseOwner}: {@code .../deployments/web} of the workload {@code web} is a deployment. */
    private static String type(String owner, String workload) {
        int end = owner.length() - workload.length() - 2;
        String type = end <= 0 ? "" : owner.substring(owner.lastIndexOf('/', end - 1) + 1, end);
        return TYPES.contains(type) && owner.lastIndexOf('/', end - 1) >= 0 ? type : "";
    }

    /** What goes over the wire: {@code convertWorkloadMetadataToStruct}, written with its keys in order, in Base64. */
    String text() {
        Struct.Builder struct = Struct.newBuilder();
        put(struct, "NAME", peer.instance());
        put(struct, "NAMESPACE", peer.namespace());
        put(struct, "WORKLOAD_NAME", peer.workload());
        put(struct, "CLUSTER_ID", peer.cluster());
        Struct.Builder labels = Struct.newBuilder();
        put(labels, CANONICAL_NAME, peer.canonicalService());
        put(labels, CANONICAL_REVISION, peer.canonicalRevision());
        put(labels, APP, peer.app());
        put(labels, VERSION, peer.version());
        peer.labels().forEach((name, value) -> put(labels, name, value));
        struct.putFields(LABELS, Value.newBuilder().setStructValue(labels).build());
        if (!peer.workloadType().isEmpty()) {
            put(struct, "OWNER", OWNER_PREFIX + peer.namespace() + "/" + peer.workloadType() + "s/" + peer.workload());
        }
        put(struct, "REGION", peer.region());
        put(struct, "AVAILABILITY_ZONE", peer.zone());
        return Base64.getEncoder().encodeToString(inOrder(struct.build()));
    }

    private static void put(Struct.Builder struct, String name, String value) {
        if (!value.isEmpty()) {
            struct.putFields(name, Value.newBuilder().setStringValue(value).build());
        }
    }

    private static byte[] inOrder(Struct struct) {
        byte[] bytes = new byte[struct.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            struct.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException("an array has room for what was measured", e);
        }
        return bytes;
    }
}
