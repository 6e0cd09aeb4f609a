/** One request on its way out: filters, route, attempts, timeouts, retries, answer. */
@NullMarked
package io.inmesh.outbound;

import org.jspecify.annotations.NullMarked;
