package io.inmesh.model;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayList;
import java.util.List;

/**
 * A path template such as {@code /api/{version}/{rest=**}}:
 * {@code envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig}.
 *
 * @param text      as it was written
 * @param pattern   the whole path; variable {@code i} is group {@code i + 1}
 * @param variables their names, in order
 */
public record UriTemplate(String text, Pattern pattern, List<String> variables) {
    private static final int MAX_VARIABLES = 5;
    private static final int MAX_NAME = 16;

    /** {@code pchar} of RFC 3986. */
    private static final String LITERAL_CHARACTERS = "a-zA-Z0-9\\-._~%!$&'()*+,;=:@";

    private static final Pattern LITERAL = Pattern.compile("[" + LITERAL_CHARACTERS + "]+");
    private static final Pattern NAME = Pattern.compile("[a-zA-Z][a-zA-Z0-9_]*");
    private static final Pattern PRINTABLE = Pattern.compile("/[[:graph:]]*");

    /**
     * Reads a template.
     *
     * @throws IllegalArgumentException if it is none that Envoy accepts; the message says why
     */
    public static UriTemplate parse(String text) {
        return new Reader(text).read();
    }

    /** Characters that a literal of a rewrite may have. */
    static boolean isRewriteLiteral(String text) {
        return Pattern.matches("[" + LITERAL_CHARACTERS + "/]+", text);
    }

    static boolean isName(String text) {
        return NAME.matches(text);
    }

    /** Reads from left to right, segment by segment, and writes an expression. */
    private static final class Reader {
        private final String text;
        private final StringBuilder expression = new StringBuilder("/");
        private final List<String> variables = new ArrayList<>();
        private int position = 1;
        private boolean textGlobSeen;

        Reader(String text) {
            this.text = text;
        }

        UriTemplate read() {
            if (!PRINTABLE.matches(text)) {
                throw problem("it must start with a slash and have printable characters only");
            }
            while (position < text.length()) {
                readSegment();
                if (position < text.length() && text.charAt(position) != '/') {
                    // A segment may end in text behind its glob or variable.
                    position = readLiteral(position, text.length());
                }
                if (position < text.length()) {
                    expression.append('/');
                    position++;
                }
            }
            try {
                return new UriTemplate(text, Pattern.compile(expression.toString()), List.copyOf(variables));
            } catch (PatternSyntaxException e) {
                throw problem(String.valueOf(e.getMessage()));
            }
        }

        private void readSegment() {
            char first = text.charAt(position);
            if (first == '*') {
                position = readGlob(position, text.length());
            } else if (first == '{') {
                readVariable();
            } else {
                position = readLiteral(position, text.length());
            }
        }

        private void readVariable() {
            int end = text.indexOf('}', position);
            if (end < 0) {
                throw problem("a { has no }");
            }
            int equals = text.indexOf('=', position);
            boolean implicit = equals < 0 || equals > end;
            addVariable(text.substring(position + 1, implicit ? end : equals));
            expression.append('(');
            if (implicit) {
                glob(false);
            } else {
                readVariablePattern(equals + 1, end);
            }
            expression.append(')');
            position = end + 1;
        }

        private void addVariable(String name) {
            if (!isName(name) || name.length() > MAX_NAME) {
                throw problem("a variable's name must have 1 to 16 letters, digits and underscores: " + name);
            }
            if (variables.contains(name)) {
                throw problem("variable " + name + " comes twice");
            }
            if (variables.size() == MAX_VARIABLES) {
                throw problem("more than 5 variables");
            }
            variables.add(name);
        }

        private void readVariablePattern(int from, int end) {
            int at = from;
            do {
                if (at == end) {
                    throw problem("the pattern of a variable is empty or ends with a slash");
                }
                at = text.charAt(at) == '*' ? readGlob(at, end) : readLiteral(at, end);
                if (at < end && text.charAt(at) != '/') {
                    throw problem("a segment in a variable must be a glob or text, not both");
                }
                if (at < end) {
                    expression.append('/');
                    at++;
                    if (at == end) {
                        throw problem("the pattern of a variable ends with a slash");
                    }
                }
            } while (at < end);
        }

        private int readGlob(int at, int end) {
            boolean textGlob = at + 1 < end && text.charAt(at + 1) == '*';
            glob(textGlob);
            return textGlob ? at + 2 : at + 1;
        }

        private void glob(boolean textGlob) {
            if (textGlobSeen) {
                throw problem("no glob may follow **");
            }
            textGlobSeen = textGlob;
            expression.append('[').append(LITERAL_CHARACTERS).append(textGlob ? "/]*" : "]+");
        }

        private int readLiteral(int at, int end) {
            int slash = text.indexOf('/', at);
            int stop = slash < 0 || slash > end ? end : slash;
            String literal = text.substring(at, stop);
            if (!LITERAL.matches(literal)) {
                throw problem("not a literal: " + literal);
            }
            appendEscaped(literal);
            return stop;
        }

        /** As Envoy does it: a star in a literal is not escaped, and so repeats the character before it. */
        private void appendEscaped(String literal) {
            for (int i = 0; i < literal.length(); i++) {
                if ("$()+.".indexOf(literal.charAt(i)) >= 0) {
                    expression.append('\\');
                }
                expression.append(literal.charAt(i));
            }
        }

        private IllegalArgumentException problem(String what) {
            return new IllegalArgumentException("path template " + text + ": " + what);
        }
    }
}
