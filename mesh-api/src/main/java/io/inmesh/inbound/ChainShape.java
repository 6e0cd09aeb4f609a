package io.inmesh.inbound;

import io.inmesh.model.DownstreamTls;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.InboundChain;
import io.inmesh.model.NetworkFilterConfig;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a connection relies on after it has got through: while this stays the same, its requests simply take the newest version of the chain; when it
 * changes, the connection has passed what counts no more, and is drained. Secrets that are named are not part of it: they count from the next handshake on.
 *
 * @param match             null for the default chain
 * @param tls               whether there is TLS
 * @param clientCertificate whether a client must show a certificate
 * @param validation        what is asked of its certificate in the chain itself, such as whose names may pass
 * @param validationSecret  where the rest of that comes from
 * @param http              whether requests are served
 */
record ChainShape(
        @Nullable FilterChainMatch match,
        List<NetworkFilterConfig> networkFilters,
        boolean tls,
        boolean clientCertificate,
        Secret.@Nullable Validation validation,
        @Nullable SecretName validationSecret,
        boolean http) {

    static ChainShape of(InboundChain chain, boolean isDefault, boolean served) {
        DownstreamTls tls = chain.tls();
        return new ChainShape(
                isDefault ? null : chain.match(),
                chain.networkFilters(),
                tls != null,
                tls != null && tls.requireClientCertificate(),
                tls == null ? null : tls.common().validation(),
                tls == null ? null : tls.common().validationSecret(),
                served);
    }
}
