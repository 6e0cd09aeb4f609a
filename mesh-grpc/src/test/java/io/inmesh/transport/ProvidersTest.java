package io.inmesh.transport;

import static io.inmesh.transport.Settings.client;
import static io.inmesh.transport.Settings.common;
import static io.inmesh.transport.Settings.server;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.DownstreamTls;
import io.netty.pkitesting.X509Bundle;
import java.time.Clock;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of verification in real handshakes, where the provider asks for it. */
class ProvidersTest {

    @ParameterizedTest
    @EnumSource
    void handshake_table_endsAsTheRulesSay(TlsProvider provider) throws Exception {
        X509Bundle serverRoot = MeshTlsTest.root("server root");
        X509Bundle callee = MeshTlsTest.workload(serverRoot, "spiffe://cluster.local/callee");
        SoftAssertions softly = new SoftAssertions();
        try (SharedTls tls = new SharedTls(
                        new GivenSecrets(), TlsOptions.DEFAULT, provider, Clock.systemUTC(), each -> null);
                Sockets sockets = new Sockets()) {
            for (VerificationCase each : VerificationCase.all()) {
                DownstreamTls settings = server(common(callee, each.validation()), true);
                ClientTls caller =
                        tls.client(client(Settings.showing(Settings.certificate(each.identity(), each.shown()))));
                try (Sockets.Server listener = sockets.serve(tls.server(settings))) {
                    Sockets.Outcome outcome = sockets.connect(caller, listener);
                    softly.assertThat(outcome.worked())
                            .as("%s: %s", each, outcome.clientFailure())
                            .isEqualTo(each.accepted());
                    if (outcome.worked() && !each.validation().acceptUntrusted()) {
                        softly.assertThat(outcome.facts().peer()).as("%s", each).satisfies(peer -> assertThat(
                                        peer != null && peer.validated())
                                .isTrue());
                    }
                }
            }
        }
        softly.assertAll();
    }
}
