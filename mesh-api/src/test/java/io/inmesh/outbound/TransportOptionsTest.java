package io.inmesh.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Cluster.RequestSni;
import io.inmesh.outbound.UpstreamTarget.RequestTls;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransportOptionsTest {
    private static @Nullable RequestTls of(RequestSni rule, String authority, Headers headers) {
        return TransportOptions.of(
                HttpOptions.DEFAULT.with(rule),
                HttpVersion.HTTP_1,
                new RequestHead("GET", "https", authority, "/", headers),
                new StreamInfo());
    }

    @ParameterizedTest(name = "authority {0}, header {1}: server name {2}, verified {3}")
    @CsvSource(nullValues = "none", textBlock = """
            a.example:8443, b.example,   b.example, b.example
            a.example:8443, b.example:1, b.example, b.example
            a.example:8443, none,        a.example, a.example
            a.example:8443, '',          a.example, a.example
            10.0.0.1:8443,  none,        none,      10.0.0.1
            [::1]:8443,     '',          none,      ::1
            a.example,      10.0.0.1,    none,      10.0.0.1
            """)
    void names_headerThatIsMissingOrEmpty_followTheAuthority(
            String authority, @Nullable String header, @Nullable String serverName, String verified) {
        Headers headers = header == null ? new Headers() : Headers.of("x-sni", header);

        assertThat(of(new RequestSni(true, true, "x-sni"), authority, headers))
                .isEqualTo(new RequestTls(serverName, List.of(verified), List.of()));
    }

    /** Envoy asks for a certificate with the name "", which there is not, and answers 503. */
    @Test
    void names_noHostAtAll_areOfNobody() {
        assertThat(of(new RequestSni(true, true, ""), "", new Headers())).isEqualTo(new RequestTls(null, List.of("")));
        assertThat(of(new RequestSni(true, false, ""), "", new Headers())).isNull();
    }
}
