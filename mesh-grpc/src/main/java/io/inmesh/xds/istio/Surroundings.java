package io.inmesh.xds.istio;

import io.inmesh.exchange.IpAddress;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a process finds around it. Istio's agent looks at the same places.
 *
 * @param variables of the environment
 * @param root      the folder of all files, {@code /} but for tests
 * @param hostName  this machine's own name
 * @param addresses the IP addresses of this machine, without loopback and link-local ones, the preferred one first
 */
record Surroundings(
        Map<String, String> variables, Path root, Supplier<String> hostName, Supplier<List<String>> addresses) {

    static Surroundings ofProcess() {
        return new Surroundings(
                System.getenv(), Path.of("/"), Surroundings::ownHostName, Surroundings::interfaceAddresses);
    }

    Surroundings withVariables(Map<String, String> others) {
        return new Surroundings(Map.copyOf(others), root, hostName, addresses);
    }

    Surroundings withRoot(Path other) {
        return new Surroundings(variables, other, hostName, addresses);
    }

    /** A variable; null if it is not set or blank. */
    @Nullable
    String variable(String name) {
        String value = variables.get(name);
        return value == null || value.isBlank() ? null : value.strip();
    }

    /** The first variable that is set. */
    @Nullable
    String variable(String first, String second) {
        String value = variable(first);
        return value == null ? variable(second) : value;
    }

    /** A file, by its path from the root without a slash in front. */
    Path file(String path) {
        return root.resolve(path);
    }

    /** A path that a variable gives: as the agent's, it is of the root where it is not absolute. */
    Path named(String path) {
        return path.startsWith("./") ? root.resolve(path.substring(2)) : root.resolve(path);
    }

    /**
     * The text of a file; null if there is none.
     *
     * @throws IllegalStateException if there is one that cannot be read
     */
    @Nullable
    String text(String path) {
        try {
            return Files.readString(file(path));
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new IllegalStateException(file(path) + " cannot be read: " + e, e);
        }
    }

    boolean isFile(String path) {
        return Files.isRegularFile(file(path));
    }

    /** The name without its domain, as {@code hostname -s} gives it; of a pod, that is the pod's name. */
    private static String ownHostName() {
        try {
            String name = InetAddress.getLocalHost().getHostName();
            int dot = name.indexOf('.');
            return dot > 0 ? name.substring(0, dot) : name;
        } catch (UnknownHostException e) {
            return "";
        }
    }

    private static List<String> interfaceAddresses() {
        List<InetAddress> found = new ArrayList<>();
        try {
            for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
                if (each.isUp() && !each.isLoopback()) {
                    each.inetAddresses()
                            .filter(address -> !address.isLoopbackAddress()
                                    && !address.isLinkLocalAddress()
                                    && !address.isMulticastAddress()
                                    && !address.isAnyLocalAddress())
                            .forEach(found::add);
                }
            }
        } catch (SocketException e) {
            return List.of();
        }
        // istiod takes the first one for the workload's own. Java writes IPv6 with a zone.
        return found.stream()
                .sorted(Comparator.comparing(Inet6Address.class::isInstance))
                .map(each -> IpAddress.of(each.getAddress()).toString())
                .toList();
    }
}
