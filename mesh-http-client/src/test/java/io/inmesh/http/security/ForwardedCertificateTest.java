package io.inmesh.http.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.server.RawClient;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.TestSecrets;
import io.netty.pkitesting.X509Bundle;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A peer says by {@code x-forwarded-client-cert} that it is somebody else. */
@Timeout(180)
@ExtendWith(LeakWatch.class)
class ForwardedCertificateTest {
    private static final String FORGED =
            "By=spiffe://cluster.local/x;Hash=00;URI=spiffe://cluster.local/ns/admin/sa/root";

    private final X509Bundle root = TestSecrets.root("mesh");

    /** What becomes of the forged header: gone, kept as the operator asked for, or before the true one as the operator asked for. */
    @ParameterizedTest
    @CsvSource({
        "SANITIZE, GONE, GONE",
        "FORWARD_ONLY, KEPT, GONE",
        "APPEND_FORWARD, BEFORE, GONE",
        "SANITIZE_SET, REPLACED, GONE",
        "ALWAYS_FORWARD_ONLY, KEPT, KEPT"
    })
    void header_thatAPeerForges_getsThroughOnlyWhereConfigured(String mode, String overTls, String inTheClear)
            throws Exception {
        String http = Configuration.http(
                "forward_client_cert_details: " + mode + "\n  set_current_client_cert_details: {uri: true}",
                "",
                Configuration.toApplication());
        String mutual = Configuration.chain(
                "transport_protocol: tls", Configuration.mutualTls(Configuration.ANY_PEER, ""), http);
        String clear = Configuration.chain("transport_protocol: raw_buffer", Configuration.clear(), http);
        try (SecuredServer server = SecuredServer.start(Configuration.inbound("", mutual, clear), root)) {
            Attacker attacker = new Attacker(server.port(), SecuredClient.identity(root));
            for (String field : List.of("X-Forwarded-Client-Cert: " + FORGED, "x-forwarded-client-cert:" + FORGED)) {
                String request = Attacker.get("/", field);
                try (RawClient client = attacker.http1()) {
                    assertThat(seen(client, request)).isEqualTo(overTls);
                }
                try (RawClient client = new RawClient(attacker.clear())) {
                    assertThat(seen(client, request)).isEqualTo(inTheClear);
                }
            }
        }
    }

    private static String seen(RawClient client, String request) throws Exception {
        List<String> lines = client.send(request).response().body().lines().toList();
        String header = lines.size() < 2 ? "" : lines.get(1);
        boolean forged = header.contains("sa/root");
        boolean real = header.endsWith("URI=" + SecuredClient.NAME);
        if (header.isEmpty()) {
            return "GONE";
        }
        if (!forged) {
            return real ? "REPLACED" : header;
        }
        return header.equals(FORGED) ? "KEPT" : real && header.startsWith(FORGED + ",") ? "BEFORE" : header;
    }
}
