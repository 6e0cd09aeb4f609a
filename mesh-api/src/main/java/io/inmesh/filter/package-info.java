/** The HTTP filter chain: one engine for requests on their way out and for requests that come in, and the contract of an application's own filter. */
@NullMarked
package io.inmesh.filter;

import org.jspecify.annotations.NullMarked;
