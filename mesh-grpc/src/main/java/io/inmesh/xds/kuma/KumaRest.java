package io.inmesh.xds.kuma;

import io.inmesh.grpc.Targets;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * kuma-cp's API, as far as a workload needs it: to put its Dataplane there, to say whether it is ready, to take it away. Whatever else has JSON can be put, too.
 *
 * <p>kuma-cp takes callers on its own machine for administrators ({@code http://localhost:5681}); others show a user token. Writing must go to the control plane of
 * the zone, and on Kubernetes to the Kubernetes API instead.
 *
 * <p>Immutable and thread-safe. Methods block until kuma-cp has answered, ten seconds at most.
 */
public final class KumaRest {
    private static final Logger log = LoggerFactory.getLogger(KumaRest.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int NOT_FOUND = 404;

    private final HttpClient client;
    private final String base;
    private final @Nullable Path userToken;

    private KumaRest(HttpClient client, String base, @Nullable Path userToken) {
        this.client = client;
        this.base = base;
        this.userToken = userToken;
    }

    /**
     * The API at an address.
     *
     * @param url {@code http://localhost:5681}, or {@code https://host:5682} where the JVM's own roots know kuma-cp
     */
    public static KumaRest at(String url) {
        return at(url, HttpClient.newBuilder().connectTimeout(PATIENCE).build());
    }

    /** The API at an address, through a client that knows whom to trust. */
    public static KumaRest at(String url, HttpClient client) {
        return new KumaRest(client, url.endsWith("/") ? url.substring(0, url.length() - 1) : url, null);
    }

    /** The same API, shown the user token in this file, which is read anew for each request. It is not shown on an open connection to another machine. */
    public KumaRest withUserToken(Path file) {
        URI uri = URI.create(base);
        boolean open = !"https".equals(uri.getScheme());
        if (open && !Targets.isThisMachine(uri.getHost())) {
            throw new IllegalArgumentException(
                    "The token in " + file + " would travel to " + base + " in the clear; expected https");
        }
        return new KumaRest(client, base, file);
    }

    /**
     * Puts a Dataplane there, new or changed.
     *
     * @throws KumaRestException if kuma-cp does not take it
     * @throws IOException       if kuma-cp does not answer
     */
    public void put(KumaDataplane dataplane) throws IOException, InterruptedException {
        put(path(dataplane), dataplane.toJson());
    }

    /** The version of Kuma that kuma-cp says to be, such as {@code 2.14.3}; empty if it says none. */
    public String version() throws IOException, InterruptedException {
        String answer = get("");
        String basedOn = KumaAnswer.field(answer, "basedOnKuma"); // of products that have versions of their own
        return basedOn.isEmpty() ? KumaAnswer.field(answer, "version") : basedOn;
    }

    /** Takes a Dataplane away; one that is not there is no failure. */
    public void delete(KumaDataplane dataplane) throws IOException, InterruptedException {
        delete(path(dataplane));
    }

    /**
     * Puts a Dataplane there and keeps it up to date about the readiness of the application.
     *
     * @param dataplane in the state in which it begins
     */
    public KumaRegistration register(KumaDataplane dataplane) throws IOException, InterruptedException {
        put(dataplane);
        return new KumaRegistration(this, dataplane);
    }

    /**
     * Puts a resource there, new or changed. What kuma-cp warns of is logged.
     *
     * @param path such as {@code meshes/default/meshtimeouts/slow}
     * @param json the resource
     * @return the warnings, such as that a MeshService selects nobody; mostly none. kuma-cp leaves out without a word the fields that it does not know
     */
    public List<String> put(String path, String json) throws IOException, InterruptedException {
        List<String> warnings = KumaAnswer.warnings(send("PUT", path, json));
        warnings.forEach(each -> log.warn("kuma-cp at {} has taken {}, but warns: {}", base, path, each));
        return warnings;
    }

    /** Posts JSON, such as to {@code tokens/dataplane}; the answer as it is. */
    public String post(String path, String json) throws IOException, InterruptedException {
        return send("POST", path, json);
    }

    /** A resource, or a list of them, in JSON. */
    public String get(String path) throws IOException, InterruptedException {
        return send("GET", path, null);
    }

    /** Takes a resource away; one that is not there is no failure. */
    public void delete(String path) throws IOException, InterruptedException {
        try {
            send("DELETE", path, null);
        } catch (KumaRestException e) {
            if (e.status() != NOT_FOUND) {
                throw e;
            }
        }
    }

    private static String path(KumaDataplane dataplane) {
        return "meshes/" + dataplane.mesh() + "/dataplanes/" + dataplane.name();
    }

    private String send(String method, String path, @Nullable String json) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + "/" + path))
                .timeout(PATIENCE)
                .method(method, json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
        if (json != null) {
            request.header("content-type", "application/json");
        }
        if (userToken != null) {
            request.header(
                    "authorization", "Bearer " + Files.readString(userToken).strip());
        }
        HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new KumaRestException(
                    response.statusCode(),
                    "kuma-cp at " + base + " does not take " + method + " " + path + ": " + response.statusCode() + " "
                            + KumaAnswer.of(response.body()));
        }
        return response.body();
    }
}
