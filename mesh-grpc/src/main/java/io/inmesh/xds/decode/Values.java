package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.inmesh.model.ValueMatcher;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Protobuf's general types to Java's. */
final class Values {
    private static final long MAX_SECONDS = 315_576_000_000L;

    private Values() {}

    /** A duration that must not be negative. */
    static Duration duration(com.google.protobuf.Duration value, String path) {
        boolean valid =
                Math.abs(value.getSeconds()) <= MAX_SECONDS && Math.abs((long) value.getNanos()) < 1_000_000_000L;
        if (!valid) {
            throw new BadResourceException(path, "is not a valid duration");
        }
        Duration duration = Duration.ofSeconds(value.getSeconds(), value.getNanos());
        if (duration.isNegative()) {
            throw new BadResourceException(path, "must not be negative");
        }
        return duration;
    }

    /** A duration of which zero means that there is no limit: null then. */
    static @Nullable Duration limit(com.google.protobuf.Duration value, String path) {
        Duration duration = duration(value, path);
        return duration.isZero() ? null : duration;
    }

    /** An unsigned number, as large as an int can be. */
    static int count(UInt32Value value) {
        return count(value.getValue());
    }

    /** An unsigned number, as large as an int can be. */
    static int count(int unsigned) {
        return unsigned < 0 ? Integer.MAX_VALUE : unsigned;
    }

    /** An RE2 expression. */
    static Pattern regex(String regex, String path) {
        String tooLarge = RegexSize.problem(regex);
        if (tooLarge != null) {
            throw new BadResourceException(path, "is not a regular expression of RE2: " + tooLarge);
        }
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new BadResourceException(path, "is not a regular expression of RE2: " + e.getMessage());
        }
    }

    /** {@code filter_metadata}, as nested maps. */
    static Map<String, Map<String, Object>> metadata(Metadata metadata) {
        if (metadata.getFilterMetadataCount() == 0) {
            return Map.of();
        }
        Map<String, Map<String, Object>> spaces = new LinkedHashMap<>();
        metadata.getFilterMetadataMap().forEach((space, struct) -> spaces.put(space, map(struct)));
        return Map.copyOf(spaces);
    }

    /** One name space of {@code filter_metadata}. */
    static Map<String, Object> metadata(Metadata metadata, String space) {
        return map(metadata.getFilterMetadataOrDefault(space, Struct.getDefaultInstance()));
    }

    /** A struct as nested maps. */
    static Map<String, Object> map(Struct struct) {
        Map<String, Object> map = new LinkedHashMap<>();
        struct.getFieldsMap().forEach((key, value) -> map.put(key, plain(value)));
        return Map.copyOf(map);
    }

    private static Object plain(Value value) {
        return switch (value.getKindCase()) {
            case NUMBER_VALUE -> value.getNumberValue();
            case STRING_VALUE -> value.getStringValue();
            case BOOL_VALUE -> value.getBoolValue();
            case STRUCT_VALUE -> map(value.getStructValue());
            case LIST_VALUE ->
                value.getListValue().getValuesList().stream()
                        .map(Values::plain)
                        .collect(java.util.stream.Collectors.toUnmodifiableList());
            case NULL_VALUE, KIND_NOT_SET -> ValueMatcher.JsonNull.NULL;
        };
    }

    /** The name of the type in an {@code Any}, without the host before it. */
    static String typeName(String typeUrl) {
        return typeUrl.substring(typeUrl.lastIndexOf('/') + 1);
    }

    /** Whether an {@code Any} holds a message of that type. */
    static boolean is(Any any, Message prototype) {
        return typeName(any.getTypeUrl())
                .equals(prototype.getDescriptorForType().getFullName());
    }

    /** The checked content of an {@code Any} of a known type. */
    static <M extends Message> M unpack(Any any, M prototype, String path, Notes notes) {
        M message = parse(any, prototype, path);
        FieldAudit.check(message, path, notes);
        return message;
    }

    /** The same for what says whom to trust; {@code refusal} is told of fields that must not be passed over. */
    static <M extends Message> M unpack(Any any, M prototype, String path, Notes notes, Refusal refusal) {
        M message = parse(any, prototype, path);
        FieldAudit.check(message, path, notes, refusal);
        return message;
    }

    @SuppressWarnings("unchecked") // a message's parser gives messages of its own class
    static <M extends Message> M parse(Any any, M prototype, String path) {
        try {
            return (M) prototype.getParserForType().parseFrom(any.getValue());
        } catch (InvalidProtocolBufferException e) {
            throw new BadResourceException(
                    path,
                    "cannot be read as " + prototype.getDescriptorForType().getFullName() + ": " + e.getMessage());
        }
    }

    /** The elements of a list that {@code path} names, converted one by one. */
    static <P, R> List<R> each(List<P> list, String path, String field, ElementDecoder<P, R> decoder) {
        if (list.isEmpty()) {
            return List.of();
        }
        List<R> result = new java.util.ArrayList<>(list.size());
        for (int i = 0; i < list.size(); i++) {
            result.add(decoder.decode(list.get(i), Paths.element(path, field, i)));
        }
        return List.copyOf(result);
    }

    /** Decodes one element of a list. */
    interface ElementDecoder<P, R> {
        R decode(P proto, String path);
    }
}
