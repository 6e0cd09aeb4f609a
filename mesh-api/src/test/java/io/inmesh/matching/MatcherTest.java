package io.inmesh.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.CidrRange;
import io.inmesh.model.MatchInput;
import io.inmesh.model.MatchInput.OfConnection;
import io.inmesh.model.MatchPredicate;
import io.inmesh.model.MatchTree;
import io.inmesh.model.MatchTree.OnMatch;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.ValueMatcher;
import io.inmesh.security.Facts;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MatcherTest {
    private static final RequestHead REQUEST = Facts.request("GET", "/api?q", "x-a", "1", "x-a", "2", "x-b", "b");
    private static final MatchPredicate YES = header("x-b", "b");
    private static final MatchPredicate NO = header("x-b", "no");
    /** Of a fact of TLS, which a connection in the clear does not have. */
    private static final MatchPredicate UNKNOWN = single(OfConnection.URI_SAN, "x");

    static Stream<Arguments> predicates() {
        return Stream.of(
                arguments(YES, "then"),
                arguments(NO, "else"),
                arguments(UNKNOWN, null),
                arguments(new MatchPredicate.Not(NO), "then"),
                arguments(new MatchPredicate.Not(YES), "else"),
                arguments(new MatchPredicate.Not(UNKNOWN), null),
                arguments(new MatchPredicate.AnyOf(List.of(NO, YES)), "then"),
                arguments(new MatchPredicate.AnyOf(List.of(UNKNOWN, YES)), "then"),
                arguments(new MatchPredicate.AnyOf(List.of(UNKNOWN, NO)), null),
                arguments(new MatchPredicate.AnyOf(List.of(NO, NO)), "else"),
                arguments(new MatchPredicate.AllOf(List.of(YES, YES)), "then"),
                arguments(new MatchPredicate.AllOf(List.of(NO, UNKNOWN)), "else"),
                arguments(new MatchPredicate.AllOf(List.of(UNKNOWN, NO)), null),
                arguments(new MatchPredicate.AllOf(List.of(YES, UNKNOWN)), null));
    }

    @ParameterizedTest
    @MethodSource("predicates")
    void find_predicateInTheClear_hasThreeAnswers(MatchPredicate predicate, @Nullable String found) {
        MatchTree<String> tree =
                new MatchTree.Rules<>(List.of(new MatchTree.Rule<>(predicate, to("then"))), to("else"));

        assertThat(find(tree, REQUEST, Facts.on(null))).isEqualTo(found);
    }

    static Stream<Arguments> trees() {
        MatchTree<String> nowhere = rules(null, new MatchTree.Rule<>(NO, to("deep")));
        MatchTree<String> deep = rules(to("deep else"), new MatchTree.Rule<>(NO, to("deep")));
        MatchTree<String> unknown = rules(to("else"), new MatchTree.Rule<>(UNKNOWN, to("x")));
        MatchTree.Rule<String> second = new MatchTree.Rule<>(YES, to("second"));
        return Stream.of(
                arguments(rules(null), null),
                arguments(rules(to("else")), "else"),
                arguments(rules(into(deep)), "deep else"),
                arguments(rules(to("else"), new MatchTree.Rule<>(YES, into(deep))), "deep else"),
                // A tree that leads nowhere is as no match: the list goes on.
                arguments(rules(to("else"), new MatchTree.Rule<>(YES, into(nowhere)), second), "second"),
                arguments(rules(to("else"), new MatchTree.Rule<>(YES, into(nowhere))), "else"),
                arguments(rules(to("else"), new MatchTree.Rule<>(YES, into(unknown)), second), null),
                arguments(branches(false, null, Map.of("b", to("exact"))), "exact"),
                arguments(branches(false, to("else"), Map.of("", to("exact"))), "else"),
                arguments(branches(false, to("else"), Map.of("b", into(nowhere))), "else"),
                arguments(branches(true, null, Map.of("", to("all"))), "all"),
                arguments(branches(true, to("else"), Map.of("", to("all"), "b", to("b"), "bb", to("bb"))), "b"),
                arguments(branches(true, to("else"), Map.of("", to("all"), "b", into(nowhere))), "all"),
                arguments(branches(true, to("else"), Map.of("b", into(nowhere))), "else"));
    }

    @ParameterizedTest
    @MethodSource("trees")
    void find_tree_leadsWhereEnvoysDoes(MatchTree<String> tree, @Nullable String found) {
        assertThat(find(tree, REQUEST, Facts.on(null))).isEqualTo(found);
    }

    static Stream<Arguments> inputs() {
        StreamInfo clear = Facts.between("10.1.2.3", "2001:db8::9", 8080, null);
        StreamInfo encrypted = Facts.on(Facts.tls(null));
        StreamInfo mutual = Facts.on(Facts.tls(Facts.peer(List.of("a:1", "a:2"), List.of("d"), "CN=x")));
        StreamInfo nameless = Facts.on(Facts.tls(Facts.peer(List.of(), List.of(), "")));
        clear.putFilterState("k", 7);
        clear.remoteAddress(Facts.address("192.0.2.1"));
        return Stream.of(
                arguments(OfConnection.URI_SAN, mutual, "a:1,a:2"),
                arguments(OfConnection.DNS_SAN, mutual, "d"),
                arguments(OfConnection.SUBJECT, mutual, "CN=x"),
                arguments(OfConnection.URI_SAN, nameless, "none"),
                arguments(OfConnection.SUBJECT, nameless, "none"),
                arguments(OfConnection.DNS_SAN, encrypted, "none"),
                arguments(OfConnection.SUBJECT, clear, null),
                arguments(OfConnection.SERVER_NAME, mutual, "sni.local"),
                arguments(OfConnection.SERVER_NAME, clear, "none"),
                arguments(OfConnection.SOURCE_IP, clear, "192.0.2.1"),
                arguments(OfConnection.DIRECT_SOURCE_IP, clear, "10.1.2.3"),
                arguments(OfConnection.DESTINATION_IP, clear, "2001:db8::9"),
                arguments(OfConnection.SOURCE_PORT, mutual, "40000"),
                // The address that a proxy named has no port.
                arguments(OfConnection.SOURCE_PORT, clear, "0"),
                arguments(OfConnection.DESTINATION_PORT, clear, "8080"),
                arguments(OfConnection.DESTINATION_PORT, new StreamInfo(), null),
                arguments(new MatchInput.RequestHeader("x-a"), clear, "1,2"),
                arguments(new MatchInput.RequestHeader("x-b"), clear, "b"),
                arguments(new MatchInput.RequestHeader("x-c"), clear, "none"),
                arguments(new MatchInput.RequestHeader(":path"), clear, "/api?q"),
                arguments(new MatchInput.RequestHeader(":method"), clear, "GET"),
                arguments(new MatchInput.RequestHeader(":scheme"), clear, "http"),
                arguments(new MatchInput.RequestHeader("host"), clear, "shop.local"),
                arguments(new MatchInput.FilterState("k"), clear, "7"),
                arguments(new MatchInput.FilterState("l"), clear, "none"));
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void find_input_hasItsText(MatchInput input, StreamInfo info, @Nullable String text) {
        String value = text == null ? "x" : text;
        MatchTree<String> tree = new MatchTree.Branches<>(input, false, Map.of(value, to(value)), to("none"));

        assertThat(find(tree, REQUEST, info)).isEqualTo(text);
        // What was put together for another connection is not taken for this one's.
        assertThat(find(tree, REQUEST, info)).isEqualTo(text);
    }

    @Test
    void find_textOfSeveralConnections_isThatOfEach() {
        Matcher<String> matcher = Matcher.compile(
                new MatchTree.Branches<>(OfConnection.URI_SAN, false, Map.of("a,b", to("ab"), "c,d", to("cd")), null),
                Function.identity());
        StreamInfo one = Facts.on(Facts.mutualTls("a", "b"));
        StreamInfo other = Facts.on(Facts.mutualTls("c", "d"));

        assertThat(matcher.find(null, one)).isEqualTo("ab");
        assertThat(matcher.find(null, other)).isEqualTo("cd");
        assertThat(matcher.find(null, one)).isEqualTo("ab");
    }

    @Test
    void find_headerOfAConnection_nobodyKnows() {
        assertThat(find(rules(to("else"), new MatchTree.Rule<>(NO, to("x"))), null, Facts.on(null)))
                .isNull();
    }

    static Stream<Arguments> addresses() {
        return Stream.of(
                arguments(OfConnection.DIRECT_SOURCE_IP, "10.0.0.0", 8, "then"),
                arguments(OfConnection.DIRECT_SOURCE_IP, "11.0.0.0", 8, "else"),
                arguments(OfConnection.DESTINATION_IP, "10.9.9.9", 32, "then"),
                arguments(new MatchInput.RequestHeader("x-ip"), "192.0.2.0", 24, "then"),
                arguments(new MatchInput.RequestHeader("x-b"), "0.0.0.0", 0, "else"),
                arguments(new MatchInput.RequestHeader("x-c"), "0.0.0.0", 0, "else"));
    }

    @ParameterizedTest
    @MethodSource("addresses")
    void find_ipMatcher_looksAtTheAddress(MatchInput input, String address, int bits, String found) {
        CidrRange range = Objects.requireNonNull(CidrRange.of(address, bits));
        MatchPredicate predicate = new MatchPredicate.Single(input, new MatchPredicate.Ip(List.of(range)));
        RequestHead head = Facts.request("GET", "/", "x-ip", "192.0.2.7", "x-b", "b");

        assertThat(find(rules(to("else"), new MatchTree.Rule<>(predicate, to("then"))), head, Facts.on(null)))
                .isEqualTo(found);
    }

    @Test
    void find_metadataMatcher_looksAtTheTree() {
        MatchPredicate predicate = new MatchPredicate.Single(
                new MatchInput.DynamicMetadata("jwt", List.of("payload", "groups")),
                new MatchPredicate.Value(
                        new ValueMatcher.AnyElement(new ValueMatcher.Text(new StringMatcher.Exact("core", false))),
                        false));
        MatchTree<String> tree = rules(to("else"), new MatchTree.Rule<>(predicate, to("then")));
        StreamInfo info = Facts.on(null);

        assertThat(find(tree, REQUEST, info)).isEqualTo("else");
        info.putDynamicMetadata("jwt", "payload", Map.of("groups", List.of("ops", "core")));
        assertThat(find(tree, REQUEST, info)).isEqualTo("then");
    }

    private static @Nullable String find(MatchTree<String> tree, @Nullable RequestHead head, StreamInfo info) {
        return Matcher.compile(tree, Function.<String>identity()).find(head, info);
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private static MatchTree<String> rules(@Nullable OnMatch<String> otherwise, MatchTree.Rule<String>... rules) {
        return new MatchTree.Rules<>(List.of(rules), otherwise);
    }

    private static MatchTree<String> branches(
            boolean byPrefix, @Nullable OnMatch<String> otherwise, Map<String, OnMatch<String>> branches) {
        return new MatchTree.Branches<>(new MatchInput.RequestHeader("x-b"), byPrefix, branches, otherwise);
    }

    private static OnMatch<String> to(String action) {
        return new OnMatch<>(action, null);
    }

    private static OnMatch<String> into(MatchTree<String> tree) {
        return new OnMatch<>(null, tree);
    }

    private static MatchPredicate header(String name, String value) {
        return single(new MatchInput.RequestHeader(name), value);
    }

    private static MatchPredicate single(MatchInput input, String value) {
        return new MatchPredicate.Single(input, new MatchPredicate.Text(new StringMatcher.Exact(value, false)));
    }
}
