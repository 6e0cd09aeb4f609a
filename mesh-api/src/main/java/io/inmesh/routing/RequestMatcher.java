package io.inmesh.routing;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.TextRegion;

/** A {@link RouteMatch} for those that are no route, such as rules of filters: it looks at the path as it is, parameters of segments included. Immutable. */
public final class RequestMatcher {
    private final RequestTest test;

    private RequestMatcher(RequestTest test) {
        this.test = test;
    }

    /** A matcher. */
    public static RequestMatcher of(RouteMatch match) {
        return new RequestMatcher(new RequestTest(match));
    }

    /** Whether a request fulfils all conditions. A share of requests ({@link RouteMatch#runtimeFraction()}) is taken for all of them, unless it is none. */
    public boolean matches(RequestHead head, StreamInfo info) {
        String path = head.path();
        return test.failure(head, info, path, TextRegion.pathEnd(path), 0) == null;
    }
}
