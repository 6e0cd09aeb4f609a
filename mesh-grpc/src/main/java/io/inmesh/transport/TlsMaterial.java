package io.inmesh.transport;

import java.time.Instant;
import java.util.List;

/**
 * Everything that a context is made of and that may change, read and found usable.
 *
 * @param identities certificates of this side
 * @param rules      for the peer
 * @param ticketKeys for session tickets, the first one encrypts; empty for keys of the context's own
 * @param inputs     what it was made from; equal inputs make no new context
 */
record TlsMaterial(List<Identity> identities, PeerRules rules, List<byte[]> ticketKeys, List<Object> inputs) {
    TlsMaterial {
        identities = List.copyOf(identities);
        ticketKeys = List.copyOf(ticketKeys);
        inputs = List.copyOf(inputs);
    }

    /** Whether a certificate of this side has ended. */
    boolean hasEnded(Instant now) {
        return identities.stream()
                .anyMatch(each -> !each.leaf().getNotAfter().toInstant().isAfter(now));
    }

    @Override
    public String toString() {
        return "TlsMaterial" + identities;
    }
}
