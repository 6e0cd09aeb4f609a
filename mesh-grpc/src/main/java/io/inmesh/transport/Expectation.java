package io.inmesh.transport;

import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What one connection to a host asks of the peer beyond its context. It travels as the engine's {@code peerHost}, which both providers hand to the trust
 * manager, and by which both keep sessions: so no session is resumed where another name was expected.
 *
 * @param serverName   what is sent by SNI
 * @param allowedNames of which the certificate must have one, if there are any
 */
record Expectation(String serverName, List<String> allowedNames) {
    private static final Expectation NONE = new Expectation("", List.of());
    private static final String SEPARATOR = "\n";

    Expectation {
        allowedNames = List.copyOf(allowedNames);
    }

    static Expectation of(SSLEngine engine) {
        @Nullable String text = engine.getPeerHost();
        if (text == null) {
            return NONE;
        }
        List<String> parts = Arrays.asList(text.split(SEPARATOR, -1));
        return new Expectation(parts.get(0), parts.subList(1, parts.size()));
    }

    String peerHost() throws SSLException {
        if (serverName.contains(SEPARATOR) || String.join("", allowedNames).contains(SEPARATOR)) {
            throw new SSLException("a server name with a line feed");
        }
        return allowedNames.isEmpty() ? serverName : serverName + SEPARATOR + String.join(SEPARATOR, allowedNames);
    }
}
