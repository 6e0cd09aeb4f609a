package io.inmesh.samples.istio.controlplane;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One document: what the API server must know of it, and all of it. */
record KubernetesObject(String apiVersion, String kind, String namespace, String name, Map<?, ?> content) {

    /**
     * Looks into a document that was read.
     *
     * @param otherwise its namespace if it names none
     * @throws IllegalArgumentException if it is no object of Kubernetes
     */
    static KubernetesObject of(Object document, String otherwise) {
        Map<?, ?> content = map(document, "a document");
        Map<?, ?> metadata = map(content.get("metadata"), "metadata");
        Object namespace = metadata.get("namespace");
        return new KubernetesObject(
                text(content, "apiVersion"),
                text(content, "kind"),
                namespace == null ? otherwise : namespace.toString(),
                text(metadata, "name"),
                content);
    }

    /** The {@code group/version}s that a CustomResourceDefinition brings. */
    List<String> served() {
        Map<?, ?> spec = map(content.get("spec"), "spec");
        List<String> served = new ArrayList<>();
        if (spec.get("versions") instanceof List<?> versions) {
            for (Object version : versions) {
                served.add(text(spec, "group") + "/" + text(map(version, "a version"), "name"));
            }
        }
        return served;
    }

    private static Map<?, ?> map(@Nullable Object value, String what) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new IllegalArgumentException(what + ": expected a map, found " + value);
    }

    private static String text(Map<?, ?> map, String key) {
        Object value = map.get(key);
        if (value == null) {
            throw new IllegalArgumentException(key + ": expected a text, found nothing in " + map.keySet());
        }
        return value.toString();
    }

    @Override
    public String toString() {
        return kind + " " + namespace + "/" + name;
    }
}
