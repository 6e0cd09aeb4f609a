package io.inmesh.security;

/** A token that was read, or why it could not be. */
sealed interface ParsedJwt permits Jwt, JwtStatus {}
