package io.inmesh.xds.kuma;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Copies that keep their order, so that the same description gives the same text. */
final class Ordered {
    private Ordered() {}

    static Map<String, String> copy(Map<String, String> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    static <T> List<T> with(@Nullable List<T> list, T next) {
        List<T> longer = list == null ? new ArrayList<>() : new ArrayList<>(list);
        longer.add(next);
        return List.copyOf(longer);
    }
}
