package io.inmesh.security;

import io.inmesh.exchange.RequestHead;
import io.inmesh.filter.FilterStep;
import io.inmesh.filter.FilterStream;
import io.inmesh.filter.Suspension;
import io.inmesh.model.JwtProvider;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One request on its way through a requirement. One thread at a time. */
final class JwtRequest {
    /** The name space of the dynamic metadata, whatever the filter is called in its chain. */
    static final String NAMESPACE = "envoy.filters.http.jwt_authn";

    private final FilterStream stream;
    private final JwtReplies replies;
    private final long nowSeconds;
    private @Nullable Map<String, Object> extracted;
    private @Nullable String invalidHeader;
    private @Nullable Suspension suspension;
    private FilterStep step = FilterStep.CONTINUE;

    JwtRequest(FilterStream stream, JwtReplies replies, long nowSeconds) {
        this.stream = stream;
        this.replies = replies;
        this.nowSeconds = nowSeconds;
    }

    FilterStep run(Verifier verifier) {
        // As the client wrote it, before a token is taken out of it.
        String path = head().path();
        verifier.verify(this, status -> finish(status, path));
        // A suspension may have been ended by another thread already, which has then written the step: not to be read
        // here.
        return suspension == null ? step : suspension;
    }

    private void finish(JwtStatus status, String path) {
        if (extracted != null) {
            extracted.forEach((key, value) -> stream.info().putDynamicMetadata(NAMESPACE, key, value));
        }
        if (status != JwtStatus.OK) {
            step = FilterStep.reply(replies.denied(status, JwtReplies.realm(head(), path)));
        } else if (invalidHeader != null) {
            step = FilterStep.reply(JwtReplies.invalidHeader(invalidHeader));
        }
        if (suspension != null) {
            if (step instanceof FilterStep.Reply reply) {
                suspension.reply(reply.reply());
            } else {
                suspension.resume();
            }
        }
    }

    RequestHead head() {
        return stream.request();
    }

    long nowSeconds() {
        return nowSeconds;
    }

    /** From here on, the answer may come from another thread, and this one leaves the request alone. */
    void suspend() {
        if (suspension == null) {
            suspension = new Suspension();
        }
    }

    void clearRouteCache() {
        stream.clearRouteCache();
    }

    /** Tells the upstream what a token says; true if a claim was told. */
    boolean forward(Jwt jwt, JwtProvider.Forwarding forwarding) {
        if (!forwarding.payloadHeader().isEmpty()) {
            String payload = jwt.encodedPayload();
            int missing = forwarding.pad() ? -payload.length() & 3 : 0;
            head().headers().add(forwarding.payloadHeader(), payload + "=".repeat(missing));
        }
        boolean told = false;
        List<JwtProvider.ClaimHeader> claims = forwarding.claims();
        for (int i = 0; i < claims.size(); i++) {
            String text = ClaimText.of(jwt.payload(), claims.get(i).claim());
            if (text == null) {
                continue;
            }
            told = true;
            if (isValid(text)) {
                head().headers().add(claims.get(i).header(), text);
            } else {
                invalidHeader = claims.get(i).header();
            }
        }
        return told;
    }

    /** What no header value may have, so that a claim cannot write headers of its own. */
    private static boolean isValid(String value) {
        return value.indexOf('\r') < 0 && value.indexOf('\n') < 0 && value.indexOf('\0') < 0;
    }

    /** Leaves what a token says for later filters; true if its payload was left. */
    boolean extract(Jwt jwt, JwtProvider.Metadata metadata) {
        if (!metadata.header().isEmpty()) {
            extracted(metadata.header(), jwt.header());
        }
        if (metadata.payload().isEmpty()) {
            return false;
        }
        extracted(metadata.payload(), normalized(jwt.payload(), metadata.spaceDelimitedClaims()));
        return true;
    }

    void extracted(String key, Map<String, Object> value) {
        if (extracted == null) {
            extracted = new LinkedHashMap<>();
        }
        extracted.put(key, value);
    }

    private static Map<String, Object> normalized(Map<String, Object> payload, List<String> claims) {
        Map<String, Object> normalized = payload;
        for (int i = 0; i < claims.size(); i++) {
            List<Object> words = payload.get(claims.get(i)) instanceof String text ? words(text) : List.of();
            if (!words.isEmpty()) {
                if (normalized == payload) {
                    normalized = new LinkedHashMap<>(payload);
                }
                normalized.put(claims.get(i), words);
            }
        }
        return normalized;
    }

    private static List<Object> words(String text) {
        List<Object> words = new ArrayList<>();
        for (String word : text.split(" ", -1)) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }
}
