package io.inmesh.xds.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch.ConnectionSourceType;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilterChainMatchPredicate;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilterChainMatchPredicate.MatchSet;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.type.v3.Int32Range;
import io.inmesh.exchange.IpAddress;
import io.inmesh.inbound.ChainChoice;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.xds.decode.Decoded;
import io.inmesh.xds.decode.ResourceDecoder;
import io.inmesh.xds.testing.FreePorts;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The same random filter chains and the same real connections at Envoy and at the engine: each connection must take the same chain. {@code -Denvoy.seed=...}
 * makes others.
 */
class ChainComparisonTest {
    private static final Logger log = LoggerFactory.getLogger(ChainComparisonTest.class);
    private static final int LISTENERS = 12;
    private static final int CONNECTIONS = 40;
    private static final List<String> NAMES = List.of("www.example.com", "*.example.com", "*.com", "other.org");
    private static final List<String> SNI =
            List.of("", "www.example.com", "a.b.example.com", "example.com", "other.org", "x.other.org");
    private static final List<String> ALPN = List.of("h2", "http/1.1", "istio", "http/1.0");
    private static final List<String> SOURCES = List.of("127.0.0.1", "127.0.0.2", "127.0.1.3");
    /**
     * None of length 0: Envoy files a chain without ranges under {@code 0.0.0.0/0} and {@code ::/0}, and which of two chains it then takes depends on the order of
     * its hash map.
     */
    private static final List<String> RANGES =
            List.of("127.0.0.0/8", "127.0.0.0/24", "127.0.0.1/32", "127.0.0.2/31", "0.0.0.0/1", "::/1");

    @Test
    @SuppressWarnings("try") // it runs as long as the connections are made
    void randomChainsAndConnections_atEnvoyAndTheEngine_takeTheSameChain() throws Exception {
        Path binary = EnvoyProcess.binaryOrSkip();
        long seed = Long.getLong("envoy.seed", 1);
        log.info("comparing {} connections with Envoy, -Denvoy.seed={}", LISTENERS * CONNECTIONS, seed);
        SplittableRandom random = new SplittableRandom(seed);
        X509Bundle server = new CertificateBuilder()
                .ecp256()
                .subject("CN=server")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        List<Listener> listeners = new ArrayList<>();
        for (int i = 0; i < LISTENERS; i++) {
            listeners.add(listener("listener" + i, FreePorts.next(), random, server));
        }
        List<String> differences = new ArrayList<>();
        TreeMap<String, Integer> tally = new TreeMap<>();
        try (InboundEnvoy envoy = new InboundEnvoy(binary, listeners)) {
            assertThat(envoy).as("Envoy runs").isNotNull();
            for (Listener listener : listeners) {
                InboundSide engine = new InboundSide(listener);
                for (int i = 0; i < CONNECTIONS; i++) {
                    compare(listener, engine, random, differences, tally);
                }
            }
        }
        log.info("chains taken: {}", tally);
        assertThat(differences).as("seed %d", seed).isEmpty();
        assertThat(tally.keySet()).contains("closed", "tls", "plain");
    }

    private static void compare(
            Listener listener,
            InboundSide engine,
            SplittableRandom random,
            List<String> differences,
            Map<String, Integer> tally)
            throws Exception {
        int port = listener.getAddress().getSocketAddress().getPortValue();
        boolean tls = random.nextInt(3) > 0;
        String sni = tls ? pick(SNI, random) : "";
        List<String> alpn = tls ? some(ALPN, random) : List.of();
        String envoy;
        ConnectionArrival arrival;
        try (Socket plain = InboundEnvoy.plain(port, pick(SOURCES, random), 0)) {
            arrival = new ConnectionArrival(
                    ip(plain.getLocalAddress().getHostAddress()),
                    plain.getLocalPort(),
                    ip("127.0.0.1"),
                    port,
                    tls,
                    sni,
                    tls ? alpn : List.of("http/1.1"));
            Socket socket = tls ? InboundEnvoy.secure(plain, sni, alpn, null) : plain;
            String response = InboundEnvoy.ask(socket, "GET / HTTP/1.1\r\nhost: x\r\n\r\n");
            envoy = response.startsWith("HTTP/1.1 200")
                    ? response.substring(response.indexOf("\r\n\r\n") + 4)
                    : "closed";
        }
        ChainChoice choice = engine.choose(arrival);
        String own = choice instanceof ChainChoice.Accepted accepted && (accepted.tls() != null) == tls
                ? accepted.chain()
                : "closed";
        tally.merge(own.equals("closed") ? own : tls ? "tls" : "plain", 1, Integer::sum);
        if (!own.equals(envoy)) {
            differences.add("\nEnvoy " + envoy + ", engine " + own + " (" + choice + ") for " + arrival + " at "
                    + matches(listener));
        }
    }

    private static String matches(Listener listener) {
        StringBuilder text = new StringBuilder(listener.getListenerFiltersList().toString());
        listener.getFilterChainsList().forEach(chain -> text.append('\n')
                .append(chain.getName())
                .append(chain.hasTransportSocket() ? " TLS " : " ")
                .append(chain.getFilterChainMatch()));
        return text.toString();
    }

