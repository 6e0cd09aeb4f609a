package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.inmesh.model.Assignment;
import io.inmesh.model.Assignment.Locality;
import io.inmesh.model.Assignment.LocalityEndpoints;
import io.inmesh.model.Endpoint;
import io.inmesh.model.Endpoint.AdditionalAddress;
import io.inmesh.model.Endpoint.Health;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.endpoint.v3.ClusterLoadAssignment}. */
final class AssignmentDecoder {
    private static final long MAX_WEIGHT_SUM = 0xFFFF_FFFFL;

    private final AddressForm form;
    private final Notes notes;
    private final Set<String> addresses = new HashSet<>();

    /** What may stand in {@code socket_address.address}. */
    enum AddressForm {
        /** IP addresses; an address that comes again is left out ("only the first one will be retained"). */
        EDS,
        /** IP addresses, repeated ones too. */
        STATIC,
        /** Host names too. */
        DNS
    }

    private AssignmentDecoder(AddressForm form, Notes notes) {
        this.form = form;
        this.notes = notes;
    }

    /** Decodes an assignment that was checked already. */
    static Assignment decode(
            ClusterLoadAssignment assignment, String name, AddressForm form, String path, Notes notes) {
        AssignmentDecoder decoder = new AssignmentDecoder(form, notes);
        List<LocalityEndpoints> localities = new ArrayList<>();
        for (int i = 0; i < assignment.getEndpointsCount(); i++) {
            localities.add(decoder.locality(assignment.getEndpoints(i), Paths.element(path, "endpoints", i)));
        }
        requireWeightSums(localities, path);
        ClusterLoadAssignment.Policy policy = assignment.getPolicy();
        return new Assignment(
                name,
                List.copyOf(localities),
                policy.hasOverprovisioningFactor()
                        ? Values.count(policy.getOverprovisioningFactor())
                        : Assignment.DEFAULT_OVERPROVISIONING,
                policy.getWeightedPriorityHealth());
    }

    /** Envoy counts weights in 32 bits, of the localities of one priority and of the hosts of one locality. */
    private static void requireWeightSums(List<LocalityEndpoints> localities, String path) {
        Map<Integer, Long> byPriority = new TreeMap<>();
        for (int i = 0; i < localities.size(); i++) {
            LocalityEndpoints locality = localities.get(i);
            long ofHosts = locality.endpoints().stream()
                    .mapToLong(endpoint -> Integer.toUnsignedLong(endpoint.weight()))
                    .sum();
            if (ofHosts > MAX_WEIGHT_SUM) {
                throw new BadResourceException(
                        Paths.element(path, "endpoints", i),
                        "the sum of the weights of its hosts exceeds " + MAX_WEIGHT_SUM);
            }
            long ofLocalities =
                    byPriority.merge(locality.priority(), Integer.toUnsignedLong(locality.weight()), Long::sum);
            if (ofLocalities > MAX_WEIGHT_SUM) {
                throw new BadResourceException(
                        Paths.child(path, "endpoints"),
                        "the sum of the weights of the localities of priority " + locality.priority() + " exceeds "
                                + MAX_WEIGHT_SUM);
            }
        }
    }

    private LocalityEndpoints locality(LocalityLbEndpoints group, String path) {
        List<Endpoint> endpoints = new ArrayList<>(group.getLbEndpointsCount());
        for (int i = 0; i < group.getLbEndpointsCount(); i++) {
            Endpoint endpoint = endpoint(group.getLbEndpoints(i), Paths.element(path, "lb_endpoints", i));
            if (endpoint != null) {
                endpoints.add(endpoint);
            }
        }
        var locality = group.getLocality();
        return new LocalityEndpoints(
                group.hasLocality()
                        ? new Locality(locality.getRegion(), locality.getZone(), locality.getSubZone())
                        : Locality.UNKNOWN,
                group.getPriority(),
                group.getLoadBalancingWeight().getValue(),
                List.copyOf(endpoints),
                Values.metadata(group.getMetadata()));
    }

