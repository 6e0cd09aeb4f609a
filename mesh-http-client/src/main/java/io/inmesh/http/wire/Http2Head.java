package io.inmesh.http.wire;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;

/** The head of an HTTP/2 request, of a head that {@link RequestRules} has found without fault (RFC 9113 section 8.2.2 and 8.3.1). */
final class Http2Head {
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");

    private Http2Head() {}

    /** Pseudo-headers and fields, without those that belong to an HTTP/1.1 connection. */
    static Http2Headers of(RequestHead head) {
        Headers headers = head.headers();
        // Checked already: Netty need not check again.
        Http2Headers fields = new DefaultHttp2Headers(false, headers.size() + 4);
        fields.method(head.method())
                .scheme(head.scheme())
                .authority(head.authority())
                .path(head.path());
        String nominated = headers.get("connection");
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i);
            if (name.equals("te")) {
                if (RequestRules.lists(headers.value(i), "trailers")) {
                    fields.add(name, TRAILERS);
                }
            } else if (!RequestRules.isHopByHop(name) && !RequestRules.lists(nominated, name)) {
                fields.add(name, headers.value(i));
            }
        }
        return fields;
    }
}
