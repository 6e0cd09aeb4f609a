package io.inmesh.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A condition on a value of a tree of maps, lists, strings, numbers and booleans: {@code envoy.type.matcher.v3.ValueMatcher}. */
public sealed interface ValueMatcher {

    /** Whether the value fulfils it; null stands for a value that is not there. */
    boolean matches(@Nullable Object value);

    /** A JSON null in the tree. */
    enum JsonNull {
        /** The only one. */
        NULL
    }

    /** {@code null_match}: a value that is null, and is there. */
    record Null() implements ValueMatcher {
        @Override
        public boolean matches(@Nullable Object value) {
            return value == JsonNull.NULL;
        }
    }

    /** {@code double_match.exact}. */
    record Exactly(double wanted) implements ValueMatcher {
        @Override
        public boolean matches(@Nullable Object value) {
            return value instanceof Double number && number.doubleValue() == wanted;
        }
    }

    /** {@code double_match.range}: a number from {@code start} on and below {@code end}. */
    record Range(double start, double end) implements ValueMatcher {
        @Override
        public boolean matches(@Nullable Object value) {
            return value instanceof Double number && number >= start && number < end;
        }
    }

    /** {@code string_match}. */
    record Text(StringMatcher matcher) implements ValueMatcher {
        @Override
        public boolean matches(@Nullable Object value) {
            return value instanceof String text && matcher.matches(text);
        }
    }

    /** {@code bool_match}. */
    record Bool(boolean wanted) implements ValueMatcher {
        @Override
        public boolean matches(@Nullable Object value) {
            return value instanceof Boolean bool && bool == wanted;
        }
    }

    /** {@code present_match}: with false, nothing matches, as in Envoy. */
    record Present(boolean present) implements ValueMatcher {
        @Override
        public boolean matches(@Nullable Object value) {
            return present && value != null && value != JsonNull.NULL;
        }
    }

    /** {@code list_match.one_of}: a list with an element that fulfils the condition. */
    record AnyElement(ValueMatcher element) implements ValueMatcher {
        @Override
        public boolean matches(@Nullable Object value) {
            if (value instanceof List<?> list) {
                for (int i = 0; i < list.size(); i++) {
                    if (element.matches(list.get(i))) {
                        return true;
                    }
                }
            }
            return false;
        }
    }

    /** {@code or_match}. */
    record AnyOf(List<ValueMatcher> conditions) implements ValueMatcher {
        @Override
        public boolean matches(@Nullable Object value) {
            for (int i = 0; i < conditions.size(); i++) {
                if (conditions.get(i).matches(value)) {
                    return true;
                }
            }
            return false;
        }
    }
}
