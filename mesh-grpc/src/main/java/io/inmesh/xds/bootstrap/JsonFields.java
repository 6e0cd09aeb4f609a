package io.inmesh.xds.bootstrap;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.inmesh.xds.files.FieldLines;
import io.inmesh.xds.files.ResourceFileException;
import java.util.List;

/**
 * Reads fields of a JSON document by type; what has another type is a mistake with its place.
 *
 * @param source where the document comes from, for messages
 * @param text   the document
 */
record JsonFields(String source, String text) {

    /** A list; empty if it is not there. */
    List<Value> list(Struct parent, String path, String name) throws ResourceFileException {
        Value value = parent.getFieldsOrDefault(name, Value.getDefaultInstance());
        return switch (value.getKindCase()) {
            case LIST_VALUE -> value.getListValue().getValuesList();
            case KIND_NOT_SET -> List.of();
            default -> throw failure(child(path, name), "expected a list");
        };
    }

    /** A string; empty if it is not there. */
    String string(Struct parent, String path, String name) throws ResourceFileException {
        Value value = parent.getFieldsOrDefault(name, Value.getDefaultInstance());
        return switch (value.getKindCase()) {
            case STRING_VALUE -> value.getStringValue();
            case KIND_NOT_SET -> "";
            default -> throw failure(child(path, name), "expected a string");
        };
    }

    /** An object; empty if it is not there. */
    Struct struct(Struct parent, String path, String name) throws ResourceFileException {
        return parent.containsFields(name)
                ? struct(parent.getFieldsOrThrow(name), child(path, name))
                : Struct.getDefaultInstance();
    }

    Struct struct(Value value, String path) throws ResourceFileException {
        if (!value.hasStructValue()) {
            throw failure(path, "expected an object");
        }
        return value.getStructValue();
    }

    ResourceFileException failure(String field, String reason) {
        return FieldLines.failure(source, text, field, reason);
    }

    static String child(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
