package io.inmesh.identity;

import io.inmesh.model.Secret;
import io.inmesh.snapshot.SecretProvider.SecretState.Awaited;
import io.inmesh.snapshot.SecretProvider.SecretState.Ready;
import io.inmesh.transport.Pem;
import io.inmesh.xds.protocol.Backoff;
import io.inmesh.xds.protocol.SessionLoop;
import io.inmesh.xds.protocol.SessionLoop.Timer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one certificate of an authority fresh: a new key and a new certificate at half of the life of the last one, a back-off after a failure, the last
 * good one in force until it expires. Lives on the loop.
 */
final class Enrolment {
    private static final Logger log = LoggerFactory.getLogger(Enrolment.class);
    /** Of the remaining life, and how much more or less, as Istio's agent has it: not all workloads that began together come together. */
    private static final double RENEW_AFTER = 0.5;

    private static final double JITTER = 0.01;
    /** However short-lived the certificates are. */
    private static final Duration SHORTEST_RENEWAL = Duration.ofSeconds(1);

    private static final Duration BACKOFF_BASE = Duration.ofMillis(500);
    private static final Duration BACKOFF_MAX = Duration.ofSeconds(30);

    private final SessionLoop loop;
    private final RandomGenerator random;
    private final CertificateAuthority authority;
    private final Wish wish;
    private final SecretBoard<IdentityPart> board;
    private final Consumer<String> onRoot;
    private final Backoff backoff;

    private boolean running;
    private int attempts;
    private @Nullable Timer next;
    private @Nullable Timer expiry;
    private String problem = "";

    /**
     * What is asked for.
     *
     * @param uri      the SPIFFE id
     * @param keyType  of the key that is made
     * @param validity of the certificate; the authority may give less
     */
    record Wish(String uri, KeyType keyType, Duration validity) {}

    /** @param onRoot told the authority's own root with each certificate */
    Enrolment(
            SessionLoop loop,
            RandomGenerator random,
            CertificateAuthority authority,
            Wish wish,
            SecretBoard<IdentityPart> board,
            Consumer<String> onRoot) {
        this.loop = loop;
        this.random = random;
        this.authority = authority;
        this.wish = wish;
        this.board = board;
        this.onRoot = onRoot;
        this.backoff = new Backoff(random, BACKOFF_BASE, BACKOFF_MAX);
    }

    /** Asks at once, and whenever it is time. */
    void start() {
        if (!running) {
            running = true;
            attempt();
        }
    }

    /** Asks no more; what is in force stays so until it expires. */
    void stop() {
        running = false;
        attempts++;
        cancel(next);
    }

    private void attempt() {
        int attempt = ++attempts;
        try {
            KeyPair keys = wish.keyType().generate();
            String request = CertificateRequest.pem(keys, wish.keyType(), wish.uri());
            authority.sign(request, wish.validity(), new CertificateAuthority.Reply() {
                @Override
                public void signed(List<String> certificates) {
                    if (attempt == attempts) {
                        take(keys, certificates);
                    }
                }

                @Override
                public void failed(String reason) {
                    if (attempt == attempts) {
                        Enrolment.this.failed(reason);
                    }
                }
            });
        } catch (GeneralSecurityException | RuntimeException e) {
            failed("no certificate can be asked for: " + e);
        }
    }

    private void take(KeyPair keys, List<String> certificates) {
        try {
            if (certificates.isEmpty()) {
                throw new BadMaterialException("has no certificate");
            }
            boolean withRoot = certificates.size() > 1;
            String root = certificates.get(certificates.size() - 1);
            String chain =
                    String.join("\n", withRoot ? certificates.subList(0, certificates.size() - 1) : certificates);
            X509Certificate leaf = Material.certificates(chain).get(0);
            if (!Arrays.equals(
                    leaf.getPublicKey().getEncoded(), keys.getPublic().getEncoded())) {
                throw new BadMaterialException("is for another key than the one in the request");
            }
            Instant until = leaf.getNotAfter().toInstant();
            Duration life = Duration.between(loop.now(), until);
            if (life.isNegative() || life.isZero()) {
                throw new BadMaterialException("is a certificate that ended at " + until);
            }
            String key = Pem.write("PRIVATE KEY", keys.getPrivate().getEncoded());
            Secret secret = Material.certificate(chain, key);
            if (withRoot) {
                onRoot.accept(root);
            }
            board.put(IdentityPart.CERTIFICATE, new Ready(secret));
            inForce(until, life);
        } catch (BadMaterialException e) {
            failed("the answer of the certificate authority " + e.getMessage());
        }
    }

    private void inForce(Instant until, Duration life) {
        problem = "";
        backoff.reset();
        double part = RENEW_AFTER + (2 * random.nextDouble() - 1) * JITTER;
        Duration wait = Duration.ofMillis((long) (life.toMillis() * part));
        schedule(wait.compareTo(SHORTEST_RENEWAL) < 0 ? SHORTEST_RENEWAL : wait);
        cancel(expiry);
        expiry = loop.schedule(() -> expired(until), life);
        log.info("The certificate of {} is good until {} and is renewed in {}", wish.uri(), until, wait);
    }

    private void failed(String reason) {
        Duration wait = backoff.next();
        board.fail(IdentityPart.CERTIFICATE, reason);
        if (!reason.equals(problem)) {
            problem = reason;
            log.warn(
                    "No certificate for {}: {}{}",
                    wish.uri(),
                    reason,
                    board.isReady(IdentityPart.CERTIFICATE) ? "; the last one stays in force until it ends" : "");
        }
        schedule(wait);
    }

    private void expired(Instant until) {
        String reason = "the last certificate ended at " + until + (problem.isEmpty() ? "" : ", and " + problem);
        log.warn("No certificate for {} any more: {}", wish.uri(), reason);
        board.put(IdentityPart.CERTIFICATE, new Awaited(reason));
    }

    private void schedule(Duration wait) {
        cancel(next);
        next = loop.schedule(this::attempt, wait);
    }

    private static void cancel(@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }
}
