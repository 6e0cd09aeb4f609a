package io.inmesh.xds.protocol;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.inmesh.snapshot.SourceStatus.ResourceStatus;
import io.inmesh.xds.testing.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A machine with everything around it written down as lines of text. */
final class MachineHarness implements ResourceHandler {
    final List<String> heard = new ArrayList<>();
    final Map<String, String> reject = new HashMap<>();
    final AdsMachine machine;
    final StatusBook status = new StatusBook(() -> Instant.EPOCH);
    private final Map<AdsTimer, Duration> timers = new EnumMap<>(AdsTimer.class);
    private long nanos = 1_000_000_000_000L;

    @Nullable
    Runnable onResponse;

    MachineHarness(XdsServer... servers) {
        machine = new AdsMachine(
                List.of(servers),
                AdsSettings.DEFAULT,
                NodeMessage.of(XdsNode.of("n1", "")),
                this,
                status,
                this::connection,
                () -> nanos,
                new Random(7));
        machine.start();
    }

    static MachineHarness incremental() {
        return new MachineHarness(XdsServer.plaintext("one"));
    }

    static MachineHarness sotw() {
        return new MachineHarness(XdsServer.plaintext("one").withTransport(XdsTransport.STATE_OF_THE_WORLD));
    }

    /** What is to be done since the last call, timers and reports left out. */
    List<String> output() {
        List<String> lines = new ArrayList<>();
        for (AdsAction action : machine.drain()) {
            if (action instanceof AdsAction.Open open) {
                lines.add("open " + open.stream() + " at " + open.server() + " "
                        + (open.transport() == XdsTransport.INCREMENTAL ? "delta" : "sotw"));
            } else if (action instanceof AdsAction.Close close) {
                lines.add("close " + close.stream() + ": " + close.reason());
            } else if (action instanceof AdsAction.Send send) {
                lines.add(send.stream() + "> " + text(send.message()));
            } else if (action instanceof AdsAction.SetTimer set) {
                timers.put(set.timer(), set.delay());
            } else if (action instanceof AdsAction.CancelTimer cancel) {
                timers.remove(cancel.timer());
            }
        }
        return lines;
    }

    /** What the handler was told since the last call, and what was reported. */
    List<String> heard() {
        List<String> lines = new ArrayList<>(heard);
        heard.clear();
        return lines;
    }

    /** The time for which a timer was set, or null. */
    @Nullable
    Duration timer(AdsTimer timer) {
        return timers.get(timer);
    }

    List<String> fire(AdsTimer timer) {
        Duration delay = timers.remove(timer);
        if (delay == null) {
            throw new AssertionError(timer + " is not set; there are " + timers);
        }
        nanos += delay.toNanos();
        machine.fired(timer);
        return output();
    }

    void pass(Duration time) {
        nanos += time.toNanos();
    }

    List<String> subscribe(ResourceKind kind, String... names) {
        for (String name : names) {
            machine.subscribe(kind, name);
        }
        machine.endTurn();
        return output();
    }

    List<String> unsubscribe(ResourceKind kind, String... names) {
        for (String name : names) {
            machine.unsubscribe(kind, name);
        }
        machine.endTurn();
        return output();
    }

    List<String> wildcard(ResourceKind... kinds) {
        for (ResourceKind kind : kinds) {
            machine.wildcard(kind);
        }
        machine.endTurn();
        return output();
    }

    List<String> ready(int stream) {
        machine.ready(stream);
        return output();
    }

    List<String> ended(int stream, boolean unimplemented) {
        machine.ended(stream, new StreamEnd(unimplemented, false, unimplemented ? "UNIMPLEMENTED" : "UNAVAILABLE"));
        return output();
    }

    List<String> sotw(int stream, ResourceKind kind, String version, Message... resources) {
        DiscoveryResponse.Builder response = DiscoveryResponse.newBuilder()
                .setTypeUrl(kind.typeUrl())
                .setVersionInfo(version)
                .setNonce("n" + version);
        for (Message resource : resources) {
            response.addResources(resource instanceof Any any ? any : Any.pack(resource));
        }
        return received(stream, kind.typeUrl(), response.build());
    }

    List<String> delta(int stream, ResourceKind kind, String version, List<String> removed, Message... resources) {
        DeltaDiscoveryResponse.Builder response = DeltaDiscoveryResponse.newBuilder()
                .setTypeUrl(kind.typeUrl())
                .setNonce("n" + version)
                .addAllRemovedResources(removed);
        for (Message resource : resources) {
            response.addResources(
                    resource instanceof Resource wrapper
                            ? wrapper
                            : Resource.newBuilder()
                                    .setName(Resources.nameOf(resource))
                                    .setVersion(version)
                                    .setResource(Any.pack(resource))
                                    .build());
        }
        return received(stream, kind.typeUrl(), response.build());
    }

    List<String> delta(int stream, ResourceKind kind, String version, Message... resources) {
        return delta(stream, kind, version, List.of(), resources);
    }

    List<String> received(int stream, String typeUrl, Message response) {
        machine.received(stream, typeUrl, response);
        return output();
    }

    /** State, version and error of a resource, or "unknown". */
    String status(ResourceKind kind, String name) {
        for (ResourceStatus each : status.entries()) {
            if (each.name().equals(kind.named(name))) {
                return each.state()
                        + (each.version() == null ? "" : " " + each.version())
                        + (each.error() == null ? "" : " (" + each.error() + ")");
            }
        }
        return "unknown";
    }

    @Override
    public Verdict onResponse(ResourceKind kind, List<RawResource> changed, List<String> removed) {
        heard.add(kind + " "
                + changed.stream()
                        .map(each -> each.name() + "@" + each.version())
                        .toList() + (removed.isEmpty() ? "" : " -" + removed));
        if (onResponse != null) {
            onResponse.run();
        }
        return new Verdict(reject, Map.of());
    }

    @Override
    public void onMissing(ResourceKind kind, String name, String reason) {
        heard.add("missing " + kind + " " + name);
    }

    private void connection(ConnectionState state) {
        heard.add((state.connected() ? "connected " : "disconnected ")
                + state.server()
                + (state.error() == null ? "" : " " + state.error()));
    }

    private static String text(Message message) {
        if (message instanceof DiscoveryRequest request) {
            return kind(request.getTypeUrl()) + " " + request.getResourceNamesList()
                    + optional(" v=", request.getVersionInfo())
                    + optional(" n=", request.getResponseNonce())
                    + (request.hasNode() ? " node" : "")
                    + (request.hasErrorDetail()
                            ? " NACK " + request.getErrorDetail().getMessage()
                            : "");
        }
        DeltaDiscoveryRequest request = (DeltaDiscoveryRequest) message;
        return kind(request.getTypeUrl())
                + (request.getResourceNamesSubscribeCount() == 0 ? "" : " +" + request.getResourceNamesSubscribeList())
                + (request.getResourceNamesUnsubscribeCount() == 0
                        ? ""
                        : " -" + request.getResourceNamesUnsubscribeList())
                + (request.getInitialResourceVersionsCount() == 0
                        ? ""
                        : " initial=" + new TreeMap<>(request.getInitialResourceVersionsMap()))
                + optional(" n=", request.getResponseNonce())
                + (request.hasNode() ? " node" : "")
                + (request.hasErrorDetail()
                        ? " NACK " + request.getErrorDetail().getMessage()
                        : "");
    }

    private static String kind(String typeUrl) {
        return String.valueOf(ResourceKind.ofTypeUrl(typeUrl));
    }

    private static String optional(String label, String value) {
        return value.isEmpty() ? "" : label + value;
    }
}
