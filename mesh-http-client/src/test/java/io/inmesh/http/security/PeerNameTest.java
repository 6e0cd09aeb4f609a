package io.inmesh.http.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.server.RawClient;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.TestSecrets;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Certificates of a root that is trusted, with names that are nearly the right ones. */
@Timeout(180)
@ExtendWith(LeakWatch.class)
class PeerNameTest {
    private static final int DNS = 2;
    private static final int URI = 6;

    private final X509Bundle root = TestSecrets.root("mesh");

    /** {@code ~} stands for NUL, {@code |} between names. */
    @ParameterizedTest
    @CsvSource({
        "URI, prefix: spiffe://cluster.local/, spiffe://cluster.local/ns/a/sa/b, true",
        "URI, prefix: spiffe://cluster.local/, spiffe://cluster.local.evil/ns/a/sa/b, false",
        "URI, prefix: spiffe://cluster.local/, spiffe://evil/spiffe://cluster.local/a, false",
        "URI, prefix: spiffe://cluster.local/, SPIFFE://cluster.local/ns/a/sa/b, false",
        "URI, prefix: spiffe://cluster.local/, spiffe://cluster.local~.evil/a, false",
        "URI, exact: spiffe://cluster.local/ns/a/sa/b, spiffe://cluster.local/ns/a/sa/b, true",
        "URI, exact: spiffe://cluster.local/ns/a/sa/b, spiffe://cluster.local/ns/a/sa/b~, false",
        "URI, exact: spiffe://cluster.local/ns/a/sa/b, spiffe://cluster.local/ns/a/sa/b~.evil, false",
        "URI, exact: spiffe://cluster.local/ns/a/sa/b, spiffe://cluster.local/ns/a/sa/bb, false",
        "URI, exact: spiffe://cluster.local/ns/a/sa/b, spiffe://cluster.local/ns/a/sa/B, false",
        "URI, exact: spiffe://cluster.local/ns/a/sa/b, spiffe://evil/a|spiffe://evil/b, false",
        "DNS, exact: good.example, good.example, true",
        "DNS, exact: good.example, good.example~.evil.example, false",
        "DNS, exact: good.example, good.example.evil.example, false",
        "DNS, exact: good.example, *.example, true",
        "DNS, exact: good.example, *.good.example, false",
        "DNS, exact: good.example, *, false",
        "URI, exact: good.example, good.example/DNS, false"
    })
    void certificate_withNames_isTakenOnlyIfOneIsTheRightOne(String type, String matcher, String names, boolean taken)
            throws Exception {
        String wanted =
                Configuration.names("{san_type: " + type + ", matcher: {" + matcher.replace(": ", ": '") + "'}}");
        String chain = Configuration.chain(
                "", Configuration.mutualTls(wanted, ""), Configuration.http("", "", Configuration.toApplication()));
        boolean swapped = names.endsWith("/DNS");
        X509Bundle peer = certificate(
                swapped || type.equals("DNS") ? DNS : URI,
                names.replace("/DNS", "").replace('~', '\0').split("\\|"));
        try (SecuredServer server = SecuredServer.start(Configuration.inbound("", chain), root)) {
            assertThat(isServed(new Attacker(server.port(), peer))).isEqualTo(taken);
            assertThat(server.application.requests).hasValue(taken ? 1 : 0);
        }
    }

    /** An authority for one domain makes nobody of another, whatever it writes beside the name: the JDK cannot parse the last one, and finds no names at all then. */
    @ParameterizedTest
    @CsvSource({
        "spiffe://team-a.example/b, true",
        "spiffe://cluster.local/b, false",
        "spiffe://cluster.local/b|http://[, false"
    })
    void certificate_ofAnAuthorityForOneDomain_isTakenWithNamesOfThatDomainOnly(String names, boolean taken)
            throws Exception {
        byte[] domain = "team-a.example".getBytes(StandardCharsets.US_ASCII);
        byte[] permitted = tagged(0x30, tagged(0xa0, tagged(0x30, tagged(0x80 | URI, domain))));
        X509Bundle authority = new CertificateBuilder()
                .ecp256()
                .subject("CN=team a")
                .setIsCertificateAuthority(true)
                .addExtensionOctetString("2.5.29.30", true, permitted)
                .buildIssuedBy(root);
        String chain = Configuration.chain(
                "",
                Configuration.mutualTls(Configuration.names("{san_type: URI, matcher: {prefix: 'spiffe://'}}"), ""),
                Configuration.http("", "", Configuration.toApplication()));
        X509Bundle peer = certificate(authority, URI, names.split("\\|"));
        try (SecuredServer server = SecuredServer.start(Configuration.inbound("", chain), root)) {
            assertThat(isServed(new Attacker(server.port(), peer))).isEqualTo(taken);
            assertThat(server.application.requests).hasValue(taken ? 1 : 0);
        }
    }

    /** A certificate with two identities is nobody's in SPIFFE; for a policy by names, each of its names must not stand for the other's rights. */
    @ParameterizedTest
    @CsvSource({"ALLOW, 200", "DENY, 403"})
    void certificate_withSeveralUris_isAllOfThemForPolicies(String action, int status) throws Exception {
        String filters = Configuration.rbac("action: " + action
                + ", policies: {b: {permissions: [{any: true}], principals: [{authenticated: {principal_name: {exact:"
                + " 'spiffe://cluster.local/b'}}}]}}");
        X509Bundle peer = certificate(URI, "spiffe://cluster.local/a", "spiffe://cluster.local/b");
        try (SecuredServer server = SecuredServer.start(Configuration.server("", filters), root);
                RawClient client = new Attacker(server.port(), peer).http1()) {
            assertThat(client.send(Attacker.get("/")).response().status()).isEqualTo(status);
        }
    }

    private static boolean isServed(Attacker attacker) throws Exception {
        try (RawClient client = attacker.http1()) {
            return client.send(Attacker.get("/")).response().status() == 200;
        } catch (IOException refused) {
            return false;
        }
    }

    private X509Bundle certificate(int type, String... names) throws Exception {
        return certificate(root, type, names);
    }

    /** Written by hand, because no honest tool writes such names. */
    private static X509Bundle certificate(X509Bundle issuer, int type, String... names) throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String name : names) {
            all.writeBytes(tagged(0x80 | type, name.getBytes(StandardCharsets.US_ASCII)));
        }
        return new CertificateBuilder()
                .ecp256()
                .subject("CN=peer")
                .addExtensionOctetString("2.5.29.17", false, tagged(0x30, all.toByteArray()))
                .buildIssuedBy(issuer);
    }

    private static byte[] tagged(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length >= 128) {
            out.write(0x81);
        }
        out.write(content.length);
        out.writeBytes(content);
        return out.toByteArray();
    }
}
