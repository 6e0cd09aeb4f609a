package io.inmesh.http.server;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Heads in HTTP/1.1 that {@link NettyHttp1Rules} has found nothing wrong with, to and from those of the mesh. What frames a message and what belongs to the connection is
 * no affair of filters: it stays with the message.
 */
final class NettyHttp1Heads {
    private static final List<AsciiString> FRAMING = List.of(
            HttpHeaderNames.CONNECTION,
            HttpHeaderNames.TRANSFER_ENCODING,
            HttpHeaderNames.CONTENT_LENGTH,
            HttpHeaderNames.UPGRADE);

    private NettyHttp1Heads() {}

    /** The head as the mesh looks at it. */
    static RequestHead head(HttpRequest request, boolean secure) {
        HttpHeaders fields = request.headers();
        String target = request.uri();
        NettyTarget absolute = target.startsWith("/") ? null : NettyTarget.parse(target);
        String host = fields.get(HttpHeaderNames.HOST, "");
        return new RequestHead(
                request.method().name(),
                secure ? "https" : "http",
                absolute == null ? host : absolute.authority(),
                absolute == null ? target : absolute.path(),
                requestFields(fields));
    }

    private static Headers requestFields(HttpHeaders fields) {
        boolean nominations = fields.contains(HttpHeaderNames.CONNECTION);
        boolean upgrade = isUpgrade(fields);
        Headers headers = new Headers();
        for (Iterator<Map.Entry<CharSequence, CharSequence>> all = fields.iteratorCharSequence(); all.hasNext(); ) {
            Map.Entry<CharSequence, CharSequence> field = all.next();
            String name = field.getKey().toString().toLowerCase(Locale.ROOT);
            String value = field.getValue().toString();
            boolean passes =
                    switch (name) {
                        case "host", "keep-alive", "proxy-connection", "transfer-encoding", "http2-settings" -> false;
                        case "connection", "upgrade" -> upgrade;
                        case "te" -> value.strip().equalsIgnoreCase("trailers");
                        case "expect" -> !value.equalsIgnoreCase("100-continue");
                        case "content-length" -> true;
                        default -> !nominations || !NettyHttp1Rules.nominates(fields, name);
                    };
            if (passes) {
                headers.add(name, value);
            }
        }
        return headers;
    }

    /** Whether it asks for another protocol. One for HTTP/2 is taken for what it is without: a request in HTTP/1.1, as by Envoy. */
    static boolean isUpgrade(HttpHeaders fields) {
        String protocol = fields.get(HttpHeaderNames.UPGRADE);
        return protocol != null
                && !protocol.strip().equalsIgnoreCase("h2c")
                && NettyHttp1Rules.nominates(fields, "upgrade");
    }

    /** Whether nothing follows the head. */
    static boolean isAll(HttpRequest request) {
        return !HttpUtil.isTransferEncodingChunked(request) && HttpUtil.getContentLength(request, 0L) == 0;
    }

    /** Gives a request the head as the mesh wants the application to have it. */
    static void apply(RequestHead head, HttpRequest request) {
        HttpHeaders fields = request.headers();
        boolean close = !HttpUtil.isKeepAlive(request);
        boolean chunked = HttpUtil.isTransferEncodingChunked(request);
        String length = fields.get(HttpHeaderNames.CONTENT_LENGTH);
        request.setMethod(HttpMethod.valueOf(head.method()));
        request.setUri(head.path());
        fields.clear();
        fields.add(HttpHeaderNames.HOST, head.authority());
        add(fields, head.headers());
        if (close) {
            fields.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        if (chunked) {
            fields.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
            fields.remove(HttpHeaderNames.CONTENT_LENGTH);
        } else if (length != null) {
            fields.set(HttpHeaderNames.CONTENT_LENGTH, length);
        }
    }

    /** The head as the mesh looks at it. */
    static ResponseHead head(HttpResponse response) {
        Headers headers = new Headers();
        for (Iterator<Map.Entry<CharSequence, CharSequence>> all =
                        response.headers().iteratorCharSequence();
                all.hasNext(); ) {
            Map.Entry<CharSequence, CharSequence> field = all.next();
            String name = field.getKey().toString().toLowerCase(Locale.ROOT);
            switch (name) {
                case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade" -> {}
                default -> headers.add(name, field.getValue().toString());
            }
        }
        return new ResponseHead(response.status().code(), headers);
    }

    /** Gives a response the head with which it goes out. */
    static void apply(ResponseHead head, HttpResponse response) {
        HttpHeaders fields = response.headers();
        List<List<String>> framing = new ArrayList<>(FRAMING.size());
        for (AsciiString name : FRAMING) {
            framing.add(fields.getAll(name));
        }
        if (response.status().code() != head.status()) {
            response.setStatus(HttpResponseStatus.valueOf(head.status()));
        }
        fields.clear();
        add(fields, head.headers());
        for (int i = 0; i < FRAMING.size(); i++) {
            fields.remove(FRAMING.get(i));
            if (!framing.get(i).isEmpty()) {
                fields.set(FRAMING.get(i), framing.get(i));
            }
        }
    }

    /** Adds the mesh's fields to a message. */
    static void add(HttpHeaders fields, Headers headers) {
        for (int i = 0; i < headers.size(); i++) {
            fields.add(headers.name(i), headers.value(i));
        }
    }

    /** Has the connection end with this message. */
    static void close(HttpMessage message) {
        message.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
}
