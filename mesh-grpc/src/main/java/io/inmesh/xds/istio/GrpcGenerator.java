package io.inmesh.xds.istio;

import io.inmesh.xds.XdsDialect;
import io.inmesh.xds.protocol.XdsTransport;
import java.util.List;

/** What istiod's generator for proxyless gRPC leaves out of what an operator has configured, although traffic goes on. */
final class GrpcGenerator {
    /** Listeners of destinations by {@code host:port}, those of servers as in the bootstraps that Istio's agent writes. */
    static final XdsDialect DIALECT = XdsDialect.grpc("%s", "xds.istio.io/grpc/lds/inbound/%s");

    /** As gRPC asks. Incrementally, istiod forgets a listener that was asked for as soon as another one is, and never sends it again. */
    static final XdsTransport TRANSPORT = XdsTransport.STATE_OF_THE_WORLD;

    /** By release 1.31. */
    static final List<String> HOLES = List.of(
            "an AuthorizationPolicy that allows nothing allows everything, because no filter is sent for it",
            "CUSTOM authorization, RequestAuthentication and the rules of AuthorizationPolicies that need a JWT do not work",
            "the dry-run annotation is ignored, trust-domain aliases are not applied",
            "mutual TLS is used only where a DestinationRule says ISTIO_MUTUAL, PERMISSIVE servers take plaintext only unless"
                    + " their label security.istio.io/tlsMode says istio, and servers check no trust domain",
            "TLS of modes SIMPLE and MUTUAL, outlier detection, connection pools, EnvoyFilter and Telemetry are missing");

    private GrpcGenerator() {}

    static String warning() {
        return "istiod is asked for the configuration of proxyless gRPC (GENERATOR=grpc), which protects less than a"
                + " sidecar's: " + String.join("; ", HOLES);
    }
}
