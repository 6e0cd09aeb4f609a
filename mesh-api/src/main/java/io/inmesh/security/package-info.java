/** Who is who, and who may do what: secrets, verification of peers, authorization, JWT. */
@NullMarked
package io.inmesh.security;

import org.jspecify.annotations.NullMarked;
