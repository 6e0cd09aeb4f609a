/** Immutable configuration records, already compiled: what a control plane said, in the terms of this data plane. */
@NullMarked
package io.inmesh.model;

import org.jspecify.annotations.NullMarked;
