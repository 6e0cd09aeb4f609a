package io.inmesh.http;

import java.io.IOException;
import java.net.Authenticator;
import java.net.Authenticator.RequestorType;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Basic authentication of one exchange, towards servers (401) and proxies (407), as the JDK's client does it: the authenticator is asked when credentials are wanted,
 * what was accepted is sent unasked the next time, and after a few rejections the exchange fails.
 *
 * <p>Used on the exchange's sequence only.
 */
final class BasicAuthentication {
    /** {@code jdk.httpclient.auth.retrylimit} of the JDK's client. */
    private static final int LIMIT = 3;

    private final @Nullable Authenticator authenticator;
    private final CredentialCache cache;
    private final RequestorType type;

    private @Nullable String offered;
    private boolean fromCache;
    private int retries;

    BasicAuthentication(@Nullable Authenticator authenticator, CredentialCache cache, RequestorType type) {
        this.authenticator = authenticator;
        this.cache = cache;
        this.type = type;
    }

    /** The header field that carries credentials. */
    String requestField() {
        return type == RequestorType.SERVER ? "authorization" : "proxy-authorization";
    }

    /** The value of that field for a request, or null if nothing is to be sent. */
    @Nullable
    String credentialsFor(HttpRequest request) {
        if (authenticator == null
                || request.headers().firstValue(requestField()).isPresent()) {
            return null;
        }
        if (offered == null) {
            offered = cache.get(request);
            fromCache = offered != null;
            retries = offered == null ? 0 : 1;
        }
        return offered;
    }

    /** A redirect leads elsewhere: credentials are looked up anew. */
    void leave() {
        offered = null;
    }

    /** Looks at a response; true if the same request is to be sent again, with other credentials. */
    boolean again(HttpRequest request, ReceivedHead response) throws IOException {
        if (authenticator == null
                || request.headers().firstValue(requestField()).isPresent()) {
            return false;
        }
        if (response.statusCode() != (type == RequestorType.SERVER ? 401 : 407)) {
            if (offered != null && !fromCache) {
                cache.put(request, offered);
                fromCache = true;
            }
            return false;
        }
        String challengeField = type == RequestorType.SERVER ? "WWW-Authenticate" : "Proxy-Authenticate";
        List<String> challenges = response.headers().allValues(challengeField);
        if (challenges.isEmpty()) {
            throw new IOException(challengeField + " header missing for response code " + response.statusCode());
        }
        BasicChallenge challenge = BasicChallenge.among(challenges);
        if (challenge == null) {
            return false;
        }
        if (retries > LIMIT) {
            throw new IOException("too many authentication attempts. Limit: " + LIMIT);
        }
        if (offered != null && fromCache) {
            cache.remove(offered);
        }
        offered = ask(authenticator, request.uri(), challenge);
        fromCache = false;
        retries++;
        return true;
    }

    private String ask(Authenticator asked, URI uri, BasicChallenge challenge) throws IOException {
        PasswordAuthentication answer = asked.requestPasswordAuthenticationInstance(
                uri.getHost(),
                null,
                uri.getPort(),
                uri.getScheme(),
                challenge.realm(),
                challenge.scheme(),
                uri.toURL(),
                type);
        if (answer == null) {
            throw new IOException("No credentials provided");
        }
        String pair = answer.getUserName() + ":" + new String(answer.getPassword());
        byte[] bytes = pair.getBytes(challenge.utf8() ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
        return "Basic " + Base64.getEncoder().encodeToString(bytes);
    }
}
