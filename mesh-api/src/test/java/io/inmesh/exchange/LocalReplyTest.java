package io.inmesh.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers as Envoy 1.40 gave them. */
class LocalReplyTest {

    @Test
    void head_withBody_hasLengthAndType() {
        assertThat(LocalReply.of(503, "no healthy upstream", null, "x").head().toString())
                .isEqualTo("503 {content-length: 19, content-type: text/plain}");
    }

    @Test
    void head_withoutBody_hasNeither() {
        assertThat(LocalReply.of(404, "", null, "x").head().toString()).isEqualTo("404 {}");
    }

    @Test
    void head_withTypeOfItsOwn_keepsIt() {
        LocalReply reply = new LocalReply(200, "ä", Headers.of("content-type", "application/json"), null, "x");
        assertThat(reply.head().toString()).isEqualTo("200 {content-type: application/json, content-length: 2}");
    }

    @ParameterizedTest
    @CsvSource({
        "400, 13", "401, 16", "403, 7", "404, 12", "429, 14", "502, 14", "503, 14", "504, 14", "500, 2", "418, 2"
    })
    void fittedTo_grpcRequest_mapsTheStatus(int status, String grpcStatus) {
        LocalReply fitted =
                LocalReply.of(status, "", ResponseFlag.NO_ROUTE_FOUND, "x").fittedTo(request("application/grpc"));
        assertThat(fitted.head().toString())
                .isEqualTo("200 {content-type: application/grpc, grpc-status: " + grpcStatus + "}");
        assertThat(fitted.flag()).isEqualTo(ResponseFlag.NO_ROUTE_FOUND);
    }

    @Test
    void fittedTo_grpcRequest_putsTheBodyIntoTheMessage() {
        LocalReply fitted =
                LocalReply.of(504, "50% späterer\nReset", null, "x").fittedTo(request("application/grpc+proto"));
        assertThat(fitted.body()).isEmpty();
        assertThat(fitted.head().headers().get("grpc-message")).isEqualTo("50%25 sp%C3%A4terer%0AReset");
    }

    @ParameterizedTest
    @CsvSource({"application/grpc-web", "application/json", "application/grpcx", "text/plain"})
    void fittedTo_otherRequest_isTheSame(String type) {
        LocalReply reply = LocalReply.of(503, "no healthy upstream", null, "x");
        assertThat(reply.fittedTo(request(type))).isSameAs(reply);
    }

    private static RequestHead request(String type) {
        return new RequestHead("POST", "http", "a", "/", Headers.of("content-type", type));
    }
}
