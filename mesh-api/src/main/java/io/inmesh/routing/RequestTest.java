package io.inmesh.routing;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.HeaderMatcher;
import io.inmesh.model.MetadataMatcher;
import io.inmesh.model.PathMatcher;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.RouteMatch.CookieMatcher;
import io.inmesh.model.RouteMatch.FilterStateMatcher;
import io.inmesh.model.RouteMatch.Fraction;
import io.inmesh.model.RouteMatch.QueryParameterMatcher;
import io.inmesh.model.TextRegion;
import org.jspecify.annotations.Nullable;

/** The conditions of one route, looked at in place: arrays instead of lists, so that nothing is allocated. */
final class RequestTest {
    private static final String GRPC = "application/grpc";

    private final PathMatcher wantedPath;
    private final HeaderMatcher[] headers;
    private final QueryParameterMatcher[] queryParameters;
    private final CookieMatcher[] cookies;
    private final MetadataMatcher[] dynamicMetadata;
    private final FilterStateMatcher[] filterState;
    private final @Nullable Fraction fraction;
    private final boolean grpcOnly;

    RequestTest(RouteMatch match) {
        wantedPath = match.path();
        headers = match.headers().toArray(HeaderMatcher[]::new);
        queryParameters = match.queryParameters().toArray(QueryParameterMatcher[]::new);
        cookies = match.cookies().toArray(CookieMatcher[]::new);
        dynamicMetadata = match.dynamicMetadata().toArray(MetadataMatcher[]::new);
        filterState = match.filterState().toArray(FilterStateMatcher[]::new);
        fraction = match.runtimeFraction();
        grpcOnly = match.grpcOnly();
    }

    /**
     * The condition that a request does not fulfil, in words, or null if it fulfils all of them.
     *
     * @param path    the path to look at, which goes up to {@code pathEnd}
     * @param random  the one random number of the request
     */
    @Nullable
    String failure(RequestHead head, StreamInfo info, String path, int pathEnd, long random) {
        if (!matchesPath(head, path, pathEnd)) {
            return "path";
        }
        if (fraction != null && Long.remainderUnsigned(random, fraction.denominator()) >= fraction.numerator()) {
            return "runtime fraction";
        }
        if (grpcOnly && !isGrpc(head)) {
            return "gRPC content type";
        }
        for (HeaderMatcher header : headers) {
            if (!header.matches(head)) {
                return header.name();
            }
        }
        for (QueryParameterMatcher parameter : queryParameters) {
            if (!QueryString.matches(head.path(), parameter)) {
                return parameter.name();
            }
        }
        for (CookieMatcher cookie : cookies) {
            if (!Cookies.matches(head.headers(), cookie)) {
                return cookie.name();
            }
        }
        for (MetadataMatcher metadata : dynamicMetadata) {
            if (!metadata.matches(info.dynamicMetadata(metadata.filter()))) {
                return metadata.filter();
            }
        }
        for (FilterStateMatcher state : filterState) {
            if (!state.matches(info.filterState(state.key()))) {
                return state.key();
            }
        }
        return null;
    }

    private boolean matchesPath(RequestHead head, String text, int end) {
        if (wantedPath instanceof PathMatcher.Prefix prefix) {
            return TextRegion.startsWith(text, 0, end, prefix.prefix(), !prefix.caseSensitive());
        }
        if (wantedPath instanceof PathMatcher.Exact exact) {
            return end == exact.path().length()
                    && TextRegion.startsWith(text, 0, end, exact.path(), !exact.caseSensitive());
        }
        if (wantedPath instanceof PathMatcher.SeparatedPrefix prefix) {
            int length = prefix.prefix().length();
            return TextRegion.startsWith(text, 0, end, prefix.prefix(), !prefix.caseSensitive())
                    && (end == length || text.charAt(length) == '/');
        }
        if (wantedPath instanceof PathMatcher.Regex regex) {
            return regex.pattern().matches(text.substring(0, end));
        }
        if (wantedPath instanceof PathMatcher.Template template) {
            // Envoy's templates see the parameters of a path even where the table leaves them out.
            String whole = head.path();
            return template.template().pattern().matches(whole.substring(0, TextRegion.pathEnd(whole)));
        }
        return head.method().equals("CONNECT");
    }

    /** {@code application/grpc}, alone or followed by {@code +}: {@code Grpc::Common::hasGrpcContentType}. */
    private static boolean isGrpc(RequestHead head) {
        String type = head.headers().get("content-type");
        return type != null
                && type.startsWith(GRPC)
                && (type.length() == GRPC.length() || type.charAt(GRPC.length()) == '+');
    }
}
