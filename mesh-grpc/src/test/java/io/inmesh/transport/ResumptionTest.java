package io.inmesh.transport;

import static io.inmesh.transport.Settings.certificate;
import static io.inmesh.transport.Settings.trust;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.model.DataSource;
import io.inmesh.model.DownstreamTls;
import io.inmesh.model.Secret;
import io.inmesh.model.TlsContext;
import io.inmesh.model.TlsContext.CertificateSource;
import io.inmesh.model.TlsContext.Version;
import io.inmesh.model.UpstreamTls;
import io.netty.pkitesting.X509Bundle;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions are resumed where nothing has changed, and only there. */
class ResumptionTest {
    private final GivenSecrets secrets = new GivenSecrets();
    private final Sockets sockets = new Sockets();
    private final SharedTls tls =
            new SharedTls(secrets, TlsOptions.DEFAULT, TlsProvider.NATIVE, Clock.systemUTC(), name -> null);

    @BeforeEach
    void secrets() throws Exception {
        X509Bundle root = MeshTlsTest.root("root");
        secrets.set("own", certificate(MeshTlsTest.workload(root, "spiffe://a/own")));
        secrets.set("peers", trust(root));
    }

    @AfterEach
    void close() {
        tls.close();
        sockets.close();
    }

    private static TlsContext common(Version version) {
        return new TlsContext(
                new TlsContext.Parameters(version, version, List.of(), List.of()),
                List.of(new CertificateSource.Sds(GivenSecrets.name("own"))),
                null,
                GivenSecrets.name("peers"),
                List.of());
    }

    private static UpstreamTls client(Version version, int maxSessionKeys) {
        return new UpstreamTls(common(version), "", false, false, maxSessionKeys);
    }

    private static DownstreamTls server(
            Version version, boolean stateless, boolean stateful, Secret.@Nullable TicketKeys keys) {
        return new DownstreamTls(common(version), true, false, keys, null, stateless, stateful, null, false);
    }

    private Sockets.Outcome connect(ClientTls client, Sockets.Server listener, String serverName) throws Exception {
        Sockets.Outcome outcome = sockets.connect(client, listener, serverName, null, List.of());
        assertThat(outcome.clientFailure()).isNull();
        return outcome;
    }

    @ParameterizedTest
    @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
    void resumed_sameName_stillKnowsThePeer(Version version) throws Exception {
        ClientTls client = tls.client(client(version, 1));
        try (Sockets.Server listener = sockets.serve(tls.server(server(version, true, true, null)))) {
            assertThat(connect(client, listener, "a.example.com").resumed()).isFalse();
            Sockets.Outcome second = connect(client, listener, "a.example.com");

            assertThat(second.resumed()).isTrue();
            assertThat(Objects.requireNonNull(second.facts().peer()).uris()).containsExactly("spiffe://a/own");
            assertThat(second.facts().localUris()).containsExactly("spiffe://a/own");
            assertThat(connect(client, listener, "b.example.com").resumed())
                    .as("another name is another peer")
                    .isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
    void resumed_rootReplaced_isNeverResumed(Version version) throws Exception {
        ServerTls server = tls.server(server(version, true, true, new Secret.TicketKeys(List.of(key()))));
        ClientTls client = tls.client(client(version, 1));
        try (Sockets.Server listener = sockets.serve(server)) {
            connect(client, listener, "a.example.com");
            assertThat(connect(client, listener, "a.example.com").resumed()).isTrue();

            ClientTls keepsItsSessions = client;
            secrets.set("peers", trust(MeshTlsTest.root("another")));
            await().until(() -> server.generation() == 2 && keepsItsSessions.generation() == 2);

            assertThat(sockets.connect(client, listener, "a.example.com", null, List.of())
                            .worked())
                    .isFalse();
        }
    }

    private static DataSource key() {
        return new DataSource.Inline(new byte[80]);
    }

    @Test
    void resumed_ticketKeysOfTwoServersWithOtherRules_isNotResumed() throws Exception {
        Secret.TicketKeys keys = new Secret.TicketKeys(List.of(key()));
        ClientTls client = tls.client(client(Version.TLS_1_3, 1));
        DownstreamTls first = server(Version.TLS_1_3, true, false, keys);
        DownstreamTls other = new DownstreamTls(first.common(), false, false, keys, null, true, false, null, false);
        try (Sockets.Server one = sockets.serve(tls.server(first));
                Sockets.Server two = sockets.serve(tls.server(other))) {
            connect(client, one, "a.example.com");
            assertThat(connect(client, one, "a.example.com").resumed()).isTrue();
            assertThat(connect(client, two, "a.example.com").resumed()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
    void resumed_switchedOff_isNotResumed(Version version) throws Exception {
        try (Sockets.Server none = sockets.serve(tls.server(server(version, false, false, null)));
                Sockets.Server listener = sockets.serve(tls.server(server(version, true, true, null)))) {
            ClientTls client = tls.client(client(version, 1));
            connect(client, none, "a.example.com");
            assertThat(connect(client, none, "a.example.com").resumed())
                    .as("by the server")
                    .isFalse();
            ClientTls forgetful = tls.client(client(version, 0));
            connect(forgetful, listener, "a.example.com");
            assertThat(connect(forgetful, listener, "a.example.com").resumed())
                    .as("by the client")
                    .isFalse();
        }
    }
}
