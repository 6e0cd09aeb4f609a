package io.inmesh.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JdkContextsTest {
    private final JdkContexts contexts = contexts();

    private static JdkContexts contexts() {
        try {
            return new JdkContexts(HttpServer.create());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest(name = "{0} is of {1}")
    @CsvSource({
        "/, /",
        "/admin, /admin",
        "/admin/, /admin",
        "/admin/x/y, /admin",
        "/admin/x/deep, /admin/x/deep",
        "/admin/x/deep/er, /admin/x/deep",
        "/administrator, /",
        "/files, /",
        "/files/, /files/",
        "/files/a/b, /files/",
        "/%40me, /",
        "/@me/x, /@me",
        "/caf%C3%A9/x, /café",
        "/a%20b, /a b",
        "*, "
    })
    void path_isOfTheLongestContextAboveIt(String path, String expected) {
        for (String each : new String[] {"/", "/admin", "/admin/x/deep", "/files/", "/@me", "/café", "/a b"}) {
            contexts.add(each, null);
        }
        JdkContext found = contexts.find(path);
        assertThat(found == null ? null : found.getPath()).isEqualTo(expected);
    }

    @Test
    void path_withoutContext_isOfNobody() {
        contexts.add("/a/b", null);
        assertThat(contexts.find("/a")).isNull();
        assertThat(contexts.find("/")).isNull();
        contexts.remove("/a/b");
        assertThat(contexts.find("/a/b")).isNull();
    }

    @Test
    void context_onceMore_isRefused() {
        contexts.add("/a", null);
        assertThatThrownBy(() -> contexts.add("/a", null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> contexts.remove("/b")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "//a", "/a/../b", "/a;b", "/a//b"})
    void context_whosePathNoRequestCanHave_isRefused(String path) {
        assertThatThrownBy(() -> contexts.add(path, null)).isInstanceOf(IllegalArgumentException.class);
    }
}
