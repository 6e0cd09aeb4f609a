package io.inmesh.matching;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The text of the fact that was asked for last, so that the many rules that look at one fact of a request put it together once. Racing threads at worst put it
 * together again: what is kept is immutable.
 */
final class LastText {
    private @Nullable Kept last;

    String of(List<String> names) {
        Kept kept = last;
        if (kept == null || kept.fact != names) {
            kept = new Kept(names, String.join(",", names));
            last = kept;
        }
        return kept.text;
    }

    String of(IpAddress address) {
        Kept kept = last;
        if (kept == null || kept.fact != address) {
            kept = new Kept(address, address.toString());
            last = kept;
        }
        return kept.text;
    }

    String of(DownstreamConnection connection, int port) {
        Kept kept = last;
        if (kept == null || kept.fact != connection) {
            kept = new Kept(connection, Integer.toString(port));
            last = kept;
        }
        return kept.text;
    }

    private record Kept(Object fact, String text) {}
}
