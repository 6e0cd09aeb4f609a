package io.inmesh.model;

/**
 * The decoded configuration of one kind of HTTP filter. Records in this package are the built-in kinds; an application's own filter brings its
 * own type.
 */
public interface FilterConfig {

    /**
     * {@code envoy.filters.http.router}: the end of every chain.
     *
     * @param suppressEnvoyHeaders {@code suppress_envoy_headers}: whether the router adds none of its {@code x-envoy-} headers to requests and responses
     */
    record Router(boolean suppressEnvoyHeaders) implements FilterConfig {
        /** Envoy's defaults. */
        public Router() {
            this(false);
        }
    }

    /**
     * A filter that this data plane does not have and must not pass over, because it may decide who may do what. A request that reaches
     * it is refused.
     *
     * @param typeUrl the type that was configured
     * @param reason  what to tell an operator
     */
    record Refused(String typeUrl, String reason) implements FilterConfig {}

    /**
     * A filter that this data plane does not have and may pass over.
     *
     * @param typeUrl the type that was configured
     * @param reason  why leaving it out is harmless, or that it was marked as optional
     */
    record Skipped(String typeUrl, String reason) implements FilterConfig {}

    /**
     * A filter that the decoder does not know. A factory of the application may; if none does, it is what {@code otherwise} says.
     *
     * @param raw       as it was configured
     * @param otherwise {@link Refused} or {@link Skipped}
     */
    record Unrecognized(RawFilterConfig raw, FilterConfig otherwise) implements FilterConfig {}
}
