package io.inmesh.xds;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.inbound.ChainTree;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.model.CidrRange;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.Listener;
import io.inmesh.model.RouteAction;
import io.inmesh.routing.CompiledRoute;
import io.inmesh.routing.CompiledRoutes;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What may leave the mesh: the {@code passthrough} of a Mesh, narrowed by its MeshPassthrough. A sidecar has it as the listener that takes the connections of all
 * addresses without a listener of their own; its filter chains lead to the original destination, unless their cluster is not there.
 *
 * <p>Nobody asks DNS here. For a host name, chains for ranges of addresses are left out, and the listener for IPv4 speaks for both families: kuma-cp gives both the
 * same domains.
 */
final class KumaEgress {
    private static final IpAddress HERE = new IpAddress(0, 0x7f000001L, true);
    private static final List<String> TLS_PROTOCOLS = List.of("h2", "http/1.1");
    private static final List<String> PLAIN_PROTOCOLS = List.of("http/1.1", "h2c");
    private static final Choice STRAIGHT =
            new Choice.Passthrough("the mesh does not know it, and the application allows passthrough");

    private final @Nullable Family v4;
    private final @Nullable Family v6;
    private final boolean passthrough;

    private KumaEgress(@Nullable Family v4, @Nullable Family v6, boolean passthrough) {
        this.v4 = v4;
        this.v6 = v6;
        this.passthrough = passthrough;
    }

    /** @param passthrough whether the application lets everything go out */
    static KumaEgress of(MeshSnapshot snapshot, boolean passthrough) {
        Family v4 = null;
        Family v6 = null;
        for (Listener listener : snapshot.listeners().values()) {
            IpAddress address = boundTo(listener, snapshot);
            if (address != null && address.v4() && v4 == null) {
                v4 = new Family(listener, snapshot);
            } else if (address != null && !address.v4() && v6 == null) {
                v6 = new Family(listener, snapshot);
            }
        }
        return new KumaEgress(v4, v6, passthrough);
    }

    /** Null if it is none that tells what may leave. */
    private static @Nullable IpAddress boundTo(Listener listener, MeshSnapshot snapshot) {
        String address = listener.address();
        return address != null
                        && listener.originalDestination()
                        && !snapshot.inbound().containsKey(listener.name())
                ? IpAddress.parse(address)
                : null;
    }

    /** @param address the host as an IP address, IPv4 where it is mapped, or null if it is a name */
    Choice choose(Destination destination, @Nullable IpAddress address) {
        Family family = address == null ? (v4 == null ? v6 : v4) : address.v4() ? v4 : v6;
        Choice choice = family == null ? nothingSaysSo(destination) : family.choose(destination, address);
        return passthrough && choice instanceof Choice.Refused refused && refused.unknown() ? STRAIGHT : choice;
    }

    private static Choice nothingSaysSo(Destination destination) {
        return Choice.Refused.unknown(
                "the mesh does not know " + destination.host()
                        + ", and no listener says that something may leave the mesh: the Dataplane has no transparent proxying; add an outbound, or allow passthrough");
    }

    /** The listener for one family of addresses. */
    private static final class Family {
        private final String name;
        private final ChainTree<Function<Destination, Choice>> byAddress;
        private final ChainTree<Function<Destination, Choice>> byName;
        private final @Nullable Function<Destination, Choice> fallback;

        Family(Listener listener, MeshSnapshot snapshot) {
            name = listener.name();
            List<ChainTree.Entry<Function<Destination, Choice>>> chains = new ArrayList<>();
            Function<Destination, Choice> last = null;
            // Among the others those of HTTP are listed too, without a cluster: of two for the same connections, the
            // first counts.
            for (Listener.HttpChain chain : listener.egress()) {
                CompiledRoutes routes = CompiledRoutes.of(chain.routes());
                Function<Destination, Choice> routed = destination -> routed(routes, destination, snapshot);
                if (chain.fallback()) {
                    last = routed;
                } else {
                    chains.add(new ChainTree.Entry<>(chain.match(), routed));
                }
            }
            // It keeps its connections even if no request may take it: without it they would find a chain for others.
            if (listener.http() != null) {
                Function<Destination, Choice> unasked = destination -> new Choice.Refused(
                        "listener " + name + " has an HTTP filter chain for " + destination + " that cannot be asked");
                if (listener.httpMatch() == null) {
                    last = last != null ? last : unasked;
                } else {
                    chains.add(new ChainTree.Entry<>(listener.httpMatch(), unasked));
                }
            }
            for (Listener.TcpChain chain : listener.tcp()) {
                Choice choice = choice(chain.clusters(), snapshot);
                if (chain.fallback()) {
                    last = last != null ? last : destination -> choice;
                } else {
                    chains.add(new ChainTree.Entry<>(chain.match(), destination -> choice));
                }
            }
            fallback = last;
            byAddress = new ChainTree<>(chains, listener.inspectsTls(), listener.inspectsHttp());
            byName = new ChainTree<>(
                    chains.stream()
                            .filter(each -> takesAnyAddress(each.match()))
                            .toList(),
                    listener.inspectsTls(),
                    listener.inspectsHttp());
        }

