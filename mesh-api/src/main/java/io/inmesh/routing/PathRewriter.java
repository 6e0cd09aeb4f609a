package io.inmesh.routing;

import com.google.re2j.Matcher;
import io.inmesh.exchange.RequestHead;
import io.inmesh.model.PathMatcher;
import io.inmesh.model.RouteAction.PathRewrite;
import io.inmesh.model.TextRegion;
import io.inmesh.model.UriTemplate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The path after a rewrite: {@code RouteEntryImplBase::currentUrlPathAfterRewriteWithMatchedPath}.
 */
final class PathRewriter {
    private PathRewriter() {}

    /** Gives the request its new path; {@code leaveTraces}: and tells upstream of the old one. */
    static void apply(RequestHead head, PathMatcher matched, PathRewrite rewrite, boolean leaveTraces) {
        String path = rewrite(head.path(), matched, rewrite);
        if (path != null) {
            if (leaveTraces) {
                head.headers().set("x-envoy-original-path", head.path());
            }
            head.path(path);
        }
    }

    /** The new path, or null if the rewrite cannot be done and the path stays as it is. */
    private static @Nullable String rewrite(String path, PathMatcher matched, PathRewrite rewrite) {
        int end = TextRegion.pathEnd(path);
        if (rewrite instanceof PathRewrite.Prefix prefix) {
            String start = matchedStart(matched);
            if (start != null && !TextRegion.startsWith(path, 0, path.length(), start, true)) {
                // Parameters of the path were left out for the match, and stand in between.
                return null;
            }
            return prefix.replacement() + path.substring(start == null ? end : start.length());
        }
        if (rewrite instanceof PathRewrite.Regex regex) {
            String rewritten = regex.rewrite().apply(path.substring(0, end));
            return rewritten.isEmpty() ? null : rewritten + path.substring(end);
        }
        if (rewrite instanceof PathRewrite.Template template) {
            return matched instanceof PathMatcher.Template source
                    ? fill(path, end, source.template(), template.template().parts())
                    : null;
        }
        return full(path, ((PathRewrite.Full) rewrite).path());
    }

    /** A new path, with the old one's query unless it brings its own. */
    static String full(String path, String newPath) {
        int question = newPath.indexOf('?') >= 0 ? -1 : path.indexOf('?');
        return question < 0 ? newPath : newPath + path.substring(question);
    }

    /** The part of the path that a prefix rewrite replaces; null if it is the whole path. */
    private static @Nullable String matchedStart(PathMatcher matched) {
        if (matched instanceof PathMatcher.Prefix prefix) {
            return prefix.prefix();
        }
        if (matched instanceof PathMatcher.SeparatedPrefix prefix) {
            return prefix.prefix();
        }
        return matched instanceof PathMatcher.Exact exact ? exact.path() : null;
    }

    /** Literals and variables take turns. */
    private static @Nullable String fill(String path, int end, UriTemplate source, List<String> parts) {
        Matcher matcher = source.pattern().matcher(path.substring(0, end));
        if (!matcher.matches()) {
            return null;
        }
        StringBuilder text = new StringBuilder(parts.get(0));
        for (int i = 1; i < parts.size(); i++) {
            if (i % 2 == 0) {
                text.append(parts.get(i));
            } else {
                text.append(matcher.group(source.variables().indexOf(parts.get(i)) + 1));
            }
        }
        return text.append(path, end, path.length()).toString();
    }
}
