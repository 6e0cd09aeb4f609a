package io.inmesh.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServedPathTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/a",
                "/a/",
                "/a/b.c",
                "/a/...",
                "/a/.b",
                "/a/b..",
                "/a%20b",
                "/caf%C3%A9",
                "/a@b,c!$&'()*+=:-._~",
                "/%E2%82%AC%F0%9F%98%80/%5B%7C%5D",
                "/a?x=/../;%2f",
                "*",
                "/%25",
                "/%3Fq"
            })
    void ambiguity_ofAPathThatHasOneReading_isNone(String target) {
        assertThat(ServedPath.ambiguity(target)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "?x",
                "//",
                "//a",
                "/a//b",
                "/.",
                "/..",
                "/a/.",
                "/a/..",
                "/./a",
                "/a/../b",
                "/a;",
                "/a;x=1/b",
                "/a\\b",
                "/a#b",
                "/a b",
                "/%",
                "/%4",
                "/%zz",
                "/%2f",
                "/%2F",
                "/%5c",
                "/%3b",
                "/%2e",
                "/a/%2E%2e/b",
                "/%61",
                "/%7Ea",
                "/%00",
                "/%0d%0a",
                "/%7f",
                "/%7F",
                "/a%40b",
                "/%2B",
                "/caf%c3%a9",
                "/caf%C3%a9",
                "/%7b",
                "/%C3",
                "/%C0%AF",
                "/%ED%A0%80",
                "/%C3/%A9",
                "/a{b}",
                "/a|b",
                "/a\"b",
                "/[a]",
                "/\u00e9"
            })
    void ambiguity_ofAPathThatAContainerReadsOtherwise_isNamed(String target) {
        assertThat(ServedPath.ambiguity(target)).isNotNull();
    }
}
