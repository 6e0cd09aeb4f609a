package io.inmesh.routing;

import com.google.re2j.Matcher;
import io.inmesh.model.PathMatcher;
import io.inmesh.model.RouteAction.PathRewrite;
import io.inmesh.model.UriTemplate;
import java.util.List;

/** The path after a rewrite: {@code RouteEntryImplBase::currentUrlPathAfterRewriteWithMatchedPath}. */
final class PathRewriter {
    private PathRewriter() {}

    static String rewrite(String path, PathMatcher matched, PathRewrite rewrite) {
        int end = QueryString.pathEnd(path);
        if (rewrite instanceof PathRewrite.Prefix prefix) {
            return prefix.replacement() + path.substring(Math.min(matchedLength(matched, end), path.length()));
        }
        if (rewrite instanceof PathRewrite.Regex regex) {
            return regex.rewrite().apply(path.substring(0, end)) + path.substring(end);
        }
        if (rewrite instanceof PathRewrite.Template template) {
            return matched instanceof PathMatcher.Template source
                    ? fill(path, end, source.template(), template.template().parts())
                    : path;
        }
        String full = ((PathRewrite.Full) rewrite).path();
        return full.indexOf('?') >= 0 ? full : full + query(path);
    }

    private static int matchedLength(PathMatcher matched, int pathEnd) {
        if (matched instanceof PathMatcher.Prefix prefix) {
            return prefix.prefix().length();
        }
        if (matched instanceof PathMatcher.SeparatedPrefix prefix) {
            return prefix.prefix().length();
        }
        if (matched instanceof PathMatcher.Exact exact) {
            return exact.path().length();
        }
        return pathEnd;
    }

    /** Literals and variables take turns. */
    private static String fill(String path, int end, UriTemplate source, List<String> parts) {
        Matcher matcher = source.pattern().matcher(path.substring(0, end));
        if (!matcher.matches()) {
            return path;
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

    private static String query(String path) {
        int question = path.indexOf('?');
        return question < 0 ? "" : path.substring(question);
    }
}
