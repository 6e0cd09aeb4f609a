package io.inmesh.xds.protocol;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Of the names of one kind that were asked for: which have no answer yet and until when, and which have none on this stream. */
final class AwaitedNames {
    private final Map<String, Wait> awaited = new LinkedHashMap<>();

    /** They do not exist, or were not answered for in time; they are not waited for again on the same stream. */
    private final Set<String> absent = new HashSet<>();

    /**
     * The wait for one name.
     *
     * @param deadline at which it counts as missing
     * @param doubted  whether a response that has everything came without it. That may have been on its way when the name was asked for: nothing in the state of the
     *                 world says which request a response is for
     */
    record Wait(long deadline, boolean doubted) {}

    /** Waits for a name, unless that is so already. */
    void await(String name, long deadline) {
        awaited.putIfAbsent(name, new Wait(deadline, false));
    }

    boolean isAwaited(String name) {
        return awaited.containsKey(name);
    }

    boolean isAbsent(String name) {
        return absent.contains(name);
    }

    /** A response had these, or said why not. */
    void answered(Collection<String> names) {
        awaited.remove(Subscriptions.WILDCARD);
        awaited.keySet().removeAll(names);
        absent.removeAll(names);
    }

    /** The control plane says that there is none of this name. */
    void gone(String name) {
        awaited.remove(name);
        absent.add(name);
    }

    /** A response that has everything came without the names that are awaited, but for those that it is still to be asked about: they have until then at most. */
    void doubt(long until) {
        awaited.replaceAll((name, wait) -> wait.doubted() || name.equals(Subscriptions.WILDCARD)
                ? wait
                : new Wait(until - wait.deadline() < 0 ? until : wait.deadline(), true));
    }

    void forget(String name) {
        awaited.remove(name);
        absent.remove(name);
    }

    void clear() {
        awaited.clear();
        absent.clear();
    }

    /** When the next name counts as missing, or null if none is awaited. */
    @Nullable
    Long nextDeadline() {
        Long next = null;
        for (Wait wait : awaited.values()) {
            next = next == null || wait.deadline() - next < 0 ? Long.valueOf(wait.deadline()) : next;
        }
        return next;
    }

    /** The names whose time has come; they are absent from now on. */
    Map<String, Wait> expire(long now) {
        Map<String, Wait> due = new LinkedHashMap<>();
        awaited.forEach((name, wait) -> {
            if (wait.deadline() - now <= 0) {
                due.put(name, wait);
            }
        });
        due.keySet().forEach(this::gone);
        return due;
    }
}
