package io.inmesh.security;

/** A set of keys that was read, or why it could not be. */
sealed interface ParsedKeys permits JsonWebKeys, JwtStatus {}
