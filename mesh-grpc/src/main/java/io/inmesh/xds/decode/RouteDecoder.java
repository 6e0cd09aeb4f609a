package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.inmesh.model.RouteAction;
import io.inmesh.model.RouteAction.PathRewrite;
import io.inmesh.model.RouteMatch;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.route.v3.Route}. */
final class RouteDecoder {
    private static final int UNAVAILABLE = 503;

    private RouteDecoder() {}

    /** The route, or null if no request of this process can ever match it. */
    static io.inmesh.model.@Nullable Route decode(Route route, int maxBody, String path, Notes notes) {
        if (RouteMatchDecoder.wantsTls(route.getMatch())) {
            return null;
        }
        RouteMatch match = RouteMatchDecoder.decode(route.getMatch(), path + ".match", notes);
        String lost = RouteMatchDecoder.lostCondition(route.getMatch());
        return new io.inmesh.model.Route(
                route.getName(),
                match,
                lost == null ? action(route, match, maxBody, path, notes) : refused(path + ".match", lost, notes),
                LevelDecoder.rules(
                        route.getRequestHeadersToAddList(),
                        route.getRequestHeadersToRemoveList(),
                        route.getResponseHeadersToAddList(),
                        route.getResponseHeadersToRemoveList(),
                        route.getTypedPerFilterConfigMap(),
                        path,
                        notes),
                route.hasPerRequestBufferLimitBytes()
                        ? Integer.toUnsignedLong(
                                route.getPerRequestBufferLimitBytes().getValue())
                        : -1,
                Values.metadata(route.getMetadata()));
    }

    private static RouteAction action(Route route, RouteMatch match, int maxBody, String path, Notes notes) {
        return switch (route.getActionCase()) {
            case ROUTE -> {
                RouteAction forward = ForwardDecoder.decode(route.getRoute(), match.path(), path + ".route", notes);
                yield forward == null
                        ? refused(path + ".route", "cluster specifier plugins are not supported", notes)
                        : forward;
            }
            case REDIRECT -> redirect(route.getRedirect(), path + ".redirect");
            case DIRECT_RESPONSE -> direct(route.getDirectResponse(), maxBody, path + ".direct_response", notes);
            case NON_FORWARDING_ACTION -> new RouteAction.NonForwarding();
            case FILTER_ACTION -> refused(path + ".filter_action", "filter actions are not supported", notes);
            case ACTION_NOT_SET -> throw new BadResourceException(path, "has no action");
        };
    }

    /** A route stays in its place, so that no later route takes its requests; they are answered with the reason. */
    private static RouteAction refused(String path, String reason, Notes notes) {
        notes.unsupported(path, reason);
        return new RouteAction.DirectResponse(UNAVAILABLE, "route refused: " + reason);
    }

    private static RouteAction redirect(RedirectAction redirect, String path) {
        boolean named =
                redirect.getSchemeRewriteSpecifierCase() == RedirectAction.SchemeRewriteSpecifierCase.SCHEME_REDIRECT;
        return new RouteAction.Redirect(
                redirect.getHttpsRedirect(),
                named && !redirect.getSchemeRedirect().isEmpty() ? redirect.getSchemeRedirect() : null,
                redirect.getHostRedirect().isEmpty() ? null : redirect.getHostRedirect(),
                Values.count(redirect.getPortRedirect()),
                redirectPath(redirect, path),
                switch (redirect.getResponseCode()) {
                    case MOVED_PERMANENTLY, UNRECOGNIZED -> 301;
                    case FOUND -> 302;
                    case SEE_OTHER -> 303;
                    case TEMPORARY_REDIRECT -> 307;
                    case PERMANENT_REDIRECT -> 308;
                },
                redirect.getStripQuery());
    }

    private static @Nullable PathRewrite redirectPath(RedirectAction redirect, String path) {
        return switch (redirect.getPathRewriteSpecifierCase()) {
            case PATH_REDIRECT ->
                redirect.getPathRedirect().isEmpty() ? null : new PathRewrite.Full(redirect.getPathRedirect());
            case PREFIX_REWRITE ->
                redirect.getPrefixRewrite().isEmpty() ? null : new PathRewrite.Prefix(redirect.getPrefixRewrite());
            case REGEX_REWRITE ->
                new PathRewrite.Regex(MatcherDecoder.regexRewrite(redirect.getRegexRewrite(), path + ".regex_rewrite"));
            case PATHREWRITESPECIFIER_NOT_SET -> null;
        };
    }

    private static RouteAction direct(DirectResponseAction direct, int maxBody, String path, Notes notes) {
        String body = direct.hasBody() ? body(direct.getBody(), path + ".body", notes) : null;
        if (body != null && body.getBytes(StandardCharsets.UTF_8).length > maxBody) {
            throw new BadResourceException(
                    path + ".body", "is longer than max_direct_response_body_size_bytes, which is " + maxBody);
        }
        return new RouteAction.DirectResponse(direct.getStatus(), body);
    }

    private static @Nullable String body(DataSource body, String path, Notes notes) {
        switch (body.getSpecifierCase()) {
            case INLINE_STRING -> {
                return body.getInlineString();
            }
            case INLINE_BYTES -> {
                return body.getInlineBytes().toStringUtf8();
            }
            case FILENAME -> notes.unsupported(path + ".filename");
            case ENVIRONMENT_VARIABLE -> notes.unsupported(path + ".environment_variable");
            case SPECIFIER_NOT_SET -> {}
        }
        return null;
    }
}
