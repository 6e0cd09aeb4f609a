package io.inmesh.xds.decode;

import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.FilterChainMatch.SourceType;
import java.util.List;

/** {@code envoy.config.listener.v3.FilterChainMatch}. */
final class ChainMatchDecoder {
    private ChainMatchDecoder() {}

    static FilterChainMatch decode(
            io.envoyproxy.envoy.config.listener.v3.FilterChainMatch match, String path, Notes notes, Refusal refusal) {
        FieldAudit.check(match, path, notes, refusal);
        return new FilterChainMatch(
                match.getDestinationPort().getValue(),
                Values.each(match.getPrefixRangesList(), path, "prefix_ranges", ClientRulesDecoder::range),
                Values.each(match.getServerNamesList(), path, "server_names", ChainMatchDecoder::serverName),
                match.getTransportProtocol(),
                List.copyOf(match.getApplicationProtocolsList()),
                Values.each(
                        match.getDirectSourcePrefixRangesList(),
                        path,
                        "direct_source_prefix_ranges",
                        ClientRulesDecoder::range),
                switch (match.getSourceType()) {
                    case ANY, UNRECOGNIZED -> SourceType.ANY;
                    case SAME_IP_OR_LOOPBACK -> SourceType.SAME_IP_OR_LOOPBACK;
                    case EXTERNAL -> SourceType.EXTERNAL;
                },
                Values.each(match.getSourcePrefixRangesList(), path, "source_prefix_ranges", ClientRulesDecoder::range),
                List.copyOf(match.getSourcePortsList()));
    }

    private static String serverName(String name, String path) {
        if (name.indexOf('*', name.startsWith("*.") ? 1 : 0) >= 0) {
            throw new BadResourceException(path, "partial wildcards are not possible: \"" + name + "\"");
        }
        return name;
    }
}
