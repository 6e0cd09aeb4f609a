package io.inmesh.http.wire;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a request head must be to be sent: nothing in it may be read by the host as the end of a line or of the message (RFC 9110 section 5,
 * RFC 9112 sections 3 and 6).
 */
final class RequestRules {
    /** Body of unknown length. */
    static final long UNKNOWN_LENGTH = -1;

    private static final boolean[] TOKEN = new boolean[128];

    static {
        for (char c = '0'; c <= 'z'; c++) {
            TOKEN[c] = Character.isLetterOrDigit(c);
        }
        for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
            TOKEN[c] = true;
        }
    }

    private RequestRules() {}

    /** What is wrong with a head, for a person; null if nothing is. */
    static @Nullable String fault(RequestHead head, boolean endStream) {
        if (!isToken(head.method())) {
            return "the method is not a token";
        }
        if (!isVisible(head.path())) {
            return "the path is empty or has characters that cannot be sent";
        }
        if (!isVisible(head.authority())) {
            return "the authority is empty or has characters that cannot be sent";
        }
        Headers headers = head.headers();
        String contentLength = null;
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i);
            if (!isToken(name)) {
                return "a header name is not a token";
            }
            String value = headers.value(i);
            if (!isFieldValue(value)) {
                return "the value of header " + name + " has characters that cannot be sent";
            }
            if (name.equals("content-length")) {
                if (contentLength != null && !contentLength.equals(value)) {
                    return "there are two content-lengths";
                }
                contentLength = value;
            }
        }
        return contentLength == null ? null : contentLengthFault(contentLength, endStream);
    }

    /** The number of bytes of the body of a head without fault, or {@link #UNKNOWN_LENGTH}. */
    static long contentLength(RequestHead head, boolean endStream) {
        if (endStream) {
            return 0;
        }
        String value = head.headers().get("content-length");
        return value == null ? UNKNOWN_LENGTH : Long.parseLong(value);
    }

    /**
     * Whether a field is between this side and its peer only, so that it is never passed on: the framing and the fate of the connection are the
     * transport's own affair. {@code host} is the authority's.
     */
    static boolean isHopByHop(String lowerCaseName) {
        return switch (lowerCaseName) {
            case "connection",
                    "host",
                    "http2-settings",
                    "keep-alive",
                    "proxy-connection",
                    "te",
                    "transfer-encoding",
                    "upgrade" -> true;
            default -> false;
        };
    }

    /** Whether the value of {@code connection}, null if there is none, lists an option. */
    static boolean lists(@Nullable String connection, String lowerCaseOption) {
        if (connection == null) {
            return false;
        }
        for (String option : connection.split(",")) {
            if (option.strip().toLowerCase(Locale.ROOT).equals(lowerCaseOption)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable String contentLengthFault(String value, boolean endStream) {
        boolean digits = !value.isEmpty() && value.length() <= 18;
        boolean zero = true;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            digits &= c >= '0' && c <= '9';
            zero &= c == '0';
        }
        if (!digits) {
            return "the content-length is not a number of bytes";
        }
        return endStream && !zero ? "there is a content-length and no body" : null;
    }

    private static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= TOKEN.length || !TOKEN[c]) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** Printable ASCII without a space. */
    private static boolean isVisible(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** Latin-1 without control characters but the tab. */
    private static boolean isFieldValue(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
                return false;
            }
        }
        return true;
    }
}
