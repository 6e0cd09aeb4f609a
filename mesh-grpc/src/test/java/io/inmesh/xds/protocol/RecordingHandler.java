package io.inmesh.xds.protocol;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps what is in force by name, and refuses names that a test gives. Read from any thread. */
final class RecordingHandler implements ResourceHandler {
    final Map<String, String> versions = new ConcurrentHashMap<>();
    final Map<String, String> missing = new ConcurrentHashMap<>();
    final Map<String, String> reject = new ConcurrentHashMap<>();

    @Override
    public Verdict onResponse(ResourceKind kind, List<RawResource> changed, List<String> removed) {
        for (RawResource each : changed) {
            if (!reject.containsKey(each.name())) {
                versions.put(kind + " " + each.name(), each.version());
            }
        }
        removed.forEach(name -> versions.remove(kind + " " + name));
        return new Verdict(Map.copyOf(reject), Map.of());
    }

    @Override
    public void onMissing(ResourceKind kind, String name, String reason) {
        missing.put(kind + " " + name, reason);
    }
}
