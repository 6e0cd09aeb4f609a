package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.snapshot.Dialect.Choice;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where requests go by what kuma-cp 2.14.3 made of the policies and services in {@code shapes/kuma/rest.txt}. */
class KumaLookupTest {
    private static final KumaMesh WEB = mesh("web.json");
    private static final KumaMesh OLD = mesh("old.json");

    private static KumaMesh mesh(String file) {
        try {
            return KumaMesh.ofShape(file);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String way(KumaMesh mesh, String url) {
        Choice choice = mesh.choose(url);
        if (choice instanceof Choice.Meshed meshed) {
            return meshed.listener().name();
        }
        return choice instanceof Choice.Passthrough ? "out" : "refused";
    }

    /** A Domain with its port, an IP address for TLS, a range of addresses: and nothing else. */
    @ParameterizedTest
    @CsvSource({
        "http://pass.example:80, out",
        "http://other.example:80, refused",
        "https://10.9.8.7:443, out",
        // Port 443 is the chain's for TLS to this very address, and Envoy looks no further: not at the range.
        "http://10.9.8.7:443, refused",
        "http://10.9.1.1:80, out",
        "http://10.9.1.1:9000, out",
        "http://10.8.1.1:80, refused",
        "https://pass.example:443, refused",
    })
    void passthrough_matched_letsOutWhatItLists(String url, String expected) {
        assertThat(way(WEB, url)).isEqualTo(expected);
    }

    /** A VirtualOutbound's own host name and port, an ExternalService, a service by its tag. */
    @ParameterizedTest
    @CsvSource({
        "http://orders.virtual:8888, outbound:240.0.0.4:8888",
        "http://outside.mesh:80, outbound:240.0.0.1:80",
        "http://orders.mesh:80, outbound:240.0.0.0:80",
    })
    void names_ofMeshesBefore2_leadToTheirListeners(String url, String expected) {
        assertThat(way(OLD, url)).isEqualTo(expected);
    }
}
