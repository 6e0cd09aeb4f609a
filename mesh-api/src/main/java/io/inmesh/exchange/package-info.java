/** What travels: request and response heads, their headers, and the facts that are known of a stream. */
@NullMarked
package io.inmesh.exchange;

import org.jspecify.annotations.NullMarked;
