package io.inmesh.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConnectionInspectorTest {
    private final List<FirstBytes> arrived = new ArrayList<>();
    private final List<Runnable> goOn = new ArrayList<>();
    private final StringBuilder read = new StringBuilder();
    private final EmbeddedChannel channel =
            new EmbeddedChannel(new ConnectionInspector(Duration.ofSeconds(15), (ctx, first, proceed) -> {
                arrived.add(first);
                goOn.add(proceed);
                ctx.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        ByteBuf bytes = (ByteBuf) message;
                        read.append(bytes.toString(StandardCharsets.UTF_8));
                        bytes.release();
                    }
                });
            }));

    private void send(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    }

    @Test
    void inspect_http_handsOnAllBytesOnceAllowed() {
        send("GET / HT");
        assertThat(arrived).isEmpty();
        send("TP/1.1\r\nho");

        assertThat(arrived).containsExactly(new FirstBytes.Plaintext("http/1.1"));
        assertThat(channel.config().isAutoRead()).isFalse();
        assertThat(read).isEmpty();

        send("st: a"); // it was on its way already
        goOn.get(0).run();
        send("\r\n");

        assertThat(read).hasToString("GET / HTTP/1.1\r\nhost: a\r\n");
        assertThat(channel.config().isAutoRead()).isTrue();
        assertThat(channel.pipeline().get(ConnectionInspector.class)).isNull();
        goOn.get(0).run(); // changes nothing
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void inspect_malformedHello_closes() {
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {22, 3, 3, 0, 4, 2, 0, 0, 0}));

        assertThat(channel.isOpen()).isFalse();
        assertThat(arrived).isEmpty();
    }

    @Test
    void inspect_silence_isClosedAfterTheTimeout() {
        channel.freezeTime();
        send("GET");
        channel.advanceTimeBy(14, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.isOpen()).isTrue();

        channel.advanceTimeBy(2, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void inspect_decidedAndWaiting_isNotClosedByTheTimeout() {
        channel.freezeTime();
        send("GET / HTTP/1.1\r\n");
        channel.advanceTimeBy(60, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();

        assertThat(channel.isOpen()).isTrue();
        goOn.get(0).run();
        assertThat(read).hasToString("GET / HTTP/1.1\r\n");
        channel.finish();
    }

    @Test
    void inspect_endBeforeADecision_endsQuietly() {
        send("GET");
        channel.close().syncUninterruptibly();

        assertThat(arrived).isEmpty();
        assertThat(channel.finish()).isFalse();
    }
}
