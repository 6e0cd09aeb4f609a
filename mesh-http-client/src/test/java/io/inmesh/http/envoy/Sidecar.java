package io.inmesh.http.envoy;

/** A port of a workload and the cluster by which its clients go there, as a control plane has sent both. */
enum Sidecar {
    ISTIO_STRICT(
            MeshFamily.ISTIO,
            "istio-1.31-dev/basic/reviews/Listener/virtualInbound",
            19_080,
            "istio-1.31-dev/basic/web/Cluster/outbound|9080||reviews.default.svc.cluster.local",
            "server",
            "server"),
    ISTIO_PERMISSIVE(
            MeshFamily.ISTIO,
            "istio-1.31-dev/rich/reviews/Listener/virtualInbound",
            19_090,
            "istio-1.31-dev/rich/web/Cluster/outbound|9090||reviews.default.svc.cluster.local",
            "server",
            "server"),
    /** A port that no service names: HTTP is where ALPN is one of {@code istio-http/1.1} and {@code istio-h2}, everything else is TCP. */
    ISTIO_ANY_PORT(
            MeshFamily.ISTIO,
            "istio-1.31-dev/basic/reviews/Listener/virtualInbound",
            0,
            "istio-1.31-dev/basic/web/Cluster/outbound|9080|v1|reviews.default.svc.cluster.local",
            "server",
            "server"),
    /** {@code Mesh.mtls}, by a workload that calls itself. */
    KUMA_STRICT(
            MeshFamily.KUMA_AUTHORITY,
            "kuma-2.14.3/builtin-ca/web/Listener/inbound~127.0.0.9~17080",
            0,
            "kuma-2.14.3/builtin-ca/web/Cluster/default_web__zone-1_msvc_17080",
            "client",
            "server"),
    /** MeshIdentity, likewise. */
    KUMA_PERMISSIVE(
            MeshFamily.KUMA_IDENTITY,
            "kuma-2.14.3/mesh-identity/web/Listener/inbound~127.0.1.9~17080",
            0,
            "kuma-2.14.3/mesh-identity/web/Cluster/shop_web__zone-1_msvc_17080",
            "client",
            "server");

    final MeshFamily family;
    final String listener;

    /** The port that its filter chains name; 0 for none. */
    final int recordedPort;

    final String cluster;

    /** The certificate of the server. */
    final String identity;

    /** The certificate of a client that policies may treat otherwise. */
    final String other;

    Sidecar(MeshFamily family, String listener, int recordedPort, String cluster, String identity, String other) {
        this.family = family;
        this.listener = listener;
        this.recordedPort = recordedPort;
        this.cluster = cluster;
        this.identity = identity;
        this.other = other;
    }

    boolean isIstio() {
        return family == MeshFamily.ISTIO;
    }

    /** Whose sidecar calls. */
    enum Caller {
        /** A workload that the scenarios' policies let in. */
        FRIEND,
        /** Another workload of the same mesh. */
        OTHER,
        /** In the clear: for Istio an endpoint without {@code tlsMode}, for Kuma a cluster without TLS. */
        PLAINTEXT
    }
}
