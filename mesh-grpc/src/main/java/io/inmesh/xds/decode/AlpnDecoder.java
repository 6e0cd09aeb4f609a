package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.inmesh.model.AlpnOverrideFilter;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;

/**
 * {@code istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig}, of which there is no class: {@code repeated AlpnOverride alpn_override = 1}, each with
 * {@code Protocol upstream_protocol = 1} (HTTP10, HTTP11, HTTP2) and {@code repeated string alpn_override = 2}.
 */
final class AlpnDecoder {
    static final String TYPE = "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig";

    private static final int HTTP_10 = 0;
    private static final int HTTP_11 = 1;
    private static final int HTTP_2 = 2;

    private AlpnDecoder() {}

    static boolean isFor(Any config) {
        return TYPE.equals(Values.typeName(config.getTypeUrl()));
    }

    /** HTTP/1.0 is read and has no effect: no request goes out by it. */
    static AlpnOverrideFilter decode(Any config, String path, Notes notes) {
        TreeMap<Integer, List<String>> lists = new TreeMap<>();
        UnknownFieldSet filter = fields(config.getValue(), path);
        note(filter, 1, path, notes);
        List<ByteString> overrides = filter.getField(1).getLengthDelimitedList();
        for (int i = 0; i < overrides.size(); i++) {
            String at = Paths.element(path, "alpn_override", i);
            UnknownFieldSet override = fields(overrides.get(i), at);
            note(override, 2, at, notes);
            // Envoy's map keeps the first list of a version.
            lists.putIfAbsent(protocol(override, at), protocols(override, at));
        }
        return new AlpnOverrideFilter(
                Objects.requireNonNullElse(lists.get(HTTP_11), List.of()),
                Objects.requireNonNullElse(lists.get(HTTP_2), List.of()));
    }

    /** Of a field that comes more than once the last counts, and the default is 0. */
    private static int protocol(UnknownFieldSet override, String path) {
        List<Long> values = override.getField(1).getVarintList();
        long value = values.isEmpty() ? HTTP_10 : values.get(values.size() - 1);
        if (value < HTTP_10 || value > HTTP_2) {
            throw new BadResourceException(path + ".upstream_protocol", value + " is none of HTTP10, HTTP11, HTTP2");
        }
        return (int) value;
    }

    private static List<String> protocols(UnknownFieldSet override, String path) {
        List<String> protocols = override.getField(2).getLengthDelimitedList().stream()
                .map(ByteString::toStringUtf8)
                .toList();
        for (int i = 0; i < protocols.size(); i++) {
            // RFC 7301: ProtocolName<1..2^8-1>.
            int size = override.getField(2).getLengthDelimitedList().get(i).size();
            if (size == 0 || size > 255) {
                throw new BadResourceException(
                        Paths.element(path, "alpn_override", i), "must have 1 to 255 bytes, has " + size);
            }
        }
        return protocols;
    }

    private static UnknownFieldSet fields(ByteString bytes, String path) {
        try {
            return UnknownFieldSet.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new BadResourceException(path, "cannot be read as " + TYPE + ": " + e.getMessage());
        }
    }

    private static void note(UnknownFieldSet message, int known, String path, Notes notes) {
        for (Integer number : message.asMap().keySet()) {
            if (number > known) {
                notes.unsupported(Paths.child(path, "#" + number));
            }
        }
    }
}
