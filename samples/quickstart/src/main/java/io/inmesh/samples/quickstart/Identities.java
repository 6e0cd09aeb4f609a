package io.inmesh.samples.quickstart;

import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.netty.pkitesting.X509Bundle;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the control plane gives each node: the folder, which is the same for all, and two secrets. {@code identity} is the node's own certificate and key,
 * {@code roots} are the authorities that all trust.
 */
final class Identities {
    static final String ROOTS = "roots";
    private static final String IDENTITY = "identity";

    private final ControlPlane controlPlane;
    private final List<String> nodes;
    private final Map<String, X509Bundle> certificates = new HashMap<>();
    private List<Authority> trusted;
    private Snapshot folder;
    private long version;

    /** Serves the folder with a first certificate for each node. */
    Identities(ControlPlane controlPlane, List<String> nodes, Snapshot folder, Authority authority) throws Exception {
        this.controlPlane = controlPlane;
        this.nodes = nodes;
        this.folder = folder;
        this.trusted = List.of(authority);
        issue(authority);
    }

    /** The folder says something else from now on. */
    synchronized void folder(Snapshot changed) {
        folder = changed;
        publish();
    }

    /** Gives each node a new key and certificate. */
    synchronized void issue(Authority authority) throws Exception {
        for (String node : nodes) {
            certificates.put(node, authority.issue(spiffeId(node)));
        }
        publish();
    }

    /** Has all nodes trust these authorities, and no others. */
    synchronized void trust(Authority... authorities) {
        trusted = List.of(authorities);
        publish();
    }

    /** The newest certificate of a node. */
    synchronized X509Bundle of(String node) {
        X509Bundle certificate = certificates.get(node);
        if (certificate == null) {
            throw new IllegalArgumentException("there is no node " + node);
        }
        return certificate;
    }

    static String spiffeId(String node) {
        return "spiffe://shop/" + node;
    }

    private void publish() {
        version++;
        for (String node : nodes) {
            controlPlane.serve(
                    node,
                    Snapshot.create(
                            folder.clusters().resources().values(),
                            folder.endpoints().resources().values(),
                            folder.listeners().resources().values(),
                            folder.routes().resources().values(),
                            List.of(identity(of(node)), roots()),
                            Long.toString(version)));
        }
    }

    private static Secret identity(X509Bundle certificate) {
        return Secret.newBuilder()
                .setName(IDENTITY)
                .setTlsCertificate(TlsCertificate.newBuilder()
                        .setCertificateChain(inline(certificate.getCertificatePathPEM()))
                        .setPrivateKey(inline(certificate.getPrivateKeyPEM())))
                .build();
    }

    private Secret roots() {
        String all = trusted.stream()
                .map(authority -> authority.root().getCertificatePEM())
                .collect(Collectors.joining("\n"));
        return Secret.newBuilder()
                .setName(ROOTS)
                .setValidationContext(CertificateValidationContext.newBuilder().setTrustedCa(inline(all)))
                .build();
    }

    private static DataSource inline(String text) {
        return DataSource.newBuilder().setInlineString(text).build();
    }
}
