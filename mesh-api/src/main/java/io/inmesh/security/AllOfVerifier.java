package io.inmesh.security;

import java.util.List;
import java.util.function.Consumer;

/** {@code requires_all}: up to the first one that is not fulfilled. */
record AllOfVerifier(List<Verifier> children) implements Verifier {
    @Override
    public void verify(JwtRequest request, Consumer<JwtStatus> done) {
        next(0, request, done);
    }

    private void next(int index, JwtRequest request, Consumer<JwtStatus> done) {
        children.get(index).verify(request, status -> {
            if (status != JwtStatus.OK || index == children.size() - 1) {
                done.accept(status);
            } else {
                next(index + 1, request, done);
            }
        });
    }
}
