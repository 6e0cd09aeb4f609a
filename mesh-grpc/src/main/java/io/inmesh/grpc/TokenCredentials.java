package io.inmesh.grpc;

import io.grpc.CallCredentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Sends a {@link TokenFile} with a call. The file is read on the call's executor. A call whose token cannot be read, or must not be sent on its
 * connection, fails with {@code UNAUTHENTICATED} before anything is sent.
 */
public final class TokenCredentials extends CallCredentials {
    private final TokenFile token;

    /** Credentials that read this token for every call. */
    public TokenCredentials(TokenFile token) {
        this.token = token;
    }

    @Override
    public void applyRequestMetadata(RequestInfo request, Executor executor, MetadataApplier applier) {
        SocketAddress peer = request.getTransportAttrs().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        boolean isPrivate = request.getSecurityLevel() == SecurityLevel.PRIVACY_AND_INTEGRITY;
        if (isPrivate || token.overPlaintext() || isThisMachine(peer)) {
            executor.execute(() -> apply(applier));
        } else {
            applier.fail(Status.UNAUTHENTICATED.withDescription(
                    "the token in " + token.file() + " is not sent to " + peer + " over a connection without TLS"));
        }
    }

    private void apply(MetadataApplier applier) {
        try {
            Metadata metadata = new Metadata();
            metadata.put(
                    Metadata.Key.of(token.metadataKey(), Metadata.ASCII_STRING_MARSHALLER), token.prefix() + read());
            applier.apply(metadata);
        } catch (NoSuchFileException e) {
            fail(applier, "there is no token file " + token.file());
        } catch (IOException e) {
            fail(applier, "the token file " + token.file() + " cannot be read: " + e);
        }
    }

    private String read() throws IOException {
        String text =
                Files.readString(token.file(), StandardCharsets.ISO_8859_1).strip();
        if (text.isEmpty()) {
            throw new IOException("it is empty");
        }
        if (text.chars().anyMatch(each -> each < 0x20 || each > 0x7e)) {
            throw new IOException("it holds more than one line of printable ASCII");
        }
        return text;
    }

    private static void fail(MetadataApplier applier, String reason) {
        applier.fail(Status.UNAUTHENTICATED.withDescription(reason));
    }

    private static boolean isThisMachine(@Nullable SocketAddress peer) {
        return peer instanceof UnixDomainSocketAddress
                || (peer instanceof InetSocketAddress address
                        && address.getAddress() != null
                        && address.getAddress().isLoopbackAddress());
    }
}
