package io.inmesh.balancing;

import org.jspecify.annotations.Nullable;

/** Gives requests their hosts. Thread-safe, and takes no lock. */
sealed interface HostChooser permits Balancer, RequestHosts {

    /** A host for a request, or null when none may be used. */
    @Nullable
    Host pick(PickContext context);
}
