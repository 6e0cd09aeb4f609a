package io.inmesh.inbound;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.model.CidrRange;
import io.inmesh.model.ClientRules;
import org.jspecify.annotations.Nullable;

/**
 * Whose request it is, and whether it may say how it is to be handled.
 *
 * @param address  the client's
 * @param internal whether it is one of the addresses that count as inside, told without doubt
 * @param edge     whether the mesh begins here for it
 */
record ClientAddress(IpAddress address, boolean internal, boolean edge) {
    private static final String FORWARDED_FOR = "x-forwarded-for";

    /** {@code ConnectionManagerUtility::mutateRequestHeaders}, before it appends to {@code x-forwarded-for}. */
    static ClientAddress of(Headers headers, IpAddress peer, ClientRules rules) {
        String forwarded = headers.get(FORWARDED_FOR);
        boolean trusted;
        IpAddress found;
        if (rules.useRemoteAddress()) {
            trusted = forwarded == null;
            found = rules.trustedHops() > 0 ? fromEnd(forwarded, rules.trustedHops() - 1) : null;
            found = found == null ? peer : found;
        } else {
            found = fromEnd(forwarded, rules.trustedHops());
            trusted = found != null && rules.trustedHops() == 0 && forwarded != null && forwarded.indexOf(',') < 0;
        }
        boolean internal = trusted && found != null && isInternal(found, rules);
        return new ClientAddress(found == null ? peer : found, internal, !internal && rules.useRemoteAddress());
    }

    private static boolean isInternal(IpAddress address, ClientRules rules) {
        for (CidrRange range : rules.internalAddresses()) {
            if (range.contains(address)) {
                return true;
            }
        }
        return false;
    }

    /** {@code Utility::getLastAddressFromXFF}: the last address but {@code skip}, or null if that is none. */
    private static @Nullable IpAddress fromEnd(@Nullable String forwarded, int skip) {
        if (forwarded == null) {
            return null;
        }
        int end = forwarded.length();
        for (int i = 0; i < skip; i++) {
            end = forwarded.lastIndexOf(',', end - 1);
            if (end < 0) {
                return null;
            }
        }
        int comma = end == 0 ? -1 : forwarded.lastIndexOf(',', end - 1);
        return IpAddress.parse(forwarded.substring(comma + 1, end).strip());
    }
}
