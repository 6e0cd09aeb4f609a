/** gRPC in the mesh: credentials over mesh TLS, and connections to control planes. */
@NullMarked
package io.inmesh.grpc;

import org.jspecify.annotations.NullMarked;
