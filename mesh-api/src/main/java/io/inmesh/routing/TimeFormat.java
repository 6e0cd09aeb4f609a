package io.inmesh.routing;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.util.Locale;

/**
 * A point in time by {@code strftime} and Envoy's own additions: {@code %f} and {@code %1f} to {@code %9f} for parts of a second,
 * {@code %3s} and the like for seconds since 1970 with parts, {@code %E3S} for seconds with parts. Always UTC.
 */
final class TimeFormat {
    private static final DateTimeFormatter DEFAULT =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT);

    private TimeFormat() {}

    static String format(String pattern, long millis) {
        ZonedDateTime time = Instant.ofEpochMilli(millis).atZone(ZoneOffset.UTC);
        if (pattern.isEmpty()) {
            return DEFAULT.format(time);
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c != '%' || i + 1 == pattern.length()) {
                text.append(c);
                continue;
            }
            c = pattern.charAt(++i);
            int digits = -1;
            if (c == 'E' && i + 2 < pattern.length() && Character.isDigit(pattern.charAt(i + 1))) {
                digits = pattern.charAt(i + 1) - '0';
                i += 2;
                text.append(two(time.getSecond())).append('.').append(fraction(time, digits));
                continue;
            }
            if (Character.isDigit(c) && i + 1 < pattern.length()) {
                digits = c - '0';
                c = pattern.charAt(++i);
            }
            append(c, digits, time, text);
        }
        return text.toString();
    }

    private static void append(char conversion, int digits, ZonedDateTime time, StringBuilder text) {
        switch (conversion) {
            case 'Y' -> text.append(time.getYear());
            case 'y' -> text.append(two(time.getYear() % 100));
            case 'm' -> text.append(two(time.getMonthValue()));
            case 'd' -> text.append(two(time.getDayOfMonth()));
            case 'e' -> text.append(String.format("%2d", time.getDayOfMonth()));
            case 'H' -> text.append(two(time.getHour()));
            case 'I' -> text.append(two((time.getHour() + 11) % 12 + 1));
            case 'M' -> text.append(two(time.getMinute()));
            case 'S' -> text.append(two(time.getSecond()));
            case 'p' -> text.append(time.getHour() < 12 ? "AM" : "PM");
            case 'j' -> text.append(String.format("%03d", time.getDayOfYear()));
            case 'a' -> text.append(time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH));
            case 'A' -> text.append(time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH));
            case 'b', 'h' -> text.append(time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH));
            case 'B' -> text.append(time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH));
            case 'F' -> text.append(time.toLocalDate());
            case 'T' -> text.append(format("%H:%M:%S", time.toInstant().toEpochMilli()));
            case 'D' -> text.append(format("%m/%d/%y", time.toInstant().toEpochMilli()));
            case 'z' -> text.append("+0000");
            case 'Z' -> text.append("UTC");
            case 's' -> {
                text.append(time.toEpochSecond());
                if (digits > 0) {
                    text.append(fraction(time, digits));
                }
            }
            case 'f' -> text.append(fraction(time, digits < 0 ? 9 : digits));
            case 'n' -> text.append('\n');
            case 't' -> text.append('\t');
            case '%' -> text.append('%');
            default -> text.append('%').append(conversion);
        }
    }

    private static String fraction(ZonedDateTime time, int digits) {
        return String.format("%09d", time.getNano()).substring(0, digits);
    }

    private static String two(int number) {
        return number < 10 ? "0" + number : Integer.toString(number);
    }
}
