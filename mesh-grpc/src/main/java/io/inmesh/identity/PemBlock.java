package io.inmesh.identity;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One block of a PEM text (RFC 7468). A class and not a record: its bytes may be a key. */
final class PemBlock {
    private static final String BEGIN = "-----BEGIN ";
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final Base64.Encoder ENCODER = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private final String label;
    private final byte[] der;

    private PemBlock(String label, byte[] der) {
        this.label = label;
        this.der = der;
    }

    String label() {
        return label;
    }

    byte[] der() {
        return der;
    }

    /**
     * All blocks, in their order; text around them is allowed.
     *
     * @throws BadMaterialException if a block has no end, as in a file that is being written
     */
    static List<PemBlock> parse(String text) throws BadMaterialException {
        List<PemBlock> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        int from = 0;
        for (int begin = text.indexOf(BEGIN); begin >= 0; begin = text.indexOf(BEGIN, from)) {
            if (!matcher.find(begin) || matcher.start() != begin) {
                throw new BadMaterialException("has a PEM block that is not whole, or not in base64");
            }
            blocks.add(new PemBlock(matcher.group(1), decode(matcher.group(2))));
            from = matcher.end();
        }
        return blocks;
    }

    /** Writes a block. */
    static String write(String label, byte[] der) {
        return BEGIN + label + "-----\n" + ENCODER.encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private static byte[] decode(String body) throws BadMaterialException {
        try {
            return Base64.getMimeDecoder().decode(body.getBytes(StandardCharsets.US_ASCII));
        } catch (IllegalArgumentException e) {
            throw new BadMaterialException("has a PEM block that is not in base64");
        }
    }

    @Override
    public String toString() {
        return label + " of " + der.length + " bytes";
    }
}
