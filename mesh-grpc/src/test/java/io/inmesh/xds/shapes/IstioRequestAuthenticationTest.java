package io.inmesh.xds.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.JwtAuthentication;
import io.inmesh.model.JwtKeys;
import io.inmesh.model.JwtProvider;
import io.inmesh.model.JwtProvider.ClaimHeader;
import io.inmesh.model.JwtProvider.HeaderLocation;
import io.inmesh.xds.decode.Decoded.Accepted;
import io.inmesh.xds.decode.DecodedListener;
import io.inmesh.xds.decode.ResourceDecoder;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The filter that istiod made of the {@code RequestAuthentication} in {@code security.yaml}. */
class IstioRequestAuthenticationTest {
    private static final JwtAuthentication FILTER = filter();
    private static final JwtProvider PROVIDER =
            FILTER.providers().values().iterator().next();

    @Test
    void jwtRules_eachField_isInTheProvider() {
        assertThat(PROVIDER.issuer()).isEqualTo("https://issuer.example");
        assertThat(PROVIDER.audiences()).containsExactly("shop");
        assertThat(PROVIDER.locations().headers()).containsExactly(new HeaderLocation("x-token", "Token "));
        assertThat(PROVIDER.locations().params()).containsExactly("token");
        assertThat(PROVIDER.locations().cookies()).containsExactly("token");
        assertThat(PROVIDER.locations().forward()).isTrue();
        assertThat(PROVIDER.forwarding().payloadHeader()).isEqualTo("x-payload");
        assertThat(PROVIDER.forwarding().claims()).containsExactly(new ClaimHeader("x-sub", "sub"));
        assertThat(PROVIDER.metadata().payload()).isEqualTo("payload");
        assertThat(PROVIDER.metadata().spaceDelimitedClaims()).contains("scope", "permission", "permissions");
    }

    @Test
    void jwks_areKeysInPlace() {
        assertThat(PROVIDER.keys()).isInstanceOf(JwtKeys.Local.class);
    }

    private static JwtAuthentication filter() {
        var listener = Shapes.wire("istio/guarded-virtualInbound.pb");
        var decoded = (Accepted<DecodedListener>) ResourceDecoder.listener(listener.getName(), Any.pack(listener));
        return Objects.requireNonNull(decoded.value().inbound()).connectionManagers().stream()
                .flatMap(manager -> manager.filters().stream())
                .map(HttpFilterConfig::config)
                .filter(JwtAuthentication.class::isInstance)
                .map(JwtAuthentication.class::cast)
                .findFirst()
                .orElseThrow();
    }
}
