package io.inmesh.transport;

import static io.inmesh.transport.Settings.exact;
import static io.inmesh.transport.Settings.pem;
import static io.inmesh.transport.Settings.prefix;
import static io.inmesh.transport.Settings.regex;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.model.SubjectAltNameMatcher;
import io.inmesh.model.SubjectAltNameMatcher.Type;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * A client's certificate, what the server asks of it, and whether that is enough. One table for the rules, for both providers and for Envoy.
 *
 * @param shown the certificates that the client sends, the leaf first
 */
@SuppressWarnings("BadImport") // one table's words
record VerificationCase(
        String name, X509Bundle identity, List<X509Certificate> shown, Secret.Validation validation, boolean accepted) {

    @Override
    public String toString() {
        return name;
    }

    static List<VerificationCase> all() throws Exception {
        return new Table().cases;
    }

    private static final class Table {
        private static final String SELF = "spiffe://cluster.local/ns/a/sa/caller";
        private static final byte[] OTHER_NAME = {Der.OID, 10, 0x2b, 6, 1, 4, 1, (byte) 0x82, 0x37, 20, 2, 3};
        private static final Duration YEAR = Duration.ofDays(365);

        private final List<VerificationCase> cases = new ArrayList<>();
        private final Instant now = Instant.now();
        private final X509Bundle root = ca("root").buildSelfSigned();
        private final X509Bundle other = ca("other").buildSelfSigned();
        private final X509Bundle intermediate = ca("intermediate").buildIssuedBy(root);
        private final X509Bundle leaf = leaf().buildIssuedBy(root);
        private final X509Bundle below = leaf().buildIssuedBy(intermediate);

        Table() throws Exception {
            paths();
            times();
            names();
            pins();
            purposes();
            constraints();
            constrainedNames();
            unreadable();
            keyIdentifiers();
            depths();
            revocation();
            spiffe();
        }

        private void paths() {
            add("a leaf of the root", leaf, trust(root), true);
            add("a leaf of another root", leaf, trust(other), false);
            add("one of two roots", leaf, trust(other, root), true);
            add("an intermediate that is sent", below, trust(root), true);
            add("an intermediate that is not sent", below, List.of(below.getCertificate()), trust(root), false);
            add("an intermediate as the anchor", below, List.of(below.getCertificate()), trust(intermediate), true);
            add("an intermediate as the anchor, and sent", below, trust(intermediate), true);
            add("the leaf as the anchor", leaf, trust(leaf), true);
            add("the root is sent too", leaf, List.of(leaf.getCertificate(), root.getCertificate()), trust(root), true);
            add(
                    "the order of the others does not count",
                    below,
                    List.of(below.getCertificate(), other.getCertificate(), intermediate.getCertificate()),
                    trust(root),
                    true);
            add("nothing to verify against, and untrusted is accepted", leaf, accepting(Secret.Validation.NONE), true);
            add("another root, and untrusted is accepted", leaf, accepting(trust(other)), true);
            add(
                    "another name, and untrusted is accepted",
                    leaf,
                    accepting(Settings.named(trust(root), exact(Type.URI, "spiffe://x/y"))),
                    true);
        }

        private void times() throws Exception {
            X509Bundle expired = leaf().notBefore(now.minus(YEAR))
                    .notAfter(now.minusSeconds(60))
                    .buildIssuedBy(root);
            X509Bundle early = leaf().notBefore(now.plusSeconds(3600))
                    .notAfter(now.plus(YEAR))
                    .buildIssuedBy(root);
            X509Bundle oldRoot = ca("old root")
                    .notBefore(now.minus(YEAR))
                    .notAfter(now.minusSeconds(60))
                    .buildSelfSigned();
            X509Bundle ofOldRoot = leaf().buildIssuedBy(oldRoot);
            add("an expired leaf", expired, trust(root), false);
            add("an expired leaf where that is allowed", expired, expiredAllowed(trust(root)), true);
            add("a leaf that is not valid yet", early, trust(root), false);
            add("a leaf that is not valid yet, where time does not count", early, expiredAllowed(trust(root)), true);
            add("an expired root", ofOldRoot, trust(oldRoot), false);
            add("an expired root where that is allowed", ofOldRoot, expiredAllowed(trust(oldRoot)), true);
        }

        private void names() throws Exception {
            // By hand: the builder refuses wildcards.
            byte[] upn = Der.write(0x0c, text("upn@example.com"));
            byte[] generalNames = Der.write(
                    Der.SEQUENCE,
                    Der.write(0x86, text(SELF)),
                    Der.write(0x86, text("kuma://tag/v1")),
                    Der.write(0x82, text("*.example.com")),
                    Der.write(0x82, text("f*o.test.example")),
                    Der.write(0x82, text("Exact.Example.Org")),
                    Der.write(0x82, text("nul.test.org\0.evil.example")),
                    Der.write(0x87, new byte[] {10, 1, 2, 3}),
                    Der.write(0x87, new byte[] {0x20, 1, 0x0d, (byte) 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}),
                    Der.write(0x81, text("a@example.com")),
                    Der.write(0xa0, OTHER_NAME, Der.write(0xa0, upn)));
            X509Bundle many = new CertificateBuilder()
                    .subject("CN=many")
                    .addExtensionOctetString("2.5.29.17", false, generalNames)
                    .buildIssuedBy(root);
            named("DNS before a NUL", many, exact(Type.DNS, "nul.test.org"), false);
            named("the URI", many, exact(Type.URI, SELF), true);
            named("the second URI", many, exact(Type.URI, "kuma://tag/v1"), true);
            named("another URI", many, exact(Type.URI, SELF + "x"), false);
            named("a URI as DNS", many, exact(Type.DNS, SELF), false);
            named("a URI's start", many, prefix(Type.URI, "spiffe://cluster.local/"), true);
            named("a URI's start without a slash", many, prefix(Type.URI, "spiffe://cluster.lo"), true);
            named("another start", many, prefix(Type.URI, "spiffe://other/"), false);
            named("a URI by an expression", many, regex(Type.URI, "spiffe://[^/]+/ns/a/.*"), true);
            named("a URI by a part of an expression", many, regex(Type.URI, "ns/a"), false);
            named("DNS by a wildcard", many, exact(Type.DNS, "a.example.com"), true);
            named("DNS by a wildcard, in upper case", many, exact(Type.DNS, "A.EXAMPLE.COM"), true);
            named("DNS two labels below a wildcard", many, exact(Type.DNS, "b.a.example.com"), false);
            named("DNS above a wildcard", many, exact(Type.DNS, "example.com"), false);
            named("DNS by a wildcard within a label", many, exact(Type.DNS, "foo.test.example"), true);
            named("DNS by a wildcard within a label of another end", many, exact(Type.DNS, "fox.test.example"), false);
            named("DNS in another case", many, exact(Type.DNS, "exact.example.org"), true);
            named("DNS start is text", many, prefix(Type.DNS, "*.example"), true);
            named("DNS start is no wildcard", many, prefix(Type.DNS, "a.example"), false);
            named("IPv4", many, exact(Type.IP_ADDRESS, "10.1.2.3"), true);
            named("another IPv4", many, exact(Type.IP_ADDRESS, "10.1.2.4"), false);
            named("IPv6", many, exact(Type.IP_ADDRESS, "2001:db8::1"), true);
            named("IPv6 written otherwise", many, exact(Type.IP_ADDRESS, "2001:db8:0:0:0:0:0:1"), false);
            named("e-mail", many, exact(Type.EMAIL, "a@example.com"), true);
            named("another e-mail", many, exact(Type.EMAIL, "b@example.com"), false);
            named(
                    "another name",
                    many,
                    new SubjectAltNameMatcher(
                            Type.OTHER_NAME,
                            exact(Type.OTHER_NAME, "upn@example.com").matcher(),
                            "1.3.6.1.4.1.311.20.2.3"),
                    true);
            named(
                    "another name of another kind",
                    many,
                    new SubjectAltNameMatcher(
                            Type.OTHER_NAME,
                            exact(Type.OTHER_NAME, "upn@example.com").matcher(),
                            "1.3.6.1.4.1.311.20.2.4"),
                    false);
            add(
                    "one of two names",
                    many,
                    Settings.named(trust(root), exact(Type.URI, "spiffe://x/y"), exact(Type.EMAIL, "a@example.com")),
                    true);
            add("the name, of another root", many, Settings.named(trust(other), exact(Type.URI, SELF)), false);
            named("no name at all", nameless(), prefix(Type.URI, "s"), false);
        }

        private void pins() {
            String hash = HexFormat.of().formatHex(sha256(leaf.getCertificate()));
            String spki = Base64.getEncoder()
                    .encodeToString(PeerChain.sha256(
                            leaf.getCertificate().getPublicKey().getEncoded()));
            String wrongHash = "00".repeat(32);
            String wrongSpki = Base64.getEncoder().encodeToString(new byte[32]);
            add("a pinned certificate", leaf, pinned(Secret.Validation.NONE, null, hash), true);
            add("another pinned certificate", leaf, pinned(Secret.Validation.NONE, null, wrongHash), false);
            add("a pinned key", leaf, pinned(Secret.Validation.NONE, spki, null), true);
            add("another pinned key", leaf, pinned(Secret.Validation.NONE, wrongSpki, null), false);
            add("one pin of two kinds", leaf, pinned(Secret.Validation.NONE, wrongSpki, hash), true);
            add("no pin of two kinds", leaf, pinned(Secret.Validation.NONE, wrongSpki, wrongHash), false);
            add("a pin and the root", leaf, pinned(trust(root), spki, null), true);
            add("a pin and another root", leaf, pinned(trust(other), spki, null), false);
            add("another pin and the root", leaf, pinned(trust(root), wrongSpki, null), false);
        }

        private void purposes() throws Exception {
            add("for clients", leaf().addExtendedKeyUsageClientAuth().buildIssuedBy(root), trust(root), true);
            add("for servers only", leaf().addExtendedKeyUsageServerAuth().buildIssuedBy(root), trust(root), false);
            add(
                    "for anything by name",
                    leaf().addExtendedKeyUsage("2.5.29.37.0").buildIssuedBy(root),
                    trust(root),
                    false);
            add(
                    "a key that signs",
                    leaf().setKeyUsage(true, KeyUsage.digitalSignature).buildIssuedBy(root),
                    trust(root),
                    true);
            add(
                    "a key that encrypts only",
                    leaf().setKeyUsage(true, KeyUsage.keyEncipherment).buildIssuedBy(root),
                    trust(root),
                    false);
            X509Bundle forServers =
                    ca("for servers").addExtendedKeyUsageServerAuth().buildIssuedBy(root);
            add("below an authority for servers", leaf().buildIssuedBy(forServers), trust(root), false);
            add("an authority as a leaf", intermediate, trust(root), true);
        }

        private void constraints() throws Exception {
            X509Bundle none =
                    ca("no more").setPathLengthConstraint(OptionalInt.of(0)).buildIssuedBy(root);
            add("as long a path as allowed", leaf().buildIssuedBy(none), trust(root), true);
            X509Bundle tooDeep = ca("too deep").buildIssuedBy(none);
            add("a longer path than allowed", leaf().buildIssuedBy(tooDeep), trust(root), false);
            X509Bundle noSigner =
                    ca("no signer").setKeyUsage(true, KeyUsage.digitalSignature).buildIssuedBy(root);
            add("an authority whose key must not sign", leaf().buildIssuedBy(noSigner), trust(root), false);
            X509Bundle limited = ca("limited")
                    .addExtensionOctetString("2.5.29.30", true, permittedDns("example.com"))
                    .buildIssuedBy(root);
            add(
                    "a name that the authority may give",
                    leaf().addSanDnsName("a.example.com").buildIssuedBy(limited),
                    trust(root),
                    true);
            add(
                    "a name that the authority may not give",
                    leaf().addSanDnsName("a.example.org").buildIssuedBy(limited),
                    trust(root),
                    false);
            add(
                    "a name that the anchor may not give",
                    leaf().addSanDnsName("a.example.org").buildIssuedBy(limited),
                    trust(limited),
                    false);
            add(
                    "a critical extension that nobody knows",
                    leaf().addExtensionOctetString("1.3.6.1.4.1.99999.1", true, new byte[] {4, 0})
                            .buildIssuedBy(root),
                    trust(root),
                    false);
        }

        private void constrainedNames() throws Exception {
            byte[] uri = Der.write(0x86, text("team-a.example"));
            byte[] dns = Der.write(0x82, text("team-a.example"));
            byte[] email = Der.write(0x81, text("team-a.example"));
            byte[] domain = Der.write(0x86, text(".team-a.example"));
            byte[] own = Der.write(0x86, text("spiffe://team-a.example/x"));
            byte[] others = Der.write(0x86, text(SELF));
            // The JDK cannot read this one, and then none of the certificate's.
            byte[] broken = Der.write(0x86, text("http://["));
            byte[] noName = Der.write(0x86, text("urn:x"));
            byte[] mail = Der.write(0x81, text("a@team-a.example"));
            byte[] upn = Der.write(0xa0, OTHER_NAME, Der.write(0xa0, Der.write(0x0c, text("upn@example.com"))));
            byte[] ip = Der.write(0x87, new byte[] {10, 1, 2, 3});
            byte[] subnet = Der.write(0x87, new byte[] {10, 0, 0, 0, (byte) 0xff, 0, 0, 0});
            byte[] directory = Der.write(0xa4, name("o", "Team A"));
            constrained("a URI of the domain", true, own, uri);
            constrained("a URI in capitals", true, Der.write(0x86, text("spiffe://TEAM-A.example/x")), uri);
            constrained("a URI with a port", true, Der.write(0x86, text("https://team-a.example:8443/x")), uri);
            constrained("a URI of another domain", false, others, uri);
            constrained("a URI of another domain, and one that the JDK cannot read", false, join(others, broken), uri);
            constrained("a URI of the domain, and one of another", false, join(own, others), uri);
            constrained("a URI of the domain, and one without a host", false, join(own, noName), uri);
            constrained("a URI below a domain", true, Der.write(0x86, text("spiffe://x.team-a.example/y")), domain);
            constrained("a URI of a domain of hosts", false, own, domain);
            constrained(
                    "a URI whose end looks like the domain",
                    false,
                    Der.write(0x86, text("spiffe://xteam-a.example/y")),
                    domain);
            constrained("a URI with a user", false, Der.write(0x86, text("spiffe://team-a.example@evil/y")), uri);
            constrained("names of other kinds than the constraint", true, join(mail, upn, ip), uri);
            constrained("DNS of the domain", true, Der.write(0x82, text("team-a.example")), dns);
            constrained("DNS below the domain", true, Der.write(0x82, text("x.team-a.example")), dns);
            constrained("DNS whose end looks like the domain", false, Der.write(0x82, text("xteam-a.example")), dns);
            constrained(
                    "DNS of another domain, and a URI that the JDK cannot read",
                    false,
                    join(Der.write(0x82, text("b.example")), broken),
                    dns);
            constrained("an e-mail address at the host", true, mail, email);
            constrained("an e-mail address at another host", false, Der.write(0x81, text("a@b.example")), email);
            constrained("an e-mail address without a host", false, Der.write(0x81, text("team-a.example")), email);
            constrained("another name where other names are constrained", false, upn, upn);
            constrained("an address where addresses are constrained", false, ip, subnet);
            constrained("a subject within a directory", true, name("O", "team  a"), own, directory, 0xa0);
            constrained("a subject outside of a directory", false, name("O", "team b"), own, directory, 0xa0);
            constrained("a subject in an excluded directory", false, name("O", "TEAM A "), own, directory, 0xa1);
            constrained("a URI of an excluded domain", false, name("CN", "x"), own, uri, 0xa1);
            constrained("a URI of a domain that is not excluded", true, name("CN", "x"), others, uri, 0xa1);
        }

        private void constrained(String name, boolean accepted, byte[] names, byte[] base) throws Exception {
            constrained(name, accepted, name("CN", "x"), names, base, 0xa0);
        }

        private void constrained(String name, boolean accepted, byte[] subject, byte[] names, byte[] base, int kind)
                throws Exception {
            X509Bundle authority = ca("constrained")
                    .addExtensionOctetString(
                            "2.5.29.30", true, Der.write(Der.SEQUENCE, Der.write(kind, Der.write(Der.SEQUENCE, base))))
                    .buildIssuedBy(root);
            X509Bundle identity = new CertificateBuilder()
                    .subject(new X500Principal(subject))
                    .addExtensionOctetString("2.5.29.17", false, Der.write(Der.SEQUENCE, names))
                    .buildIssuedBy(authority);
            add("constrained: " + name, identity, trust(root), accepted);
        }

        private void unreadable() throws Exception {
            byte[] nonsense = {Der.SEQUENCE, 2, 1};
            byte[] text = Der.write(0x0c, text("x"));
            for (byte[] content : List.of(nonsense, text)) {
                for (String id : List.of("2.5.29.15", "2.5.29.37", "2.5.29.19")) {
                    X509Bundle identity =
                            leaf().addExtensionOctetString(id, false, content).buildIssuedBy(root);
                    add("an extension that cannot be read: " + id + ", " + content[0], identity, trust(root), false);
                }
                X509Bundle nameless = new CertificateBuilder()
                        .subject("CN=x")
                        .addExtensionOctetString("2.5.29.17", false, content)
                        .buildIssuedBy(root);
                add("names that cannot be read: " + content[0], nameless, trust(root), false);
                X509Bundle authority = ca("unreadable")
                        .addExtensionOctetString("2.5.29.30", false, content)
                        .buildIssuedBy(root);
                add(
                        "constraints that cannot be read: " + content[0],
                        leaf().buildIssuedBy(authority),
                        trust(root),
                        false);
            }
        }

        private void keyIdentifiers() throws Exception {
            X509Bundle identified = ca("identified")
                    .addExtensionOctetString("2.5.29.14", false, Der.write(Der.OCTET_STRING, new byte[] {1, 2, 3}))
                    .buildSelfSigned();
            for (byte last : new byte[] {3, 4}) {
                byte[] id = Der.write(Der.SEQUENCE, Der.write(0x80, new byte[] {1, 2, last}));
                add(
                        "a leaf that says that the key " + last + " of 3 has signed it",
                        leaf().addExtensionOctetString("2.5.29.35", false, id).buildIssuedBy(identified),
                        trust(identified),
                        last == 3);
            }
            for (BigInteger exponent : List.of(
                    RSAKeyGenParameterSpec.F4,
                    BigInteger.ONE.shiftLeft(33).subtract(BigInteger.valueOf(9)),
                    BigInteger.ONE.shiftLeft(64).subtract(BigInteger.valueOf(59)))) {
                KeyPairGenerator keys = KeyPairGenerator.getInstance("RSA");
                keys.initialize(new RSAKeyGenParameterSpec(2048, exponent));
                X509Bundle authority =
                        ca("rsa").rsa2048().keyPair(keys.generateKeyPair()).buildIssuedBy(root);
                add(
                        "an authority whose RSA key has an exponent of " + exponent.bitLength() + " bits",
                        leaf().buildIssuedBy(authority),
                        trust(root),
                        exponent.bitLength() <= 33);
            }
        }

        /** A name of one attribute: {@code O} or {@code CN}. */
        private static byte[] name(String attribute, String value) {
            byte[] oid = {Der.OID, 3, 0x55, 4, (byte) (attribute.equalsIgnoreCase("O") ? 10 : 3)};
            // The constraint and the name are of different kinds of strings.
            byte[] string = Der.write(attribute.equals("o") ? 0x13 : 0x0c, text(value));
            return Der.write(Der.SEQUENCE, Der.write(Der.SET, Der.write(Der.SEQUENCE, oid, string)));
        }

        private static byte[] join(byte[]... parts) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (byte[] part : parts) {
                all.writeBytes(part);
            }
            return all.toByteArray();
        }

        private void depths() throws Exception {
            add("depth 0, no intermediate", leaf, depth(trust(root), 0), true);
            add("depth 0, one intermediate", below, depth(trust(root), 0), false);
            add("depth 1, one intermediate", below, depth(trust(root), 1), false);
            add("depth 2, one intermediate", below, depth(trust(root), 2), true);
            X509Bundle deeper = ca("deeper").buildIssuedBy(intermediate);
            add("depth 2, two intermediates", leaf().buildIssuedBy(deeper), depth(trust(root), 2), false);
            add("depth 3, two intermediates", leaf().buildIssuedBy(deeper), depth(trust(root), 3), true);
        }

        private void revocation() throws Exception {
            Instant soon = now.plusSeconds(3600);
            String ofRoot = Revocation.list(root, soon);
            String ofIntermediate = Revocation.list(intermediate, soon);
            add("not revoked", leaf, crl(trust(root), false, ofRoot), true);
            add("revoked", leaf, crl(trust(root), false, Revocation.list(root, soon, leaf)), false);
            add(
                    "revoked in one of two lists",
                    leaf,
                    crl(trust(root), false, ofRoot, Revocation.list(root, soon, leaf)),
                    false);
            add(
                    "a list of another issuer only",
                    leaf,
                    crl(trust(root, other), false, Revocation.list(other, soon)),
                    false);
            add("an expired list", leaf, crl(trust(root), false, Revocation.list(root, now.minusSeconds(60))), false);
            add("lists of all issuers", below, crl(trust(root), false, ofRoot, ofIntermediate), true);
            add("no list of the leaf's issuer", below, crl(trust(root), false, ofRoot), false);
            add("no list of the intermediate's issuer", below, crl(trust(root), false, ofIntermediate), false);
            add(
                    "no list of the intermediate's issuer, where the leaf counts",
                    below,
                    crl(trust(root), true, ofIntermediate),
                    true);
            add(
                    "a revoked intermediate",
                    below,
                    crl(trust(root), false, Revocation.list(root, soon, intermediate), ofIntermediate),
                    false);
            add(
                    "a revoked intermediate, where the leaf counts",
                    below,
                    crl(trust(root), true, Revocation.list(root, soon, intermediate), ofIntermediate),
                    true);
            add(
                    "an intermediate as the anchor, with lists of all",
                    below,
                    crl(trust(intermediate), false, ofRoot, ofIntermediate),
                    false);
        }

        private void spiffe() throws Exception {
            X509Bundle leaf = svid().buildIssuedBy(root);
            X509Bundle below = svid().buildIssuedBy(intermediate);
            add("a workload whose key may be used for everything", this.leaf, domains("cluster.local", root), false);
            add("a trust domain's own root", leaf, domains("cluster.local", root), true);
            add("a trust domain's own root, through an intermediate", below, domains("cluster.local", root), true);
            add("a trust domain of another root", leaf, domains("cluster.local", other), false);
            add("a trust domain that is not known", leaf, domains("other.local", root), false);
            add("an intermediate as a trust domain's root", below, domains("cluster.local", intermediate), false);
            add("no URI for a trust domain", nameless(), domains("cluster.local", root), false);
            X509Bundle authority = ca("authority").addSanUriName(SELF).buildIssuedBy(root);
            add("an authority as a workload", authority, domains("cluster.local", root), false);
            X509Bundle second = new CertificateBuilder()
                    .subject("CN=two")
                    .setKeyUsage(true, KeyUsage.digitalSignature)
                    .addSanUriName("spiffe://other/x")
                    .addSanUriName(SELF)
                    .buildIssuedBy(root);
            add("a trust domain in the second URI", second, domains("cluster.local", root), false);
            X509Bundle two = svid().addSanUriName("spiffe://other/x").buildIssuedBy(root);
            add("a trust domain in the first URI of two", two, domains("cluster.local", root), true);
            add(
                    "for servers only, in a trust domain",
                    svid().addExtendedKeyUsageServerAuth().buildIssuedBy(root),
                    domains("cluster.local", root),
                    true);
            add(
                    "a trust domain and the name",
                    leaf,
                    Settings.named(domains("cluster.local", root), exact(Type.URI, SELF)),
                    true);
            add(
                    "a trust domain and another name",
                    leaf,
                    Settings.named(domains("cluster.local", root), exact(Type.URI, "spiffe://cluster.local/y")),
                    false);
            add(
                    "a trust domain and a name that is no URI",
                    leaf,
                    Settings.named(domains("cluster.local", root), exact(Type.DNS, "a.example.com")),
                    true);
            X509Bundle expired = svid().notBefore(now.minus(YEAR))
                    .notAfter(now.minusSeconds(60))
                    .buildIssuedBy(root);
            add("an expired workload in a trust domain", expired, domains("cluster.local", root), false);
            add(
                    "an expired workload in a trust domain where that is allowed",
                    expired,
                    expiredAllowed(domains("cluster.local", root)),
                    true);
        }

        private void named(String name, X509Bundle identity, SubjectAltNameMatcher matcher, boolean accepted) {
            add("name: " + name, identity, Settings.named(trust(root), matcher), accepted);
        }

        private void add(String name, X509Bundle identity, Secret.Validation validation, boolean accepted) {
            add(name, identity, List.of(identity.getCertificatePath()), validation, accepted);
        }

        private void add(
                String name,
                X509Bundle identity,
                List<X509Certificate> shown,
                Secret.Validation validation,
                boolean accepted) {
            cases.add(new VerificationCase(name, identity, shown, validation, accepted));
        }

        private static CertificateBuilder ca(String name) {
            return new CertificateBuilder().subject("CN=" + name).setIsCertificateAuthority(true);
        }

        private static CertificateBuilder leaf() throws Exception {
            return new CertificateBuilder().subject("CN=leaf").addSanUriName(SELF);
        }

        private static CertificateBuilder svid() throws Exception {
            return leaf().setKeyUsage(true, KeyUsage.digitalSignature);
        }

        private X509Bundle nameless() throws Exception {
            return new CertificateBuilder()
                    .subject("CN=nameless")
                    .setKeyUsage(true, KeyUsage.digitalSignature)
                    .buildIssuedBy(root);
        }

        private static Secret.Validation trust(X509Bundle... roots) {
            return Settings.trust(roots);
        }

        private static byte[] sha256(X509Certificate certificate) {
            try {
                return PeerChain.sha256(certificate.getEncoded());
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private static byte[] text(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }

        private static byte[] permittedDns(String name) {
            byte[] subtree = Der.write(Der.SEQUENCE, Der.write(0x82, name.getBytes(StandardCharsets.US_ASCII)));
            return Der.write(Der.SEQUENCE, Der.write(0xa0, subtree));
        }

        private static Secret.Validation domains(String name, X509Bundle root) {
            return copy(
                    Secret.Validation.NONE,
                    List.of(new Secret.TrustDomain(name, pem(root))),
                    null,
                    false,
                    false,
                    false);
        }

        private static Secret.Validation accepting(Secret.Validation from) {
            return copy(from, from.trustDomains(), from.crl(), false, false, true);
        }

        private static Secret.Validation expiredAllowed(Secret.Validation from) {
            return copy(from, from.trustDomains(), from.crl(), false, true, false);
        }

        private static Secret.Validation crl(Secret.Validation from, boolean onlyLeaf, String... lists) {
            return copy(from, null, DataSource.Inline.of(String.join("", lists)), onlyLeaf, false, false);
        }

        private static Secret.Validation copy(
                Secret.Validation from,
                @Nullable List<Secret.TrustDomain> domains,
                @Nullable DataSource crl,
                boolean onlyLeaf,
                boolean expired,
                boolean untrusted) {
            return new Secret.Validation(
                    from.trustedCa(),
                    from.systemRoots(),
                    domains,
                    from.subjectAltNames(),
                    from.certificateSpki(),
                    from.certificateHashes(),
                    crl,
                    onlyLeaf,
                    expired,
                    untrusted,
                    from.maxVerifyDepth());
        }

        private static Secret.Validation pinned(Secret.Validation from, @Nullable String spki, @Nullable String hash) {
            return new Secret.Validation(
                    from.trustedCa(),
                    false,
                    null,
                    List.of(),
                    spki == null ? List.of() : List.of(spki),
                    hash == null ? List.of() : List.of(hash),
                    null,
                    false,
                    false,
                    false,
                    -1);
        }

        private static Secret.Validation depth(Secret.Validation from, int depth) {
            return new Secret.Validation(
                    from.trustedCa(), false, null, List.of(), List.of(), List.of(), null, false, false, false, depth);
        }
    }
}
