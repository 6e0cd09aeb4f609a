package io.inmesh.http.server;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Whether a container serves a path under the same name that policies were asked about. A container decodes a path once, takes path parameters out of it, resolves dot
 * segments and joins slashes before it looks for a servlet; rules compare the text. Where these two would differ, a rule about {@code /admin} could be passed by as
 * {@code /%61dmin} or {@code /admin;x}, so such a path is not served. A control plane that has paths normalised ({@code normalize_path}, {@code merge_slashes},
 * {@code path_with_escaped_slashes_action}) has them so before this question is asked.
 *
 * <p>The rule: of all spellings that a container decodes to one path, one is served, the canonical one. Everything that RFC 3986, section 3.3, allows in a path stands as it
 * is, and everything else is UTF-8 in percent-encoding with capital hexadecimal digits (section 6.2.2.1). So a space is {@code %20}, an e with an acute accent
 * {@code %C3%A9}, an at sign {@code @}; {@code %c3%a9} and {@code %40} are refused. Rules that name paths in that spelling cannot be passed by with another one. Envoy
 * itself lets rules and routes see such spellings as they come, even with {@code normalize_path}; it can, because it does not decode them afterwards.
 */
final class ServedPath {
    private ServedPath() {}

    /**
     * What makes a path ambiguous, in words for logs; null if nothing.
     *
     * @param target path and query
     */
    static @Nullable String ambiguity(String target) {
        int end = target.indexOf('?');
        int length = end < 0 ? target.length() : end;
        if (length == 1 && target.charAt(0) == '*') {
            return null;
        }
        if (length == 0 || target.charAt(0) != '/') {
            return "does not start with a slash";
        }
        int i = 0;
        while (i < length) {
            boolean encoded = target.charAt(i) == '%';
            int next = encoded ? afterEncoded(target, i, length) : i + 1;
            String problem = encoded ? encoded(target, i, next) : plain(target, i, length);
            if (problem != null) {
                return problem;
            }
            i = next;
        }
        return null;
    }

    private static @Nullable String plain(String target, int at, int length) {
        char character = target.charAt(at);
        if (character == ';') {
            return "has path parameters";
        }
        if (character != '/') {
            return isOfAPath(character) ? null : "has a character that no path has";
        }
        int next = at + 1;
        if (next < length && target.charAt(next) == '/') {
            return "has an empty segment";
        }
        return dots(target, next, length) ? "has a dot segment" : null;
    }

    private static boolean dots(String target, int from, int length) {
        int at = from;
        while (at < length && target.charAt(at) == '.') {
            at++;
        }
        int dots = at - from;
        return (dots == 1 || dots == 2) && (at == length || target.charAt(at) == '/');
    }

    /** {@code pchar} without percent-encoding. */
    private static boolean isOfAPath(int character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || (character >= '0' && character <= '9')
                || (character > ' ' && "-._~!$&'()*+,;=:@".indexOf(character) >= 0);
    }

    /** Where the percent-encoded bytes that begin at a place end. */
    private static int afterEncoded(String target, int at, int length) {
        int end = at;
        while (end < length && target.charAt(end) == '%') {
            end = Math.min(end + 3, length);
        }
        return end;
    }

    /** Bytes that follow each other, because one character may be several. */
    private static @Nullable String encoded(String target, int at, int end) {
        byte[] bytes = new byte[(end - at) / 3];
        if (bytes.length * 3 != end - at) {
            return "has a broken percent-encoding";
        }
        for (int i = 0; i < bytes.length; i++) {
            int high = digit(target.charAt(at + 3 * i + 1));
            int low = digit(target.charAt(at + 3 * i + 2));
            if (high < 0 || low < 0) {
                return "has a percent-encoding that is broken or not in capitals";
            }
            int value = high << 4 | low;
            String problem = problem(value);
            if (problem != null) {
                return problem;
            }
            bytes[i] = (byte) value;
        }
        return isUtf8(bytes) ? null : "has a percent-encoding that is not UTF-8";
    }

    private static @Nullable String problem(int value) {
        if (value < ' ' || value == 0x7f) {
            return "has an encoded control character";
        }
        if (value == '/' || value == '\\' || value == ';') {
            return "has an encoded separator";
        }
        return isOfAPath(value) ? "has an encoded character that needs no encoding" : null;
    }

    private static int digit(char character) {
        if (character >= '0' && character <= '9') {
            return character - '0';
        }
        return character >= 'A' && character <= 'F' ? character - 'A' + 10 : -1;
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
