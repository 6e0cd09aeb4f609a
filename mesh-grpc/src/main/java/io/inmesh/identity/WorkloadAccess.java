package io.inmesh.identity;

import io.inmesh.grpc.AccessChoice;
import io.inmesh.grpc.ControlPlaneTls;
import io.inmesh.grpc.ServerAccess;
import io.inmesh.grpc.TokenFile;
import io.inmesh.model.Secret;
import io.inmesh.model.UpstreamTls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a workload shows istiod who it is. As long as there is a token that has not ended, by the token: whoever issues it exchanges it in time, and a certificate
 * of an authority that istiod trusts no more would break the handshake although the token is good. Without one, by the workload's own certificate, as after the
 * hour for which a virtual machine's token is good; at last by a certificate that was put there when the machine was set up.
 *
 * <p>Thread-safe.
 */
public final class WorkloadAccess implements AccessChoice {
    private final Supplier<ControlPlaneTls> trust;
    private final Path token;
    private final @Nullable Provisioned provisioned;
    private final Supplier<Secret.@Nullable Certificate> own;
    private final InstantSource clock;

    /**
     * A certificate in files.
     *
     * @param chain PEM, the leaf first
     * @param key   PEM of its key
     */
    public record Provisioned(Path chain, Path key) {}

    /**
     * A choice.
     *
     * @param trust       begins TLS that trusts istiod and shows nothing
     * @param token       the token's file
     * @param provisioned or null
     * @param own         the workload's own certificate at this moment, or null while there is none
     * @param clock       says whether a token or a certificate has ended
     */
    public WorkloadAccess(
            Supplier<ControlPlaneTls> trust,
            Path token,
            @Nullable Provisioned provisioned,
            Supplier<Secret.@Nullable Certificate> own,
            InstantSource clock) {
        this.trust = trust;
        this.token = token;
        this.provisioned = provisioned;
        this.own = own;
        this.clock = clock;
    }

    @Override
    public List<UpstreamTls> settings() {
        List<UpstreamTls> all = new ArrayList<>(List.of(trust.get().settings()));
        if (provisioned != null) {
            all.add(withFiles(provisioned));
        }
        return all;
    }

    @Override
    public ServerAccess next() {
        Instant now = clock.instant();
        ServiceAccountToken known = ServiceAccountToken.read(token);
        if (known != null && known.expires().isAfter(now)) {
            return new ServerAccess(trust.get().settings(), TokenFile.bearer(token));
        }
        Secret.Certificate mine = own.get();
        if (mine != null && mine.chain() != null && mine.privateKey() != null) {
            return new ServerAccess(
                    trust.get().certificate(mine.chain(), mine.privateKey()).settings(), null);
        }
        String problem = provisioned == null ? "none was given" : problemOf(provisioned, now);
        if (provisioned != null && problem.isEmpty()) {
            return new ServerAccess(withFiles(provisioned), null);
        }
        throw new IllegalStateException("nothing shows who this workload is: "
                + (known == null
                        ? "there is no token file " + token
                        : "the token in " + token + " ended at " + known.expires())
                + ", it has no certificate of its own yet, and of a provisioned certificate " + problem);
    }

    private UpstreamTls withFiles(Provisioned files) {
        return trust.get().certificate(files.chain(), files.key()).settings();
    }

    private static String problemOf(Provisioned files, Instant now) {
        if (!Files.isReadable(files.key())) {
            return "the key " + files.key() + " cannot be read";
        }
        try {
            X509Certificate leaf =
                    Material.certificates(FileIdentity.read(files.chain())).get(0);
            Instant end = leaf.getNotAfter().toInstant();
            return end.isAfter(now) ? "" : files.chain() + " ended at " + end;
        } catch (BadMaterialException e) {
            return files.chain() + ": " + e.getMessage();
        }
    }
}
