package io.inmesh.xds.envoy;

import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtHeader;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtProvider;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Random requests with tokens that come near to what a filter asks for. */
final class RandomTokens {
    private static final long HOUR = 3_600;

    private final Draw draw;
    private final SigningKeys keys;
    private final long now = System.currentTimeMillis() / 1_000;
    private final List<String> given = new ArrayList<>();

    RandomTokens(Draw draw, SigningKeys keys) {
        this.draw = draw;
        this.keys = keys;
    }

    RequestHead request(JwtAuthentication filter) {
        Headers headers = new Headers();
        // Sorted, because Envoy sorts the parameters that it leaves.
        Map<String, String> query = new TreeMap<>();
        if (draw.percent(30)) {
            query.put("a", draw.of("1", ""));
        }
        if (draw.percent(30)) {
            query.put("z", "2");
        }
        List<JwtProvider> providers = List.copyOf(filter.getProvidersMap().values());
        int tokens = draw.of(0, 1, 1, 1, 1, 1, 1, 2, 2, 3);
        for (int i = 0; i < tokens; i++) {
            JwtProvider provider = draw.of(providers);
            place(token(provider), draw.percent(85) ? provider : draw.of(providers), headers, query);
        }
        for (String forged : List.of("x-payload", "x-payload-p1", "x-claim-s", "x-claim-sub")) {
            if (draw.percent(15)) {
                headers.add(forged, "forged");
            }
        }
        if (draw.percent(20)) {
            headers.add("x-m", "1");
        }
        boolean cors = draw.percent(8);
        if (cors) {
            headers.add("origin", draw.of("https://o.example", ""));
            headers.add("access-control-request-method", "GET");
        }
        String path = draw.of("/", "/a", "/a/b", "/A", "/b", "/x", "/named", "/off", "/wrong", "/" + "long".repeat(80));
        StringBuilder whole = new StringBuilder(path);
        query.forEach((name, value) -> whole.append(whole.indexOf("?") < 0 ? '?' : '&')
                .append(name)
                .append('=')
                .append(value));
        return new RequestHead(cors ? "OPTIONS" : "GET", "http", "shop.example", whole.toString(), headers);
    }

    private void place(String token, JwtProvider provider, Headers headers, Map<String, String> query) {
        List<Runnable> places = new ArrayList<>();
        for (JwtHeader header : provider.getFromHeadersList()) {
            places.add(() -> headers.add(header.getName(), draw.of("", "", "x%") + header.getValuePrefix() + token));
        }
        provider.getFromParamsList().forEach(name -> places.add(() -> query.put(name, token)));
        provider.getFromCookiesList()
                .forEach(name -> places.add(() -> headers.add("cookie", "o=1; " + name + "=" + token)));
        if (places.isEmpty() || draw.percent(5)) {
            places.add(
                    () -> headers.add("authorization", draw.of("Bearer ", "Bearer ", "Bearer  ", "bearer ") + token));
            places.add(() -> query.put("access_token", token));
        }
        draw.of(places).run();
    }

    private String token(JwtProvider provider) {
        if (!given.isEmpty() && draw.percent(20)) {
            // Seen before, and perhaps known to be good.
            return draw.of(given);
        }
        String token = draw.percent(8) ? malformed() : made(provider);
        given.add(token);
        return token;
    }

    private String malformed() {
        String good = keys.sign("ES256", "{\"alg\":\"ES256\"}", "{}");
        return draw.of(
                "x",
                "a.b",
                "a.b.c",
                "a.b.c.d",
                "..",
                "e30.e30.e30",
                "W10.e30.e30",
                good + "=",
                good.replace(".", ".."),
                "." + good,
                good.substring(0, good.length() - 1),
                keys.sign("ES256", "{\"alg\":\"none\"}", "{}"),
                keys.sign("ES256", "{\"alg\":5}", "{}"),
                keys.sign("ES256", "{\"alg\":\"es256\"}", "{}"),
                keys.sign("ES256", "{\"alg\":\"ES256\",\"kid\":5}", "{}"),
                keys.sign("ES256", "{\"alg\":\"ES256\"}", "[]"),
                keys.sign("ES256", "{\"alg\":\"ES256\"}", "{\"sub\":\"a\",\"sub\":\"b\"}"),
                keys.sign("ES256", "{\"alg\":\"ES256\"}", "{\"x\":" + "[".repeat(99) + "]".repeat(99) + "}"),
                keys.sign("ES256", "{\"alg\":\"ES256\"}", "{\"x\":" + "[".repeat(100) + "]".repeat(100) + "}"),
                keys.sign("ES256", "{\"alg\":\"ES256\"}", "{\"x\":1e999}"),
                keys.sign("ES256", "{\"alg\":\"ES256\"}", "{\"x\":\"\\ud83d\\ude00 \\u00e9\"}"),
                keys.sign("ES256", "{\"alg\":\"ES256\"}", "{\"x\":\"\\ud83d\"}"));
    }

