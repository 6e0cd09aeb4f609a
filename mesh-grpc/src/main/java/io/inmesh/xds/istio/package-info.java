/** istiod as a source of configuration: who this workload is, how it finds and convinces istiod, and its certificate from istiod's authority. */
@NullMarked
package io.inmesh.xds.istio;

import org.jspecify.annotations.NullMarked;
