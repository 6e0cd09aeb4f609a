package io.inmesh.xds.istio;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Istio's {@code ProxyConfig}, put together as Istio's agent does: the mesh's file, over it the variable {@code PROXY_CONFIG} and, of the address, {@code PILOT_ADDRESS}, over that the annotation
 * {@code proxy.istio.io/config}. A field replaces a field; lists and maps are not merged.
 *
 * @param fields      of {@code ProxyConfig}, as they were written
 * @param trustDomain of the mesh, if its file says it
 */
record ProxyConfiguration(
        Map<String, Object> fields, @Nullable String trustDomain) {
    static final String VARIABLE = "PROXY_CONFIG";
    private static final String MESH_FILE = "etc/istio/config/mesh";
    private static final String ANNOTATION = "proxy.istio.io/config";
    private static final String DISCOVERY_ANNOTATION = "sidecar.istio.io/discoveryAddress";

    /** @param annotations of the pod */
    static ProxyConfiguration read(Surroundings around, Map<String, String> annotations) {
        Map<String, Object> mesh = map(around.file(MESH_FILE).toString(), around.text(MESH_FILE));
        Map<String, Object> fields = new LinkedHashMap<>();
        if (mesh.get("defaultConfig") instanceof Map<?, ?> own) {
            own.forEach((name, value) -> fields.put(String.valueOf(name), value));
        }
        fields.putAll(map(VARIABLE, around.variable(VARIABLE)));
        String pilot = around.variable("PILOT_ADDRESS"); // istio-start.sh appends it to PROXY_CONFIG
        if (pilot != null) {
            fields.put("discoveryAddress", pilot);
        }
        fields.putAll(map("the annotation " + ANNOTATION, annotations.get(ANNOTATION)));
        String address = annotations.get(DISCOVERY_ANNOTATION);
        if (address != null) {
            fields.put("discoveryAddress", address);
        }
        return new ProxyConfiguration(fields, mesh.get("trustDomain") instanceof String name ? name : null);
    }

    @Nullable
    String discoveryAddress() {
        return fields.get("discoveryAddress") instanceof String address && !address.isBlank() ? address : null;
    }

    /** Whether the mesh's operator has turned TLS to istiod off. */
    boolean isPlaintext() {
        return "NONE".equals(fields.get("controlPlaneAuthPolicy"));
    }

    /** Variables that the mesh gives to its workloads. */
    Map<String, String> proxyMetadata() {
        Map<String, String> variables = new LinkedHashMap<>();
        if (fields.get("proxyMetadata") instanceof Map<?, ?> map) {
            map.forEach((name, value) -> variables.put(String.valueOf(name), String.valueOf(value)));
        }
        return variables;
    }

    /**
     * A map in YAML or JSON; empty if there is no text.
     *
     * @param source where the text was found
     * @throws IllegalStateException if the text is something else
     */
    static Map<String, Object> map(String source, @Nullable String text) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (text == null || text.isBlank()) {
            return map;
        }
        try {
            Object read = new Load(LoadSettings.builder().setLabel(source).build()).loadFromString(text);
            if (read instanceof Map<?, ?> entries) {
                entries.forEach((name, value) -> {
                    if (value != null) {
                        map.put(String.valueOf(name), value);
                    }
                });
                return map;
            }
        } catch (YamlEngineException e) {
            throw new IllegalStateException(source + " is neither YAML nor JSON: " + e.getMessage(), e);
        }
        throw new IllegalStateException(source + " is no map of names and values");
    }
}
