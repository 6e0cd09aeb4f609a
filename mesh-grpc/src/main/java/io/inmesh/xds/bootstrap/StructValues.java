package io.inmesh.xds.bootstrap;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Protobuf's JSON values as plain Java ones. */
final class StructValues {
    private StructValues() {}

    static Map<String, Object> map(Struct struct) {
        Map<String, Object> map = new LinkedHashMap<>();
        struct.getFieldsMap().forEach((name, value) -> {
            Object plain = plain(value);
            if (plain != null) {
                map.put(name, plain);
            }
        });
        return map;
    }

    private static @Nullable Object plain(Value value) {
        return switch (value.getKindCase()) {
            case BOOL_VALUE -> value.getBoolValue();
            case NUMBER_VALUE -> value.getNumberValue();
            case STRING_VALUE -> value.getStringValue();
            case STRUCT_VALUE -> map(value.getStructValue());
            case LIST_VALUE -> list(value);
            case NULL_VALUE, KIND_NOT_SET -> null;
        };
    }

    private static List<Object> list(Value value) {
        List<Object> list = new ArrayList<>();
        for (Value each : value.getListValue().getValuesList()) {
            Object plain = plain(each);
            if (plain != null) {
                list.add(plain);
            }
        }
        return list;
    }
}
