package io.inmesh.transport;

import static io.inmesh.transport.Settings.client;
import static io.inmesh.transport.Settings.common;
import static io.inmesh.transport.Settings.server;
import static io.inmesh.transport.Settings.trust;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.X509Bundle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ServerNameTest {

    static Stream<Arguments> names() {
        List<Arguments> all = new ArrayList<>();
        for (TlsProvider provider : TlsProvider.values()) {
            for (String name : List.of(
                    "outbound_.9080_._.reviews.default.svc.cluster.local",
                    "orders{mesh=default,version=v1}",
                    "aa37a23ac775842ef.orders.18080.default.ms",
                    "localhost",
                    "127.0.0.1",
                    "UPPER.example.com",
                    "")) {
                all.add(Arguments.of(provider, name));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void clientHello_anyText_isSent(TlsProvider provider, String name) throws Exception {
        try (SharedTls tls =
                new SharedTls(new GivenSecrets(), TlsOptions.DEFAULT, provider, Clock.systemUTC(), each -> null)) {
            byte[] hello = Hellos.of(tls.client(client(common(null, null))), name, List.of("kuma"));

            assertThat(FirstBytes.look(ByteBuffer.wrap(hello))).isEqualTo(new FirstBytes.Tls(name, List.of("kuma")));
            // Not by our own parser alone.
            assertThat(new String(hello, StandardCharsets.ISO_8859_1)).contains(name);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void server_anyText_isToldInLowerCase(TlsProvider clientProvider, String name) throws Exception {
        X509Bundle root = MeshTlsTest.root("root");
        GivenSecrets none = new GivenSecrets();
        try (SharedTls serverTls =
                        new SharedTls(none, TlsOptions.DEFAULT, TlsProvider.NATIVE, Clock.systemUTC(), each -> null);
                SharedTls clientTls =
                        new SharedTls(none, TlsOptions.DEFAULT, clientProvider, Clock.systemUTC(), each -> null);
                Sockets sockets = new Sockets();
                Sockets.Server listener = sockets.serve(
                        serverTls.server(server(common(MeshTlsTest.workload(root, "spiffe://a/b"), null), false)))) {
            Sockets.Outcome outcome = sockets.connect(
                    clientTls.client(client(common(null, trust(root)))), listener, name, List.of("kuma"), List.of());

            assertThat(outcome.clientFailure()).isNull();
            assertThat(outcome.facts().serverName()).isEqualTo(name.toLowerCase(Locale.ROOT));
            assertThat(outcome.facts().protocol())
                    .as("a server without a list selects nothing")
                    .isEmpty();
        }
    }
}
