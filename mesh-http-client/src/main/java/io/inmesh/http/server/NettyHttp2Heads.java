package io.inmesh.http.server;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Heads in HTTP/2, to and from those of the mesh (RFC 9113 section 8.3). Netty's codec has refused malformed fields. */
final class NettyHttp2Heads {
    private NettyHttp2Heads() {}

    /** The head as the mesh looks at it; null if it is malformed, or asks for a tunnel, to which no route of a server in the mesh leads. */
    static @Nullable RequestHead request(Http2Headers fields) {
        CharSequence method = fields.method();
        CharSequence path = fields.path();
        CharSequence scheme = fields.scheme();
        CharSequence authority = authority(fields);
        if (method == null
                || path == null
                || scheme == null
                || authority == null
                || !NettyHttp1Rules.isAuthority(authority.toString())
                || !NettyHttp1Rules.isVisible(path.toString())
                || path.toString().indexOf('#') >= 0
                || fields.contains(":protocol")) {
            return null;
        }
        Headers headers = new Headers();
        for (Map.Entry<CharSequence, CharSequence> field : fields) {
            String name = field.getKey().toString();
            if (name.charAt(0) != ':' && !name.equals("host") && !isContinue(name, field.getValue())) {
                headers.add(name, field.getValue().toString());
            }
        }
        return new RequestHead(method.toString(), scheme.toString(), authority.toString(), path.toString(), headers);
    }

    /** Whether the client waits for a 100 before it sends the body. */
    static boolean expectsContinue(Http2Headers fields) {
        CharSequence expected = fields.get("expect");
        return expected != null && isContinue("expect", expected);
    }

    private static boolean isContinue(String name, CharSequence value) {
        return name.equals("expect") && value.toString().equalsIgnoreCase("100-continue");
    }

    /** {@code :authority}, or {@code host} where there is none (RFC 9113 section 8.3.1); null if there is neither, or they contradict each other. */
    private static @Nullable CharSequence authority(Http2Headers fields) {
        CharSequence authority = fields.authority();
        for (CharSequence host : fields.getAll("host")) {
            if (authority == null) {
                authority = host;
            } else if (!authority.toString().equalsIgnoreCase(host.toString())) {
                return null;
            }
        }
        return authority;
    }

    /** The head as the mesh wants the application to have it. */
    static Http2Headers of(RequestHead head) {
        Http2Headers fields = fields(head.headers());
        return fields.method(head.method())
                .scheme(head.scheme())
                .authority(head.authority())
                .path(head.path());
    }

    /** The head of an application's response. */
    static ResponseHead response(int status, Http2Headers fields) {
        Headers headers = new Headers();
        for (Map.Entry<CharSequence, CharSequence> field : fields) {
            String name = field.getKey().toString();
            if (name.charAt(0) != ':') {
                headers.add(name, field.getValue().toString());
            }
        }
        return new ResponseHead(status, headers);
    }

    /** The head of a response as it goes out. */
    static Http2Headers of(ResponseHead head) {
        return fields(head.headers()).status(Integer.toString(head.status()));
    }

    private static Http2Headers fields(Headers headers) {
        Http2Headers fields = new DefaultHttp2Headers(true, headers.size() + 4);
        for (int i = 0; i < headers.size(); i++) {
            switch (headers.name(i)) {
                case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host" -> {}
                default -> fields.add(headers.name(i), headers.value(i));
            }
        }
        return fields;
    }
}
