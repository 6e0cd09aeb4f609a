package io.inmesh.transport;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A distinguished name as Envoy prints it: RFC 2253 by BoringSSL's {@code X509_NAME_print_ex} with {@code XN_FLAG_RFC2253}, whose short names of attributes are
 * more than the JDK's, and which escapes every byte above ASCII.
 */
final class DistinguishedName {
    private static final String EMAIL_ADDRESS = "1.2.840.113549.1.9.1";

    /** BoringSSL's short names; any other attribute has its number, and its value in hexadecimal. */
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("2.5.4.3", "CN"),
            Map.entry("2.5.4.4", "SN"),
            Map.entry("2.5.4.5", "serialNumber"),
            Map.entry("2.5.4.6", "C"),
            Map.entry("2.5.4.7", "L"),
            Map.entry("2.5.4.8", "ST"),
            Map.entry("2.5.4.9", "street"),
            Map.entry("2.5.4.10", "O"),
            Map.entry("2.5.4.11", "OU"),
            Map.entry("2.5.4.12", "title"),
            Map.entry("2.5.4.13", "description"),
            Map.entry("2.5.4.17", "postalCode"),
            Map.entry("2.5.4.41", "name"),
            Map.entry("2.5.4.42", "GN"),
            Map.entry("2.5.4.43", "initials"),
            Map.entry("2.5.4.44", "generationQualifier"),
            Map.entry("2.5.4.45", "x500UniqueIdentifier"),
            Map.entry("2.5.4.46", "dnQualifier"),
            Map.entry("2.5.4.65", "pseudonym"),
            Map.entry("0.9.2342.19200300.100.1.1", "UID"),
            Map.entry("0.9.2342.19200300.100.1.25", "DC"),
            Map.entry(EMAIL_ADDRESS, "emailAddress"));

    private static final int UTF8_STRING = 0x0c;
    private static final int PRINTABLE_STRING = 0x13;
    private static final int T61_STRING = 0x14;
    private static final int IA5_STRING = 0x16;
    private static final int VISIBLE_STRING = 0x1a;
    private static final int UNIVERSAL_STRING = 0x1c;
    private static final int BMP_STRING = 0x1e;

    private DistinguishedName() {}

    /** The text of a {@code Name}: the last part first. */
    static String text(Der name) {
        List<String> parts = new ArrayList<>();
        for (Der part : name.expect(Der.SEQUENCE).children()) {
            List<String> attributes = new ArrayList<>();
            for (Der attribute : part.expect(Der.SET).children()) {
                attributes.add(0, attribute(attribute));
            }
            parts.add(0, String.join("+", attributes));
        }
        return String.join(",", parts);
    }

    private static String attribute(Der attribute) {
        String oid = attribute.child(0).expect(Der.OID).oid();
        Der value = attribute.child(1);
        String name = NAMES.get(oid);
        return name == null
                ? oid + "=#" + HexFormat.of().withUpperCase().formatHex(value.encoded())
                : name + "=" + escape(utf8(value));
    }

    /** The parts from the root, written so that equal ones are equal texts: BoringSSL's {@code x509_name_canon}, which looks at neither case nor kind of string. */
    static List<String> canonical(Der name) {
        List<String> parts = new ArrayList<>();
        for (Der part : name.expect(Der.SEQUENCE).children()) {
            parts.add(part.expect(Der.SET).children().stream()
                    .map(each -> each.child(0).expect(Der.OID).oid() + canonicalValue(each.child(1)))
                    .sorted()
                    .collect(Collectors.joining("+")));
        }
        return parts;
    }

    /** In hexadecimal, so that no value can look like two. */
    private static String canonicalValue(Der value) {
        return switch (value.tag()) {
            case UTF8_STRING,
                    BMP_STRING,
                    UNIVERSAL_STRING,
                    PRINTABLE_STRING,
                    T61_STRING,
                    IA5_STRING,
                    VISIBLE_STRING -> {
                String text = new String(utf8(value), StandardCharsets.ISO_8859_1);
                StringBuilder lower = new StringBuilder();
                for (String word : text.trim().split("[ \\t\\n\\x0B\\f\\r]+")) {
                    lower.append(lower.isEmpty() ? "" : " ").append(word);
                }
                for (int i = 0; i < lower.length(); i++) {
                    char each = lower.charAt(i);
                    lower.setCharAt(i, each >= 'A' && each <= 'Z' ? (char) (each + ('a' - 'A')) : each);
                }
                yield "=" + HexFormat.of().formatHex(lower.toString().getBytes(StandardCharsets.ISO_8859_1));
            }
            default -> "#" + HexFormat.of().formatHex(value.encoded());
        };
    }

    /**
     * The e-mail addresses that it has among its attributes.
     *
     * @throws IllegalArgumentException if one is no {@code IA5String}
     */
    static List<String> emails(Der name) {
        List<String> emails = new ArrayList<>();
        for (Der part : name.expect(Der.SEQUENCE).children()) {
            for (Der attribute : part.expect(Der.SET).children()) {
                if (attribute.child(0).expect(Der.OID).oid().equals(EMAIL_ADDRESS)) {
                    byte[] address = attribute.child(1).expect(IA5_STRING).content();
                    emails.add(new String(address, StandardCharsets.ISO_8859_1));
                }
            }
        }
        return emails;
    }

    private static byte[] utf8(Der value) {
        byte[] content = value.content();
        Charset charset =
                switch (value.tag()) {
                    case UTF8_STRING -> StandardCharsets.UTF_8;
                    case BMP_STRING -> StandardCharsets.UTF_16BE;
                    case UNIVERSAL_STRING -> Charset.forName("UTF-32BE");
                    default -> StandardCharsets.ISO_8859_1;
                };
        return new String(content, charset).getBytes(StandardCharsets.UTF_8);
    }

    private static String escape(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < bytes.length; i++) {
            int each = bytes[i] & 0xff;
            boolean first = i == 0;
            boolean last = i == bytes.length - 1;
            if (each < ' ' || each >= 0x7f) {
                text.append('\\').append(HexFormat.of().withUpperCase().toHexDigits((byte) each));
            } else if (",+\"\\<>;".indexOf(each) >= 0
                    || (first && (each == '#' || each == ' '))
                    || (last && each == ' ')) {
                text.append('\\').append((char) each);
            } else {
                text.append((char) each);
            }
        }
        return text.toString();
    }
}
