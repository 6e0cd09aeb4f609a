package io.inmesh.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.model.UrlRules;
import io.inmesh.model.UrlRules.EscapedSlashes;
import io.inmesh.model.UrlRules.PortStrip;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UrlNormalizerTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "/a/./b /a/b",
                "/a/../b /b",
                "/../b /b",
                "/a/.. /",
                "/a/%2E%2e/b /b",
                "/a..b/..c/.d /a..b/..c/.d",
                "/a/... /a/...",
                "/a\\b\\..\\c /a/c",
                "//a//../b //a/b",
                "/a%zz /a%zz",
                "/a%%41 /a%A",
                "/%2561 /%2561",
                "/a;b/../c /c",
                "/a/..;/b /b",
                "/a/..;\\b /",
                "/a/%2e%2e;x/b /a/..;x/b",
                "/a?x=../%2e/\\ /a?x=../%2e/\\",
                "/a/..?q /?q",
                "/a/%2e%2e%2fb /a/..%2fb",
                "/a{b}|^`\"<> /a%7Bb%7D%7C%5E%60%22%3C%3E",
                "/%c3%28 /%c3%28"
            })
    void normalizePath_aPath_isWhatEnvoyMakesOfIt(String path, String expected) {
        RequestHead head = head("h", path);
        UrlRules rules = new UrlRules(true, false, EscapedSlashes.KEEP, PortStrip.NONE, false);
        assertThat(UrlNormalizer.apply(head, rules, 80)).isNull();
        assertThat(head.path()).isEqualTo(expected);
    }

    @Test
    void normalizePath_aNul_isRejected() {
        UrlRules rules = new UrlRules(true, false, EscapedSlashes.KEEP, PortStrip.NONE, false);
        LocalReply reply = UrlNormalizer.apply(head("h", "/a%00b"), rules, 80);
        assertThat(reply).isNotNull().extracting(LocalReply::status).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        "KEEP,     /a%2Fb,       0,   /a%2Fb",
        "REJECT,   /a%5cb,       400, /a%5cb",
        "REJECT,   /a?x=%2f,     0,   /a?x=%2f",
        "REDIRECT, /a%2F..%5Cb,  307, /b",
        "FORWARD,  /a%2f..%2f/b, 0,   /b",
    })
    void escapedSlashes_byAction_areKeptRejectedOrUnescaped(
            EscapedSlashes action, String path, int status, String expected) {
        RequestHead head = head("h", path);
        LocalReply reply = UrlNormalizer.apply(head, new UrlRules(true, true, action, PortStrip.NONE, false), 80);
        assertThat(reply == null ? 0 : reply.status()).isEqualTo(status);
        assertThat(head.path()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "MATCHING, false, h:80,       h",
        "MATCHING, false, h:81,       h:81",
        "ANY,      false, h:81,       h",
        "ANY,      false, [::1]:81,   [::1]",
        "ANY,      false, [::1],      [::1]",
        "ANY,      false, h:x,        h:x",
        "NONE,     true,  h.,         h",
        "NONE,     true,  h.:80,      h:80",
        "ANY,      true,  a.b.:80,    a.b",
        "NONE,     true,  a.b,        a.b",
    })
    void authority_byRules_losesPortAndDot(PortStrip port, boolean dot, String authority, String expected) {
        RequestHead head = head(authority, "/");
        UrlNormalizer.apply(head, new UrlRules(false, false, EscapedSlashes.KEEP, port, dot), 80);
        assertThat(head.authority()).isEqualTo(expected);
    }

    private static RequestHead head(String authority, String path) {
        return new RequestHead("GET", "http", authority, path, new Headers());
    }
}
