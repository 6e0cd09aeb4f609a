package io.inmesh.transport;

import io.inmesh.model.StringMatcher;
import io.inmesh.model.SubjectAltNameMatcher;
import java.util.List;
import java.util.Locale;

/** Whether a certificate's names are those that were asked for: any name that any matcher takes is enough. */
final class NameRules {
    private NameRules() {}

    /** {@code match_typed_subject_alt_names}. */
    static boolean match(List<SubjectAltNameMatcher> matchers, List<SubjectAltName> names) {
        for (SubjectAltNameMatcher matcher : matchers) {
            for (SubjectAltName name : names) {
                if (matches(matcher, name)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean matches(SubjectAltNameMatcher matcher, SubjectAltName name) {
        if (matcher.type() != name.type()) {
            return false;
        }
        if (name.type() == SubjectAltNameMatcher.Type.OTHER_NAME && !name.oid().equals(matcher.oid())) {
            return false;
        }
        if (name.type() == SubjectAltNameMatcher.Type.DNS && matcher.matcher() instanceof StringMatcher.Exact exact) {
            return dns(exact.value(), name.text());
        }
        return matcher.matcher().matches(name.text());
    }

    /** A DNS name that must be there: {@code auto_sni_san_validation}. */
    static boolean hasDns(String wanted, List<SubjectAltName> names) {
        return names.stream()
                .anyMatch(name -> name.type() == SubjectAltNameMatcher.Type.DNS && dns(wanted, name.text()));
    }

    /** Texts of which one must be there, whatever its type: {@code auto_san_validation}. */
    static boolean hasOneOf(List<String> wanted, List<SubjectAltName> names) {
        return names.stream().anyMatch(name -> wanted.stream()
                .anyMatch(each -> name.type() == SubjectAltNameMatcher.Type.DNS
                        ? dns(each, name.text())
                        : each.equals(name.text())));
    }

    /** {@code Utility::dnsNameMatch}: RFC 6125 section 6.4.3, with one wildcard anywhere in the leftmost label unless that is an A-label. */
    static boolean dns(String wanted, String pattern) {
        String name = wanted.toLowerCase(Locale.ROOT);
        String certified = pattern.toLowerCase(Locale.ROOT);
        if (name.equals(certified)) {
            return true;
        }
        int nameDot = name.indexOf('.');
        int dot = certified.indexOf('.');
        if (nameDot < 0 || dot < 0) {
            return false;
        }
        String label = certified.substring(0, dot);
        int star = label.indexOf('*');
        return star >= 0
                && star == label.lastIndexOf('*')
                && certified.indexOf('*', dot) < 0
                && !label.startsWith("xn--")
                && name.substring(nameDot).equals(certified.substring(dot))
                && label.length() <= nameDot + 1
                && name.startsWith(label.substring(0, star))
                && name.substring(0, nameDot).endsWith(label.substring(star + 1));
    }
}
