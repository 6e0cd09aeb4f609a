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
                "/a%40b",
                "/a@b,c",
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
                "/\u00e9"
            })
    void ambiguity_ofAPathThatAContainerReadsOtherwise_isNamed(String target) {
        assertThat(ServedPath.ambiguity(target)).isNotNull();
    }
}
