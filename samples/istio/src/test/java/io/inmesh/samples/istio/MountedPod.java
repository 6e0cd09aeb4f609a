package io.inmesh.samples.istio;

import com.google.gson.JsonElement;
import io.inmesh.samples.istio.controlplane.KubernetesApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What a kubelet makes of the first container of a pod template: the variables of its process, and the files that are mounted, as far as the samples' manifests
 * use them.
 *
 * @param environment all variables
 * @param root        the folder that is the container's {@code /}
 */
record MountedPod(Map<String, String> environment, Path root) {

    /**
     * Mounts it.
     *
     * @param api      has its service account and its ConfigMaps
     * @param template {@code spec.template} of a Deployment
     * @param labels   that it has beside those of the template
     */
    static MountedPod of(
            KubernetesApi api,
            Map<?, ?> template,
            String namespace,
            String name,
            String address,
            Map<String, String> labels,
            Path root)
            throws IOException, InterruptedException {
        Map<?, ?> spec = map(template, "spec");
        Map<?, ?> container = map(list(spec, "containers").get(0));
        Map<String, Object> allLabels = new HashMap<>(labels);
        map(map(template, "metadata"), "labels").forEach((key, value) -> allLabels.put(key.toString(), value));
        Map<String, String> fields = Map.of(
                "metadata.name",
                name,
                "metadata.namespace",
                namespace,
                "metadata.labels",
                downward(allLabels),
                "metadata.annotations",
                "",
                "spec.serviceAccountName",
                text(spec, "serviceAccountName"),
                "status.podIP",
                address);
        Map<String, String> environment = new HashMap<>();
        for (Object each : list(container, "env")) {
            Map<?, ?> variable = map(each);
            environment.put(text(variable, "name"), field(fields, map(map(variable, "valueFrom"), "fieldRef")));
        }
        Map<String, Map<?, ?>> volumes = list(spec, "volumes").stream()
                .map(MountedPod::map)
                .collect(Collectors.toMap(each -> text(each, "name"), each -> each));
        for (Object each : list(container, "volumeMounts")) {
            Map<?, ?> mount = map(each);
            Path folder = root.resolve(text(mount, "mountPath").substring(1));
            Files.createDirectories(folder);
            fill(api, Objects.requireNonNull(volumes.get(text(mount, "name"))), fields, folder);
        }
        return new MountedPod(environment, root);
    }

    private static void fill(KubernetesApi api, Map<?, ?> volume, Map<String, String> fields, Path folder)
            throws IOException, InterruptedException {
        String namespace = fields.getOrDefault("metadata.namespace", "");
        if (volume.get("projected") instanceof Map<?, ?> projected) {
            Map<?, ?> token = map(map(list(projected, "sources").get(0)), "serviceAccountToken");
            String account = fields.getOrDefault("spec.serviceAccountName", "");
            Files.writeString(
                    folder.resolve(text(token, "path")), api.token(namespace, account, text(token, "audience")));
        } else if (volume.get("configMap") instanceof Map<?, ?> configMap) {
            String document = "{apiVersion: v1, kind: ConfigMap, metadata: {namespace: " + namespace + ", name: "
                    + configMap.get("name") + "}}";
            for (Map.Entry<String, JsonElement> each :
                    api.get(document).getAsJsonObject("data").entrySet()) {
                Files.writeString(folder.resolve(each.getKey()), each.getValue().getAsString());
            }
        } else if (volume.get("downwardAPI") instanceof Map<?, ?> downward) {
            for (Object each : list(downward, "items")) {
                Map<?, ?> item = map(each);
                Files.writeString(folder.resolve(text(item, "path")), field(fields, map(item, "fieldRef")));
            }
        } else {
            throw new IllegalArgumentException("a volume of a kind that is not known here: " + volume);
        }
    }

    private static String field(Map<String, String> fields, Map<?, ?> reference) {
        return Objects.requireNonNull(
                fields.get(text(reference, "fieldPath")), "no field " + reference.get("fieldPath"));
    }

    /** {@code key="value"}, one a line, as the downward API writes maps. */
    private static String downward(Map<String, Object> labels) {
        return labels.entrySet().stream()
                .map(each -> each.getKey() + "=\"" + each.getValue() + "\"")
                .collect(Collectors.joining("\n"));
    }

    private static Map<?, ?> map(Map<?, ?> parent, String key) {
        return map(Objects.requireNonNull(parent.get(key), key));
    }

    private static Map<?, ?> map(Object value) {
        return (Map<?, ?>) value;
    }

    private static String text(Map<?, ?> parent, String key) {
        return Objects.requireNonNull(parent.get(key), key).toString();
    }

    private static List<?> list(Map<?, ?> parent, String key) {
        return (List<?>) Objects.requireNonNull(parent.get(key), key);
    }
}
