package io.inmesh.samples.kuma.recorded;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.util.function.Consumer;

/** Changes the HTTP connection managers of recorded listeners. */
public final class Managers {
    private Managers() {}

    /** The same listener with the manager of each filter chain changed. */
    public static Listener change(Listener listener, Consumer<HttpConnectionManager.Builder> change) {
        Listener.Builder changed = listener.toBuilder();
        for (FilterChain.Builder chain : changed.getFilterChainsBuilderList()) {
            for (Filter.Builder filter : chain.getFiltersBuilderList()) {
                if (filter.getTypedConfig().is(HttpConnectionManager.class)) {
                    filter.setTypedConfig(Any.pack(changed(filter.getTypedConfig(), change)));
                }
            }
        }
        return changed.build();
    }

    private static HttpConnectionManager changed(Any manager, Consumer<HttpConnectionManager.Builder> change) {
        try {
            HttpConnectionManager.Builder changed = manager.unpack(HttpConnectionManager.class).toBuilder();
            change.accept(changed);
            return changed.build();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }
}
