package io.inmesh.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.snapshot.Dialect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an engine does before it has chosen, and what becomes of one that nobody closes. */
class JdkEngineTest {
    private static final InetSocketAddress LOCAL = new InetSocketAddress(InetAddress.getLoopbackAddress(), 8443);
    private static final InetSocketAddress CALLER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);

    private final ServedMesh mesh = new ServedMesh().strict("http/1.1");
    private final SSLContext context = JdkEngines.context(
            new ServedPort(mesh.inbound.port(new Dialect.BoundAddress("127.0.0.1", 8443)), mesh.tls, false), LOCAL);

    @AfterEach
    void end() {
        mesh.close();
    }

    private SSLEngine engine() {
        SSLEngine engine = context.createSSLEngine("caller.local", 40_000);
        engine.setUseClientMode(false);
        engine.setSSLParameters(new JdkCaller(CALLER));
        return engine;
    }

    private static byte[] hello() throws Exception {
        SSLEngine client = SSLContext.getDefault().createSSLEngine("shop.local", 8443);
        client.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
        client.wrap(ByteBuffer.allocate(0), hello);
        byte[] bytes = new byte[hello.position()];
        hello.flip().get(bytes);
        return bytes;
    }

    @Test
    void unwrap_beforeTheClientHelloIsWhole_takesNothingAndChoosesNothing() throws Exception {
        byte[] hello = hello();
        SSLEngine engine = engine();
        assertThat(engine.getSession()).isNotInstanceOf(JdkSession.class);
        assertThat(engine.wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(100)).getHandshakeStatus())
                .isEqualTo(HandshakeStatus.NEED_UNWRAP);
        for (int i = 1; i < hello.length; i++) {
            ByteBuffer part = ByteBuffer.wrap(hello, 0, i);
            assertThat(engine.unwrap(part, ByteBuffer.allocate(20_000)).getStatus())
                    .isEqualTo(Status.BUFFER_UNDERFLOW);
            assertThat(part.position()).isZero();
        }
        assertThat(mesh.tls.engines).isEmpty();
        ByteBuffer all = ByteBuffer.wrap(hello);
        SSLEngineResult result = engine.unwrap(all, ByteBuffer.allocate(20_000));
        assertThat(result.getStatus()).isEqualTo(Status.OK);
        assertThat(result.bytesConsumed()).isEqualTo(hello.length);
        assertThat(mesh.tls.engines).hasSize(1);
        assertThat(engine.getSession()).isInstanceOf(JdkSession.class);
    }

    @Test
    void unwrap_ofWhatIsNoTls_closesTheConnection() {
        ByteBuffer clear = ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        SSLEngine engine = engine();
        assertThatThrownBy(() -> engine.unwrap(clear, ByteBuffer.allocate(20_000)))
                .isInstanceOf(SSLException.class);
        assertThat(mesh.tls.engines).isEmpty();
    }

    @Test
    void unwrap_fromNobodyKnowsWhere_closesTheConnection() throws Exception {
        byte[] hello = hello();
        SSLEngine engine = context.createSSLEngine();
        assertThatThrownBy(() -> engine.unwrap(ByteBuffer.wrap(hello), ByteBuffer.allocate(20_000)))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("from where");
    }

    @Test
    void engine_thatNobodyCloses_isGivenBackWhenItIsGarbage() throws Exception {
        engine().unwrap(ByteBuffer.wrap(hello()), ByteBuffer.allocate(20_000));
        assertThat(mesh.tls.engines).hasSize(1);
        await().until(() -> {
            System.gc();
            return mesh.tls.held() == 0;
        });
    }
}
