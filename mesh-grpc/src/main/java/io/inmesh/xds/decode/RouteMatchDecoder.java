package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.inmesh.model.PathMatcher;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.RouteMatch.Fraction;
import io.inmesh.model.UriTemplate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.route.v3.RouteMatch}. */
final class RouteMatchDecoder {
    private static final UriTemplateMatchConfig TEMPLATE = UriTemplateMatchConfig.getDefaultInstance();

    private RouteMatchDecoder() {}

    static RouteMatch decode(io.envoyproxy.envoy.config.route.v3.RouteMatch match, String path, Notes notes) {
        return new RouteMatch(
                path(match, path, notes),
                Values.each(match.getHeadersList(), path, "headers", MatcherDecoder::header),
                Values.each(match.getQueryParametersList(), path, "query_parameters", MatcherDecoder::queryParameter),
                List.of(),
                match.hasRuntimeFraction() ? fraction(match.getRuntimeFraction().getDefaultValue()) : null,
                match.hasGrpc(),
                Values.each(match.getDynamicMetadataList(), path, "dynamic_metadata", MatcherDecoder::metadata),
                Values.each(match.getFilterStateList(), path, "filter_state", MatcherDecoder::filterState));
    }

    /**
     * Whether the match asks for TLS between client and proxy. In process there is no such connection, so nothing matches, as in Envoy on a
     * connection without TLS.
     */
    static boolean wantsTls(io.envoyproxy.envoy.config.route.v3.RouteMatch match) {
        return match.getTlsContext().getPresented().getValue()
                || match.getTlsContext().getValidated().getValue();
    }

    /**
     * The condition that is lost because it is not known here, such as a field that is newer than these messages, or null. Without it the match would take requests that it is
     * not for.
     */
    static @Nullable String lostCondition(io.envoyproxy.envoy.config.route.v3.RouteMatch match) {
        Refusal lost = new Refusal();
        FieldAudit.check(match, "match", new Notes(), lost);
        return lost.reason();
    }

    static Fraction fraction(FractionalPercent percent) {
        int denominator =
                switch (percent.getDenominator()) {
                    case HUNDRED, UNRECOGNIZED -> 100;
                    case TEN_THOUSAND -> 10_000;
                    case MILLION -> 1_000_000;
                };
        return new Fraction(Integer.toUnsignedLong(percent.getNumerator()), denominator);
    }

    private static PathMatcher path(io.envoyproxy.envoy.config.route.v3.RouteMatch match, String path, Notes notes) {
        // "case_sensitive: Indicates that prefix/path matching should be case sensitive. The default is true."
        boolean caseSensitive =
                !match.hasCaseSensitive() || match.getCaseSensitive().getValue();
        return switch (match.getPathSpecifierCase()) {
            case PREFIX -> new PathMatcher.Prefix(match.getPrefix(), caseSensitive);
            case PATH -> new PathMatcher.Exact(match.getPath(), caseSensitive);
            case SAFE_REGEX ->
                new PathMatcher.Regex(Values.regex(match.getSafeRegex().getRegex(), path + ".safe_regex.regex"));
            case PATH_SEPARATED_PREFIX ->
                new PathMatcher.SeparatedPrefix(match.getPathSeparatedPrefix(), caseSensitive);
            case CONNECT_MATCHER -> new PathMatcher.Connect();
            case PATH_MATCH_POLICY ->
                new PathMatcher.Template(template(match.getPathMatchPolicy(), path + ".path_match_policy", notes));
            case PATHSPECIFIER_NOT_SET -> throw new BadResourceException(path, "has no path specifier");
        };
    }

    /** {@code envoy.path.match.uri_template.uri_template_matcher}. */
    static UriTemplate template(TypedExtensionConfig policy, String path, Notes notes) {
        if (!Values.is(policy.getTypedConfig(), TEMPLATE)) {
            throw new BadResourceException(
                    path,
                    "unknown kind of path matcher: " + policy.getTypedConfig().getTypeUrl());
        }
        String at = path + ".typed_config";
        UriTemplateMatchConfig config = Values.unpack(policy.getTypedConfig(), TEMPLATE, at, notes);
        try {
            return UriTemplate.parse(config.getPathTemplate());
        } catch (IllegalArgumentException e) {
            throw new BadResourceException(at + ".path_template", String.valueOf(e.getMessage()));
        }
    }
}
