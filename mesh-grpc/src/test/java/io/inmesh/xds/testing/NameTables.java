package io.inmesh.xds.testing;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.inmesh.xds.protocol.ResourceKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** Istio's tables of host names, as istiod sends them: one resource without a name. */
public final class NameTables {
    private NameTables() {}

    /**
     * One host of a table.
     *
     * @param registry  {@code Kubernetes} or {@code External}
     * @param shortName empty but for Kubernetes
     * @param namespace empty but for Kubernetes
     */
    public record Host(String host, List<String> ips, String registry, String shortName, String namespace) {}

    /** A table of hosts outside of Kubernetes. */
    public static Any table(Map<String, List<String>> hosts) {
        return table(hosts.entrySet().stream()
                .map(each -> new Host(each.getKey(), each.getValue(), "External", "", ""))
                .toArray(Host[]::new));
    }

    /** A table. */
    public static Any table(Host... hosts) {
        return Any.newBuilder()
                .setTypeUrl(ResourceKind.NAME_TABLE.typeUrl())
                .setValue(written(out -> {
                    for (Host each : hosts) {
                        out.writeBytes(1, written(entry -> {
                            entry.writeString(1, each.host());
                            entry.writeBytes(2, info(each));
                        }));
                    }
                }))
                .build();
    }

    /** An incremental response with one table. */
    public static Message delta(String nonce, Map<String, List<String>> hosts) {
        return DeltaDiscoveryResponse.newBuilder()
                .setTypeUrl(ResourceKind.NAME_TABLE.typeUrl())
                .setNonce(nonce)
                .addResources(Resource.newBuilder().setResource(table(hosts)))
                .build();
    }

    /** A state-of-the-world response with one table. */
    public static Message sotw(String version, Map<String, List<String>> hosts) {
        return DiscoveryResponse.newBuilder()
                .setTypeUrl(ResourceKind.NAME_TABLE.typeUrl())
                .setVersionInfo(version)
                .setNonce(version)
                .addResources(table(hosts))
                .build();
    }

    private static ByteString info(Host host) {
        return written(out -> {
            for (String ip : host.ips()) {
                out.writeString(1, ip);
            }
            out.writeString(2, host.registry());
            out.writeString(3, host.shortName());
            out.writeString(4, host.namespace());
        });
    }

    private interface Writing {
        void to(CodedOutputStream out) throws IOException;
    }

    private static ByteString written(Writing writing) {
        ByteString.Output bytes = ByteString.newOutput();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            writing.to(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteString();
    }
}
