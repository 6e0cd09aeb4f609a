package io.inmesh.xds;

import io.inmesh.exchange.IpAddress;
import io.inmesh.model.InboundListener;
import io.inmesh.snapshot.Dialect.Binding;
import io.inmesh.snapshot.Dialect.BoundAddress;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which listener a server's port takes, where listeners have addresses as those of a sidecar. */
final class ServerListeners {
    private ServerListeners() {}

    static Binding bind(Collection<InboundListener> listeners, BoundAddress address) {
        List<InboundListener> ofPort = listeners.stream()
                .filter(each -> isAt(each, address.port()) && !each.originalDestination())
                .toList();
        InboundListener found = first(ofPort, address.host());
        if (found == null) {
            found = onAllAddresses(ofPort, address.host());
        }
        if (found == null && isAny(address.host())) {
            if (ofPort.size() > 1) {
                return new Binding.Refused("a server that is bound to all addresses cannot choose among the listeners "
                        + ofPort.stream().map(InboundListener::name).sorted().toList() + "; bind it to one address");
            }
            found = ofPort.isEmpty() ? null : ofPort.get(0);
        }
        if (found == null) {
            found = onAllAddresses(
                    listeners.stream()
                            .filter(InboundListener::originalDestination)
                            .toList(),
                    address.host());
        }
        return found == null
                ? new Binding.Refused("no inbound listener takes " + address + " (there are "
                        + listeners.stream().map(InboundListener::name).sorted().toList() + ")")
                : new Binding.Served(found);
    }

    /** The one of the server's own family before the other. */
    private static @Nullable InboundListener onAllAddresses(List<InboundListener> listeners, String host) {
        IpAddress bound = IpAddress.parse(host);
        String own = bound != null && !bound.v4() ? "::" : "0.0.0.0";
        InboundListener found = first(listeners, own);
        return found == null ? first(listeners, own.equals("::") ? "0.0.0.0" : "::") : found;
    }

    private static @Nullable InboundListener first(List<InboundListener> listeners, String host) {
        IpAddress wanted = IpAddress.parse(host);
        for (InboundListener each : listeners) {
            if (isFor(each.address(), host, wanted)
                    || each.additional().stream().anyMatch(more -> isFor(more.address(), host, wanted))) {
                return each;
            }
        }
        return null;
    }

    private static boolean isFor(String address, String host, @Nullable IpAddress wanted) {
        return address.equals(host) || (wanted != null && wanted.equals(IpAddress.parse(address)));
    }

    private static boolean isAt(InboundListener listener, int port) {
        return listener.port() == port || listener.additional().stream().anyMatch(more -> more.port() == port);
    }

    private static boolean isAny(String host) {
        return host.equals("0.0.0.0") || host.equals("::");
    }
}
