package io.inmesh.http;

import io.inmesh.outbound.CallFacts;
import java.net.http.HttpResponse;

/**
 * A response of a {@link MeshHttpClient}: what every {@link HttpResponse} tells, and what the mesh had to do with it.
 *
 * <pre>{@code
 * HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
 * if (response.statusCode() == 503) {
 *     CallFacts facts = MeshHttpResponse.of(response).mesh();
 *     log.warn("{} {}", facts.flags(), facts.explanation());
 * }
 * }</pre>
 *
 * @param <T> the type of its body
 */
public interface MeshHttpResponse<T> extends HttpResponse<T> {

    /** Envoy's response flags, which way the request took and why, how many attempts were sent, and whether it went past the mesh. */
    CallFacts mesh();

    /**
     * The response as one that tells of the mesh.
     *
     * @throws IllegalArgumentException if it is not a response of a {@link MeshHttpClient}
     */
    static <T> MeshHttpResponse<T> of(HttpResponse<T> response) {
        if (response instanceof MeshHttpResponse<T> meshed) {
            return meshed;
        }
        throw new IllegalArgumentException("not a response of a MeshHttpClient, or a wrapper around one: "
                + response.getClass().getName());
    }
}
