package io.inmesh.model;

/**
 * A condition on one subject alternative name: {@code SubjectAltNameMatcher}. {@code match_subject_alt_names} without a type stands for one of each type
 * of DNS, URI, e-mail and IP address.
 *
 * @param type    the kind of name
 * @param matcher on its text; an exact one of type DNS takes a wildcard in the certificate as RFC 6125 does
 * @param oid     of an {@link Type#OTHER_NAME}, else empty
 */
public record SubjectAltNameMatcher(Type type, StringMatcher matcher, String oid) {

    /** The kinds of names. */
    public enum Type {
        /** A host name. */
        DNS,
        /** A URI, such as a SPIFFE id. */
        URI,
        /** An e-mail address. */
        EMAIL,
        /** An IP address in its textual form. */
        IP_ADDRESS,
        /** {@code otherName}, by its OID. */
        OTHER_NAME
    }
}
