package io.inmesh.transport;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** One block of PEM (RFC 7468), as BoringSSL reads it: text between blocks is skipped. */
public final class Pem {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    private static final int LINE = 64;

    private final String label;
    private final boolean headers;
    private final byte[] bytes;

    private Pem(String label, boolean headers, byte[] bytes) {
        this.label = label;
        this.headers = headers;
        this.bytes = bytes;
    }

    /** What is between the dashes. */
    public String label() {
        return label;
    }

    /** Whether there are RFC 1421 headers, which OpenSSL's old encryption of keys has. */
    boolean headers() {
        return headers;
    }

    /** What the block holds. */
    public byte[] bytes() {
        return bytes;
    }

    /**
     * All blocks of a text.
     *
     * @throws IllegalArgumentException if a block does not end or is no Base64; nothing of it is in the message
     */
    public static List<Pem> read(byte[] text) {
        List<Pem> blocks = new ArrayList<>();
        String label = null;
        boolean headers = false;
        StringBuilder body = new StringBuilder();
        for (String raw : new String(text, StandardCharsets.ISO_8859_1).split("\r\n|\r|\n", -1)) {
            String line = raw.strip();
            if (label == null) {
                if (line.startsWith(BEGIN) && line.endsWith(DASHES)) {
                    label = line.substring(BEGIN.length(), line.length() - DASHES.length());
                    headers = false;
                    body.setLength(0);
                }
            } else if (line.startsWith(END)) {
                if (!line.equals(END + label + DASHES)) {
                    throw new IllegalArgumentException("the PEM block " + label + " ends as another");
                }
                blocks.add(new Pem(label, headers, decode(label, headers, body.toString())));
                label = null;
            } else if (line.indexOf(':') >= 0) {
                headers = true;
            } else {
                body.append(line);
            }
        }
        if (label != null) {
            throw new IllegalArgumentException("the PEM block " + label + " does not end");
        }
        return blocks;
    }

    private static byte[] decode(String label, boolean headers, String body) {
        try {
            return Base64.getDecoder().decode(body);
        } catch (IllegalArgumentException e) {
            if (headers) {
                return new byte[0]; // a folded header; such a block is refused by its headers
            }
            // The cause would quote the content.
            throw new IllegalArgumentException("the PEM block " + label + " is not Base64");
        }
    }

    /** A block as text, ending in a line feed. */
    public static String write(String label, byte[] bytes) {
        String body = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(bytes);
        return BEGIN + label + DASHES + "\n" + body + "\n" + END + label + DASHES + "\n";
    }

    @Override
    public String toString() {
        return "Pem[" + label + "]";
    }
}
