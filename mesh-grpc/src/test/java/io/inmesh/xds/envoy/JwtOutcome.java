package io.inmesh.xds.envoy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a JWT filter made of a request, as far as it is compared.
 *
 * @param status    of the answer
 * @param body      of an answer of the filter's own
 * @param challenge {@code www-authenticate}, or empty
 * @param details   {@code %RESPONSE_CODE_DETAILS%}
 * @param path      as the upstream saw it, or empty
 * @param headers   as the upstream saw them, sorted by name, those of one name in their order
 * @param metadata  what is left for later filters
 */
record JwtOutcome(
        int status,
        String body,
        String challenge,
        String details,
        String path,
        List<String> headers,
        JsonElement metadata) {

    /** Dynamic metadata as JSON. */
    static JsonElement json(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            JsonObject object = new JsonObject();
            map.forEach((key, member) -> object.add(String.valueOf(key), json(member)));
            return object;
        }
        if (value instanceof List<?> list) {
            JsonArray array = new JsonArray();
            list.forEach(element -> array.add(json(element)));
            return array;
        }
        if (value instanceof String text) {
            return new JsonPrimitive(text);
        }
        if (value instanceof Double number) {
            return new JsonPrimitive(number);
        }
        return value instanceof Boolean bool ? new JsonPrimitive(bool) : JsonNull.INSTANCE;
    }

    /** A text as the bytes of a header line show it. */
    static String onTheWire(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
        return "\n    " + status + " [" + body + "] " + challenge + " " + details + "\n    to " + path + " " + headers
                + "\n    " + metadata;
    }
}
