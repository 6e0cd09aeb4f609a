package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Network filters, of which this data plane has the HTTP connection manager only. */
final class NetworkFilters {
    private static final String NETWORK = "envoy.extensions.filters.network.";

    /** They look at bytes, and let every connection through to where the chain says. Others let all through and change that, such as {@code sni_cluster}. */
    private static final Set<String> PASSING =
            Set.of(NETWORK + "mongo_proxy.v3.MongoProxy", NETWORK + "mysql_proxy.v3.MySQLProxy");

    private NetworkFilters() {}

    /** Whether nothing is lost without the filter: those that exchange labels for Istio's telemetry. */
    static boolean isHarmless(Any config) {
        return KnownFilters.harmless(typeName(config)) != null;
    }

    /** What does not happen without the filter, which lets every connection through; null if it is not such a one. */
    static @Nullable String missed(Any config) {
        return KnownFilters.missed(typeName(config));
    }

    /** Whether no connection is refused by the filter, or led elsewhere. */
    static boolean letsThrough(Any config) {
        return isHarmless(config) || missed(config) != null || PASSING.contains(typeName(config));
    }

    /** The type, looked for inside of a {@code TypedStruct}. */
    static String typeName(Any config) {
        return Values.typeName(typeUrl(config));
    }

    private static String typeUrl(Any config) {
        var udpa = com.github.udpa.udpa.type.v1.TypedStruct.getDefaultInstance();
        var xds = com.github.xds.type.v3.TypedStruct.getDefaultInstance();
        if (Values.is(config, xds)) {
            return Values.parse(config, xds, "typed_config").getTypeUrl();
        }
        if (Values.is(config, udpa)) {
            return Values.parse(config, udpa, "typed_config").getTypeUrl();
        }
        return config.getTypeUrl();
    }
}
