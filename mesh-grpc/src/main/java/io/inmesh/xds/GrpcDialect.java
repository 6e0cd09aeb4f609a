package io.inmesh.xds;

import io.inmesh.exchange.IpAddress;
import io.inmesh.model.InboundListener;
import io.inmesh.model.Listener;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.xds.protocol.ResourceKind;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Listeners by name, as a proxyless gRPC client asks for them (gRFC A27), and a proxyless gRPC server (gRFC A36).
 *
 * @param template       of the names of listeners for destinations
 * @param serverTemplate of those for servers; null if nobody said it, and servers have none
 */
record GrpcDialect(String template, @Nullable String serverTemplate, boolean passthrough) implements XdsDialect {
    /** {@code pchar} of RFC 3986, and the slash between them. */
    private static final String PATH =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/";

    @Override
    public String name() {
        return "grpc";
    }

    @Override
    public Set<ResourceKind> wildcards() {
        return Set.of();
    }

    @Override
    public XdsDialect withPassthrough() {
        return new GrpcDialect(template, serverTemplate, true);
    }

    @Override
    public Directory index(MeshSnapshot snapshot) {
        return new ByName(this, snapshot);
    }

    /** As gRFC A36 has it, a listener that was sent for another address than the server's is of no use to it. */
    @Override
    public Binding bind(MeshSnapshot snapshot, BoundAddress address) {
        if (serverTemplate == null) {
            return new Binding.Refused("nothing says how the listeners of servers are named, as"
                    + " server_listener_resource_name_template of gRPC's bootstrap does");
        }
        ResourceName wanted = ResourceKind.LISTENER.named(fill(serverTemplate, address.toString()));
        InboundListener listener = snapshot.inbound().get(wanted.name());
        if (listener != null) {
            return isOf(listener, address)
                    ? new Binding.Served(listener)
                    : new Binding.Refused(wanted + " is for " + new BoundAddress(listener.address(), listener.port())
                            + ", not for " + address);
        }
        String absent = snapshot.absent().get(wanted);
        return absent == null ? new Binding.Wanted(wanted) : new Binding.Refused(wanted + ": " + absent);
    }

    private static boolean isOf(InboundListener listener, BoundAddress address) {
        IpAddress bound = IpAddress.parse(address.host());
        return listener.port() == address.port()
                && (listener.address().equals(address.host())
                        || (bound != null && bound.equals(IpAddress.parse(listener.address()))));
    }

    /** The names under which a destination is looked for: with its port, then, at the default port, without. */
    List<String> names(Destination destination) {
        String host = destination.host().indexOf(':') < 0 ? destination.host() : "[" + destination.host() + "]";
        String withPort = fill(template, host + ":" + destination.port());
        return destination.port() == 80 ? List.of(withPort, fill(template, host)) : List.of(withPort);
    }

    private static String fill(String template, String authority) {
        return template.replace("%s", template.startsWith("xdstp:") ? encode(authority) : authority);
    }

    /** As a segment of a path: "percent-encoded" in gRFC A47 leaves what RFC 3986 section 3.3 lets a path have, such as a colon. */
    private static String encode(String authority) {
        StringBuilder encoded = new StringBuilder(authority.length());
        for (byte each : authority.getBytes(StandardCharsets.UTF_8)) {
            if (PATH.indexOf(each) >= 0) {
                encoded.append((char) each);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(each));
            }
        }
        return encoded.toString();
    }

    /** One snapshot's answers, each made when it is first asked for. */
    private static final class ByName implements Directory {
        /** Applications that make up host names must not fill the memory. */
        private static final int MAX_REMEMBERED = 10_000;

        private final GrpcDialect dialect;
        private final MeshSnapshot snapshot;
        private final Map<Destination, Choice> remembered = new ConcurrentHashMap<>();

        ByName(GrpcDialect dialect, MeshSnapshot snapshot) {
            this.dialect = dialect;
            this.snapshot = snapshot;
        }

        @Override
        public Choice choose(Destination destination) {
            Choice known = remembered.get(destination);
            if (known != null) {
                return known;
            }
            Choice made = make(destination);
            if (remembered.size() < MAX_REMEMBERED) {
                remembered.put(destination, made);
            }
            return made;
        }

        private Choice make(Destination destination) {
            if (destination.scheme().equals("https")) {
                return ListenerChoices.OWN_TLS;
            }
            StringBuilder reasons = new StringBuilder();
            for (String name : dialect.names(destination)) {
                Listener listener = snapshot.listeners().get(name);
                if (listener != null) {
                    return ListenerChoices.of(listener);
                }
                ResourceName wanted = ResourceKind.LISTENER.named(name);
                String absent = snapshot.absent().get(wanted);
                if (absent == null) {
                    return new Choice.Wanted(wanted);
                }
                reasons.append(reasons.isEmpty() ? "" : "; ")
                        .append(wanted)
                        .append(": ")
                        .append(absent);
            }
            return dialect.passthrough()
                    ? new Choice.Passthrough(
                            "the application allows passthrough, and there is no listener (" + reasons + ")")
                    : Choice.Refused.unknown(reasons.toString());
        }
    }
}
