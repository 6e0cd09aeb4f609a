package io.inmesh.inbound;

import io.inmesh.exchange.IpAddress;
import java.util.List;

/**
 * What is known of a connection before its handshake.
 *
 * @param remote               the address at the other end
 * @param remotePort           its port
 * @param local                the address that the client went to
 * @param localPort            its port
 * @param tls                  whether its first bytes are a ClientHello
 * @param serverName           the ClientHello's SNI in lower case, or empty
 * @param applicationProtocols the ClientHello's ALPN list in its order; in the clear {@code http/1.0}, {@code http/1.1} or {@code h2c} if the first bytes are that,
 *                             or empty
 */
public record ConnectionArrival(
        IpAddress remote,
        int remotePort,
        IpAddress local,
        int localPort,
        boolean tls,
        String serverName,
        List<String> applicationProtocols) {}
