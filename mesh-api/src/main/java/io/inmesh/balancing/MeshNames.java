package io.inmesh.balancing;

import io.inmesh.exchange.IpAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The host names that only the mesh knows, of the snapshot in force. Thread-safe. */
final class MeshNames {
    private volatile Map<String, List<String>> addresses = Map.of();

    void update(Map<String, List<String>> newAddresses) {
        addresses = newAddresses;
    }

    /** The addresses of a host, the preferred one first; empty for a name that the mesh does not know. Asks nobody. */
    List<InetAddress> of(String host) {
        List<String> texts = addresses.get(host);
        if (texts == null) {
            return List.of();
        }
        List<InetAddress> found = new ArrayList<>(texts.size());
        for (String text : texts) {
            // Nothing but an address gets as far as the JDK, which would take anything else for a name and ask for it.
            if (IpAddress.parse(text) != null) {
                found.add(literal(text));
            }
        }
        return found;
    }

    private static InetAddress literal(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text + " is an address for us and not for the JDK", e);
        }
    }
}
