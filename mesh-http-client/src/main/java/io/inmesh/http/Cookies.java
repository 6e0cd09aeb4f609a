package io.inmesh.http;

import java.io.IOException;
import java.net.CookieHandler;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks the application's cookie handler what to send, and tells it what came. */
final class Cookies {
    private Cookies() {}

    /** The cookies for a request. */
    static List<String> of(@Nullable CookieHandler handler, HttpRequest request) throws IOException {
        if (handler == null) {
            return List.of();
        }
        List<String> cookies = new ArrayList<>();
        for (Map.Entry<String, List<String>> field :
                handler.get(request.uri(), request.headers().map()).entrySet()) {
            if (field.getKey().equalsIgnoreCase("cookie")) {
                cookies.addAll(field.getValue());
            }
        }
        return cookies;
    }

    /** Hands the fields of a response over. */
    static void store(@Nullable CookieHandler handler, HttpRequest request, ReceivedHead response) throws IOException {
        if (handler != null) {
            handler.put(request.uri(), response.headers().map());
        }
    }
}