        private static boolean takesAnyAddress(FilterChainMatch match) {
            return match.prefixRanges().isEmpty()
                    || match.prefixRanges().stream().map(CidrRange::bits).anyMatch(bits -> bits == 0);
        }

        Choice choose(Destination destination, @Nullable IpAddress address) {
            boolean tls = destination.scheme().equals("https");
            ConnectionArrival connection = new ConnectionArrival(
                    HERE,
                    0,
                    address == null ? HERE : address,
                    destination.port(),
                    tls,
                    tls && address == null ? SidecarListeners.canonical(destination.host()) : "",
                    tls ? TLS_PROTOCOLS : PLAIN_PROTOCOLS);
            Function<Destination, Choice> chain = (address == null ? byName : byAddress).find(connection);
            chain = chain == null ? fallback : chain;
            return chain == null
                    ? Choice.Refused.unknown("the mesh does not know " + destination.host()
                            + ", and no MeshPassthrough allows " + destination + " (no filter chain of listener " + name
                            + " takes it" + (address == null ? "; ranges of addresses hold for IP addresses only" : "")
                            + ")")
                    : chain.apply(destination);
        }

        private Choice choice(List<String> clusters, MeshSnapshot snapshot) {
            if (clusters.isEmpty()) {
                return new Choice.Refused("the mesh does not know the host, and listener " + name
                        + " has a filter chain for it that is not supported");
            }
            for (String cluster : clusters) {
                ClusterState state = snapshot.clusters().get(cluster);
                if (state instanceof ClusterState.Failed failed) {
                    return new Choice.Refused("listener " + name + " sends it to the cluster " + cluster
                            + ", which cannot be used: " + failed.reason());
                }
                if (!(state instanceof ClusterState.Ready ready)) {
                    return Choice.Refused.unknown(
                            "the mesh does not know the host, and its passthrough is off (listener "
                                    + name + " leads to the cluster " + cluster
                                    + ", which is not there); allow it by a MeshPassthrough, or in the application");
                }
                if (ready.cluster().unusable() != null) {
                    return new Choice.Refused("listener " + name + " sends it to the cluster " + cluster
                            + ", which cannot be used: " + ready.cluster().unusable());
                }
                if (!ChainOutcome.goesStraight(state)) {
                    return new Choice.Refused(
                            "the mesh does not know the host, and listener " + name + " sends it to the cluster "
                                    + cluster + " instead of its own address, or with TLS, which is not supported");
                }
            }
            return new Choice.Passthrough("the mesh does not know the host, and its passthrough allows it (listener "
                    + name + ", cluster " + String.join(", ", clusters) + ")");
        }

        /** Domains are what such a table is about, so that any path and any method will do to ask it. */
        private Choice routed(CompiledRoutes routes, Destination destination, MeshSnapshot snapshot) {
            String host = destination.host().indexOf(':') < 0 ? destination.host() : "[" + destination.host() + "]";
            String authority = destination.port() == 80 ? host : host + ":" + destination.port();
            RequestHead head = new RequestHead("GET", destination.scheme(), authority, "/", new Headers());
            CompiledRoute route = routes.select(head, new StreamInfo(), 0);
            if (route != null && route.forward() != null) {
                return choice(List.of(route.chooseCluster(head, 0).name()), snapshot);
            }
            String said = route != null && route.route().action() instanceof RouteAction.DirectResponse direct
                    ? direct.status()
                            + (direct.body() == null ? "" : " " + direct.body().strip())
                    : "no route";
            return Choice.Refused.unknown(
                    "no MeshPassthrough allows " + destination + " (listener " + name + ": " + said + ")");
        }
    }
}
