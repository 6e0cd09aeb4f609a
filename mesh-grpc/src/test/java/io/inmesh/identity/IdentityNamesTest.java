package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.SecretName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdentityNamesTest {
    @ParameterizedTest
    @CsvSource({
        "cluster:sds-grpc, default, true",
        "cluster:sds-grpc, ROOTCA, true",
        "cluster:spire, default, true",
        "cluster:sds-grpc, other, false",
        "'', default, false",
        "file:/etc/sds.yaml, default, false",
    })
    void workload_includes(String source, String name, boolean included) {
        assertThat(IdentityNames.WORKLOAD.includes(new SecretName(source, name)))
                .isEqualTo(included);
    }

    @Test
    void ofSource_withoutStar_isThatSourceOnly() {
        IdentityNames names = IdentityNames.WORKLOAD.ofSource("");
        assertThat(names.includes(SecretName.ofControlPlane("default"))).isTrue();
        assertThat(names.includes(new SecretName("cluster:sds-grpc", "default")))
                .isFalse();
    }
}
