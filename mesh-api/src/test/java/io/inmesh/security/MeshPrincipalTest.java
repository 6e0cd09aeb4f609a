package io.inmesh.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.StreamInfo;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeshPrincipalTest {

    /** Whose name it is must not depend on the order of a hash table, which differs from one start of the JVM to the next. */
    @ParameterizedTest
    @ValueSource(strings = {"a b c d", "d c b a", "b d a c", "c a d b"})
    void name_ofSeveralTokens_isOfTheFirst(String order) {
        List<String> keys = List.of(order.split(" "));
        StreamInfo info = new StreamInfo();
        keys.forEach(key -> info.putDynamicMetadata(
                "envoy.filters.http.jwt_authn", key, Map.of("iss", "https://" + key, "sub", "me")));

        MeshPrincipal principal = Objects.requireNonNull(MeshPrincipal.of(info));

        assertThat(principal.name()).isEqualTo("https://" + keys.get(0) + "/me");
        assertThat(principal.tokens().keySet()).containsExactlyElementsOf(keys);
    }
}
