package io.inmesh.http.wire;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Finds the addresses of a destination outside the mesh, and of a host that a request names. All other hosts of clusters come with their addresses and never
 * get here.
 *
 * <p>Called on an executor, so it may block; called from several threads.
 */
@FunctionalInterface
public interface AddressResolver {
    /** The JVM's own resolution. */
    AddressResolver JVM = host -> List.of(InetAddress.getAllByName(host));

    /**
     * All addresses of a host, the one to try first in front.
     *
     * @throws UnknownHostException if there is none
     */
    List<InetAddress> resolve(String host) throws UnknownHostException;
}
