package io.inmesh.transport;

import io.inmesh.model.DownstreamTls;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Resumption on servers. A session belongs to the context that made it. Only with ticket keys of the configuration's it can be resumed by another context:
 * then by one of the same settings, roots and identities only, because those are part of the session's id context.
 */
final class SessionRules {
    /** Of Envoy's ticket keys: the name, the HMAC's key, the AES key. */
    private static final int NAME = 16;

    private static final int HMAC = 32;

    /** netty-tcnative has AES-128 and a short HMAC key: tickets of Envoy's are not read. */
    private static final int NATIVE_KEY = 16;

    private SessionRules() {}

    static void apply(DownstreamTls settings, TlsMaterial material, OpenSslSessionContext sessions) {
        sessions.setSessionCacheEnabled(settings.statefulResumption());
        if (settings.statelessResumption() && !material.ticketKeys().isEmpty()) {
            String all = settings + " " + material.inputs();
            byte[] id = PeerChain.sha256(all.getBytes(StandardCharsets.UTF_8));
            ((OpenSslServerSessionContext) sessions).setSessionIdContext(id);
            sessions.setTicketKeys(
                    material.ticketKeys().stream().map(SessionRules::key).toArray(OpenSslSessionTicketKey[]::new));
        }
    }

    private static OpenSslSessionTicketKey key(byte[] key) {
        return new OpenSslSessionTicketKey(
                Arrays.copyOfRange(key, 0, NAME),
                Arrays.copyOfRange(key, NAME, NAME + NATIVE_KEY),
                Arrays.copyOfRange(key, NAME + HMAC, NAME + HMAC + NATIVE_KEY));
    }
}
