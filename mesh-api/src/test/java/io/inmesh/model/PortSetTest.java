package io.inmesh.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PortSetTest {
    @Test
    void range_hasItsStartAndNotItsEnd() {
        PortSet ports = PortSet.range(80, 82);

        assertThat(ports.contains(79)).isFalse();
        assertThat(ports.contains(80)).isTrue();
        assertThat(ports.contains(81)).isTrue();
        assertThat(ports.contains(82)).isFalse();
        assertThat(PortSet.range(5, 5)).isEqualTo(PortSet.NONE);
        assertThat(PortSet.range(-7, 1 << 20)).isEqualTo(PortSet.ALL);
    }

    @Test
    void operations_giveOtherSetsAndChangeNone() {
        PortSet low = PortSet.range(0, 1024);
        PortSet web = PortSet.range(80, 81).or(PortSet.range(8080, 8081));

        assertThat(low.and(web)).isEqualTo(PortSet.range(80, 81));
        assertThat(web.not().contains(80)).isFalse();
        assertThat(web.not().contains(65_535)).isTrue();
        assertThat(web.not().not()).isEqualTo(web).hasSameHashCodeAs(web).hasToString("{80, 8080}");
        assertThat(PortSet.NONE.not()).isEqualTo(PortSet.ALL);
        assertThat(web.not()).hasToString("all but {80, 8080}");
    }
}
