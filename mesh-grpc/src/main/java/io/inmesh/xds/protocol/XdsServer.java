package io.inmesh.xds.protocol;

import io.inmesh.grpc.AccessChoice;
import io.inmesh.grpc.ControlPlaneTls;
import io.inmesh.grpc.TokenFile;
import io.inmesh.model.UpstreamTls;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A control plane's address and how to speak to it.
 *
 * @param target     a gRPC target: {@code host:port}, {@code dns:///host:port} or {@code unix:path}
 * @param security   how the connection is protected
 * @param transport  what to try first; an incremental server that answers {@code UNIMPLEMENTED} is asked for state of the world
 * @param metadata   sent as gRPC metadata with each stream, whatever the security
 * @param token      sent with each stream, read anew for each; null for none. It leaves this machine over TLS only, unless it says otherwise itself
 * @param habits     what it does in its own way
 */
public record XdsServer(
        String target,
        Security security,
        XdsTransport transport,
        Map<String, String> metadata,
        @Nullable TokenFile token,
        Habits habits) {

    /** What a server does in its own way where the protocol lets it, or does not. */
    public enum Habits {
        /** As the protocol says. */
        NONE(""),

        /**
         * kuma-cp's. A state-of-the-world request must name all that there is of a type, or nothing, and then brings all of it. What is refused is sent again
         * for ever, and holds the stream up for five seconds each time: so a refusal carries the version that it refuses, and one that says the same as the
         * last one of its type is not sent. A node for which no identity or no whole configuration can be made is met with silence.
         */
        KUMA(
                "; kuma-cp is silent while it cannot make an identity or a whole configuration for this node: its log says why");

        private final String silence;

        Habits(String silence) {
            this.silence = silence;
        }

        /** What it may mean that such a server says nothing, as an addition to a sentence. */
        String silence() {
            return silence;
        }
    }

    /** How a connection to a control plane is protected. */
    public sealed interface Security {
        /** Not at all. */
        record Plaintext() implements Security {}

        /**
         * By TLS, with the secrets of the moment at which a stream begins. {@link ControlPlaneTls} describes it.
         *
         * @param settings whom to trust and which certificate to show
         */
        record Tls(UpstreamTls settings) implements Security {}

        /**
         * By TLS, with a token or a certificate, as it is chosen for each stream. The token of the server is not sent then.
         *
         * @param choice asked on the session's loop when a stream begins
         */
        record Chosen(AccessChoice choice) implements Security {}

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

    /** A server that takes no token. */
    public XdsServer(String target, Security security, XdsTransport transport, Map<String, String> metadata) {
        this(target, security, transport, metadata, null);
    }

    /** A server that does as the protocol says. */
    public XdsServer(
            String target,
            Security security,
            XdsTransport transport,
            Map<String, String> metadata,
            @Nullable TokenFile token) {
        this(target, security, transport, metadata, token, Habits.NONE);
    }

    /** A server without transport security, incremental first. */
    public static XdsServer plaintext(String target) {
        return new XdsServer(target, new Security.Plaintext(), XdsTransport.INCREMENTAL, Map.of());
    }

    /** A server behind TLS, incremental first. */
    public static XdsServer tls(String target, ControlPlaneTls tls) {
        return new XdsServer(target, new Security.Tls(tls.settings()), XdsTransport.INCREMENTAL, Map.of());
    }

    /** The same server, sent a token with each stream. */
    public XdsServer withToken(TokenFile newToken) {
        return new XdsServer(target, security, transport, metadata, newToken, habits);
    }

    /** The same server, asked with another transport first. */
    public XdsServer withTransport(XdsTransport newTransport) {
        return new XdsServer(target, security, newTransport, metadata, token, habits);
    }

    /** The same server, sent this metadata with each stream. */
    public XdsServer withMetadata(Map<String, String> newMetadata) {
        return new XdsServer(target, security, transport, newMetadata, token, habits);
    }

    /** The same server with these habits. */
    public XdsServer withHabits(Habits newHabits) {
        return new XdsServer(target, security, transport, metadata, token, newHabits);
    }

    /** Without the values of the metadata, which may be credentials. */
    @Override
    public String toString() {
        return "XdsServer[" + target + ", " + security + ", " + transport + ", metadata " + metadata.keySet() + ", "
                + token + ", " + habits + "]";
    }
}
