package io.inmesh.identity;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.inmesh.transport.Pem;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/** istiod's certificate authority as it speaks on port 15012: TLS, a token and a cluster checked, a request whose signature is verified, a real certificate. */
public final class TestIstiod implements AutoCloseable {
    public static final String HOST = "localhost";

    public final Set<String> goodTokens = ConcurrentHashMap.newKeySet();
    /** With each request, {@code null} where it was by certificate only. */
    public final List<String> tokensSeen = new CopyOnWriteArrayList<>();

    final List<Long> validities = new CopyOnWriteArrayList<>();
    private final X509Bundle root;
    private final Supplier<Instant> clock;
    private final Server server;

    public TestIstiod(X509Bundle root, Supplier<Instant> clock) throws Exception {
        this.root = root;
        this.clock = clock;
        X509Bundle own = new CertificateBuilder()
                .ecp256()
                .subject("CN=istiod")
                .addSanDnsName(HOST)
                .buildIssuedBy(root);
        this.server = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        TlsServerCredentials.newBuilder()
                                .keyManager(stream(own.getCertificatePathPEM()), stream(own.getPrivateKeyPEM()))
                                .trustManager(stream(root.getCertificatePEM()))
                                .clientAuth(TlsServerCredentials.ClientAuth.OPTIONAL)
                                .build())
                .addService(ServerServiceDefinition.builder("istio.v1.auth.IstioCertificateService")
                        .addMethod(METHOD, this::call)
                        .build())
                .build()
                .start();
    }

    public String target() {
        return HOST + ":" + server.getPort();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** As istiod does: whoever shows a certificate of the authority is believed, else the token counts. */
    private boolean isBelieved(ServerCall<?, ?> call, String token) {
        SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        try {
            if (session != null && session.getPeerCertificates().length > 0) {
                return true;
            }
        } catch (SSLPeerUnverifiedException e) {
            // It has shown none.
        }
        return token.startsWith("Bearer ") && goodTokens.contains(token.substring(7));
    }

    private record Request(String csr, long validity) {}

    private static final MethodDescriptor<Request, List<String>> METHOD =
            MethodDescriptor.<Request, List<String>>newBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName("istio.v1.auth.IstioCertificateService/CreateCertificate")
                    .setRequestMarshaller(new Requests())
                    .setResponseMarshaller(new Responses())
                    .build();

    private ServerCall.Listener<Request> call(ServerCall<Request, List<String>> call, Metadata metadata) {
        String token = String.valueOf(metadata.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER)));
        String cluster = metadata.get(Metadata.Key.of("clusterid", Metadata.ASCII_STRING_MARSHALLER));
        tokensSeen.add(token);
        call.request(1);
        return new ServerCall.Listener<>() {
            @Override
            public void onMessage(Request request) {
                if (!"Kubernetes".equals(cluster) || !isBelieved(call, token)) {
                    call.close(Status.UNAUTHENTICATED.withDescription("authentication failure"), new Metadata());
                    return;
                }
                validities.add(request.validity());
                call.sendHeaders(new Metadata());
                call.sendMessage(sign(request));
                call.close(Status.OK, new Metadata());
            }
        };
    }

    /** As istiod does: the identity is the token's, and the name in the request does not count. */
    private List<String> sign(Request request) {
        try {
            PKCS10CertificationRequest csr =
                    new PKCS10CertificationRequest(Pem.read(request.csr().getBytes(StandardCharsets.US_ASCII))
                            .get(0)
                            .bytes());
            PublicKey key = new JcaPEMKeyConverter().getPublicKey(csr.getSubjectPublicKeyInfo());
            if (!csr.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw new IllegalStateException("The request is not signed with its key");
            }
            Instant now = clock.get();
            X509Bundle leaf = TestIdentity.sign(root, key, TestIdentity.WEB, now, now.plusSeconds(request.validity()));
            return List.of(leaf.getCertificatePEM(), root.getCertificatePEM());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Requests implements MethodDescriptor.Marshaller<Request> {
        @Override
        public InputStream stream(Request request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Request parse(InputStream stream) {
            try {
                CodedInputStream in = CodedInputStream.newInstance(stream);
                String csr = "";
                long validity = 0;
                for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                    switch (tag) {
                        case (1 << 3) | 2 -> csr = in.readStringRequireUtf8();
                        case 3 << 3 -> validity = in.readInt64();
                        default -> throw new IllegalStateException("a field that istiod does not know: " + tag);
                    }
                }
                return new Request(csr, validity);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class Responses implements MethodDescriptor.Marshaller<List<String>> {
        @Override
        public InputStream stream(List<String> certificates) {
            try {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                CodedOutputStream out = CodedOutputStream.newInstance(bytes);
                for (String each : certificates) {
                    out.writeString(1, each);
                }
                out.flush();
                return new ByteArrayInputStream(bytes.toByteArray());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public List<String> parse(InputStream stream) {
            throw new UnsupportedOperationException();
        }
    }
}
