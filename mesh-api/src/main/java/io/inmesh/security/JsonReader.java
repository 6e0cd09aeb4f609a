package io.inmesh.security;

import io.inmesh.model.ValueMatcher.JsonNull;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON of RFC 8259, strictly, because what is read here decides who somebody is: a name that comes twice in an object, bytes that are not UTF-8, half a
 * surrogate pair, an infinite number, or anything behind the value make it invalid. Nested at most 100 deep, as protobuf's own reader in Envoy.
 *
 * <p>Values are those of dynamic metadata: {@code Map<String, Object>}, {@code List<Object>}, {@code String}, {@code Double}, {@code Boolean},
 * {@link JsonNull}.
 */
final class JsonReader {
    private static final int MAX_DEPTH = 100;

    private final String text;
    private int position;
    private int depth;

    private JsonReader(String text) {
        this.text = text;
    }

    /** The object that the bytes are, or null if they are anything else. */
    static @Nullable Map<String, Object> object(byte[] utf8) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
            JsonReader reader = new JsonReader(text);
            reader.skipSpace();
            Map<String, Object> object = reader.object();
            reader.skipSpace();
            return reader.position == text.length() ? object : null;
        } catch (CharacterCodingException | Malformed e) {
            return null;
        }
    }

    private Object value() {
        skipSpace();
        return switch (peek()) {
            case '{' -> object();
            case '[' -> list();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", JsonNull.NULL);
            default -> number();
        };
    }

    private Map<String, Object> object() {
        enter('{');
        Map<String, Object> object = new LinkedHashMap<>();
        skipSpace();
        if (peek() != '}') {
            do {
                skipSpace();
                String name = string();
                skipSpace();
                expect(':');
                if (object.put(name, value()) != null) {
                    throw new Malformed();
                }
                skipSpace();
            } while (accept(','));
        }
        leave('}');
        return object;
    }

    private List<Object> list() {
        enter('[');
        List<Object> list = new ArrayList<>();
        skipSpace();
        if (peek() != ']') {
            do {
                list.add(value());
                skipSpace();
            } while (accept(','));
        }
        leave(']');
        return list;
    }

    private String string() {
        expect('"');
        StringBuilder string = new StringBuilder();
        for (char c = next(); c != '"'; c = next()) {
            if (c < ' ') {
                throw new Malformed();
            }
            string.append(c == '\\' ? escaped() : c);
        }
        for (int i = 0; i < string.length(); i++) {
            if (Character.isSurrogate(string.charAt(i))) {
                if (Character.isSurrogatePair(string.charAt(i), i + 1 < string.length() ? string.charAt(i + 1) : 0)) {
                    i++;
                } else {
                    throw new Malformed();
                }
            }
        }
        return string.toString();
    }

    private char escaped() {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int unit = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = hexDigit(next());
                    unit = unit << 4 | digit;
                }
                yield (char) unit;
            }
            default -> throw new Malformed();
        };
    }

    /** Not {@link Character#digit}, which takes digits of other scripts. */
    private static int hexDigit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int letter = (c | 0x20) - 'a';
        if (letter < 0 || letter > 5 || c > 'f') {
            throw new Malformed();
        }
        return letter + 10;
    }

    private Double number() {
        int start = position;
        accept('-');
        if (!accept('0')) {
            digits();
        }
        if (accept('.')) {
            digits();
        }
        if (accept('e') || accept('E')) {
            if (!accept('-')) {
                accept('+');
            }
            digits();
        }
        double number = Double.parseDouble(text.substring(start, position));
        if (Double.isInfinite(number)) {
            throw new Malformed();
        }
        return number;
    }

    private void digits() {
        int start = position;
        while (position < text.length() && text.charAt(position) >= '0' && text.charAt(position) <= '9') {
            position++;
        }
        if (position == start) {
            throw new Malformed();
        }
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, position)) {
            throw new Malformed();
        }
        position += word.length();
        return value;
    }

    private void enter(char bracket) {
        expect(bracket);
        if (++depth > MAX_DEPTH) {
            throw new Malformed();
        }
    }

    private void leave(char bracket) {
        expect(bracket);
        depth--;
    }

    private void skipSpace() {
        while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
            position++;
        }
    }

    private char peek() {
        if (position == text.length()) {
            throw new Malformed();
        }
        return text.charAt(position);
    }

    private char next() {
        char c = peek();
        position++;
        return c;
    }

    private boolean accept(char wanted) {
        if (position < text.length() && text.charAt(position) == wanted) {
            position++;
            return true;
        }
        return false;
    }

    private void expect(char wanted) {
        if (!accept(wanted)) {
            throw new Malformed();
        }
    }

    /** Ends the reading; has no stack trace, because a bad token is nothing exceptional. */
    private static final class Malformed extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1;

        Malformed() {
            super("not JSON", null, false, false);
        }
    }
}
