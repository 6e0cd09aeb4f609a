package io.inmesh.http.server;

import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 on a server's connection. Which response has no body depends on its request. */
final class NettyHttp1Codec extends CombinedChannelDuplexHandler<NettyHttp1Decoder, HttpResponseEncoder> {

    /** @param headTimeout of requests */
    NettyHttp1Codec(Supplier<@Nullable Duration> headTimeout) {
        Queue<HttpMethod> methods = new ArrayDeque<>();
        init(new NettyHttp1Decoder(methods, headTimeout), new Encoder(methods));
    }

    private static final class Encoder extends HttpResponseEncoder {
        private final Queue<HttpMethod> methods;

        Encoder(Queue<HttpMethod> methods) {
            this.methods = methods;
        }

        @Override
        protected boolean isContentAlwaysEmpty(HttpResponse response) {
            boolean interim = response.status().codeClass() == HttpStatusClass.INFORMATIONAL
                    && !response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS);
            boolean toHead = !interim && HttpMethod.HEAD.equals(methods.poll());
            return toHead || super.isContentAlwaysEmpty(response);
        }
    }
}
