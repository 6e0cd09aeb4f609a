package io.inmesh.transport;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One element of DER (X.690), read in place. It exists because the JDK refuses whole certificates that BoringSSL takes: with an empty issuer, with names that
 * are no host names. Whatever is malformed is an {@link IllegalArgumentException}.
 */
public final class Der {
    static final int BOOLEAN = 0x01;
    /** The tag of {@code INTEGER}. */
    public static final int INTEGER = 0x02;
    /** The tag of {@code BIT STRING}. */
    public static final int BIT_STRING = 0x03;
    /** The tag of {@code OCTET STRING}. */
    public static final int OCTET_STRING = 0x04;

    static final int NULL = 0x05;
    /** The tag of {@code OBJECT IDENTIFIER}. */
    public static final int OID = 0x06;
    /** The tag of {@code SEQUENCE}. */
    public static final int SEQUENCE = 0x30;
    /** The tag of {@code SET}. */
    public static final int SET = 0x31;

    private static final int LONG_FORM = 0x80;

    /** Real ones have less than 20; to write one in decimal takes quadratic time. */
    private static final int MAX_OID = 64;

    private final byte[] bytes;
    private final int start;
    private final int content;
    private final int end;

    private Der(byte[] bytes, int start, int limit) {
        this.bytes = bytes;
        this.start = start;
        int position = start + 1;
        if (position >= limit || (bytes[start] & 0x1f) == 0x1f) {
            throw new IllegalArgumentException("DER ends early, or has a tag of several bytes");
        }
        int length = bytes[position++] & 0xff;
        if (length >= LONG_FORM) {
            int count = length - LONG_FORM;
            if (count == 0 || count > 3 || position + count > limit) {
                throw new IllegalArgumentException("a length in DER of " + count + " bytes");
            }
            length = 0;
            for (int i = 0; i < count; i++) {
                length = (length << 8) | (bytes[position++] & 0xff);
            }
        }
        this.content = position;
        this.end = position + length;
        if (end > limit) {
            throw new IllegalArgumentException("DER ends early");
        }
    }

    /** The one element that the bytes are. */
    static Der read(byte[] bytes) {
        Der element = new Der(bytes, 0, bytes.length);
        if (element.end != bytes.length) {
            throw new IllegalArgumentException("bytes follow the end of DER");
        }
        return element;
    }

    int tag() {
        return bytes[start] & 0xff;
    }

    /** The element with its header. */
    byte[] encoded() {
        return Arrays.copyOfRange(bytes, start, end);
    }

    /** The element without its header. */
    byte[] content() {
        return Arrays.copyOfRange(bytes, content, end);
    }

    /** The bytes of a bit string, without the count of its unused bits. */
    byte[] bits() {
        return Arrays.copyOfRange(bytes, Math.min(content + 1, end), end);
    }

    /** The element itself, if it has that tag. */
    Der expect(int tag) {
        if (tag() != tag) {
            throw new IllegalArgumentException("DER has the tag " + tag() + " where " + tag + " was expected");
        }
        return this;
    }

    /** The elements inside. */
    List<Der> children() {
        List<Der> children = new ArrayList<>();
        int position = content;
        while (position < end) {
            Der child = new Der(bytes, position, end);
            children.add(child);
            position = child.end;
        }
        return children;
    }

    /** The element inside at a place. */
    Der child(int index) {
        List<Der> children = children();
        if (index >= children.size()) {
            throw new IllegalArgumentException("DER has " + children.size() + " elements where more were expected");
        }
        return children.get(index);
    }

    /** The text of an object identifier, such as {@code 2.5.29.17}. */
    String oid() {
        if (end - content > MAX_OID) {
            throw new IllegalArgumentException("an object identifier of " + (end - content) + " bytes");
        }
        StringBuilder text = new StringBuilder();
        BigInteger arc = BigInteger.ZERO;
        for (int i = content; i < end; i++) {
            arc = arc.shiftLeft(7).or(BigInteger.valueOf(bytes[i] & 0x7f));
            if ((bytes[i] & 0x80) == 0) {
                appendArc(text, arc);
                arc = BigInteger.ZERO;
            }
        }
        return text.toString();
    }

    private static void appendArc(StringBuilder text, BigInteger arc) {
        if (text.length() > 0) {
            text.append('.').append(arc);
            return;
        }
        // X.690 8.19.4: the first two arcs share a number.
        int first = arc.compareTo(BigInteger.valueOf(80)) >= 0 ? 2 : arc.intValue() / 40;
        text.append(first).append('.').append(arc.subtract(BigInteger.valueOf(40L * first)));
    }

    /** An element of a tag with the parts as its content, one after the other. */
    public static byte[] write(int tag, byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        out.write(tag);
        if (length < LONG_FORM) {
            out.write(length);
        } else {
            int count = length < 1 << 8 ? 1 : length < 1 << 16 ? 2 : 3;
            out.write(LONG_FORM + count);
            for (int i = count - 1; i >= 0; i--) {
                out.write(length >> (8 * i));
            }
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
