package io.inmesh.security;

import io.inmesh.model.ValueMatcher.JsonNull;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A claim as it goes into a header: texts, numbers and booleans as they are, lists and objects as JSON in Base64. */
final class ClaimText {
    private static final double TWO_TO_64 = 0x1p64;

    /** How many digits protobuf writes, as long as they are enough to read the same number again. */
    private static final MathContext SHORT = new MathContext(15, RoundingMode.HALF_EVEN);

    private static final MathContext LONG = new MathContext(17, RoundingMode.HALF_EVEN);

    private ClaimText() {}

    /**
     * The text, or null if there is nothing to say: the claim is missing, null, or an empty text.
     *
     * @param path names of nested objects with dots between them
     */
    static @Nullable String of(Map<String, Object> payload, String path) {
        Object claim = payload;
        for (String name : path.split("\\.", -1)) {
            claim = claim instanceof Map<?, ?> object ? object.get(name) : null;
        }
        if (claim == null || claim == JsonNull.NULL || claim.equals("")) {
            return null;
        }
        if (claim instanceof Double number) {
            return number(number);
        }
        if (claim instanceof Map<?, ?> || claim instanceof List<?>) {
            StringBuilder json = new StringBuilder();
            append(claim, json);
            return Base64.getEncoder().encodeToString(json.toString().getBytes(StandardCharsets.UTF_8));
        }
        return claim.toString();
    }

    /** An integer that 64 bits hold without a sign is one; all others are {@code %f} of C. */
    private static String number(double number) {
        boolean integer = number >= 0 && number < TWO_TO_64 && number == Math.rint(number);
        String text = new BigDecimal(number)
                .setScale(integer ? 0 : 6, RoundingMode.HALF_EVEN)
                .toPlainString();
        boolean lostSign = number < 0 && !text.startsWith("-");
        return lostSign ? "-" + text : text;
    }

    private static void append(Object value, StringBuilder json) {
        if (value instanceof String string) {
            appendString(string, json);
        } else if (value instanceof Double number) {
            appendNumber(number, json);
        } else if (value instanceof Map<?, ?> object) {
            char separator = '{';
            for (Map.Entry<?, ?> member : object.entrySet()) {
                appendString(String.valueOf(member.getKey()), json.append(separator));
                append(member.getValue(), json.append(':'));
                separator = ',';
            }
            json.append(object.isEmpty() ? "{}" : "}");
        } else if (value instanceof List<?> list) {
            char separator = '[';
            for (Object element : list) {
                append(element, json.append(separator));
                separator = ',';
            }
            json.append(list.isEmpty() ? "[]" : "]");
        } else {
            json.append(value == JsonNull.NULL ? "null" : value.toString());
        }
    }

    /** {@code %.15g} or {@code %.17g} of C. */
    private static void appendNumber(double number, StringBuilder json) {
        if (number == 0) {
            json.append(1 / number < 0 ? "-0" : "0");
            return;
        }
        BigDecimal exact = new BigDecimal(number);
        BigDecimal rounded = exact.round(SHORT);
        int digits = 15;
        if (rounded.doubleValue() != number) {
            rounded = exact.round(LONG);
            digits = 17;
        }
        rounded = rounded.stripTrailingZeros();
        int exponent = rounded.precision() - rounded.scale() - 1;
        if (exponent >= -4 && exponent < digits) {
            json.append(rounded.toPlainString());
            return;
        }
        String unscaled = rounded.unscaledValue().abs().toString();
        json.append(number < 0 ? "-" : "").append(unscaled.charAt(0));
        if (unscaled.length() > 1) {
            json.append('.').append(unscaled, 1, unscaled.length());
        }
        int size = Math.abs(exponent);
        json.append(exponent < 0 ? "e-" : "e+").append(size < 10 ? "0" : "").append(size);
    }

    /** Protobuf's way, which takes care of HTML. */
    private static void appendString(String string, StringBuilder json) {
        json.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"', '\\' -> json.append('\\').append(c);
                case '\b' -> json.append("\\b");
                case '\f' -> json.append("\\f");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < ' ' || c == '<' || c == '>' || c == 0x7f) {
                        json.append(String.format("\\u%04x", (int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }
}
