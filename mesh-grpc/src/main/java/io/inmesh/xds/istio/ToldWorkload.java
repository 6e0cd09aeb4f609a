package io.inmesh.xds.istio;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an application has said of its workload; null or empty where it said nothing. */
final class ToldWorkload {
    final Map<String, String> labels = new LinkedHashMap<>();
    List<String> addresses = List.of();

    @Nullable
    String name;

    @Nullable
    String namespace;

    @Nullable
    String serviceAccount;

    @Nullable
    String domain;

    @Nullable
    String trustDomain;

    @Nullable
    Locality locality;

    /** The workload, the rest of it as its surroundings say. */
    Workload in(AgentEnvironment environment, Missing missing) {
        String space = namespace == null ? environment.namespace() : namespace;
        if (space == null) {
            missing.add(
                    "The workload's namespace is not known",
                    "namespace(...)",
                    "POD_NAMESPACE (downward API: metadata.namespace)",
                    "ISTIO_NAMESPACE in /" + AgentEnvironment.CLUSTER_FILE,
                    "a service-account token, which names it",
                    "/" + AgentEnvironment.NAMESPACE_FILE);
            space = "";
        }
        Map<String, String> all = new LinkedHashMap<>(environment.labels());
        all.remove(AgentEnvironment.TEMPLATE_HASH);
        all.putAll(labels);
        return new Workload(
                name == null ? environment.name() : name,
                space,
                serviceAccount == null ? environment.serviceAccount() : serviceAccount,
                addresses.isEmpty() ? environment.addresses() : addresses,
                domain == null ? environment.domain(space) : domain,
                trustDomain == null ? environment.trustDomain() : trustDomain,
                all,
                locality == null ? Locality.of(all) : locality);
    }
}
