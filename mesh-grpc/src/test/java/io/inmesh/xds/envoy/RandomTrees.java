package io.inmesh.xds.envoy;

import com.github.xds.core.v3.TypedExtensionConfig;
import com.github.xds.type.matcher.v3.Matcher;
import com.github.xds.type.matcher.v3.Matcher.MatcherList.Predicate;
import com.github.xds.type.matcher.v3.Matcher.MatcherTree.MatchMap;
import com.github.xds.type.matcher.v3.RegexMatcher;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.rbac.v3.Action;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.DestinationIPInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.DestinationPortInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.DirectSourceIPInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.DynamicMetadataInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.ServerNameInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.SourceIPInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.network.v3.SourcePortInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.ssl.v3.DnsSanInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.ssl.v3.SubjectInput;
import io.envoyproxy.envoy.extensions.matching.common_inputs.ssl.v3.UriSanInput;
import io.envoyproxy.envoy.extensions.matching.input_matchers.ip.v3.Ip;
import io.envoyproxy.envoy.extensions.matching.input_matchers.metadata.v3.Metadata;
import io.envoyproxy.envoy.type.matcher.v3.HttpRequestHeaderMatchInput;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.List;

/** Random trees of the unified matcher with actions of RBAC. */
final class RandomTrees {
    private static final List<String> ADDRESSES = List.of("127.0.0.1", "127.0.0.2", "127.1.0.1", "127.0.0.9");
    private static final List<String> HEADERS = List.of("1", "abc", "1,2", "GET", "/api");

    private final Draw draw;

    RandomTrees(Draw draw) {
        this.draw = draw;
    }

    Matcher tree(int depth) {
        Matcher.Builder matcher = Matcher.newBuilder();
        if (draw.percent(70)) {
            for (int i = draw.between(1, 3); i > 0; i--) {
                matcher.getMatcherListBuilder()
                        .addMatchersBuilder()
                        .setPredicate(predicate(2))
                        .setOnMatch(onMatch(depth));
            }
        } else if (draw.percent(85)) {
            Input input = input();
            MatchMap.Builder map = MatchMap.newBuilder();
            boolean byPrefix = draw.percent(60);
            for (int i = draw.between(1, 3); i > 0; i--) {
                String word = draw.of(input.words);
                map.putMap(byPrefix ? word.substring(0, draw.between(0, word.length())) : word, onMatch(depth));
            }
            matcher.getMatcherTreeBuilder().setInput(extension(input.config));
            if (byPrefix) {
                matcher.getMatcherTreeBuilder().setPrefixMatchMap(map);
            } else {
                matcher.getMatcherTreeBuilder().setExactMatchMap(map);
            }
        }
        if (draw.percent(60)) {
            matcher.setOnNoMatch(onMatch(depth));
        }
        return matcher.build();
    }

    private Matcher.OnMatch onMatch(int depth) {
        Matcher.OnMatch.Builder onMatch = Matcher.OnMatch.newBuilder();
        if (depth > 0 && draw.percent(25)) {
            onMatch.setMatcher(tree(depth - 1));
        } else {
            onMatch.setAction(extension(Action.newBuilder()
                    .setName(draw.of("a", "kri_mtp_x", "default", "z z"))
                    .setAction(draw.of(RBAC.Action.ALLOW, RBAC.Action.ALLOW, RBAC.Action.DENY, RBAC.Action.LOG))
                    .build()));
        }
        return onMatch.build();
    }

    private Predicate predicate(int depth) {
        Predicate.Builder predicate = Predicate.newBuilder();
        switch (draw.below(depth > 0 ? 8 : 5)) {
            case 5 ->
                predicate
                        .getOrMatcherBuilder()
                        .addPredicate(predicate(depth - 1))
                        .addPredicate(predicate(depth - 1));
            case 6 ->
                predicate
                        .getAndMatcherBuilder()
                        .addPredicate(predicate(depth - 1))
                        .addPredicate(predicate(depth - 1));
            case 7 -> predicate.setNotMatcher(predicate(depth - 1));
            default -> predicate.setSinglePredicate(single());
        }
        return predicate.build();
    }

