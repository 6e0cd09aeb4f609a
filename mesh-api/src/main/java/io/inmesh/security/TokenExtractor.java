package io.inmesh.security;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.model.JwtProvider;
import io.inmesh.model.JwtProvider.HeaderLocation;
import io.inmesh.security.TokenPlace.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds the tokens of one provider or of several in a request. Immutable. */
final class TokenExtractor {
    private static final HeaderLocation BEARER = new HeaderLocation("authorization", "Bearer ");
    private static final String ACCESS_TOKEN = "access_token";

    private final List<TokenPlace> places;
    private final List<String> reserved;

    TokenExtractor(Collection<JwtProvider> providers) {
        // Envoy's order: headers, parameters, cookies, each sorted by name.
        Map<Kind, Map<String, TokenPlace>> sorted = new EnumMap<>(Kind.class);
        for (JwtProvider provider : providers) {
            JwtProvider.Locations locations = provider.locations();
            boolean none = locations.headers().isEmpty()
                    && locations.params().isEmpty()
                    && locations.cookies().isEmpty();
            for (HeaderLocation each : none ? List.of(BEARER) : locations.headers()) {
                add(sorted, Kind.HEADER, each.name(), each.prefix(), provider.issuer());
            }
            for (String each : none ? List.of(ACCESS_TOKEN) : locations.params()) {
                add(sorted, Kind.PARAMETER, each, "", provider.issuer());
            }
            for (String each : locations.cookies()) {
                add(sorted, Kind.COOKIE, each, "", provider.issuer());
            }
        }
        places = sorted.values().stream()
                .flatMap(ofKind -> ofKind.values().stream())
                .toList();
        reserved = reservedHeaders(providers);
    }

    private static void add(
            Map<Kind, Map<String, TokenPlace>> sorted, Kind kind, String name, String prefix, String issuer) {
        sorted.computeIfAbsent(kind, unknown -> new TreeMap<>())
                .computeIfAbsent(name + '\0' + prefix, unknown -> new TokenPlace(kind, name, prefix, new TreeSet<>()))
                .issuers()
                .add(issuer);
    }

    /** All of them. Whoever looks at them begins with the last one, as Envoy does. */
    List<FoundToken> extract(RequestHead head) {
        List<FoundToken> found = new ArrayList<>(2);
        for (int i = 0; i < places.size(); i++) {
            TokenPlace place = places.get(i);
            switch (place.kind()) {
                case HEADER -> fromHeader(head.headers(), place, found);
                case PARAMETER -> add(QueryTokens.first(head.path(), place.name()), place, found);
                case COOKIE -> add(cookie(head.headers(), place.name()), place, found);
            }
        }
        return found;
    }

    private static void add(@Nullable String token, TokenPlace place, List<FoundToken> found) {
        if (token != null) {
            found.add(new FoundToken(token, place));
        }
    }

    private static void fromHeader(Headers headers, TokenPlace place, List<FoundToken> found) {
        int first = headers.indexOf(place.name(), 0);
        if (first < 0) {
            return;
        }
        if (place.name().equals(BEARER.name())) {
            // Of this header Envoy keeps one line only, so that several are one bad token and not several good ones.
            int second = headers.indexOf(place.name(), first + 1);
            String line = second < 0 ? headers.value(first) : String.join(",", headers.all(place.name()));
            add(fromValue(line, place.prefix()), place, found);
            return;
        }
        for (int i = first; i >= 0; i = headers.indexOf(place.name(), i + 1)) {
            add(fromValue(headers.value(i), place.prefix()), place, found);
        }
    }

    /** What follows the prefix, from the first character on that a token can have; the whole value if none follows. */
    private static @Nullable String fromValue(String value, String prefix) {
        int at = value.indexOf(prefix);
        if (prefix.isEmpty() || at < 0) {
            return prefix.isEmpty() ? value : null;
        }
        for (int i = at + prefix.length(); i < value.length(); i++) {
            char c = value.charAt(i);
            boolean letterOrDigit = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
            if (letterOrDigit || c == '-' || c == '_' || c == '.') {
                return value.substring(i);
            }
        }
        return value;
    }

    /** The value of the first cookie of that name, without quotation marks around it. */
    private static @Nullable String cookie(Headers headers, String name) {
        for (int i = headers.indexOf("cookie", 0); i >= 0; i = headers.indexOf("cookie", i + 1)) {
            for (String pair : headers.value(i).split(";", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0 && pair.substring(0, equals).stripLeading().equals(name)) {
                    String value = pair.substring(equals + 1);
                    boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
                    return quoted ? value.substring(1, value.length() - 1) : value;
                }
            }
        }
        return null;
    }

    /** Takes out the headers that only these providers' tokens may set, as Envoy does before each look at them. */
    void sanitize(RequestHead head) {
        for (int i = 0; i < reserved.size(); i++) {
            head.headers().remove(reserved.get(i));
        }
    }

    /** {@code forward_payload_header} and {@code claim_to_headers}. */
    private static List<String> reservedHeaders(Collection<JwtProvider> providers) {
        Set<String> names = new TreeSet<>();
        for (JwtProvider provider : providers) {
            names.add(provider.forwarding().payloadHeader());
            provider.forwarding().claims().forEach(claim -> names.add(claim.header()));
        }
        names.remove("");
        return List.copyOf(names);
    }
}
