package io.inmesh.xds.envoy;

import io.inmesh.exchange.Headers;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request or response as it stood on an HTTP/1.1 connection.
 *
 * @param firstLine the request or status line
 * @param fields    names as they were written, and values, in order
 */
record WireHead(String firstLine, List<Field> fields) {
    record Field(String name, String value) {
        @Override
        public String toString() {
            return name + ": " + value;
        }
    }

    /** Reads one, or gives null if the connection ends before it. */
    static @Nullable WireHead read(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            if (c < 0) {
                if (text.isEmpty()) {
                    return null;
                }
                throw new EOFException("in the middle of a head: " + text);
            }
            text.append((char) c);
        }
        return parse(text.toString());
    }

    static WireHead parse(String text) {
        String[] lines = text.split("\r\n", -1);
        List<Field> fields = new ArrayList<>();
        for (int i = 1; i < lines.length && !lines[i].isEmpty(); i++) {
            int colon = lines[i].indexOf(':');
            fields.add(new Field(
                    lines[i].substring(0, colon), lines[i].substring(colon + 1).strip()));
        }
        return new WireHead(lines[0], fields);
    }

    String bytes() {
        StringBuilder text = new StringBuilder(firstLine).append("\r\n");
        fields.forEach(field -> text.append(field).append("\r\n"));
        return text.append("\r\n").toString();
    }

    void writeTo(java.io.OutputStream out, String body) throws IOException {
        out.write((bytes() + body).getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    @Nullable
    String first(String name) {
        for (Field field : fields) {
            if (field.name().equalsIgnoreCase(name)) {
                return field.value();
            }
        }
        return null;
    }

    Headers headers() {
        Headers headers = new Headers();
        fields.forEach(field -> headers.add(field.name(), field.value()));
        return headers;
    }
}
