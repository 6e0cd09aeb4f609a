package io.inmesh.xds.files;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.text.ParseException;
import java.util.Base64;
import java.util.Locale;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Single values in the JSON mapping of protobuf. A text may stand without quotes wherever a text is expected. */
final class ScalarReader {
    private final String source;

    ScalarReader(String source) {
        this.source = source;
    }

    Object read(Node node, FieldDescriptor field, String path) throws ResourceFileException {
        return switch (field.getType()) {
            case STRING -> text(node, path);
            case BOOL -> bool(node, path);
            case BYTES -> bytes(node, path);
            case ENUM -> enumValue(node, field.getEnumType(), path);
            case INT32, SINT32, SFIXED32 ->
                integer(node, path, Integer.MIN_VALUE, Integer.MAX_VALUE).intValue();
            case UINT32, FIXED32 -> integer(node, path, 0, 0xFFFF_FFFFL).intValue();
            case INT64, SINT64, SFIXED64 ->
                integer(node, path, Long.MIN_VALUE, Long.MAX_VALUE).longValue();
            case UINT64, FIXED64 -> unsignedLong(node, path);
            case FLOAT -> (float) number(node, path);
            case DOUBLE -> number(node, path);
            case MESSAGE, GROUP -> throw failure(node, path, "expected fields");
        };
    }

    String text(Node node, String path) throws ResourceFileException {
        if (node instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        throw failure(node, path, "expected a text");
    }

    boolean bool(Node node, String path) throws ResourceFileException {
        return switch (text(node, path).toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw failure(node, path, "expected true or false, found \"" + text(node, path) + "\"");
        };
    }

    double number(Node node, String path) throws ResourceFileException {
        String text = text(node, path);
        try {
            return switch (text) {
                case "NaN", ".nan" -> Double.NaN;
                case "Infinity", ".inf" -> Double.POSITIVE_INFINITY;
                case "-Infinity", "-.inf" -> Double.NEGATIVE_INFINITY;
                default -> new BigDecimal(text).doubleValue();
            };
        } catch (NumberFormatException e) {
            throw failure(node, path, "expected a number, found \"" + text + "\"");
        }
    }

    Duration duration(Node node, String path) throws ResourceFileException {
        String text = text(node, path);
        try {
            return Durations.parse(text);
        } catch (ParseException | IllegalArgumentException e) {
            throw failure(node, path, "expected a duration such as 5s or 0.25s, found \"" + text + "\"");
        }
    }

    Timestamp timestamp(Node node, String path) throws ResourceFileException {
        String text = text(node, path);
        try {
            return Timestamps.parse(text);
        } catch (ParseException | IllegalArgumentException e) {
            throw failure(node, path, "expected a time such as 2026-01-31T12:00:00Z, found \"" + text + "\"");
        }
    }

    private ByteString bytes(Node node, String path) throws ResourceFileException {
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(text(node, path)));
        } catch (IllegalArgumentException e) {
            throw failure(node, path, "expected base64");
        }
    }

    private EnumValueDescriptor enumValue(Node node, EnumDescriptor type, String path) throws ResourceFileException {
        String text = text(node, path);
        EnumValueDescriptor value = type.findValueByName(text);
        if (value == null && text.matches("-?[0-9]{1,9}")) {
            value = type.findValueByNumber(Integer.parseInt(text));
        }
        if (value == null) {
            String expected = String.join(
                    ", ",
                    type.getValues().stream().map(EnumValueDescriptor::getName).toList());
            throw failure(node, path, "expected one of " + expected + ", found \"" + text + "\"");
        }
        return value;
    }

    private Long integer(Node node, String path, long least, long most) throws ResourceFileException {
        String text = text(node, path);
        try {
            long value = new BigDecimal(text).longValueExact();
            if (value >= least && value <= most) {
                return value;
            }
        } catch (ArithmeticException | NumberFormatException e) {
            // falls through to the one message
        }
        throw failure(node, path, "expected a whole number from " + least + " to " + most + ", found \"" + text + "\"");
    }

    private long unsignedLong(Node node, String path) throws ResourceFileException {
        String text = text(node, path);
        try {
            BigInteger value = new BigDecimal(text).toBigIntegerExact();
            if (value.signum() >= 0 && value.bitLength() <= Long.SIZE) {
                return value.longValue();
            }
        } catch (ArithmeticException | NumberFormatException e) {
            // falls through to the one message
        }
        throw failure(node, path, "expected a whole number of at most 64 bits, found \"" + text + "\"");
    }

    private ResourceFileException failure(Node node, String path, String reason) {
        return new ResourceFileException(source, YamlTree.line(node), path, reason);
    }
}
