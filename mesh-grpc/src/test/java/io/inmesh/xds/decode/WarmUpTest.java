package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WarmUpTest {
    @Test
    void decodeAll_everyKind_goesThroughItsDecoderToTheEnd() {
        assertThat(WarmUp.decodeAll()).hasSize(4).allSatisfy(decoded -> assertThat(decoded)
                .isInstanceOf(Decoded.Accepted.class));
    }
}
