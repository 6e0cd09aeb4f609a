package io.inmesh.http;

import io.inmesh.transport.MeshTls;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.time.Duration;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** What an application has set on a client's builder. */
record ClientSettings(
        Version version,
        Redirect redirects,
        @Nullable CookieHandler cookies,
        @Nullable Authenticator authenticator,
        @Nullable Executor executor,
        @Nullable Duration connectTimeout,
        @Nullable SSLContext sslContext,
        @Nullable SSLParameters sslParameters,
        long maxResponseBodyBytes,
        int eventLoops,
        @Nullable MeshTls meshTls) {}
