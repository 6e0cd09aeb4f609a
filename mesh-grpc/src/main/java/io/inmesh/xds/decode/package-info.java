/** From Envoy's protobuf messages to the model: one decoder a resource. The only place that knows Envoy's configuration messages. */
@NullMarked
package io.inmesh.xds.decode;

import org.jspecify.annotations.NullMarked;
