package io.inmesh.model;

import java.util.List;

/**
 * Which connections take a filter chain: {@code envoy.config.listener.v3.FilterChainMatch}. Its comment gives the order in which the criteria are looked at.
 * An empty list, or 0, takes everything.
 *
 * @param destinationPort      the port that the client went to, 0 for any
 * @param prefixRanges         of the address that the client went to
 * @param serverNames          by SNI, lower case; {@code *.example.com} takes every name below
 * @param transportProtocol    {@code raw_buffer}, {@code tls}, or empty
 * @param applicationProtocols of those that the client offers by ALPN, or that were detected in the clear
 * @param directSourceRanges   of the address that the socket knows
 * @param sourceType           from where
 * @param sourceRanges         of the client's address
 * @param sourcePorts          of the client
 */
public record FilterChainMatch(
        int destinationPort,
        List<CidrRange> prefixRanges,
        List<String> serverNames,
        String transportProtocol,
        List<String> applicationProtocols,
        List<CidrRange> directSourceRanges,
        SourceType sourceType,
        List<CidrRange> sourceRanges,
        List<Integer> sourcePorts) {

    /** Every connection. */
    public static final FilterChainMatch ANY = new FilterChainMatch(
            0, List.of(), List.of(), "", List.of(), List.of(), SourceType.ANY, List.of(), List.of());

    /** {@code ConnectionSourceType}. */
    public enum SourceType {
        /** From anywhere. */
        ANY,
        /** From this machine: loopback, or the same address at both ends. */
        SAME_IP_OR_LOOPBACK,
        /** From another machine. */
        EXTERNAL
    }

    /** Whether some connection could take both, neither being more specific: Envoy does not take a listener with two such chains. */
    public boolean overlaps(FilterChainMatch other) {
        return destinationPort == other.destinationPort
                && sourceType == other.sourceType
                && transportProtocol.equals(other.transportProtocol)
                && share(prefixRanges, other.prefixRanges)
                && share(serverNames, other.serverNames)
                && share(applicationProtocols, other.applicationProtocols)
                && share(directSourceRanges, other.directSourceRanges)
                && share(sourceRanges, other.sourceRanges)
                && share(sourcePorts, other.sourcePorts);
    }

    private static boolean share(List<?> one, List<?> other) {
        return one.isEmpty() ? other.isEmpty() : !java.util.Collections.disjoint(one, other);
    }
}
