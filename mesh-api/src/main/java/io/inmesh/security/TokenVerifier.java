package io.inmesh.security;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A leaf of a requirement: the tokens in the places of one provider, or of all.
 *
 * @param extractor    finds them
 * @param providers    all
 * @param provider     whose tokens they must be, or null if their issuer decides
 * @param audiences    instead of the provider's own, or null
 * @param allowMissing whether there need not be one
 * @param allowFailed  whether they need not be good ones
 */
record TokenVerifier(
        TokenExtractor extractor,
        CompiledProviders providers,
        @Nullable CompiledProvider provider,
        @Nullable Audiences audiences,
        boolean allowMissing,
        boolean allowFailed)
        implements Verifier {
    @Override
    public void verify(JwtRequest request, Consumer<JwtStatus> done) {
        new Authenticator(this, request, done).start();
    }
}
