/** From the head of a request to its route and cluster: matching, rewrites, redirects, header rules. No I/O, no clock, injected chance. */
@NullMarked
package io.inmesh.routing;

import org.jspecify.annotations.NullMarked;
