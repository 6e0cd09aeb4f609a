/** Timeouts, retries, budgets and thresholds: pure decisions, no I/O. */
@NullMarked
package io.inmesh.resilience;

import org.jspecify.annotations.NullMarked;