    private Predicate.SinglePredicate single() {
        Predicate.SinglePredicate.Builder single = Predicate.SinglePredicate.newBuilder();
        if (draw.percent(12)) {
            return single.setInput(extension(DynamicMetadataInput.newBuilder()
                            .setFilter(draw.of("m", "m", "gone"))
                            .addPath(DynamicMetadataInput.PathSegment.newBuilder()
                                    .setKey(draw.of("k", "list", "n", "tree", "flag")))
                            .build()))
                    .setCustomMatch(extension(Metadata.newBuilder()
                            .setValue(RandomPolicies.value(draw, 1))
                            .setInvert(draw.percent(25))
                            .build()))
                    .build();
        }
        Input input = input();
        single.setInput(extension(input.config));
        return draw.percent(input.words.equals(ADDRESSES) ? 50 : 5)
                ? single.setCustomMatch(extension(Ip.newBuilder()
                                .setStatPrefix("ip")
                                .addCidrRanges(RandomPolicies.range(draw, "127.0.0.2", "10.1.2.3", "2001:db8::1"))
                                .addCidrRanges(RandomPolicies.range(draw, "127.0.0.9", "127.1.0.0"))
                                .build()))
                        .build()
                : single.setValueMatch(converted(RandomPolicies.text(draw, input.words)))
                        .build();
    }

    private Input input() {
        return draw.way(
                () -> new Input(UriSanInput.getDefaultInstance(), uris()),
                () -> new Input(UriSanInput.getDefaultInstance(), uris()),
                () -> new Input(
                        DnsSanInput.getDefaultInstance(), List.of("web.mesh", "api.mesh,deep.api.mesh", "api.mesh")),
                () -> new Input(SubjectInput.getDefaultInstance(), Caller.SUBJECTS),
                () -> new Input(ServerNameInput.getDefaultInstance(), Caller.SERVER_NAMES),
                () -> new Input(SourceIPInput.getDefaultInstance(), ADDRESSES),
                () -> new Input(DirectSourceIPInput.getDefaultInstance(), ADDRESSES),
                () -> new Input(DestinationIPInput.getDefaultInstance(), ADDRESSES),
                () -> new Input(SourcePortInput.getDefaultInstance(), List.of("3", "4", "50")),
                () -> new Input(DestinationPortInput.getDefaultInstance(), List.of("3", "4", "50")),
                () -> new Input(
                        HttpRequestHeaderMatchInput.newBuilder()
                                .setHeaderName(draw.of("x-m", "X-M", "x-rep", ":method", ":path", "host", "x-z"))
                                .build(),
                        HEADERS));
    }

    private static List<String> uris() {
        return List.of(Caller.URIS.get(0), String.join(",", Caller.URIS), Caller.URIS.get(1), "spiffe://mesh");
    }

    /** Both kinds of string matcher have the same fields, but the unified matcher's insists on the engine of an expression. */
    private static com.github.xds.type.matcher.v3.StringMatcher converted(StringMatcher matcher) {
        try {
            var converted =
                    com.github.xds.type.matcher.v3.StringMatcher.newBuilder().mergeFrom(matcher.toByteString());
            if (converted.hasSafeRegex()) {
                converted.getSafeRegexBuilder().setGoogleRe2(RegexMatcher.GoogleRE2.getDefaultInstance());
            }
            return converted.build();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TypedExtensionConfig extension(Message config) {
        return TypedExtensionConfig.newBuilder()
                .setName(config.getDescriptorForType().getName())
                .setTypedConfig(Any.pack(config))
                .build();
    }

    /** An input, and words that it may give. */
    private record Input(Message config, List<String> words) {}
}
