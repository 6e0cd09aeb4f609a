package io.inmesh.http.envoy;

/** What a client of a mesh says in its ClientHello. */
enum ClientShape {
    /** As its clusters have it. */
    ISTIO(
            MeshFamily.ISTIO,
            "outbound_.9080_._.reviews.default.svc.cluster.local",
            "istio-peer-exchange, istio",
            "istio-peer-exchange, istio, h2"),
    /** As its filter of ALPN makes it for a request. */
    ISTIO_BY_REQUEST(
            MeshFamily.ISTIO,
            "outbound_.9080_.v1_.reviews.default.svc.cluster.local",
            "istio-http/1.1, istio, http/1.1",
            "istio-h2, istio, h2"),
    /** HTTP/2 is by prior knowledge, as the server selects nothing. */
    KUMA_AUTHORITY(MeshFamily.KUMA_AUTHORITY, "aa37a23ac775842ef.orders.18080.default.ms", "kuma", "kuma"),
    KUMA_IDENTITY(MeshFamily.KUMA_IDENTITY, "orders{mesh=default,version=v1}", "kuma", "kuma");

    final MeshFamily family;
    final String serverName;
    private final String alpnForHttp1;
    private final String alpnForHttp2;

    ClientShape(MeshFamily family, String serverName, String alpnForHttp1, String alpnForHttp2) {
        this.family = family;
        this.serverName = serverName;
        this.alpnForHttp1 = alpnForHttp1;
        this.alpnForHttp2 = alpnForHttp2;
    }

    /** What is offered for a version of HTTP, as in YAML. */
    String alpn(int version) {
        return version == 1 ? alpnForHttp1 : alpnForHttp2;
    }
}