    private static Listener listener(String name, int port, SplittableRandom random, X509Bundle server) {
        Listener.Builder listener = Listener.newBuilder().setName(name).setAddress(EnvoyProcess.loopback(port));
        if (random.nextInt(3) == 0) {
            listener.addListenerFilters(
                    inspector("envoy.filters.listener.tls_inspector", TlsInspector.getDefaultInstance(), port, random));
        }
        if (random.nextBoolean()) {
            listener.addListenerFilters(inspector(
                    "envoy.filters.listener.http_inspector", HttpInspector.getDefaultInstance(), port, random));
        }
        int chains = 3 + random.nextInt(8);
        for (int i = 0; i < chains; i++) {
            Listener more = listener.clone()
                    .addFilterChains(chain(name + "-" + i, match(port, random), random, server))
                    .build();
            // Two chains of the same kind are no listener: neither here nor for Envoy, which would not start.
            if (ResourceDecoder.listener(name, Any.pack(more)) instanceof Decoded.Accepted<?>) {
                listener = more.toBuilder();
            }
        }
        if (random.nextBoolean()) {
            listener.setDefaultFilterChain(
                    chain(name + "-default", FilterChainMatch.getDefaultInstance(), random, server));
        }
        return listener.build();
    }

    private static ListenerFilter inspector(String name, Message config, int port, SplittableRandom random) {
        ListenerFilter.Builder filter =
                ListenerFilter.newBuilder().setName(name).setTypedConfig(Any.pack(config));
        if (random.nextBoolean()) {
            filter.setFilterDisabled(disabled(port, random, 2));
        }
        return filter.build();
    }

    /** A condition on the port that holds for about half of the listeners. */
    private static ListenerFilterChainMatchPredicate disabled(int port, SplittableRandom random, int depth) {
        ListenerFilterChainMatchPredicate.Builder predicate = ListenerFilterChainMatchPredicate.newBuilder();
        int kind = depth == 0 ? 0 : random.nextInt(5);
        switch (kind) {
            case 1, 2 -> {
                MatchSet.Builder rules = MatchSet.newBuilder()
                        .addRules(disabled(port, random, depth - 1))
                        .addRules(disabled(port, random, depth - 1));
                if (kind == 1) {
                    predicate.setAndMatch(rules);
                } else {
                    predicate.setOrMatch(rules);
                }
            }
            case 3 -> predicate.setNotMatch(disabled(port, random, depth - 1));
            case 4 -> predicate.setAnyMatch(true);
            default -> {
                int start = port - 1 + random.nextInt(3);
                predicate.setDestinationPortRange(
                        Int32Range.newBuilder().setStart(start).setEnd(start + 1));
            }
        }
        return predicate.build();
    }

    private static FilterChain chain(String name, FilterChainMatch match, SplittableRandom random, X509Bundle server) {
        FilterChain.Builder chain = FilterChain.newBuilder()
                .setName(name)
                .setFilterChainMatch(match)
                .addFilters(InboundEnvoy.answering(name, HttpConnectionManager.getDefaultInstance()));
        String transport = match.getTransportProtocol();
        if (transport.equals("tls") || (transport.isEmpty() && random.nextInt(3) > 0)) {
            chain.setTransportSocket(InboundEnvoy.tls(server, null));
        }
        return chain.build();
    }

    private static FilterChainMatch match(int port, SplittableRandom random) {
        FilterChainMatch.Builder match = FilterChainMatch.newBuilder();
        if (random.nextInt(3) == 0) {
            match.setDestinationPort(UInt32Value.of(random.nextInt(4) > 0 ? port : port + 1));
        }
        if (random.nextInt(4) == 0) {
            some(RANGES, random).forEach(range -> match.addPrefixRanges(range(range)));
        }
        if (random.nextInt(3) == 0) {
            match.addAllServerNames(some(NAMES, random));
        }
        int transport = random.nextInt(3);
        if (transport > 0) {
            match.setTransportProtocol(transport == 1 ? "tls" : "raw_buffer");
        }
        if (random.nextInt(3) == 0) {
            match.addAllApplicationProtocols(some(ALPN, random));
        }
        if (random.nextInt(4) == 0) {
            some(RANGES, random).forEach(range -> match.addDirectSourcePrefixRanges(range(range)));
        }
        if (random.nextInt(3) == 0) {
            match.setSourceType(
                    random.nextBoolean() ? ConnectionSourceType.SAME_IP_OR_LOOPBACK : ConnectionSourceType.EXTERNAL);
        }
        if (random.nextInt(4) == 0) {
            some(RANGES, random).forEach(range -> match.addSourcePrefixRanges(range(range)));
        }
        return match.build();
    }

    private static CidrRange range(String text) {
        String[] parts = text.split("/");
        return CidrRange.newBuilder()
                .setAddressPrefix(parts[0])
                .setPrefixLen(UInt32Value.of(Integer.parseInt(parts[1])))
                .build();
    }

    private static List<String> some(List<String> all, SplittableRandom random) {
        List<String> some = new ArrayList<>();
        for (String each : all) {
            if (random.nextInt(3) == 0) {
                some.add(each);
            }
        }
        return some.isEmpty() ? List.of(pick(all, random)) : some;
    }

    private static String pick(List<String> all, SplittableRandom random) {
        return all.get(random.nextInt(all.size()));
    }

    private static IpAddress ip(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }
}
