package io.inmesh.transport;

import io.inmesh.exchange.IpAddress;
import io.inmesh.model.SubjectAltNameMatcher;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One name of a certificate, exactly as it is there: a NUL inside stays one, so no text ends early.
 *
 * @param text as Envoy prints it
 * @param oid  of another name, else empty
 */
record SubjectAltName(SubjectAltNameMatcher.Type type, String text, String oid) {
    private static final int OTHER_NAME = 0xa0;
    private static final int EMAIL = 0x81;
    private static final int DNS = 0x82;
    private static final int URI = 0x86;
    private static final int IP_ADDRESS = 0x87;

    private static final int BOOLEAN = 0x01;
    private static final int ENUMERATED = 0x0a;
    private static final int UNIVERSAL_STRING = 0x1c;
    private static final int BMP_STRING = 0x1e;

    /** The names of a {@code GeneralNames} (RFC 5280 section 4.2.1.6), in order; those of kinds that nothing can match are left out. */
    static List<SubjectAltName> read(byte[] generalNames) {
        List<SubjectAltName> names = new ArrayList<>();
        for (Der name : Der.read(generalNames).expect(Der.SEQUENCE).children()) {
            switch (name.tag()) {
                case OTHER_NAME -> names.add(other(name));
                case EMAIL -> names.add(new SubjectAltName(SubjectAltNameMatcher.Type.EMAIL, text(name.content()), ""));
                case DNS -> names.add(new SubjectAltName(SubjectAltNameMatcher.Type.DNS, text(name.content()), ""));
                case URI -> names.add(new SubjectAltName(SubjectAltNameMatcher.Type.URI, text(name.content()), ""));
                case IP_ADDRESS ->
                    names.add(new SubjectAltName(SubjectAltNameMatcher.Type.IP_ADDRESS, address(name.content()), ""));
                default -> {}
            }
        }
        return names;
    }

    private static SubjectAltName other(Der name) {
        Der value = name.child(1).expect(OTHER_NAME).child(0);
        return new SubjectAltName(
                SubjectAltNameMatcher.Type.OTHER_NAME,
                otherText(value),
                name.child(0).expect(Der.OID).oid());
    }

    /** {@code Utility::generalNameAsString} in Envoy. */
    private static String otherText(Der value) {
        byte[] content = value.content();
        return switch (value.tag()) {
            case Der.NULL -> "";
            case BOOLEAN -> content.length == 1 && content[0] != 0 ? "true" : "false";
            case Der.INTEGER, ENUMERATED -> new BigInteger(content).toString();
            case Der.OID -> value.oid();
            case Der.BIT_STRING -> text(content.length == 0 ? content : value.bits());
            case BMP_STRING -> new String(content, StandardCharsets.UTF_16BE);
            case UNIVERSAL_STRING -> new String(content, Charset.forName("UTF-32BE"));
            case Der.SEQUENCE, Der.SET -> text(value.encoded());
            default -> text(content);
        };
    }

    private static String address(byte[] bytes) {
        return bytes.length == 4 || bytes.length == 16 ? IpAddress.of(bytes).toString() : "";
    }

    /** UTF-8, or byte by byte where it is none. */
    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }
}
