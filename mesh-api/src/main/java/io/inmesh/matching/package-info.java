/** Envoy's unified matcher, compiled: from the facts of a request or a connection to an action, whatever the action is for. */
@NullMarked
package io.inmesh.matching;

import org.jspecify.annotations.NullMarked;
