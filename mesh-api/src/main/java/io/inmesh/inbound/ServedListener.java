package io.inmesh.inbound;

import io.inmesh.filter.FilterChain;
import io.inmesh.model.InboundChain;
import io.inmesh.model.InboundListener;
import io.inmesh.model.PortSet;
import io.inmesh.snapshot.MeshSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A listener, ready for connections. Nothing that serves changes before {@link #putInForce}. */
final class ServedListener {
    private final InboundListener listener;
    private final Map<ChainShape, ChainSlot> slots = new LinkedHashMap<>();
    private final Map<ChainSlot, ServedChain> versions = new HashMap<>();
    /** The filters that were asked for new plans; one that is as before has nothing to drop. */
    private final List<FilterChain> planned = new ArrayList<>();

    private final ChainTree<ChainSlot> tree;
    private final @Nullable ChainSlot defaultSlot;

    private ServedListener(
            InboundListener listener,
            MeshSnapshot snapshot,
            @Nullable ServedListener before,
            InboundSettings settings,
            ChainCompiler compiler) {
        this.listener = listener;
        List<ChainTree.Entry<ChainSlot>> entries = new ArrayList<>();
        for (int i = 0; i < listener.chains().size(); i++) {
            InboundChain chain = listener.chains().get(i);
            String label = chain.name().isEmpty() ? listener.name() + "#" + i : chain.name();
            entries.add(new ChainTree.Entry<>(
                    chain.match(), slot(chain, false, label, snapshot, before, settings, compiler)));
        }
        InboundChain last = listener.defaultChain();
        defaultSlot = last == null
                ? null
                : slot(
                        last,
                        true,
                        last.name().isEmpty() ? listener.name() + "#default" : last.name(),
                        snapshot,
                        before,
                        settings,
                        compiler);
        // What the inspectors do not look at is not in the arrival that the tree gets.
        tree = new ChainTree<>(entries, true, true);
    }

    /** @param before the version in force, or null */
    static ServedListener of(
            InboundListener listener,
            MeshSnapshot snapshot,
            @Nullable ServedListener before,
            InboundSettings settings,
            ChainCompiler compiler) {
        return new ServedListener(listener, snapshot, before, settings, compiler);
    }

    private ChainSlot slot(
            InboundChain chain,
            boolean isDefault,
            String label,
            MeshSnapshot snapshot,
            @Nullable ServedListener before,
            InboundSettings settings,
            ChainCompiler compiler) {
        // What is refused has no connections whose filters could go on.
        ChainShape wanted = ChainShape.of(chain, isDefault, chain.unusable() == null && chain.http() != null);
        ChainSlot known = before == null ? null : before.slots.get(wanted);
        ServedChain version = known == null ? null : known.current();
        ServedChain served = compiler.compile(chain, snapshot, version);
        notePlans(served.http(), version == null ? null : version.http());
        ChainSlot slot = known == null ? new ChainSlot(settings, label, served) : known;
        slots.put(wanted, slot);
        versions.put(slot, served);
        return slot;
    }

    @SuppressWarnings("ReferenceEquality") // identity means that nothing has changed
    private void notePlans(@Nullable ServedHttp http, @Nullable ServedHttp before) {
        if (http != null && http != before) {
            planned.add(http.filters());
        }
    }

    /** New connections and requests take the chains as they are here; connections of chains that are gone are drained. */
    void putInForce(@Nullable ServedListener before) {
        versions.forEach(ChainSlot::replace);
        planned.forEach(FilterChain::dropUnused);
        planned.clear();
        if (before != null) {
            before.slots.values().stream()
                    .filter(slot -> !versions.containsKey(slot))
                    .forEach(ChainSlot::retire);
        }
    }

    /** It is gone as a whole. */
    void retire() {
        slots.values().forEach(ChainSlot::retire);
    }

    InboundListener listener() {
        return listener;
    }

    boolean inspects() {
        return !listener.inspectsTls().equals(PortSet.NONE)
                || !listener.inspectsHttp().equals(PortSet.NONE);
    }

    ChainChoice choose(ConnectionArrival arrival) {
        if (listener.unusable() != null) {
            return new ChainChoice.Refused("listener " + listener.name() + " cannot be used: " + listener.unusable());
        }
        ChainSlot found = tree.find(inspected(arrival));
        found = found == null ? defaultSlot : found;
        return found == null
                ? new ChainChoice.Refused("no filter chain of listener " + listener.name() + " takes " + arrival)
                : found.choice();
    }

    /** The arrival as the listener's inspectors see it: without one, TLS is bytes like others, and a protocol is not known. */
    private ConnectionArrival inspected(ConnectionArrival arrival) {
        PortSet inspected = arrival.tls() ? listener.inspectsTls() : listener.inspectsHttp();
        return inspected.contains(arrival.localPort())
                ? arrival
                : new ConnectionArrival(
                        arrival.remote(),
                        arrival.remotePort(),
                        arrival.local(),
                        arrival.localPort(),
                        false,
                        "",
                        List.of());
    }

    /** In words: which chains serve, and why others do not. */
    String describe() {
        StringBuilder text = new StringBuilder("listener ").append(listener.name());
        if (listener.unusable() != null) {
            return text.append(" refuses all connections: ")
                    .append(listener.unusable())
                    .toString();
        }
        long serving = slots.values().stream()
                .filter(slot -> slot.current().refusal() == null)
                .count();
        text.append(" serves with ")
                .append(serving)
                .append(" of ")
                .append(slots.size())
                .append(" filter chains");
        slots.values().forEach(slot -> {
            String refusal = slot.current().refusal();
            if (refusal != null) {
                text.append("; filter chain ")
                        .append(slot.chain())
                        .append(" refuses its connections: ")
                        .append(refusal);
            }
        });
        return text.toString();
    }
}
