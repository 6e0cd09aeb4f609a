package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import io.inmesh.model.NetworkRbac;

/** Network filters that this data plane has. */
final class NetworkFilterDecoder {
    private NetworkFilterDecoder() {}

    /** Whether {@link #rbac} is for it. */
    static boolean isRbac(Any config) {
        return Values.is(config, RbacDecoder.NETWORK_TYPE);
    }

    /** {@code envoy.filters.network.rbac}. What of it cannot be evaluated is noted, and makes it let no connection through. */
    static NetworkRbac rbac(Any config, String path, Notes notes) {
        return RbacDecoder.decodeNetwork(config, path, notes);
    }
}
