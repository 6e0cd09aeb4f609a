/** Proof under load and under attack: real servers, real TLS, configuration from a real control plane. */
@NullMarked
package io.inmesh.http.security;

import org.jspecify.annotations.NullMarked;
