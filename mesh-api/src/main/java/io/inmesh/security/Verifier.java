package io.inmesh.security;

import java.util.function.Consumer;

/** A requirement, ready for requests. Immutable. */
interface Verifier {
    /** Nothing is required. */
    Verifier ALLOW_ALL = (request, done) -> done.accept(JwtStatus.OK);

    /**
     * Looks at a request.
     *
     * @param done told once; at once unless keys have to be waited for
     */
    void verify(JwtRequest request, Consumer<JwtStatus> done);
}
