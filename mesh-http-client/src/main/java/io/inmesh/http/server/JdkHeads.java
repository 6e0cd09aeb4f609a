package io.inmesh.http.server;

import com.sun.net.httpserver.HttpExchange;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Between the heads of the JDK's server, as they were on the wire, and the mesh's. The JDK keeps neither the case of names nor the order of fields. */
final class JdkHeads {
    private static final String HOST = "Host";
    private static final String CONTENT_LENGTH = "Content-Length";
    private static final String TRANSFER_ENCODING = "Transfer-Encoding";

    private JdkHeads() {}

    /**
     * The status that is answered to a request that RFC 9112 forbids, or that this server would read in another way than others do; 0 if there is nothing wrong with it.
     * The JDK checks some of it too, which differs between its versions.
     */
    static int fault(HttpExchange exchange) {
        String version = exchange.getProtocol();
        if (!version.equals("HTTP/1.1")) {
            return version.equals("HTTP/1.0") ? 426 : 400;
        }
        com.sun.net.httpserver.Headers fields = exchange.getRequestHeaders();
        List<String> lengths = fields.getOrDefault(CONTENT_LENGTH, List.of());
        List<String> encodings = fields.getOrDefault(TRANSFER_ENCODING, List.of());
        if (!encodings.isEmpty()) {
            boolean chunked = encodings.size() == 1 && encodings.get(0).equalsIgnoreCase("chunked");
            return !lengths.isEmpty() ? 400 : chunked ? hostFault(fields) : 501;
        }
        boolean plain = lengths.isEmpty()
                || (lengths.size() == 1 && lengths.get(0).chars().allMatch(each -> each >= '0' && each <= '9'));
        return plain ? hostFault(fields) : 400;
    }

    private static int hostFault(com.sun.net.httpserver.Headers fields) {
        return fields.getOrDefault(HOST, List.of()).size() == 1 ? 0 : 400;
    }

    /** A request's head as it came; null if its target is none of this server's. */
    static @Nullable RequestHead of(HttpExchange exchange) {
        com.sun.net.httpserver.Headers fields = exchange.getRequestHeaders();
        Headers headers = new Headers();
        for (Map.Entry<String, List<String>> field : fields.entrySet()) {
            if (!field.getKey().equals(HOST)) {
                String name = field.getKey().toLowerCase(Locale.ROOT);
                field.getValue().forEach(value -> headers.add(name, value));
            }
        }
        String target = exchange.getRequestURI().toString(); // what was parsed, unchanged
        String host = fields.getFirst(HOST);
        if (!target.startsWith("/")) {
            NettyTarget absolute = NettyTarget.parse(target);
            if (absolute == null) {
                return null;
            }
            target = absolute.path();
            host = absolute.authority();
        }
        return new RequestHead(exchange.getRequestMethod(), "https", host == null ? "" : host, target, headers);
    }

    /** Whether a request has no body. */
    static boolean ended(HttpExchange exchange) {
        com.sun.net.httpserver.Headers fields = exchange.getRequestHeaders();
        String length = fields.getFirst(CONTENT_LENGTH);
        return !fields.containsKey(TRANSFER_ENCODING)
                && (length == null || length.chars().allMatch(each -> each == '0'));
    }

    /** The fields that a request is to be served with. */
    static com.sun.net.httpserver.Headers fields(RequestHead wanted) {
        com.sun.net.httpserver.Headers fields = new com.sun.net.httpserver.Headers();
        if (!wanted.authority().isEmpty()) {
            fields.set(HOST, wanted.authority());
        }
        add(fields, wanted.headers());
        return fields;
    }

    /**
     * A response's head as it is about to go out.
     *
     * @param length as in {@link HttpExchange#sendResponseHeaders}: 0 for one that is not known, negative for none
     */
    static ResponseHead of(com.sun.net.httpserver.Headers fields, int status, long length) {
        Headers headers = new Headers();
        fields.forEach((name, values) ->
                values.forEach(value -> headers.add(name.toLowerCase(Locale.ROOT), value == null ? "" : value)));
        if (length > 0) {
            headers.set("content-length", Long.toString(length));
        }
        return new ResponseHead(status, headers);
    }

    /** Makes of a response what the mesh made of it. Its framing stays the JDK's, but for a length that it is told of no other way, which is that of HEAD. */
    static void change(com.sun.net.httpserver.Headers fields, ResponseHead wanted, boolean keepsLength) {
        fields.clear();
        add(fields, wanted.headers());
        fields.remove(TRANSFER_ENCODING);
        if (!keepsLength) {
            fields.remove(CONTENT_LENGTH);
        }
    }

    private static void add(com.sun.net.httpserver.Headers fields, Headers headers) {
        for (int i = 0; i < headers.size(); i++) {
            fields.add(headers.name(i), headers.value(i));
        }
    }
}
