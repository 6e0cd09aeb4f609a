package io.inmesh.security;

import java.util.List;
import java.util.function.Consumer;

/**
 * {@code requires_any}: up to the first one that is fulfilled. While one waits for keys, Envoy goes on to the next one, here it is that one's turn first, so that
 * which one fulfils the requirement does not depend on what has been fetched.
 *
 * @param children        without those that allow missing or failed tokens, unless there is nothing else
 * @param allowMissing    whether {@code allow_missing} is one of them
 * @param allowFailed     whether {@code allow_missing_or_failed} is one of them
 */
record AnyOfVerifier(List<Verifier> children, boolean allowMissing, boolean allowFailed) implements Verifier {
    @Override
    public void verify(JwtRequest request, Consumer<JwtStatus> done) {
        next(0, JwtStatus.JWT_MISSED, request, done);
    }

    private void next(int index, JwtStatus soFar, JwtRequest request, Consumer<JwtStatus> done) {
        children.get(index).verify(request, status -> {
            if (status == JwtStatus.OK) {
                done.accept(status);
                return;
            }
            JwtStatus worst = isTelling(status) || soFar == JwtStatus.JWT_MISSED ? status : soFar;
            if (index < children.size() - 1) {
                next(index + 1, worst, request, done);
            } else {
                boolean allowed = allowFailed || (allowMissing && worst == JwtStatus.JWT_MISSED);
                done.accept(allowed ? JwtStatus.OK : worst);
            }
        });
    }

    /** A token that is missing or another provider's says nothing of why the request is refused, as long as there is another reason. */
    private static boolean isTelling(JwtStatus status) {
        return status != JwtStatus.JWT_MISSED && status != JwtStatus.JWT_UNKNOWN_ISSUER;
    }
}