    private @Nullable Endpoint endpoint(LbEndpoint host, String path) {
        if (!host.hasEndpoint()) {
            notes.unsupported(path, "left out: it has no endpoint of its own");
            return null;
        }
        String at = path + ".endpoint";
        AdditionalAddress address =
                address(host.getEndpoint().getAddress(), Paths.child(at, "address"), "the endpoint is left out");
        if (address == null) {
            return null;
        }
        if (address.port() == 0) {
            throw new BadResourceException(
                    at + ".address.socket_address.port_value", "0 is not a port that can be connected to");
        }
        String hostname = host.getEndpoint().getHostname();
        Endpoint endpoint = new Endpoint(
                address.address(),
                address.port(),
                host.hasLoadBalancingWeight() ? host.getLoadBalancingWeight().getValue() : 1,
                health(host),
                hostname.isEmpty() ? null : hostname,
                Values.metadata(host.getMetadata()),
                additional(host.getEndpoint(), at));
        boolean repeated = form == AddressForm.EDS && !addresses.add(endpoint.address() + " " + endpoint.port());
        return repeated ? null : endpoint;
    }

    /** "This will only be supported for STATIC and EDS clusters": Envoy takes them in others too, and does not use them. */
    private List<AdditionalAddress> additional(io.envoyproxy.envoy.config.endpoint.v3.Endpoint endpoint, String path) {
        if (endpoint.getAdditionalAddressesCount() == 0) {
            return List.of();
        }
        if (form == AddressForm.DNS) {
            notes.unsupported(Paths.child(path, "additional_addresses"), "in a cluster that DNS resolves");
            return List.of();
        }
        List<AdditionalAddress> more = new ArrayList<>(endpoint.getAdditionalAddressesCount());
        for (int i = 0; i < endpoint.getAdditionalAddressesCount(); i++) {
            String at = Paths.element(path, "additional_addresses", i) + ".address";
            AdditionalAddress address =
                    address(endpoint.getAdditionalAddresses(i).getAddress(), at, "the address is left out");
            if (address != null && address.port() != 0) {
                more.add(address);
            } else if (address != null) {
                notes.unsupported(at, "the address is left out: 0 is not a port that can be connected to");
            }
        }
        return List.copyOf(more);
    }

    private @Nullable AdditionalAddress address(Address address, String path, String otherwise) {
        return switch (address.getAddressCase()) {
            case SOCKET_ADDRESS -> address(address.getSocketAddress(), path + ".socket_address");
            case PIPE, ENVOY_INTERNAL_ADDRESS -> {
                notes.unsupported(path, otherwise + ": it has no IP address");
                yield null;
            }
            case ADDRESS_NOT_SET -> throw new BadResourceException(path, "is required");
        };
    }

    private AdditionalAddress address(SocketAddress socket, String path) {
        String address = socket.getAddress();
        if (form != AddressForm.DNS && !isIp(address)) {
            throw new BadResourceException(
                    path + ".address",
                    "\"" + address
                            + "\" is not an IP address; host names need a cluster of type STRICT_DNS or LOGICAL_DNS");
        }
        if (!socket.getNamedPort().isEmpty()) {
            throw new BadResourceException(path + ".named_port", "named ports are not supported; use port_value");
        }
        return new AdditionalAddress(address, socket.getPortValue());
    }

    static boolean isIp(String address) {
        return NetUtil.isValidIpV4Address(address) || NetUtil.isValidIpV6Address(address);
    }

    private static Health health(LbEndpoint host) {
        return switch (host.getHealthStatus()) {
            case UNKNOWN, HEALTHY, UNRECOGNIZED -> Health.HEALTHY;
            case DEGRADED -> Health.DEGRADED;
            case UNHEALTHY, TIMEOUT -> Health.UNHEALTHY;
            case DRAINING -> Health.DRAINING;
        };
    }
}
