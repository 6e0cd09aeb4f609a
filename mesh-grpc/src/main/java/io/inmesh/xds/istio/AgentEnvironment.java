package io.inmesh.xds.istio;

import io.inmesh.identity.ServiceAccountToken;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What Istio's agent would read where this process runs. Of one variable counts the process's own before that of {@code cluster.env}, before that of
 * {@code proxyMetadata} in the mesh's configuration. What an agent is given by a manifest's injection and nobody gives to this process is taken from the
 * service-account token, which names namespace, account, pod and machine.
 *
 * @param around      with the variables of all places
 * @param proxy       the mesh's configuration of this workload
 * @param labels      of the pod, or of a virtual machine
 * @param annotations of the pod
 * @param token       says who this is, if it is one of Kubernetes
 */
record AgentEnvironment(
        Surroundings around,
        ProxyConfiguration proxy,
        Map<String, String> labels,
        Map<String, String> annotations,
        ServiceAccountToken token) {
    static final String CLUSTER_FILE = "var/lib/istio/envoy/cluster.env";
    static final String TOKEN = "var/run/secrets/tokens/istio-token";
    static final String NAMESPACE_FILE = "var/run/secrets/kubernetes.io/serviceaccount/namespace";
    private static final String LABELS_FILE = "etc/istio/pod/labels";
    private static final String ANNOTATIONS_FILE = "etc/istio/pod/annotations";
    private static final String LABELS_VARIABLE = "ISTIO_METAJSON_LABELS";
    private static final String RESOLVER_FILE = "etc/resolv.conf";
    /** Set by the controller of a ReplicaSet; no label of a workload. */
    static final String TEMPLATE_HASH = "pod-template-hash";

    private static final ServiceAccountToken UNKNOWN = new ServiceAccountToken("", "", "", "", Instant.MAX);

    static AgentEnvironment read(Surroundings process, Path tokenFile) {
        Map<String, String> variables = new HashMap<>();
        String machine = process.text(CLUSTER_FILE);
        if (machine != null) {
            variables.putAll(EnvironmentFile.parse(machine));
        }
        variables.putAll(process.variables());
        Map<String, String> annotations = downward(process, ANNOTATIONS_FILE);
        ProxyConfiguration proxy = ProxyConfiguration.read(process.withVariables(variables), annotations);
        proxy.proxyMetadata().forEach(variables::putIfAbsent);
        Surroundings all = process.withVariables(variables);
        ServiceAccountToken token = ServiceAccountToken.read(tokenFile);
        return new AgentEnvironment(all, proxy, labels(all), annotations, token == null ? UNKNOWN : token);
    }

    @Nullable
    String namespace() {
        String set = around.variable("POD_NAMESPACE", "ISTIO_NAMESPACE");
        if (set != null) {
            return set;
        }
        String mounted = token.namespace().isEmpty() ? around.text(NAMESPACE_FILE) : token.namespace();
        return mounted == null || mounted.isBlank() ? null : mounted.strip();
    }

    @Nullable
    String serviceAccount() {
        String set = around.variable("SERVICE_ACCOUNT");
        return set != null || token.serviceAccount().isEmpty() ? set : token.serviceAccount();
    }

    String name() {
        String set = around.variable("POD_NAME");
        String known = set == null ? token.pod() : set;
        String name = known.isEmpty() ? around.hostName().get() : known;
        return name.isEmpty() ? "inmesh-" + ProcessHandle.current().pid() : name;
    }

    /** The pod's own address first, because istiod takes the first one for it. */
    List<String> addresses() {
        String own = around.variable("INSTANCE_IP", "ISTIO_SVC_IP");
        List<String> found = new ArrayList<>();
        if (own != null) {
            found.add(own);
        }
        around.addresses().get().stream().filter(each -> !found.contains(each)).forEach(found::add);
        return found.isEmpty() ? List.of("127.0.0.1", "::1") : List.copyOf(found);
    }

    /** The cluster's domain, as the pod's resolver searches it. */
    String domain(String namespace) {
        String resolver = around.text(RESOLVER_FILE);
        String prefix = namespace + ".svc.";
        if (resolver != null) {
            for (String line : resolver.lines().toList()) {
                for (String word : line.startsWith("search") ? line.split("\\s+") : new String[0]) {
                    if (word.startsWith(prefix)) {
                        return word.substring(prefix.length());
                    }
                }
            }
        }
        return "cluster.local";
    }

    String trustDomain() {
        String set = around.variable("TRUST_DOMAIN");
        String ofMesh = proxy.trustDomain();
        return set != null ? set : ofMesh == null ? "cluster.local" : ofMesh;
    }

    /** The variables with a prefix, without it, in the order of their names. */
    Map<String, String> withPrefix(String prefix) {
        Map<String, String> found = new TreeMap<>();
        around.variables().forEach((name, value) -> {
            if (name.startsWith(prefix) && name.length() > prefix.length()) {
                found.put(name.substring(prefix.length()), value);
            }
        });
        return found;
    }

    private static Map<String, String> labels(Surroundings around) {
        Map<String, String> labels = new LinkedHashMap<>();
        ProxyConfiguration.map(LABELS_VARIABLE, around.variable(LABELS_VARIABLE))
                .forEach((name, value) -> labels.put(name, String.valueOf(value)));
        labels.putAll(downward(around, LABELS_FILE));
        return labels;
    }

    private static Map<String, String> downward(Surroundings around, String file) {
        String text = around.text(file);
        return text == null ? Map.of() : DownwardFile.parse(around.file(file).toString(), text);
    }
}
