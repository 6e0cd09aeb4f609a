package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import io.envoyproxy.envoy.extensions.common.matching.v3.ExtensionWithMatcher;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.FilterOverride;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.RawFilterConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** HTTP filters and what routes say of them. */
final class FilterDecoder {
    private static final io.envoyproxy.envoy.config.route.v3.FilterConfig OVERRIDE =
            io.envoyproxy.envoy.config.route.v3.FilterConfig.getDefaultInstance();
    private static final ExtensionWithMatcher MATCHED = ExtensionWithMatcher.getDefaultInstance();
    private static final String TYPE_URL_PREFIX = "type.googleapis.com/";

    /** Stands for the type of a filter whose configuration comes by ECDS, so that nobody knows what it is. */
    static final String DISCOVERED = TYPE_URL_PREFIX + "envoy.config.core.v3.ExtensionConfigSource";

    private FilterDecoder() {}

    /** {@code http_filters}. */
    static List<HttpFilterConfig> chain(List<HttpFilter> filters, String path, Notes notes) {
        List<HttpFilterConfig> chain = Values.each(
                filters,
                path,
                "http_filters",
                (filter, at) ->
                        new HttpFilterConfig(filter.getName(), position(filter, at, notes), filter.getDisabled()));
        for (int i = 0; i < chain.size(); i++) {
            boolean last = i == chain.size() - 1;
            FilterConfig config = chain.get(i).config();
            if (config instanceof FilterConfig.Router && !last) {
                throw new BadResourceException(
                        Paths.element(path, "http_filters", i), "the router must be the last filter of the chain");
            }
            // A filter that is not known here may be a terminal one, and ends nothing but in a refusal.
            if (last && !(config instanceof FilterConfig.Router) && !(config instanceof FilterConfig.Unrecognized)) {
                throw new BadResourceException(
                        Paths.element(path, "http_filters", i), "the last filter of the chain must be the router");
            }
        }
        return chain;
    }

    private static FilterConfig position(HttpFilter filter, String path, Notes notes) {
        if (filter.hasConfigDiscovery()) {
            notes.unsupported(path + ".config_discovery", "filters by ECDS are not supported");
            String reason =
                    "filter \"" + filter.getName() + "\" gets its configuration by ECDS, which is not supported";
            return filter.getIsOptional()
                    ? new FilterConfig.Skipped(DISCOVERED, "is_optional; " + reason)
                    : new FilterConfig.Refused("", reason);
        }
        if (!filter.hasTypedConfig()) {
            if (filter.getIsOptional()) {
                return new FilterConfig.Skipped("", "is_optional, and has no configuration");
            }
            throw new BadResourceException(path + ".typed_config", "is required");
        }
        String at = path + ".typed_config";
        Any config = filter.getTypedConfig();
        if (Values.is(config, Router.getDefaultInstance())) {
            Router router = Values.unpack(config, Router.getDefaultInstance(), at, notes);
            return new FilterConfig.Router(router.getSuppressEnvoyHeaders());
        }
        if (Values.is(config, HeaderMutationDecoder.TYPE)) {
            return HeaderMutationDecoder.decode(config, at, notes);
        }
        if (Values.is(config, RbacDecoder.TYPE)) {
            return RbacDecoder.decode(config, at, notes);
        }
        if (Values.is(config, JwtDecoder.TYPE)) {
            return JwtDecoder.decode(config, at, notes);
        }
        if (AlpnDecoder.isFor(config)) {
            return AlpnDecoder.decode(config, at, notes);
        }
        return other(config, filter.getIsOptional(), at, notes);
    }

    /** {@code typed_per_filter_config} of one level. */
    static Map<String, FilterOverride> overrides(Map<String, Any> configs, String path, Notes notes) {
        if (configs.isEmpty()) {
            return Map.of();
        }
        Map<String, FilterOverride> overrides = new LinkedHashMap<>();
        configs.forEach((name, any) ->
                overrides.put(name, override(any, Paths.entry(path, "typed_per_filter_config", name), notes)));
        return Map.copyOf(overrides);
    }

    private static FilterOverride override(Any any, String path, Notes notes) {
        if (!Values.is(any, OVERRIDE)) {
            // As in Envoy: a filter that a route configures is on, even if it is off in the chain.
            return new FilterOverride(overrideConfig(any, false, path, notes), false);
        }
        var override = Values.unpack(any, OVERRIDE, path, notes);
        if (override.getDisabled()) {
            return new FilterOverride(null, true);
        }
        if (!override.hasConfig()) {
            throw new BadResourceException(path + ".config", "is required unless disabled is true");
        }
        return new FilterOverride(
                overrideConfig(override.getConfig(), override.getIsOptional(), path + ".config", notes), false);
    }

