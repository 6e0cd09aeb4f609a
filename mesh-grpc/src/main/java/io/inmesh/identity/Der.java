package io.inmesh.identity;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** ASN.1 in DER (X.690), as much of it as certificate requests and private keys need. */
final class Der {
    static final int BOOLEAN = 0x01;
    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int OCTET_STRING = 0x04;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int SEQUENCE = 0x30;
    static final int SET = 0x31;
    static final byte[] NULL = {0x05, 0x00};

    private Der() {}

    /** A value of a type: {@code [n]} primitive is {@code 0x80 + n}, constructed {@code 0xa0 + n}. */
    static byte[] value(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 6);
        out.write(tag);
        writeLength(out, length);
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] sequence(byte[]... parts) {
        return value(SEQUENCE, parts);
    }

    /** An integer from 0 to 127. */
    static byte[] integer(int small) {
        return value(INTEGER, new byte[] {(byte) small});
    }

    static byte[] octets(byte[] content) {
        return value(OCTET_STRING, content);
    }

    /** A bit string of whole bytes. */
    static byte[] bits(byte[] content) {
        return value(BIT_STRING, new byte[] {0}, content);
    }

    /** An object identifier in its dotted form. */
    static byte[] oid(String dotted) {
        String[] arcs = dotted.split("\\.", -1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writeArc(out, Long.parseLong(arcs[0]) * 40 + Long.parseLong(arcs[1]));
        for (int i = 2; i < arcs.length; i++) {
            writeArc(out, Long.parseLong(arcs[i]));
        }
        return value(OBJECT_IDENTIFIER, out.toByteArray());
    }

    /**
     * The first element inside a sequence, with its tag and length.
     *
     * @throws BadMaterialException if that is not a whole sequence
     */
    static byte[] firstOf(byte[] sequence) throws BadMaterialException {
        int content = contentOf(sequence, 0);
        if (!isWholeSequence(sequence) || content >= sequence.length) {
            throw new BadMaterialException("is not the DER that was expected");
        }
        int start = contentOf(sequence, content);
        return Arrays.copyOfRange(sequence, content, start + lengthAt(sequence, content));
    }

    /** Whether the bytes are one sequence and nothing more: what was cut off while it was written is not. */
    static boolean isWholeSequence(byte[] der) {
        return der.length > 2
                && der[0] == SEQUENCE
                && contentOf(der, 0) <= der.length
                && contentOf(der, 0) + (long) lengthAt(der, 0) == der.length;
    }

    private static int contentOf(byte[] der, int at) {
        int first = at + 1 < der.length ? der[at + 1] & 0xff : 0;
        return at + 2 + (first < 0x80 ? 0 : first - 0x80);
    }

    private static int lengthAt(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < first - 0x80 && at + 2 + i < der.length; i++) {
            length = (length << 8) | (der[at + 2 + i] & 0xff);
        }
        return length;
    }

    private static void writeLength(ByteArrayOutputStream out, int length) {
        if (length < 0x80) {
            out.write(length);
            return;
        }
        int bytes = (39 - Integer.numberOfLeadingZeros(length)) / 8;
        out.write(0x80 + bytes);
        for (int i = bytes - 1; i >= 0; i--) {
            out.write(length >>> (8 * i));
        }
    }

    private static void writeArc(ByteArrayOutputStream out, long arc) {
        int groups = Math.max(1, (70 - Long.numberOfLeadingZeros(arc)) / 7);
        for (int i = groups - 1; i >= 0; i--) {
            out.write((int) ((arc >>> (7 * i)) & 0x7f) | (i > 0 ? 0x80 : 0));
        }
    }
}
