package io.inmesh.exchange;

import java.util.Map;

/**
 * What the workload at the other end says of itself, by Istio's metadata exchange. It is for telemetry: whoever can send a header can say anything, so nothing about who may do
 * what follows from it. Text that was not said is empty.
 *
 * @param instance          the pod or the virtual machine
 * @param namespace         of the workload
 * @param workload          its name
 * @param workloadType      {@code deployment}, {@code job}, {@code cronjob}, {@code pod}
 * @param cluster           the Kubernetes cluster
 * @param canonicalService  the service that it counts as
 * @param canonicalRevision the revision that it counts as
 * @param app               its label {@code app.kubernetes.io/name}, else {@code app}
 * @param version           its label {@code app.kubernetes.io/version}, else {@code version}
 * @param region            of its locality
 * @param zone              of its locality
 * @param labels            those that were asked for beside these
 */
public record PeerMetadata(
        String instance,
        String namespace,
        String workload,
        String workloadType,
        String cluster,
        String canonicalService,
        String canonicalRevision,
        String app,
        String version,
        String region,
        String zone,
        Map<String, String> labels) {}
