package io.inmesh.http.testing;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.snapshot.SecretProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An authority, the identities that it vouches for, and secrets that a test sets and changes. */
public final class TestSecrets implements SecretProvider {
    private final Map<SecretName, SecretState> states = new ConcurrentHashMap<>();
    private final Map<SecretName, List<Consumer<SecretState>>> listeners = new ConcurrentHashMap<>();

    /** A new root. */
    public static X509Bundle root(String name) {
        return build(new CertificateBuilder().ecp256().subject("CN=" + name).setIsCertificateAuthority(true), null);
    }

    /** A certificate whose only name is a URI. */
    public static X509Bundle identity(X509Bundle root, String uri) {
        try {
            return build(
                    new CertificateBuilder().ecp256().subject("CN=workload").addSanUriName(uri), root);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** A certificate whose only name is a DNS name. */
    public static X509Bundle named(X509Bundle root, String dnsName) {
        return build(new CertificateBuilder().ecp256().subject("CN=server").addSanDnsName(dnsName), root);
    }

    private static X509Bundle build(CertificateBuilder builder, @Nullable X509Bundle issuer) {
        try {
            return issuer == null ? builder.buildSelfSigned() : builder.buildIssuedBy(issuer);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A certificate with its key, as a secret. */
    public static Secret.Certificate certificate(X509Bundle bundle) {
        return Secret.Certificate.of(
                DataSource.Inline.of(bundle.getCertificatePathPEM()), DataSource.Inline.of(bundle.getPrivateKeyPEM()));
    }

    /** Trust in some roots. */
    public static Secret.Validation trust(X509Bundle... roots) {
        StringBuilder pem = new StringBuilder();
        for (X509Bundle root : roots) {
            pem.append(root.getCertificatePEM()).append('\n');
        }
        return Secret.Validation.of(DataSource.Inline.of(pem.toString()));
    }

    /** Sets a secret of the control plane's stream. One call at a time, so that nobody is told of an older state last. */
    public synchronized TestSecrets set(String name, Secret secret) {
        SecretState state = new SecretState.Ready(secret);
        SecretName full = SecretName.ofControlPlane(name);
        states.put(full, state);
        listeners.getOrDefault(full, List.of()).forEach(each -> each.accept(state));
        return this;
    }

    @Override
    public boolean provides(SecretName name) {
        return name.source().isEmpty();
    }

    @Override
    public synchronized Watch watch(SecretName name, Consumer<SecretState> listener) {
        List<Consumer<SecretState>> all = listeners.computeIfAbsent(name, each -> new CopyOnWriteArrayList<>());
        all.add(listener);
        listener.accept(states.getOrDefault(name, new SecretState.Awaited("no test has set it")));
        return () -> all.remove(listener);
    }
}
