package io.inmesh.xds.decode;

import com.github.xds.core.v3.TypedExtensionConfig;
import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.DestinationIPInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.DestinationPortInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.DirectSourceIPInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.DynamicMetadataInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.FilterStateInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.ServerNameInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.SourceIPInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.SourcePortInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.ssl.v3.DnsSanInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.ssl.v3.SubjectInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.ssl.v3.UriSanInput;
import io.envoyproxy.envoy.extensions.matching.input_matchers.ip.v3.Ip;
import io.envoyproxy.envoy.extensions.matching.input_matchers.metadata.v3.Metadata;
import io.envoyproxy.envoy.type.matcher.v3.HttpRequestHeaderMatchInput;
import io.inmesh.model.MatchInput;
import io.inmesh.model.MatchInput.OfConnection;
import io.inmesh.model.MatchPredicate;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The inputs of the unified matcher, and the tests of inputs that are extensions. */
final class MatchInputDecoder {
    private static final HttpRequestHeaderMatchInput HEADER = HttpRequestHeaderMatchInput.getDefaultInstance();
    private static final FilterStateInput FILTER_STATE = FilterStateInput.getDefaultInstance();
    private static final DynamicMetadataInput DYNAMIC_METADATA = DynamicMetadataInput.getDefaultInstance();
    private static final Ip IP = Ip.getDefaultInstance();
    private static final Metadata METADATA = Metadata.getDefaultInstance();

    /** Those that have no fields. */
    static final Map<Message, OfConnection> OF_CONNECTION = Map.of(
            UriSanInput.getDefaultInstance(), OfConnection.URI_SAN,
            DnsSanInput.getDefaultInstance(), OfConnection.DNS_SAN,
            SubjectInput.getDefaultInstance(), OfConnection.SUBJECT,
            ServerNameInput.getDefaultInstance(), OfConnection.SERVER_NAME,
            SourceIPInput.getDefaultInstance(), OfConnection.SOURCE_IP,
            DirectSourceIPInput.getDefaultInstance(), OfConnection.DIRECT_SOURCE_IP,
            SourcePortInput.getDefaultInstance(), OfConnection.SOURCE_PORT,
            DestinationIPInput.getDefaultInstance(), OfConnection.DESTINATION_IP,
            DestinationPortInput.getDefaultInstance(), OfConnection.DESTINATION_PORT);

    private MatchInputDecoder() {}

    static MatchInput input(Any any, String path, Notes notes) {
        for (Map.Entry<Message, OfConnection> each : OF_CONNECTION.entrySet()) {
            if (Values.is(any, each.getKey())) {
                Values.unpack(any, each.getKey(), path, notes);
                return each.getValue();
            }
        }
        if (Values.is(any, HEADER)) {
            String name = Values.unpack(any, HEADER, path, notes).getHeaderName();
            return new MatchInput.RequestHeader(name.toLowerCase(Locale.ROOT));
        }
        if (Values.is(any, FILTER_STATE)) {
            return new MatchInput.FilterState(
                    Values.unpack(any, FILTER_STATE, path, notes).getKey());
        }
        if (Values.is(any, DYNAMIC_METADATA)) {
            DynamicMetadataInput input = Values.unpack(any, DYNAMIC_METADATA, path, notes);
            List<String> keys = input.getPathList().stream()
                    .map(DynamicMetadataInput.PathSegment::getKey)
                    .toList();
            return new MatchInput.DynamicMetadata(input.getFilter(), keys);
        }
        throw new BadResourceException(path, "is an input that this data plane does not have: " + any.getTypeUrl());
    }

    static MatchPredicate.Test test(TypedExtensionConfig custom, String path, Notes notes) {
        Any any = custom.getTypedConfig();
        String at = path + ".typed_config";
        if (Values.is(any, IP)) {
            return new MatchPredicate.Ip(Values.each(
                    Values.unpack(any, IP, at, notes).getCidrRangesList(),
                    at,
                    "cidr_ranges",
                    (range, atRange) -> MatcherDecoder.range(
                            range.getAddressPrefix(), range.getPrefixLen().getValue(), atRange)));
        }
        if (Values.is(any, METADATA)) {
            Metadata metadata = Values.unpack(any, METADATA, at, notes);
            return new MatchPredicate.Value(
                    MatcherDecoder.value(metadata.getValue(), at + ".value"), metadata.getInvert());
        }
        throw new BadResourceException(at, "is a test that this data plane does not have: " + any.getTypeUrl());
    }
}
