package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.transport.Pem;
import io.inmesh.xds.testing.ManualLoop;
import io.netty.pkitesting.X509Bundle;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.Test;

/** When certificates are asked for, by a clock that a test turns; the exchange itself is {@code IstiodIdentityTest}'s. */
class EnrolmentTest {
    private static final Duration DAY = Duration.ofHours(24);

    private final ManualLoop loop = new ManualLoop();
    private final X509Bundle root = TestIdentity.root("root");
    private final SigningAuthority authority = new SigningAuthority();
    private final SecretBoard<IdentityPart> board = new SecretBoard<>(loop, new Wishes());
    private final List<String> rootsReturned = new ArrayList<>();
    private final Enrolment enrolment = new Enrolment(
            loop,
            new Random(7),
            authority,
            new Enrolment.Wish(TestIdentity.WEB, KeyType.P256, DAY),
            board,
            rootsReturned::add);
    private final States states = new States();

    @Test
    void start_answered_certificateIsInForceAndItsRootIsTold() {
        begin();
        assertThat(states.chain()).contains("BEGIN CERTIFICATE");
        assertThat(states.key()).startsWith("-----BEGIN PRIVATE KEY-----");
        assertThat(rootsReturned).containsExactly(root.getCertificatePEM());
        assertThat(authority.validities).containsExactly(DAY);
    }

    @Test
    void renewal_atHalfOfLifeWithinJitter_hasANewKey() {
        begin();
        String key = states.key();
        loop.advance(Duration.ofMinutes((long) (DAY.toMinutes() * 0.489)));
        assertThat(authority.times).hasSize(1);
        loop.advance(Duration.ofMinutes((long) (DAY.toMinutes() * 0.022)));
        assertThat(authority.times).hasSize(2);
        assertThat(states.key()).isNotEqualTo(key);
    }

    @Test
    void renewal_authorityGone_lastGoodStaysUntilItEndsAndIsAwaitedThen() {
        begin();
        authority.refusal = "UNAVAILABLE: nobody is there";
        loop.advance(Duration.ofHours(23));
        assertThat(states.isReady()).isTrue();
        assertThat(authority.times.size()).isGreaterThan(3);
        loop.advance(Duration.ofHours(1));
        assertThat(states.awaited())
                .isEqualTo("the last certificate ended at 2026-01-02T00:00:00Z, and UNAVAILABLE: nobody is there");
        authority.refusal = "";
        loop.advance(Duration.ofSeconds(30));
        assertThat(states.isReady()).isTrue();
    }

    @Test
    void failures_oneAfterTheOther_backOffGrowsUpToThirtySecondsAndBeginsAnew() {
        authority.refusal = "UNAVAILABLE";
        begin();
        assertThat(states.awaited()).isEqualTo("UNAVAILABLE");
        loop.advance(Duration.ofMinutes(10));
        List<Duration> waits = new ArrayList<>();
        for (int i = 1; i < authority.times.size(); i++) {
            waits.add(Duration.between(authority.times.get(i - 1), authority.times.get(i)));
        }
        assertThat(waits.get(0)).isLessThan(Duration.ofMillis(500));
        assertThat(waits).allSatisfy(wait -> assertThat(wait).isLessThan(Duration.ofSeconds(30)));
        assertThat(waits.subList(7, waits.size()))
                .anySatisfy(wait -> assertThat(wait).isGreaterThan(Duration.ofSeconds(10)));

        authority.refusal = "";
        loop.advance(Duration.ofSeconds(30));
        assertThat(states.isReady()).isTrue();
        authority.refusal = "UNAVAILABLE";
        int before = authority.times.size();
        loop.advance(Duration.ofMinutes((long) (DAY.toMinutes() * 0.489)));
        assertThat(authority.times).hasSize(before);
    }

    @Test
    void answer_unusable_isNotTaken() {
        authority.until = Instant.parse("2025-12-31T00:00:00Z");
        begin();
        assertThat(states.awaited()).contains("is a certificate that ended at 2025-12-31T00:00:00Z");
        authority.until = null;
        authority.otherKey = TestIdentity.root("x").getKeyPair().getPublic();
        loop.advance(Duration.ofSeconds(1));
        assertThat(states.awaited()).contains("is for another key than the one in the request");
        authority.otherKey = null;
        loop.advance(Duration.ofSeconds(5));
        assertThat(states.isReady()).isTrue();
    }

    @Test
    void stop_whileAnAnswerIsUnderWay_takesItNot() {
        authority.late = true;
        begin();
        enrolment.stop();
        loop.advance(DAY.multipliedBy(2));
        assertThat(states.isReady()).isFalse();
        assertThat(authority.times).hasSize(1);
    }

    private void begin() {
        board.watch(IdentityPart.CERTIFICATE, states);
        loop.run();
        enrolment.start();
        loop.run();
    }

    private static final class Wishes implements SecretBoard.Demand<IdentityPart> {
        @Override
        public void wanted(IdentityPart key) {}

        @Override
        public void released(IdentityPart key) {}

        @Override
        public String awaited(IdentityPart key) {
            return "the first certificate";
        }
    }

    /** Signs what it is asked for, with the loop's time, after a second if it is late. */
    private final class SigningAuthority implements CertificateAuthority {
        final List<Instant> times = new ArrayList<>();
        final List<Duration> validities = new ArrayList<>();
        String refusal = "";
        boolean late;

        @org.jspecify.annotations.Nullable
        Instant until;

        @org.jspecify.annotations.Nullable
        PublicKey otherKey;

        @Override
        public void sign(String request, Duration validity, Reply reply) {
            times.add(loop.now());
            validities.add(validity);
            if (late) {
                loop.schedule(() -> answer(request, validity, reply), Duration.ofSeconds(1));
            } else {
                loop.execute(() -> answer(request, validity, reply));
            }
        }

        private void answer(String request, Duration validity, Reply reply) {
            if (!refusal.isEmpty()) {
                reply.failed(refusal);
                return;
            }
            Instant end = until == null ? loop.now().plus(validity) : until;
            PublicKey key = otherKey == null ? keyOf(request) : otherKey;
            X509Bundle signed = TestIdentity.sign(root, key, TestIdentity.WEB, end.minus(validity), end);
            reply.signed(List.of(signed.getCertificatePEM(), root.getCertificatePEM()));
        }

        private PublicKey keyOf(String request) {
            try {
                return new JcaPEMKeyConverter()
                        .getPublicKey(
                                new PKCS10CertificationRequest(Pem.read(request.getBytes(StandardCharsets.US_ASCII))
                                                .get(0)
                                                .bytes())
                                        .getSubjectPublicKeyInfo());
            } catch (java.io.IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
