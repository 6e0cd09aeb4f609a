package io.inmesh.xds.kuma;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A Dataplane that the node itself carries.
 *
 * @param mesh     its mesh
 * @param name     its name
 * @param workload its workload, or null
 * @param resource the whole of it, in YAML or JSON
 */
record BroughtDataplane(String mesh, String name, @Nullable String workload, String resource) {

    static BroughtDataplane of(KumaDataplane dataplane) {
        return new BroughtDataplane(dataplane.mesh(), dataplane.name(), dataplane.workload(), dataplane.toJson());
    }

    static BroughtDataplane read(String resource) {
        if (resource.contains("{{")) {
            throw new IllegalArgumentException(
                    "The Dataplane has variables ({{...}}), which kuma-dp fills in from its command line;"
                            + " expected one without");
        }
        Map<?, ?> fields = fields(resource);
        Object type = fields.get("type");
        if (!"Dataplane".equals(type)) {
            throw new IllegalArgumentException("The resource has the type '" + type + "'; expected a Dataplane");
        }
        Object workload = fields.get("labels") instanceof Map<?, ?> labels ? labels.get(KumaDataplane.WORKLOAD) : null;
        return new BroughtDataplane(
                text(fields, "mesh"), text(fields, "name"), workload == null ? null : workload.toString(), resource);
    }

    private static Map<?, ?> fields(String resource) {
        try {
            if (new Load(LoadSettings.builder().setLabel("Dataplane").build()).loadFromString(resource)
                    instanceof Map<?, ?> fields) {
                return fields;
            }
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException("The Dataplane is neither YAML nor JSON: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException("The Dataplane is no object: expected fields type, mesh, name, networking");
    }

    private static String text(Map<?, ?> fields, String name) {
        Object value = fields.get(name);
        if (value == null || value.toString().isBlank()) {
            throw new IllegalArgumentException("The Dataplane has no " + name);
        }
        return value.toString();
    }
}
