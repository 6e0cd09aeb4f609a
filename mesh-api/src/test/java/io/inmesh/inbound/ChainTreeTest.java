package io.inmesh.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.IpAddress;
import io.inmesh.inbound.ChainTree.Entry;
import io.inmesh.model.CidrRange;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.FilterChainMatch.SourceType;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ChainTreeTest {
    private static final List<Entry<String>> ISTIO = List.of(
            entry("catchall-tls", match().transport("tls").alpn("istio", "istio-peer-exchange", "istio-h2")),
            entry("catchall-raw", match().transport("raw_buffer")),
            entry("blackhole", match().port(15006)),
            entry("8080-mtls", match().port(8080).transport("tls").alpn("istio-http/1.1", "istio-h2")),
            entry("8080-raw-http", match().port(8080).transport("raw_buffer").alpn("http/1.0", "http/1.1", "h2c")),
            entry("8080-raw", match().port(8080).transport("raw_buffer")));

    private static final List<Entry<String>> NAMES = List.of(
            entry("exact", match().names("www.example.com")),
            entry("example", match().names("*.example.com")),
            entry("com-h2", match().names("*.com").alpn("h2")),
            entry("any-raw", match().transport("raw_buffer")));

    private static final List<Entry<String>> SOURCES = List.of(
            entry("ten", match().sources("10.0.0.0/8")),
            entry("ten-one", match().sources("10.1.0.0/16").sourcePorts(1000)),
            entry("local", match().type(SourceType.SAME_IP_OR_LOOPBACK)),
            entry("v6", match().sources("2001:db8::/32")),
            entry("any", match()));

    private static final List<Entry<String>> DESTINATIONS = List.of(
            entry("subnet", match().destinations("10.0.0.0/24")),
            entry("host", match().destinations("10.0.0.1/32").type(SourceType.EXTERNAL)),
            entry("direct", match().destinations("10.0.0.2/32").direct("10.9.0.0/16")),
            entry("all", match()));

    static Stream<Arguments> choices() {
        return Stream.of(
                row(ISTIO, tls(8080, "x", "istio-http/1.1"), "8080-mtls"),
                row(ISTIO, tls(8080, "x", "h2"), null),
                row(ISTIO, raw(8080, "http/1.1"), "8080-raw-http"),
                row(ISTIO, raw(8080), "8080-raw"),
                row(ISTIO, tls(9000, "x", "h2", "istio"), "catchall-tls"),
                row(ISTIO, tls(9000, "x", "h2"), null),
                row(ISTIO, raw(9000, "http/1.1"), "catchall-raw"),
                row(ISTIO, raw(15006), "blackhole"),
                row(NAMES, tls(1, "www.example.com"), "exact"),
                row(NAMES, tls(1, "a.b.example.com"), "example"),
                row(NAMES, tls(1, "example.com"), null),
                row(NAMES, tls(1, "example.com", "h2"), "com-h2"),
                row(NAMES, tls(1, "other.org"), null),
                row(NAMES, tls(1, ""), null),
                row(NAMES, raw(1), "any-raw"),
                row(SOURCES, from("10.2.3.4", 5), "ten"),
                row(SOURCES, from("10.1.3.4", 1000), "ten-one"),
                row(SOURCES, from("10.1.3.4", 1001), null),
                row(SOURCES, from("127.0.0.1", 5), "local"),
                row(SOURCES, from("127.0.0.2", 5), "any"),
                row(SOURCES, from("2001:db8::1", 5), "v6"),
                row(SOURCES, from("2001:db9::1", 5), "any"),
                row(DESTINATIONS, to("10.0.0.9"), "subnet"),
                row(DESTINATIONS, to("10.0.0.1"), "host"),
                row(DESTINATIONS, to("10.0.0.2"), null),
                row(DESTINATIONS, to("10.0.1.1"), "all"));
    }

    @ParameterizedTest(name = "{1} -> {2}")
    @MethodSource("choices")
    void find_aConnection_isTheChainOfTheMostSpecificValueOfEachCriterionInTurn(
            List<Entry<String>> entries, ConnectionArrival arrival, @Nullable String chain) {
        assertThat(new ChainTree<>(entries, true, true).find(arrival)).isEqualTo(chain);
    }

    @ParameterizedTest
    @MethodSource("choices")
    void find_withoutInspectors_everyConnectionIsRawAndHasNoProtocol(
            List<Entry<String>> entries, ConnectionArrival arrival, @Nullable String chain) {
        ConnectionArrival bare = new ConnectionArrival(
                arrival.remote(), arrival.remotePort(), arrival.local(), arrival.localPort(), false, "", List.of());
        assertThat(new ChainTree<>(entries, false, false).find(arrival))
                .isEqualTo(new ChainTree<>(entries, true, true).find(bare));
    }

    private static Arguments row(List<Entry<String>> entries, ConnectionArrival arrival, @Nullable String chain) {
        return Arguments.of(entries, arrival, chain);
    }

    private static Entry<String> entry(String name, Match match) {
        return new Entry<>(match.build(), name);
    }

    private static Match match() {
        return new Match();
    }

    private static ConnectionArrival tls(int port, String name, String... alpn) {
        return new ConnectionArrival(ip("10.7.0.7"), 4000, ip("10.0.0.5"), port, true, name, List.of(alpn));
    }

    private static ConnectionArrival raw(int port, String... protocols) {
        return new ConnectionArrival(ip("10.7.0.7"), 4000, ip("10.0.0.5"), port, false, "", List.of(protocols));
    }

    private static ConnectionArrival from(String address, int port) {
        return new ConnectionArrival(ip(address), port, ip("10.0.0.5"), 80, false, "", List.of());
    }

    private static ConnectionArrival to(String address) {
        return new ConnectionArrival(ip("10.7.0.7"), 4000, ip(address), 80, false, "", List.of());
    }

    private static IpAddress ip(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    /** A match that is quick to write. */
    private static final class Match {
        private FilterChainMatch match = FilterChainMatch.ANY;

        Match port(int port) {
            return set(
                    port,
                    match.prefixRanges(),
                    match.serverNames(),
                    match.transportProtocol(),
                    match.applicationProtocols());
        }

        Match destinations(String... ranges) {
            return set(
                    match.destinationPort(),
                    ranges(ranges),
                    match.serverNames(),
                    match.transportProtocol(),
                    match.applicationProtocols());
        }

        Match names(String... names) {
            return set(
                    match.destinationPort(),
                    match.prefixRanges(),
                    List.of(names),
                    match.transportProtocol(),
                    match.applicationProtocols());
        }

        Match transport(String transport) {
            return set(
                    match.destinationPort(),
                    match.prefixRanges(),
                    match.serverNames(),
                    transport,
                    match.applicationProtocols());
        }

        Match alpn(String... protocols) {
            return set(
                    match.destinationPort(),
                    match.prefixRanges(),
                    match.serverNames(),
                    match.transportProtocol(),
                    List.of(protocols));
        }

        private Match set(int port, List<CidrRange> ranges, List<String> names, String transport, List<String> alpn) {
            match = new FilterChainMatch(
                    port,
                    ranges,
                    names,
                    transport,
                    alpn,
                    match.directSourceRanges(),
                    match.sourceType(),
                    match.sourceRanges(),
                    match.sourcePorts());
            return this;
        }

        Match direct(String... ranges) {
            return from(ranges(ranges), match.sourceType(), match.sourceRanges(), match.sourcePorts());
        }

        Match type(SourceType type) {
            return from(match.directSourceRanges(), type, match.sourceRanges(), match.sourcePorts());
        }

        Match sources(String... ranges) {
            return from(match.directSourceRanges(), match.sourceType(), ranges(ranges), match.sourcePorts());
        }

        Match sourcePorts(Integer... ports) {
            return from(match.directSourceRanges(), match.sourceType(), match.sourceRanges(), List.of(ports));
        }

        private Match from(List<CidrRange> direct, SourceType type, List<CidrRange> sources, List<Integer> ports) {
            match = new FilterChainMatch(
                    match.destinationPort(),
                    match.prefixRanges(),
                    match.serverNames(),
                    match.transportProtocol(),
                    match.applicationProtocols(),
                    direct,
                    type,
                    sources,
                    ports);
            return this;
        }

        private static List<CidrRange> ranges(String... texts) {
            return Arrays.stream(texts)
                    .map(text -> text.split("/"))
                    .map(parts -> Objects.requireNonNull(CidrRange.of(parts[0], Integer.parseInt(parts[1]))))
                    .toList();
        }

        FilterChainMatch build() {
            return match;
        }
    }
}
