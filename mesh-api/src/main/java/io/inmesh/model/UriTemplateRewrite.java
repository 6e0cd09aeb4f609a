package io.inmesh.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A path made of literals and of a template's variables, such as {@code /{rest}/by/{version}}:
 * {@code envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig}.
 *
 * @param text  as it was written
 * @param parts literals at even places, names of variables at odd ones
 */
public record UriTemplateRewrite(String text, List<String> parts) {

    /**
     * Reads a rewrite.
     *
     * @throws IllegalArgumentException if it is none that Envoy accepts; the message says why
     */
    public static UriTemplateRewrite parse(String text) {
        if (!text.startsWith("/") || text.contains("//")) {
            throw problem(text, "it must start with a slash and have no empty segment");
        }
        List<String> parts = new ArrayList<>();
        int position = 0;
        while (position < text.length()) {
            int open = text.indexOf('{', position);
            String literal = text.substring(position, open < 0 ? text.length() : open);
            if (!literal.isEmpty() && !UriTemplate.isRewriteLiteral(literal)) {
                throw problem(text, "not a literal: " + literal);
            }
            parts.add(literal);
            if (open < 0) {
                break;
            }
            int close = text.indexOf('}', open);
            if (close < 0 || !UriTemplate.isName(text.substring(open + 1, close))) {
                throw problem(text, "a { must be followed by a variable's name and a }");
            }
            parts.add(text.substring(open + 1, close));
            position = close + 1;
        }
        return new UriTemplateRewrite(text, List.copyOf(parts));
    }

    /** The variables that it needs. */
    public List<String> variables() {
        List<String> names = new ArrayList<>();
        for (int i = 1; i < parts.size(); i += 2) {
            names.add(parts.get(i));
        }
        return names;
    }

    private static IllegalArgumentException problem(String text, String what) {
        return new IllegalArgumentException("path template rewrite " + text + ": " + what);
    }
}
