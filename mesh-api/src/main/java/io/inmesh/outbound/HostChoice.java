package io.inmesh.outbound;

import io.inmesh.balancing.Host;
import io.inmesh.balancing.PickContext;
import io.inmesh.balancing.PickTrace;
import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.exchange.RequestHead;
import io.inmesh.resilience.RetryState;
import io.inmesh.snapshot.Dialect.Destination;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Chooses a host for each attempt of a call; a retry keeps away from hosts as its predicates say. */
final class HostChoice implements PickContext {
    private final UpstreamCluster cluster;
    private final RandomGenerator random;
    private final Destination destination;
    private final RequestHead head;
    private final PickTrace trace = new PickTrace();
    private @Nullable RetryState retrying;

    /** Hosts of earlier attempts; null before the first retry. */
    private @Nullable List<Host> tried;

    /**
     * @param destination where the application wants to go
     * @param head        the request, live: it is asked for its host after the route's rewrites
     */
    HostChoice(UpstreamCluster cluster, RandomGenerator random, Destination destination, RequestHead head) {
        this.cluster = cluster;
        this.random = random;
        this.destination = destination;
        this.head = head;
    }

    /** For the first attempt. */
    @Nullable
    Host pick() {
        return cluster.pick(this);
    }

    /** For another attempt. */
    @Nullable
    Host pickAgain(RetryState retries, Host last) {
        retrying = retries;
        if (tried == null) {
            tried = new ArrayList<>(2);
        }
        tried.add(last);
        return cluster.pick(this);
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public Destination destination() {
        return destination;
    }

    @Override
    public RequestHead request() {
        return head;
    }

    @Override
    public boolean rejects(Host host) {
        RetryState retries = retrying;
        if (retries == null || tried == null) {
            return false;
        }
        return (retries.avoidsPreviousHosts() && tried.contains(host))
                || (retries.omitsCanaryHosts() && isCanary(host));
    }

    @Override
    public int hostSelectionAttempts() {
        return retrying == null ? 0 : retrying.hostSelectionAttempts();
    }

    @Override
    public PickTrace trace() {
        return trace;
    }

    /** {@code envoy.lb} metadata, {@code canary: true}. */
    private static boolean isCanary(Host host) {
        Map<String, Object> metadata = host.endpoint().metadata().get("envoy.lb");
        return metadata != null && Boolean.TRUE.equals(metadata.get("canary"));
    }
}
