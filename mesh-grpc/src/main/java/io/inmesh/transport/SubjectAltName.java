package io.inmesh.transport;

import io.inmesh.exchange.IpAddress;
import io.inmesh.model.SubjectAltNameMatcher;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One name of a certificate, exactly as it is there: a NUL inside stays one, so no text ends early.
 *
 * @param text as Envoy prints it
 * @param oid  of another name, else empty
 */
record SubjectAltName(SubjectAltNameMatcher.Type type, String text, String oid) {
    private static final int OTHER_NAME = 0xa0;
    private static final int X400_ADDRESS = 0xa3;
    private static final int EDI_PARTY_NAME = 0xa5;
    private static final int IP_ADDRESS = 0x87;
    private static final int REGISTERED_ID = 0x88;

    static final int EMAIL = 0x81;
    static final int DNS = 0x82;
    static final int URI = 0x86;
    static final int DIRECTORY_NAME = 0xa4;

    /** Of an integer in another name; to write it in decimal takes quadratic time. */
    private static final int MAX_INTEGER = 64;

    private static final int ENUMERATED = 0x0a;
    private static final int UNIVERSAL_STRING = 0x1c;
    private static final int BMP_STRING = 0x1e;

    /**
     * A {@code GeneralName} (RFC 5280 section 4.2.1.6); null if it is of a kind that nothing can match.
     *
     * @throws IllegalArgumentException if it is none
     */
    static @Nullable SubjectAltName read(Der name) {
        return switch (name.tag()) {
            case OTHER_NAME -> other(name);
            case EMAIL -> new SubjectAltName(SubjectAltNameMatcher.Type.EMAIL, text(name.content()), "");
            case DNS -> new SubjectAltName(SubjectAltNameMatcher.Type.DNS, text(name.content()), "");
            case URI -> new SubjectAltName(SubjectAltNameMatcher.Type.URI, text(name.content()), "");
            case IP_ADDRESS -> new SubjectAltName(SubjectAltNameMatcher.Type.IP_ADDRESS, address(name.content()), "");
            case X400_ADDRESS, DIRECTORY_NAME, EDI_PARTY_NAME, REGISTERED_ID -> null;
            default -> throw new IllegalArgumentException("a name of an unknown kind");
        };
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
            case Der.BOOLEAN -> content.length == 1 && content[0] != 0 ? "true" : "false";
            case Der.INTEGER, ENUMERATED -> integer(content);
            case Der.OID -> value.oid();
            case Der.BIT_STRING -> text(content.length == 0 ? content : value.bits());
            case BMP_STRING -> new String(content, StandardCharsets.UTF_16BE);
            case UNIVERSAL_STRING -> new String(content, Charset.forName("UTF-32BE"));
            case Der.SEQUENCE, Der.SET -> text(value.encoded());
            default -> text(content);
        };
    }

    private static String integer(byte[] content) {
        if (content.length == 0 || content.length > MAX_INTEGER) {
            throw new IllegalArgumentException("an integer of " + content.length + " bytes");
        }
        return new BigInteger(content).toString();
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
