package io.inmesh.xds;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** System properties and environment variables. What is blank counts as not set. */
record Settings(Function<String, @Nullable String> properties, Function<String, @Nullable String> environment) {

    /** A value and where it was set. */
    record Setting(String name, String value) {
        IllegalStateException expected(String what) {
            return new IllegalStateException(name + "=" + value + ": expected " + what);
        }
    }

    /** A setting of our own: the property, or the variable of the same name in its own spelling. */
    @Nullable
    Setting own(String property) {
        Setting set = property(property);
        return set != null
                ? set
                : variable(property.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_'));
    }

    @Nullable
    Setting property(String name) {
        return of(name, properties.apply(name));
    }

    @Nullable
    Setting variable(String name) {
        return of(name, environment.apply(name));
    }

    /**
     * Of the settings {@code inmesh.xds.*}, those that a dialect has no use for: they would look as if they counted.
     *
     * @throws IllegalStateException if one of them is set
     */
    void refuse(String dialect, List<String> names) {
        for (String name : names) {
            Setting set = own("inmesh.xds." + name);
            if (set != null) {
                throw new IllegalStateException(set.name() + " has no meaning with the dialect " + dialect);
            }
        }
    }

    private static @Nullable Setting of(String name, @Nullable String value) {
        return value == null || value.isBlank() ? null : new Setting(name, value);
    }
}
