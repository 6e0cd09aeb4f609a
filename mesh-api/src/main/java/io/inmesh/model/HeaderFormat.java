package io.inmesh.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A text with command operators such as {@code %REQ(x-user)%}, as header rules have it
 * (<a href="https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators">command operators</a>).
 *
 * @param text  as it was written
 * @param parts in order
 */
public record HeaderFormat(String text, List<Part> parts) {

    /** A piece of a format. */
    public sealed interface Part {}

    /** Text that stands for itself. */
    public record Literal(String text) implements Part {}

    /**
     * A command.
     *
     * @param operator  what it asks for
     * @param argument  what stands between its parentheses, or null
     * @param maxLength the most characters of its value, or -1
     */
    public record Command(FormatOperator operator, @Nullable String argument, int maxLength) implements Part {}

    /** Text without commands; percent signs stand for themselves. */
    public static HeaderFormat literal(String text) {
        return new HeaderFormat(text, text.isEmpty() ? List.of() : List.of(new Literal(text)));
    }

    /**
     * Reads a format.
     *
     * @throws IllegalArgumentException if Envoy would refuse it; the message says why
     */
    public static HeaderFormat parse(String text) {
        List<Part> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        int position = 0;
        while (position < text.length()) {
            char c = text.charAt(position);
            if (c != '%') {
                literal.append(c);
                position++;
            } else if (text.startsWith("%%", position)) {
                literal.append('%');
                position += 2;
            } else {
                if (!literal.isEmpty()) {
                    parts.add(new Literal(literal.toString()));
                    literal.setLength(0);
                }
                position = readCommand(text, position, parts);
            }
        }
        if (!literal.isEmpty()) {
            parts.add(new Literal(literal.toString()));
        }
        return new HeaderFormat(text, List.copyOf(parts));
    }

    private static int readCommand(String text, int start, List<Part> parts) {
        int nameEnd = start + 1;
        while (nameEnd < text.length() && isNameCharacter(text.charAt(nameEnd))) {
            nameEnd++;
        }
        String name = text.substring(start + 1, nameEnd);
        int position = nameEnd;
        String argument = null;
        if (position < text.length() && text.charAt(position) == '(') {
            // Envoy looks for the first parenthesis that a length or the closing percent sign follows.
            int close = closingParenthesis(text, position);
            argument = text.substring(position + 1, close);
            position = close + 1;
        }
        int maxLength = -1;
        if (position < text.length() && text.charAt(position) == ':') {
            int digitsEnd = position + 1;
            while (digitsEnd < text.length() && Character.isDigit(text.charAt(digitsEnd))) {
                digitsEnd++;
            }
            if (digitsEnd == position + 1 || digitsEnd - position > 9) {
                throw problem(text, "a colon must be followed by a length");
            }
            maxLength = Integer.parseInt(text.substring(position + 1, digitsEnd));
            position = digitsEnd;
        }
        if (name.isEmpty() || position >= text.length() || text.charAt(position) != '%') {
            throw problem(text, "the % at " + start + " starts no command; a percent sign is written %%");
        }
        parts.add(new Command(operator(text, name, argument), argument, maxLength));
        return position + 1;
    }

    private static int closingParenthesis(String text, int open) {
        for (int i = open + 1; i + 1 < text.length(); i++) {
            if (text.charAt(i) == ')' && (text.charAt(i + 1) == '%' || text.charAt(i + 1) == ':')) {
                return i;
            }
        }
        throw problem(text, "a ( has no )%");
    }

    private static boolean isNameCharacter(char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }

    private static FormatOperator operator(String text, String name, @Nullable String argument) {
        FormatOperator operator = FormatOperator.ofName(name);
        if (operator == null) {
            throw problem(text, "unknown command %" + name + "%");
        }
        if (argument == null && operator.argument() == FormatOperator.Argument.REQUIRED) {
            throw problem(text, "%" + name + "% needs an argument");
        }
        if (argument != null && operator.argument() == FormatOperator.Argument.NONE) {
            throw problem(text, "%" + name + "% takes no argument");
        }
        return operator;
    }

    private static IllegalArgumentException problem(String text, String what) {
        return new IllegalArgumentException("header format \"" + text + "\": " + what);
    }
}
