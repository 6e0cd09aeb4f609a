package io.inmesh.xds.files;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import org.jspecify.annotations.Nullable;

/** Fields by the names that people write. */
final class FieldNames {
    /** How many letters may be wrong in a suggestion. */
    private static final int NEAR = 3;

    private FieldNames() {}

    /** The field of that name, as in the proto file or in lower camel case. */
    static @Nullable FieldDescriptor find(Descriptor type, String name) {
        FieldDescriptor byName = type.findFieldByName(name);
        if (byName != null) {
            return byName;
        }
        for (FieldDescriptor field : type.getFields()) {
            if (field.getJsonName().equals(name)) {
                return field;
            }
        }
        return null;
    }

    /** {@code ; did you mean "x"?}, or nothing if no field's name is near. */
    static String suggestion(Descriptor type, String name) {
        String nearest = "";
        int least = NEAR + 1;
        for (FieldDescriptor field : type.getFields()) {
            int distance = Math.min(distance(name, field.getName()), distance(name, field.getJsonName()));
            if (distance < least) {
                least = distance;
                nearest = field.getName();
            }
        }
        return nearest.isEmpty() ? "" : "; did you mean \"" + nearest + "\"?";
    }

    /** Levenshtein's. */
    private static int distance(String left, String right) {
        int[] row = new int[right.length() + 1];
        for (int j = 0; j <= right.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int above = row[j];
                int substitution = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substitution, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[right.length()];
    }
}
