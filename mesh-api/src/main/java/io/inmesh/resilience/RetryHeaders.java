package io.inmesh.resilience;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.model.HeaderMatcher;
import io.inmesh.model.RetryPolicy.Condition;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a request's own headers say of its retries (router filter, "HTTP headers (consumed from downstream)").
 *
 * @param retryOn             {@code x-envoy-retry-on} and {@code x-envoy-retry-grpc-on}, null if neither is there
 * @param maxRetries          {@code x-envoy-max-retries}, null if it is not there or no number
 * @param retriableCodes      {@code x-envoy-retriable-status-codes}
 * @param retriableHeaders    {@code x-envoy-retriable-header-names}
 */
record RetryHeaders(
        @Nullable Set<Condition> retryOn,
        @Nullable Long maxRetries,
        List<Integer> retriableCodes,
        List<HeaderMatcher> retriableHeaders) {
    private static final RetryHeaders NONE = new RetryHeaders(null, null, List.of(), List.of());
    private static final String PREFIX = "x-envoy-";

    /** Reads them and takes them out of the head. */
    static RetryHeaders take(RequestHead head) {
        Headers headers = head.headers();
        if (!hasAny(headers)) {
            return NONE;
        }
        String on = take(headers, "x-envoy-retry-on");
        String grpcOn = take(headers, "x-envoy-retry-grpc-on");
        String max = take(headers, "x-envoy-max-retries");
        String codes = take(headers, "x-envoy-retriable-status-codes");
        String names = take(headers, "x-envoy-retriable-header-names");
        headers.remove("x-envoy-hedge-on-per-try-timeout");

        EnumSet<Condition> retryOn = null;
        if (on != null || grpcOn != null) {
            retryOn = EnumSet.noneOf(Condition.class);
            addConditions(retryOn, on, false);
            addConditions(retryOn, grpcOn, true);
        }
        List<Integer> retriableCodes = new ArrayList<>();
        for (String code : tokens(codes)) {
            Long number = Numbers.unsigned(code);
            if (number != null && number <= 999) {
                retriableCodes.add(number.intValue());
            }
        }
        List<HeaderMatcher> retriableHeaders = new ArrayList<>();
        for (String name : tokens(names)) {
            retriableHeaders.add(
                    new HeaderMatcher(name.toLowerCase(Locale.ROOT), new HeaderMatcher.Present(true), false, false));
        }
        return new RetryHeaders(retryOn, max == null ? null : Numbers.unsigned(max), retriableCodes, retriableHeaders);
    }

    boolean asksForRetries() {
        return retryOn != null;
    }

    private static boolean hasAny(Headers headers) {
        for (int i = 0; i < headers.size(); i++) {
            if (headers.name(i).startsWith(PREFIX)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable String take(Headers headers, String name) {
        String value = headers.get(name);
        if (value != null) {
            headers.remove(name);
        }
        return value;
    }

    /** Words that nobody knows, or that belong into the other header, are passed over. */
    private static void addConditions(Set<Condition> conditions, @Nullable String words, boolean grpc) {
        for (String word : tokens(words)) {
            Condition condition = Condition.ofWord(word);
            if (condition != null && RetryConditions.GRPC.containsKey(condition) == grpc) {
                conditions.add(condition);
            }
        }
    }

    private static List<String> tokens(@Nullable String list) {
        List<String> tokens = new ArrayList<>();
        if (list != null) {
            for (String token : list.split(",")) {
                if (!token.isBlank()) {
                    tokens.add(token.strip());
                }
            }
        }
        return tokens;
    }
}
