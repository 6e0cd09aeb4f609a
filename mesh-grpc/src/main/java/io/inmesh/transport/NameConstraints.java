package io.inmesh.transport;

import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The names that an authority may give (RFC 5280 section 4.2.1.10), in BoringSSL's reading ({@code NAME_CONSTRAINTS_check}). They are held against the very names that
 * policies see; a name that cannot be held against a constraint of its kind is refused, and so is one of a kind whose constraints nobody reads.
 */
final class NameConstraints {
    private static final int PERMITTED = 0xa0;
    private static final int EXCLUDED = 0xa1;

    private static final String VIOLATION = "permitted subtree violation";

    private final List<Der> permitted;
    private final List<Der> excluded;

    private NameConstraints(List<Der> permitted, List<Der> excluded) {
        this.permitted = permitted;
        this.excluded = excluded;
    }

    /**
     * Reads the extension.
     *
     * @throws IllegalArgumentException if it is malformed
     */
    static NameConstraints read(Der extension) {
        List<Der> permitted = new ArrayList<>();
        List<Der> excluded = new ArrayList<>();
        for (Der subtrees : extension.expect(Der.SEQUENCE).children()) {
            List<Der> kind =
                    switch (subtrees.tag()) {
                        case PERMITTED -> permitted;
                        case EXCLUDED -> excluded;
                        default -> throw new IllegalArgumentException("unknown name constraints");
                    };
            for (Der subtree : subtrees.children()) {
                subtree.expect(Der.SEQUENCE).child(0);
                kind.add(subtree);
            }
        }
        return new NameConstraints(permitted, excluded);
    }

    /**
     * Holds the names of a certificate against them: its subject, e-mail addresses in it, and its alternative names.
     *
     * @throws CertificateException     if it has a name that it may not have
     * @throws IllegalArgumentException if a name is malformed
     */
    void check(DerCertificate certificate) throws CertificateException {
        List<String> subject = DistinguishedName.canonical(certificate.subject());
        if (!subject.isEmpty()) {
            check(new Name(SubjectAltName.DIRECTORY_NAME, "", subject));
        }
        for (String email : DistinguishedName.emails(certificate.subject())) {
            check(new Name(SubjectAltName.EMAIL, email, List.of()));
        }
        for (Der name : certificate.generalNames()) {
            check(Name.of(name));
        }
    }

    private void check(Name name) throws CertificateException {
        boolean asked = false;
        boolean allowed = false;
        for (Der subtree : permitted) {
            if (concerns(subtree, name)) {
                asked = true;
                allowed |= name.within(Name.of(subtree.child(0)));
            }
        }
        if (asked && !allowed) {
            throw new CertificateException(VIOLATION);
        }
        for (Der subtree : excluded) {
            if (concerns(subtree, name) && name.within(Name.of(subtree.child(0)))) {
                throw new CertificateException("excluded subtree violation");
            }
        }
    }

    private static boolean concerns(Der subtree, Name name) throws CertificateException {
        List<Der> parts = subtree.children();
        if (parts.get(0).tag() != name.tag) {
            return false;
        }
        if (parts.size() > 1) {
            throw new CertificateException("name constraints with a minimum or a maximum");
        }
        return true;
    }

    /**
     * A {@code GeneralName}.
     *
     * @param text byte by byte
     * @param path of a directory name, from the root
     */
    private record Name(int tag, String text, List<String> path) {
        static Name of(Der name) {
            return name.tag() == SubjectAltName.DIRECTORY_NAME
                    ? new Name(name.tag(), "", DistinguishedName.canonical(name.child(0)))
                    : new Name(name.tag(), new String(name.content(), StandardCharsets.ISO_8859_1), List.of());
        }

        boolean within(Name base) throws CertificateException {
            return switch (tag) {
                case SubjectAltName.DIRECTORY_NAME ->
                    path.size() >= base.path.size()
                            && path.subList(0, base.path.size()).equals(base.path);
                case SubjectAltName.DNS -> isBelow(text, base.text);
                case SubjectAltName.EMAIL -> isMailOf(base.text);
                case SubjectAltName.URI -> isHostOf(host(), base.text);
                default -> throw new CertificateException("name constraints of a kind that is not supported");
            };
        }

        private static boolean isBelow(String name, String base) {
            if (base.isEmpty() || !endsWith(name, base)) {
                return base.isEmpty();
            }
            int start = name.length() - base.length();
            return start == 0 || base.startsWith(".") || name.charAt(start - 1) == '.';
        }

        private boolean isMailOf(String base) throws CertificateException {
            int at = text.lastIndexOf('@');
            if (at < 0) {
                throw new CertificateException("an e-mail address without a host, where those are constrained");
            }
            int baseAt = base.lastIndexOf('@');
            if (baseAt > 0 && !base.substring(0, baseAt).equals(text.substring(0, at))) {
                return false;
            }
            String host = text.substring(at + 1);
            return baseAt >= 0 ? host.equalsIgnoreCase(base.substring(baseAt + 1)) : isHostOf(host, base);
        }

        /** A domain's hosts begin with a dot; without one it is one host. */
        private static boolean isHostOf(String host, String base) {
            return base.startsWith(".") ? endsWith(host, base) : host.equalsIgnoreCase(base);
        }

        /** A host in front of which a user's name stands, or which is an address in brackets, is none that a domain could be compared with. */
        private String host() throws CertificateException {
            int scheme = text.indexOf(':');
            boolean hasAuthority = scheme >= 0 && text.startsWith("//", scheme + 1);
            int start = hasAuthority ? scheme + 3 : text.length();
            int end = start;
            while (end < text.length() && "/?#".indexOf(text.charAt(end)) < 0) {
                end++;
            }
            String authority = text.substring(start, end);
            int port = authority.indexOf(':');
            String host = port < 0 ? authority : authority.substring(0, port);
            if (host.isEmpty() || authority.indexOf('@') >= 0 || authority.indexOf('[') >= 0) {
                throw new CertificateException("a URI without a host, where those are constrained");
            }
            return host;
        }

        private static boolean endsWith(String text, String end) {
            return text.toLowerCase(Locale.ROOT).endsWith(end.toLowerCase(Locale.ROOT));
        }
    }
}
