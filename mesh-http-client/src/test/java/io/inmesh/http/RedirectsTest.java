package io.inmesh.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The rules that a comparison over one server cannot show: what another origin gets. */
class RedirectsTest {
    private final HttpRequest request = HttpRequest.newBuilder(URI.create("https://a.example/x"))
            .header("Authorization", "Basic secret")
            .header("Cookie", "secret=1")
            .header("X-Kept", "1")
            .POST(BodyPublishers.ofString("body"))
            .build();

    @Test
    void next_sameOrigin_keepsEverything() throws Exception {
        HttpRequest next = Objects.requireNonNull(Redirects.next(Redirect.NORMAL, request, 307, "/y", 0));
        assertThat(next.uri()).isEqualTo(URI.create("https://a.example/y"));
        assertThat(next.headers()).isEqualTo(request.headers());
        assertThat(next.bodyPublisher()).isEqualTo(request.bodyPublisher());
    }

    @Test
    void next_otherOrigin_getsNoCredentials() throws Exception {
        HttpRequest next =
                Objects.requireNonNull(Redirects.next(Redirect.NORMAL, request, 302, "https://b.example/y", 0));
        assertThat(next.headers().map()).containsOnlyKeys("X-Kept");
        assertThat(next.method()).isEqualTo("GET");
        assertThat(next.bodyPublisher()).isEmpty();
    }

    @Test
    void next_fromTlsToPlain_isFollowedOnlyWhenAlways() throws Exception {
        assertThat(Redirects.next(Redirect.NORMAL, request, 302, "http://a.example/", 0))
                .isNull();
        assertThat(Redirects.next(Redirect.ALWAYS, request, 302, "http://a.example/", 0))
                .isNotNull();
        assertThat(Redirects.next(Redirect.NEVER, request, 302, "/", 0)).isNull();
    }

    @Test
    void next_nameThatNoUriCanSay_staysWithinItsOrigin() throws Exception {
        MeshHttpRequest meshed = MeshHttpRequest.withAuthority(request, "a_1");
        assertThat(Redirects.next(Redirect.NORMAL, meshed, 302, "/y", 0))
                .isInstanceOfSatisfying(MeshHttpRequest.class, next -> assertThat(next.authority())
                        .isEqualTo("a_1"));
        assertThat(Redirects.next(Redirect.NORMAL, meshed, 302, "https://b.example/y", 0))
                .isNotInstanceOf(MeshHttpRequest.class);
    }

    @Test
    void next_badLocation_isIOException() {
        assertThatThrownBy(() -> Redirects.next(Redirect.ALWAYS, request, 302, "http://[", 0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("http://[");
        assertThatThrownBy(() -> Redirects.next(Redirect.ALWAYS, request, 302, "ftp://a.example/", 0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ftp://a.example/");
        assertThatThrownBy(() -> Redirects.next(Redirect.ALWAYS, request, 302, null, 0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Location");
    }
}
