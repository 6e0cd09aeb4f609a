package io.inmesh.xds.decode;

import com.google.protobuf.Any;

/** Network filters, of which this data plane has the HTTP connection manager only. */
final class NetworkFilters {
    private NetworkFilters() {}

    /** Whether nothing is lost without the filter: those that exchange labels for Istio's telemetry. */
    static boolean isHarmless(Any config) {
        return KnownFilters.harmless(typeName(config)) != null;
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