    private String made(JwtProvider provider) {
        String algorithm = draw.percent(50) ? "ES256" : draw.of(SigningKeys.ALGORITHMS);
        String kid = draw.percent(60)
                ? ",\"kid\":\"" + SigningKeys.kid(draw.percent(93) ? algorithm : draw.of(SigningKeys.ALGORITHMS)) + '"'
                : draw.percent(10) ? ",\"kid\":\"unknown\"" : "";
        List<String> claims = claims(provider);
        String token = keys.sign(
                algorithm,
                "{\"alg\":\"" + algorithm + "\"" + kid + ",\"typ\":\"JWT\"}",
                "{" + String.join(",", claims) + "}");
        if (draw.percent(5)) {
            // Another payload than the one that was signed.
            String[] parts = token.split("\\.");
            return parts[0]
                    + '.'
                    + SigningKeys.encode("{\"iss\":\"ia\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8))
                    + '.'
                    + parts[2];
        }
        return token;
    }

    private List<String> claims(JwtProvider provider) {
        List<String> claims = new ArrayList<>();
        String issuer = draw.percent(85) ? provider.getIssuer() : draw.of("ia", "ib", "ic", "other");
        if (!issuer.isEmpty()) {
            claims.add("\"iss\":\"" + issuer + '"');
        }
        if (draw.percent(60)) {
            claims.add("\"sub\":" + (draw.percent(95) ? draw.of("\"alice\"", "\"spiffe://td/b\"", "\"bob\"") : "5"));
        }
        List<String> audiences = provider.getAudiencesList();
        if (!audiences.isEmpty() && draw.percent(70)) {
            claims.add("\"aud\":\"" + draw.of(audiences) + '"');
        } else if (draw.percent(50)) {
            claims.add("\"aud\":"
                    + draw.of("\"aud1\"", "[\"x\",\"aud2/\"]", "[\"aud3\"]", "[]", "\"https://aud1\"", "{}"));
        }
        if (draw.percent(60)) {
            claims.add("\"exp\":"
                    + draw.of(now + HOUR, now + HOUR, now + HOUR, now + 3 * HOUR, now - HOUR, now - 300, 0L));
        }
        if (draw.percent(20)) {
            claims.add("\"nbf\":"
                    + draw.of("0", "1.5", "" + (now - HOUR), "" + (now + HOUR), "" + (now + 300), "\"1\"", "-1"));
        }
        if (draw.percent(15)) {
            claims.add("\"iat\":" + draw.of("1", "" + now, "null", "1e20"));
        }
        if (draw.percent(10)) {
            claims.add("\"jti\":" + draw.of("\"j\"", "\"j2\"", "7"));
        }
        values(claims);
        return claims;
    }

    private void values(List<String> claims) {
        if (draw.percent(50)) {
            claims.add("\"s\":" + draw.of("\"text\"", "\"\"", "\"two words\"", "\"\\u00e9\"", "null"));
        }
        if (draw.percent(40)) {
            claims.add("\"n\":"
                    + draw.of("0", "5", "-5", "1.5", "1e15", "1e19", "1e20", "123456789.125", "-0.0", "\"a b\""));
        }
        if (draw.percent(30)) {
            claims.add("\"b\":" + draw.of("true", "false"));
        }
        if (draw.percent(30)) {
            claims.add("\"l\":" + draw.of("[]", "[\"a\",1,true,null]", "[[1.25],[\"<x>\"]]", "[1e15,0.1,1e-7,100000]"));
        }
        if (draw.percent(30)) {
            // One member: several come in any order from Envoy.
            claims.add("\"o\":" + draw.of("{}", "{\"k\":\"v\"}", "{\"k\":[{\"q\":1}]}"));
        }
        if (draw.percent(30)) {
            claims.add("\"a\":" + draw.of("{\"b\":\"nested\"}", "{\"b\":7}", "\"flat\""));
        }
        if (draw.percent(10)) {
            claims.add("\"a.b\":\"literal\"");
        }
        if (draw.percent(40)) {
            claims.add("\"scope\":" + draw.of("\"read write\"", "\" a  b \"", "\"\"", "\" \"", "[\"x\"]", "5"));
        }
    }
}
