/** A real Istio control plane on this machine (etcd, kube-apiserver, istiod), for the sample's scene and for tests. */
@NullMarked
package io.inmesh.samples.istio.controlplane;

import org.jspecify.annotations.NullMarked;
