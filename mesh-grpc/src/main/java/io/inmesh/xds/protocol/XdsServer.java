package io.inmesh.xds.protocol;

import java.util.Map;

/**
 * A control plane's address and how to speak to it.
 *
 * @param target     a gRPC target: {@code host:port}, {@code dns:///host:port} or {@code unix:path}
 * @param security   how the connection is protected
 * @param transport  what to try first; an incremental server that answers {@code UNIMPLEMENTED} is asked for state of the world
 * @param metadata   sent as gRPC metadata with each stream
 */
public record XdsServer(String target, Security security, XdsTransport transport, Map<String, String> metadata) {

    /** How a connection to a control plane is protected. */
    public sealed interface Security {
        /** Not at all. */
        record Plaintext() implements Security {}

        /**
         * In a way that this version does not implement. Such a server is never dialled: configuration that asks for a protected connection
         * must not travel over an open one.
         *
         * @param what the setting, and where it was made
         */
        record Unsupported(String what) implements Security {}
    }

    /** Takes a copy of the metadata. */
    public XdsServer {
        metadata = Map.copyOf(metadata);
    }

    /** A server without transport security, incremental first. */
    public static XdsServer plaintext(String target) {
        return new XdsServer(target, new Security.Plaintext(), XdsTransport.INCREMENTAL, Map.of());
    }

    /** The same server, asked with another transport first. */
    public XdsServer withTransport(XdsTransport newTransport) {
        return new XdsServer(target, security, newTransport, metadata);
    }
}
