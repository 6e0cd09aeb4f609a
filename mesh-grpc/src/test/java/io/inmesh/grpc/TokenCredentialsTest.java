package io.inmesh.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Attributes;
import io.grpc.CallCredentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a token may go; connections that really carry one are {@code ProtectedSessionTest}'s. */
class TokenCredentialsTest {
    private static final SocketAddress FAR = address(192, 0, 2, 1);
    private static final SocketAddress NEAR = address(127, 0, 0, 2);

    private final Path file;

    TokenCredentialsTest(@TempDir Path folder) throws IOException {
        this.file = Files.writeString(folder.resolve("token"), " secret-token \n");
    }

    @Test
    void apply_protectedConnection_sendsIt() {
        assertThat(apply(TokenFile.bearer(file), FAR, SecurityLevel.PRIVACY_AND_INTEGRITY))
                .isEqualTo("Bearer secret-token");
        assertThat(apply(TokenFile.raw(file), FAR, SecurityLevel.PRIVACY_AND_INTEGRITY))
                .isEqualTo("secret-token");
    }

    @Test
    void apply_openConnectionToAnotherMachine_failsWithoutTheToken() {
        assertThat(apply(TokenFile.bearer(file), FAR, SecurityLevel.NONE))
                .startsWith("UNAUTHENTICATED: the token in " + file + " is not sent to")
                .doesNotContain("secret-token");
        assertThat(apply(TokenFile.bearer(file), FAR, SecurityLevel.INTEGRITY)).startsWith("UNAUTHENTICATED");
        assertThat(apply(TokenFile.bearer(file), null, SecurityLevel.NONE)).startsWith("UNAUTHENTICATED");
    }

    @Test
    void apply_openConnectionThatIsAllowedOrStaysHere_sendsIt() {
        assertThat(apply(TokenFile.raw(file).allowedOverPlaintext(), FAR, SecurityLevel.NONE))
                .isEqualTo("secret-token");
        assertThat(apply(TokenFile.raw(file), NEAR, SecurityLevel.NONE)).isEqualTo("secret-token");
        assertThat(apply(TokenFile.raw(file), UnixDomainSocketAddress.of("/a"), SecurityLevel.NONE))
                .isEqualTo("secret-token");
    }

    @Test
    void apply_fileThatIsNoToken_failsAndShowsNothingOfIt() throws IOException {
        Files.writeString(file, "one\ntwo-secret");
        assertThat(apply(TokenFile.raw(file), NEAR, SecurityLevel.NONE))
                .contains("more than one line")
                .doesNotContain("two-secret");
        Files.writeString(file, "\n");
        assertThat(apply(TokenFile.raw(file), NEAR, SecurityLevel.NONE)).contains("it is empty");
        Files.delete(file);
        assertThat(apply(TokenFile.raw(file), NEAR, SecurityLevel.NONE)).contains("there is no token file " + file);
    }

    private static String apply(TokenFile token, @Nullable SocketAddress peer, SecurityLevel level) {
        String[] result = {""};
        new TokenCredentials(token)
                .applyRequestMetadata(new Request(peer, level), Runnable::run, new CallCredentials.MetadataApplier() {
                    @Override
                    public void apply(Metadata headers) {
                        result[0] = String.valueOf(
                                headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER)));
                    }

                    @Override
                    public void fail(Status status) {
                        result[0] = StatusText.of(status);
                    }
                });
        return result[0];
    }

    private static final class Request extends CallCredentials.RequestInfo {
        private final @Nullable SocketAddress peer;
        private final SecurityLevel level;

        Request(@Nullable SocketAddress peer, SecurityLevel level) {
            this.peer = peer;
            this.level = level;
        }

        @Override
        public MethodDescriptor<?, ?> getMethodDescriptor() {
            throw new UnsupportedOperationException();
        }

        @Override
        public SecurityLevel getSecurityLevel() {
            return level;
        }

        @Override
        public String getAuthority() {
            return "cp";
        }

        @Override
        public Attributes getTransportAttrs() {
            Attributes.Builder attributes = Attributes.newBuilder();
            if (peer != null) {
                attributes.set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, peer);
            }
            return attributes.build();
        }
    }

    private static SocketAddress address(int... bytes) {
        byte[] ip = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            ip[i] = (byte) bytes[i];
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(ip), 443);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
