package io.inmesh.samples.istio.controlplane;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import javax.net.ssl.SSLContext;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * As much of the Kubernetes API as a mesh needs: resources in YAML are applied and deleted as {@code kubectl} does, and a service account gets a token. Objects that name no
 * namespace are in {@code default}, unless {@link #in} says otherwise.
 *
 * <p>Thread-safe; all methods block.
 */
public final class KubernetesApi {
    private static final String APPLY = "application/apply-patch+yaml"; // JSON is YAML
    private static final String MANAGER = "?fieldManager=inmesh&force=true";
    private static final int AT_ONCE = 32;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final URI server;
    private final String bearer;
    private final HttpClient client;
    private final Gson gson = new Gson();
    private final Map<String, JsonObject> kinds;
    private final String namespace;

    /**
     * An API server.
     *
     * @param server {@code https://host:port}
     * @param token  whose bearer may do all this
     * @param trust  TLS that trusts the server
     */
    public KubernetesApi(URI server, String token, SSLContext trust) {
        this(
                server,
                "Bearer " + token,
                HttpClient.newBuilder().sslContext(trust).build(),
                new ConcurrentHashMap<>(),
                "default");
    }

    private KubernetesApi(
            URI server, String bearer, HttpClient client, Map<String, JsonObject> kinds, String namespace) {
        this.server = server;
        this.bearer = bearer;
        this.client = client;
        this.kinds = kinds;
        this.namespace = namespace;
    }

    /** The same server, where objects that name no namespace are in this one: {@code kubectl -n}. */
    public KubernetesApi in(String otherNamespace) {
        return new KubernetesApi(server, bearer, client, kinds, otherNamespace);
    }

    /** Whether it can be asked. */
    boolean isReady() throws IOException, InterruptedException {
        return send(request("/readyz").GET()).statusCode() == 200;
    }

    /** Creates the objects of these documents, or changes them to be so. */
    public void apply(String yaml) throws IOException, InterruptedException {
        for (KubernetesObject each : read(yaml)) {
            expect("apply " + each, send(applying(each, "", "")));
        }
    }

    /** Asks whether it would take these documents, and changes nothing: {@code kubectl apply --dry-run=server --validate=strict}. */
    public void check(String yaml) throws IOException, InterruptedException {
        for (KubernetesObject each : read(yaml)) {
            expect("check " + each, send(applying(each, "", "&dryRun=All&fieldValidation=Strict")));
        }
    }

    /** Sets the status of objects that are there, as what runs them does. */
    public void applyStatus(String yaml) throws IOException, InterruptedException {
        for (KubernetesObject each : read(yaml)) {
            expect("status of " + each, send(applying(each, "/status", "")));
        }
    }

    /** The object that a document names, as the API server has it. */
    public JsonObject get(String yaml) throws IOException, InterruptedException {
        KubernetesObject object = read(yaml).get(0);
        return expect("get " + object, send(request(path(object)).GET().build()));
    }

    /** As {@link #apply}, many at a time and in no order. */
    public void applyAll(List<String> documents) throws IOException, InterruptedException {
        Semaphore slots = new Semaphore(AT_ONCE);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (String document : documents) {
            for (KubernetesObject each : read(document)) {
                HttpRequest request = applying(each, "", "");
                slots.acquire();
                answers.add(client.sendAsync(request, BodyHandlers.ofString())
                        .whenComplete((response, failure) -> slots.release()));
            }
        }
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            expect("apply", answer.join());
        }
    }

    /** Deletes the objects that these documents name; those that are not there count as deleted. */
    public void delete(String yaml) throws IOException, InterruptedException {
        for (KubernetesObject each : read(yaml)) {
            HttpResponse<String> response = send(request(path(each)).DELETE().build());
            if (response.statusCode() != 404) {
                expect("delete " + each, response);
            }
        }
    }

    /** Creates a namespace, if it is not there. */
    public void namespace(String name) throws IOException, InterruptedException {
        apply("{apiVersion: v1, kind: Namespace, metadata: {name: " + name + "}}");
    }

    /** Creates a service account, if it is not there. */
    public void serviceAccount(String space, String name) throws IOException, InterruptedException {
        apply("{apiVersion: v1, kind: ServiceAccount, metadata: {name: " + name + ", namespace: " + space + "}}");
    }

    /** A token of a service account, as a pod has it in a projected volume. It is good for an hour; the API server gives none for less than ten minutes. */
    public String token(String space, String serviceAccount, String audience) throws IOException, InterruptedException {
        String body = gson.toJson(Map.of(
                "apiVersion",
                "authentication.k8s.io/v1",
                "kind",
                "TokenRequest",
                "spec",
                Map.of("audiences", List.of(audience), "expirationSeconds", 3600)));
        HttpRequest request = request("/api/v1/namespaces/" + space + "/serviceaccounts/" + serviceAccount + "/token")
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        JsonObject answer = expect("token of " + space + "/" + serviceAccount, send(request));
        return answer.getAsJsonObject("status").get("token").getAsString();
    }

    private List<KubernetesObject> read(String yaml) {
        List<KubernetesObject> objects = new ArrayList<>();
        for (Object document : new Load(LoadSettings.builder()
                        .setAllowDuplicateKeys(false)
                        .setCodePointLimit(16 << 20)
                        .build())
                .loadAllFromString(yaml)) {
            if (document != null) {
                objects.add(KubernetesObject.of(document, namespace));
            }
        }
        return objects;
    }

    private HttpRequest applying(KubernetesObject object, String part, String parameters)
            throws IOException, InterruptedException {
        BodyPublisher body = BodyPublishers.ofString(gson.toJson(object.content()));
        return request(path(object) + part + MANAGER + parameters)
                .header("content-type", APPLY)
                .method("PATCH", body)
                .build();
    }

    private String path(KubernetesObject object) throws IOException, InterruptedException {
        String group =
                object.apiVersion().contains("/") ? "/apis/" + object.apiVersion() : "/api/" + object.apiVersion();
        JsonObject kind = kind(group, object.kind());
        String place = kind.get("namespaced").getAsBoolean() ? "/namespaces/" + object.namespace() : "";
        return group + place + "/" + kind.get("name").getAsString() + "/" + object.name();
    }

    /** How the API server calls a kind in its paths, and whether its objects are in namespaces. */
    private JsonObject kind(String group, String kind) throws IOException, InterruptedException {
        String key = group + "/" + kind;
        JsonObject known = kinds.get(key);
        if (known == null) {
            JsonObject all = expect(group, send(request(group).GET().build()));
            for (JsonElement each : all.getAsJsonArray("resources")) {
                JsonObject resource = each.getAsJsonObject();
                if (!resource.get("name").getAsString().contains("/")) {
                    kinds.put(group + "/" + resource.get("kind").getAsString(), resource);
                }
            }
            known = kinds.get(key);
        }
        if (known == null) {
            throw new IOException("the API server has no kind " + kind + " in " + group);
        }
        return known;
    }

    /** Whether the API server knows all these kinds: one that was just defined takes a moment. */
    boolean knows(String yaml) throws IOException, InterruptedException {
        for (KubernetesObject definition : read(yaml)) {
            for (String group : definition.served()) {
                if (send(request("/apis/" + group).GET().build()).statusCode() != 200) {
                    return false;
                }
            }
        }
        return true;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(server.resolve(path))
                .timeout(TIMEOUT)
                .header("authorization", bearer)
                .header("accept", "application/json");
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return send(request.build());
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, BodyHandlers.ofString());
    }

    private static JsonObject expect(String what, HttpResponse<String> response) throws KubernetesException {
        if (response.statusCode() / 100 != 2) {
            throw new KubernetesException(what, response.statusCode(), response.body());
        }
        return JsonParser.parseString(response.body()).getAsJsonObject();
    }
}
