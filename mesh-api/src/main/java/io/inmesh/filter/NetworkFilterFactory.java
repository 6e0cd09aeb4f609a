package io.inmesh.filter;

import io.inmesh.model.FilterConfig;

/**
 * Makes network filters of one kind. Called on the configuration thread.
 *
 * @param <C> the kind's configuration
 */
public interface NetworkFilterFactory<C extends FilterConfig> {

    /** The class of {@code C}. */
    Class<C> configType();

    /** The filter for a position in a chain. */
    NetworkFilter create(C config);
}
