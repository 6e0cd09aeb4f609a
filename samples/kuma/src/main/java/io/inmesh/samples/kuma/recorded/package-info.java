/** A control plane that serves what a kuma-cp 2.14.3 once sent, and behaves on the wire as that one does. */
@NullMarked
package io.inmesh.samples.kuma.recorded;

import org.jspecify.annotations.NullMarked;
