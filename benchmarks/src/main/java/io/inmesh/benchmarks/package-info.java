/** What a decision and a request cost. */
@NullMarked
package io.inmesh.benchmarks;

import org.jspecify.annotations.NullMarked;
