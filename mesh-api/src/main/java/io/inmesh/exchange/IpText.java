package io.inmesh.exchange;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The textual forms of IP addresses: RFC 4291 section 2.2 to read, RFC 5952 to write. */
final class IpText {
    private static final int GROUPS = 8;

    private IpText() {}

    static byte @Nullable [] parse(String text) {
        return text.indexOf(':') >= 0 ? parseV6(text) : parseV4(text, 0, text.length());
    }

    private static byte @Nullable [] parseV4(String text, int from, int to) {
        byte[] bytes = new byte[4];
        int position = from;
        for (int i = 0; i < 4; i++) {
            int start = position;
            int value = 0;
            while (position < to && position - start < 4 && isDigit(text.charAt(position))) {
                value = 10 * value + text.charAt(position++) - '0';
            }
            boolean leadingZero = position - start > 1 && text.charAt(start) == '0';
            boolean ends = i == 3 ? position == to : position < to && text.charAt(position) == '.';
            if (position == start || value > 255 || leadingZero || !ends) {
                return null;
            }
            bytes[i] = (byte) value;
            position++;
        }
        return bytes;
    }

    private static byte @Nullable [] parseV6(String text) {
        int[] groups = new int[GROUPS];
        int count = 0;
        int gap = -1;
        int position = 0;
        if (text.startsWith("::")) {
            gap = 0;
            position = 2;
        }
        while (position < text.length()) {
            int end = text.indexOf(':', position);
            int stop = end < 0 ? text.length() : end;
            if (end < 0 && text.indexOf('.', position) >= 0) {
                byte[] tail = parseV4(text, position, stop);
                if (tail == null || count > GROUPS - 2) {
                    return null;
                }
                groups[count++] = (tail[0] & 0xff) << 8 | (tail[1] & 0xff);
                groups[count++] = (tail[2] & 0xff) << 8 | (tail[3] & 0xff);
                position = stop;
                continue;
            }
            int group = hex(text, position, stop);
            if (group < 0 || count == GROUPS) {
                return null;
            }
            groups[count++] = group;
            position = stop;
            if (end >= 0) {
                position++;
                if (position == text.length()) {
                    return null;
                }
                if (text.charAt(position) == ':') {
                    if (gap >= 0) {
                        return null;
                    }
                    gap = count;
                    position++;
                }
            }
        }
        return gap < 0 ? (count == GROUPS ? bytes(groups, count, count) : null) : gapped(groups, count, gap);
    }

    private static byte @Nullable [] gapped(int[] groups, int count, int gap) {
        return count >= GROUPS ? null : bytes(groups, count, gap);
    }

    private static byte[] bytes(int[] groups, int count, int gap) {
        byte[] bytes = new byte[2 * GROUPS];
        for (int i = 0; i < count; i++) {
            int at = i < gap ? i : i + GROUPS - count;
            bytes[2 * at] = (byte) (groups[i] >> 8);
            bytes[2 * at + 1] = (byte) groups[i];
        }
        return bytes;
    }

    private static int hex(String text, int from, int to) {
        if (from == to || to - from > 4) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = Character.digit(text.charAt(i), 16);
            if (digit < 0 || text.charAt(i) > 'f') {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    static String format(IpAddress address) {
        long low = address.low();
        if (address.v4()) {
            return (low >> 24 & 0xff) + "." + (low >> 16 & 0xff) + "." + (low >> 8 & 0xff) + "." + (low & 0xff);
        }
        int[] groups = new int[GROUPS];
        for (int i = 0; i < 4; i++) {
            groups[i] = (int) (address.high() >> (48 - 16 * i)) & 0xffff;
            groups[i + 4] = (int) (low >> (48 - 16 * i)) & 0xffff;
        }
        boolean mapped = address.high() == 0 && low >>> 32 == 0xffff;
        if (mapped) {
            return "::ffff:" + format(new IpAddress(0, low & 0xffffffffL, true));
        }
        int start = longestZeros(groups);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (i == start) {
                text.append("::");
                i += zeros(groups, i) - 1;
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":")
                        .append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    private static int longestZeros(int[] groups) {
        int best = -1;
        int length = 1;
        for (int i = 0; i < groups.length; i++) {
            int zeros = zeros(groups, i);
            if (zeros > length) {
                best = i;
                length = zeros;
            }
        }
        return best;
    }

    private static int zeros(int[] groups, int from) {
        return (int) Arrays.stream(groups, from, groups.length)
                .takeWhile(group -> group == 0)
                .count();
    }
}
