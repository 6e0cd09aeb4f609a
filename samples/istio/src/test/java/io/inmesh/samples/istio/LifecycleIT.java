package io.inmesh.samples.istio;

import static io.inmesh.samples.istio.TestNamespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import io.inmesh.samples.stage.Tally;
import io.inmesh.samples.stage.Traffic;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What happens while time passes: control planes that go away, tokens that end, certificates that are replaced, all under steady traffic. */
@ExtendWith(RealIstio.class)
class LifecycleIT {
    private static final int REQUESTS_A_SECOND = 100;
    private static final URI REVIEWS = URI.create("http://reviews:9080/");
    private static final Duration SHORT = Duration.ofSeconds(8);

    private static TestNamespace namespace;
    private static LocalControlPlane controlPlane;

    @BeforeAll
    static void start(LocalControlPlane running) throws Exception {
        controlPlane = running;
        namespace = new TestNamespace(controlPlane, "life", 34);
        namespace.service("reviews");
        namespace.start("reviews", "v1", 11);
        namespace.instance("reviews", "v1", 12);
        Pod brief = namespace.pod("reviews", 12, source -> source.certificateValidity(SHORT));
        namespace.own(new EchoServer(brief, 19080));
        namespace.apply("""
                apiVersion: security.istio.io/v1
                kind: PeerAuthentication
                metadata: {name: default}
                spec: {mtls: {mode: STRICT}}
                """);
        namespace.settle(brief);
    }

    @AfterAll
    static void end() throws Exception {
        namespace.close();
    }

    private static Traffic traffic(Pod pod) {
        return new Traffic(pod.client, REVIEWS, REQUESTS_A_SECOND, "x-certificate", List.of());
    }

    private static void assertNothingLost(String what, Traffic traffic) throws InterruptedException {
        traffic.finish();
        Tally total = traffic.total();
        System.out.printf(
                "%s: %d requests, %d failed, with %d certificates%n",
                what,
                total.count(),
                total.failures() + total.outstanding(),
                total.names().size());
        assertThat(total.failures()).as(total.lastTrouble()).isZero();
        assertThat(total.outstanding()).isZero();
        assertThat(total.count()).isGreaterThan(REQUESTS_A_SECOND);
    }

    @Test
    void istiod_killedAndStartedAgain_costsNoRequest() throws Exception {
        Pod web = namespace.pod("web", 1);
        try (Traffic traffic = traffic(web)) {
            traffic.start();
            traffic.second();
            controlPlane.killIstiod();
            traffic.second();
            traffic.second();
            assertThat(web.mesh.status().connected()).isFalse();
            controlPlane.restartIstiod();
            namespace.settle(web);
            assertThat(web.mesh.status().connected()).isTrue();
            assertNothingLost("istiod killed and started again", traffic);
        }
    }

    @Test
    void certificates_replacedOnBothSides_costNoRequest() throws Exception {
        Pod web = namespace.pod("web", 2, source -> source.certificateValidity(SHORT));
        try (Traffic traffic = traffic(web)) {
            traffic.start();
            Instant end = Instant.now().plus(SHORT.multipliedBy(4));
            while (traffic.total().names().size() < 4 && Instant.now().isBefore(end)) {
                traffic.second();
            }
            assertThat(traffic.total().names()).hasSizeGreaterThanOrEqualTo(4);
            assertNothingLost("certificates of " + SHORT.toSeconds() + " s", traffic);
        }
    }

    @Test
    void token_thatHasEnded_isNotNeeded_asLongAsThereIsACertificate() throws Exception {
        Pod web = namespace.pod("web", 3, source -> source.certificateValidity(SHORT));
        try (Traffic traffic = traffic(web)) {
            traffic.start();
            Files.writeString(web.token(), ShortToken.of(controlPlane, namespace.name, "web", Duration.ofSeconds(3)));
            Instant expired = Instant.now().plusSeconds(4);
            while (Instant.now().isBefore(expired)) {
                traffic.second();
            }
            int before = traffic.total().names().size();
            // Certificate and stream are asked for anew, with nothing but the certificate to show.
            eventually(() -> assertThat(traffic.total().names()).hasSizeGreaterThan(before));
            controlPlane.killIstiod();
            controlPlane.restartIstiod();
            namespace.settle(web);
            // A new token is taken up without a word.
            Files.writeString(web.token(), controlPlane.api().token(namespace.name, "web", "istio-ca"));
            int renewed = traffic.total().names().size();
            eventually(() -> assertThat(traffic.total().names()).hasSizeGreaterThan(renewed));
            assertNothingLost("a token that has ended", traffic);
        }
    }

    @Test
    void token_thatIsShort_isTakenUntilItEnds() throws Exception {
        controlPlane.api().serviceAccount(namespace.name, "brief");
        String token = ShortToken.of(controlPlane, namespace.name, "brief", Duration.ofSeconds(20));
        Pod brief = namespace.pod("brief", 4, source -> source.token(write(token)));
        assertThat(brief.get("http://reviews:9080/").headers().firstValue("x-caller"))
                .contains("spiffe://cluster.local/ns/life/sa/brief");
    }

    private static java.nio.file.Path write(String text) {
        try {
            java.nio.file.Path file = Files.createTempFile("istio-token", "");
            file.toFile().deleteOnExit();
            return Files.writeString(file, text);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