    private static FilterConfig overrideConfig(Any any, boolean optional, String path, Notes notes) {
        if (Values.is(any, HeaderMutationDecoder.ROUTE_TYPE)) {
            return HeaderMutationDecoder.decodeOverride(any, path, notes);
        }
        if (Values.is(any, JwtDecoder.ROUTE_TYPE)) {
            return JwtDecoder.decodeOverride(any, path, notes);
        }
        return Values.is(any, RbacDecoder.ROUTE_TYPE)
                ? RbacDecoder.decodeOverride(any, path, notes)
                : other(any, optional, path, notes);
    }

    /** A filter that does not come with this data plane; the application may have a factory for it. */
    private static FilterConfig other(Any any, boolean optional, String path, Notes notes) {
        if (Values.is(any, MATCHED)) {
            return matched(any, optional, path, notes);
        }
        RawFilterConfig raw = raw(any, path);
        String type = Values.typeName(raw.typeUrl());
        String harmless = KnownFilters.harmless(type);
        if (harmless == null) {
            harmless = KnownScripts.harmless(any, path);
        }
        if (harmless != null) {
            FilterConfig skipped = new FilterConfig.Skipped(raw.typeUrl(), harmless);
            boolean readable = !PeerMetadataFields.TYPE.equals(type) || PeerMetadataFields.check(raw, path, notes);
            return readable ? new FilterConfig.Unrecognized(raw, skipped) : skipped;
        }
        String missed = KnownFilters.missed(type);
        if (missed != null) {
            if (!isEmptyFault(any, path)) {
                notes.unsupported(path, type + ": " + missed);
            }
            return new FilterConfig.Unrecognized(raw, new FilterConfig.Skipped(raw.typeUrl(), missed));
        }
        String protects = KnownFilters.protects(type);
        boolean misplaced = RbacDecoder.isFor(type) || JwtDecoder.isFor(type) || AlpnDecoder.TYPE.equals(type);
        if (protects == null && optional && !misplaced) {
            notes.unsupported(path, type + " is not known and was marked is_optional");
            return new FilterConfig.Unrecognized(raw, new FilterConfig.Skipped(raw.typeUrl(), "is_optional"));
        }
        String reason = misplaced
                ? type + " is not in the place or the form in which it can be read"
                : protects == null
                        ? "this data plane does not know the HTTP filter " + type
                        : protects + " by " + type + " is not supported";
        notes.unsupported(path, type + ": requests are refused");
        return new FilterConfig.Unrecognized(raw, new FilterConfig.Refused(raw.typeUrl(), reason));
    }

    /**
     * A filter that a matcher switches. Whether it is on cannot be told, so that it may be left out only if it may be left out anyway: what a matcher
     * switches on for some is not switched on for anyone, and what protects refuses everyone.
     */
    private static FilterConfig matched(Any any, boolean optional, String path, Notes notes) {
        Any inner = Values.parse(any, MATCHED, path).getExtensionConfig().getTypedConfig();
        String type = Values.typeName(inner.getTypeUrl());
        if (KnownFilters.harmless(type) != null || KnownFilters.missed(type) != null) {
            return other(inner, optional, path + ".extension_config.typed_config", notes);
        }
        notes.unsupported(path, type + " under a matcher: requests are refused");
        return new FilterConfig.Refused(any.getTypeUrl(), type + " under a matcher is not supported");
    }

    private static boolean isEmptyFault(Any any, String path) {
        return Values.is(any, HTTPFault.getDefaultInstance())
                && Values.parse(any, HTTPFault.getDefaultInstance(), path).equals(HTTPFault.getDefaultInstance());
    }

    private static RawFilterConfig raw(Any any, String path) {
        String typeUrl = any.getTypeUrl();
        Struct struct = null;
        var udpa = com.github.udpa.udpa.type.v1.TypedStruct.getDefaultInstance();
        var xds = com.github.xds.type.v3.TypedStruct.getDefaultInstance();
        if (Values.is(any, xds)) {
            var typed = Values.parse(any, xds, path);
            typeUrl = typed.getTypeUrl();
            struct = typed.getValue();
        } else if (Values.is(any, udpa)) {
            var typed = Values.parse(any, udpa, path);
            typeUrl = typed.getTypeUrl();
            struct = typed.getValue();
        } else if (Values.is(any, Struct.getDefaultInstance())) {
            struct = Values.parse(any, Struct.getDefaultInstance(), path);
        }
        return new RawFilterConfig(
                TYPE_URL_PREFIX + Values.typeName(typeUrl), any.getValue().asReadOnlyByteBuffer(), map(struct));
    }

    private static @Nullable Map<String, Object> map(@Nullable Struct struct) {
        return struct == null ? null : Values.map(struct);
    }
}
