/** Joining a mesh of Kuma: the node as kuma-cp expects it, the Dataplane that describes it, and the REST API that registers it. */
@NullMarked
package io.inmesh.xds.kuma;

import org.jspecify.annotations.NullMarked;
