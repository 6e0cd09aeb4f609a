package io.inmesh.inbound;

import io.inmesh.filter.FilterFactories;
import io.inmesh.filter.NetworkFilterFactory;
import io.inmesh.snapshot.ConfigurationSource;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What the server side of a mesh is made of.
 *
 * @param source         where the configuration comes from
 * @param filters        the kinds of HTTP filter that there are
 * @param networkFilters the kinds of network filter that there are
 * @param random         for weighted routes and request ids; thread-safe
 * @param clock          the wall clock
 */
public record InboundSettings(
        ConfigurationSource source,
        FilterFactories filters,
        List<NetworkFilterFactory<?>> networkFilters,
        RandomGenerator random,
        InstantSource clock) {}
