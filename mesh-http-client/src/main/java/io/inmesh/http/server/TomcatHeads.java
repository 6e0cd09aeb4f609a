package io.inmesh.http.server;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import java.nio.charset.StandardCharsets;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.buf.CharsetHolder;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.http.MimeHeaders;

/** Between Tomcat's heads, as they were on the wire, and the mesh's. */
final class TomcatHeads {
    private static final String HOST = "host";
    private static final String CONTENT_TYPE = "content-type";
    private static final String CONTENT_LENGTH = "content-length";

    private TomcatHeads() {}

    /** A request's head as it came. */
    static RequestHead of(Request request, String scheme) {
        MimeHeaders fields = request.getMimeHeaders();
        Headers headers = new Headers();
        String authority = "";
        for (int i = 0; i < fields.size(); i++) {
            String name = text(fields.getName(i));
            if (name.equalsIgnoreCase(HOST)) {
                authority = text(fields.getValue(i));
            } else {
                headers.add(name, text(fields.getValue(i)));
            }
        }
        String path = text(request.requestURI());
        if (!request.queryString().isNull()) {
            path += "?" + text(request.queryString());
        }
        return new RequestHead(request.getMethod(), scheme, authority, path, headers);
    }

    /** Makes of a request what the mesh made of it. Tomcat has not yet looked at more of it than its framing. */
    static void change(Request request, RequestHead received, RequestHead wanted) {
        if (!wanted.method().equals(received.method())) {
            request.setMethod(wanted.method());
        }
        if (!wanted.path().equals(received.path())) {
            int query = wanted.path().indexOf('?');
            set(request.requestURI(), query < 0 ? wanted.path() : wanted.path().substring(0, query));
            if (query < 0) {
                request.queryString().recycle();
            } else {
                set(request.queryString(), wanted.path().substring(query + 1));
            }
        }
        boolean moved = !wanted.authority().equals(received.authority());
        if (moved) {
            int port = wanted.authority().lastIndexOf(':');
            boolean named = port > wanted.authority().lastIndexOf(']');
            request.serverName().setString(named ? wanted.authority().substring(0, port) : wanted.authority());
            request.setServerPort(named ? port(wanted.authority(), port) : -1);
        }
        if (moved || !wanted.headers().equals(received.headers())) {
            MimeHeaders fields = request.getMimeHeaders();
            fields.recycle();
            if (!wanted.authority().isEmpty()) {
                fields.addValue(HOST).setString(wanted.authority());
            }
            add(fields, wanted.headers());
        }
    }

    /** A response's head as it is about to go out. */
    static ResponseHead of(Response response) {
        MimeHeaders fields = response.getMimeHeaders();
        Headers headers = new Headers();
        for (int i = 0; i < fields.size(); i++) {
            headers.add(text(fields.getName(i)), text(fields.getValue(i)));
        }
        String type = response.getContentType();
        if (type != null) {
            headers.set(CONTENT_TYPE, type);
        }
        if (response.getContentLengthLong() >= 0) {
            headers.set(CONTENT_LENGTH, Long.toString(response.getContentLengthLong()));
        }
        return new ResponseHead(response.getStatus(), headers);
    }

    /** Makes of a response, not yet committed, what the mesh made of it. */
    static void change(Response response, ResponseHead wanted) {
        response.setStatus(wanted.status());
        Headers headers = wanted.headers().copy();
        String type = headers.get(CONTENT_TYPE);
        response.setCharsetHolder(CharsetHolder.EMPTY); // Tomcat would add the one that it knows to a type without
        response.setContentType(type);
        headers.remove(CONTENT_TYPE);
        String length = headers.get(CONTENT_LENGTH);
        response.setContentLength(length == null ? -1 : Long.parseLong(length));
        headers.remove(CONTENT_LENGTH);
        response.getMimeHeaders().recycle();
        add(response.getMimeHeaders(), headers);
    }

    private static void add(MimeHeaders fields, Headers headers) {
        for (int i = 0; i < headers.size(); i++) {
            fields.addValue(headers.name(i)).setString(headers.value(i));
        }
    }

    /** Bytes, because Tomcat takes text for a path that it has decoded already. */
    private static void set(MessageBytes into, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        into.setBytes(bytes, 0, bytes.length);
    }

    private static String text(MessageBytes bytes) {
        String text = bytes.toString();
        return text == null ? "" : text;
    }

    private static int port(String authority, int colon) {
        try {
            return Integer.parseInt(authority, colon + 1, authority.length(), 10);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
