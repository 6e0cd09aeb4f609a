package io.inmesh.xds.decode;

import org.jspecify.annotations.Nullable;

/**
 * How large an expression becomes when it is compiled, before it is. RE2 refuses what would be too large; its translation to Java has only one of these limits, and
 * {@code ((a{0,1000}){0,1000}){0,10}} takes all memory there is.
 *
 * <p>1,000 repetitions, those that are nested multiplied, is the limit of RE2 ({@code RepetitionWalker}), 1,000 groups within each other that of RE2 in Go, with which istiod has
 * compiled an expression before. Instructions are about as many as RE2 has room for in the 8 MiB of its {@code max_mem}. Envoy's own limit, {@code re2.max_program_size}, is
 * a setting of its runtime, which Istio and Kuma raise. What is no expression at all is left to the compiler, which says so.
 */
final class RegexSize {
    private static final int MOST_REPETITIONS = 1000;
    private static final int DEEPEST = 1000;
    private static final long MOST_INSTRUCTIONS = (8L << 20) * 2 / 3 / 16;
    private static final int CHARACTER = 1;

    private final String regex;
    private int at;
    private int depth;
    private @Nullable String problem;

    private RegexSize(String regex) {
        this.regex = regex;
    }

    /** Why RE2 would not compile this expression, or null. */
    static @Nullable String problem(String regex) {
        RegexSize size = new RegexSize(regex);
        size.group();
        return size.problem;
    }

    /** A part of an expression: how many instructions it takes, and how often what is in it is repeated at most. */
    private record Part(long instructions, int repetitions) {
        static final Part NOTHING = new Part(0, 1);

        Part then(Part next) {
            return new Part(instructions + next.instructions, Math.max(repetitions, next.repetitions));
        }
    }

    /** Up to the end of this group. */
    private Part group() {
        Part group = Part.NOTHING;
        if (++depth > DEEPEST) {
            problem = "more than " + DEEPEST + " groups are within each other";
        }
        while (problem == null && at < regex.length() && regex.charAt(at) != ')') {
            group = group.then(repeated(atom()));
            if (group.instructions > MOST_INSTRUCTIONS) {
                problem = "it is too large when it is compiled";
            }
        }
        at++;
        depth--;
        return group;
    }

    private Part atom() {
        char c = regex.charAt(at++);
        if (c == '(') {
            return group();
        }
        if (c == '[') {
            skipClass();
        } else if (c == '\\' && at < regex.length()) {
            if (regex.charAt(at) == 'Q') {
                return quoted();
            }
            at++;
        }
        return new Part(CHARACTER, 1);
    }

    /** {@code \Q...\E}: what is repeated is its last character, which makes no difference to a bound from above. */
    private Part quoted() {
        int end = regex.indexOf("\\E", at);
        int from = at;
        at = end < 0 ? regex.length() : end + 2;
        return new Part(at - from, 1);
    }

    private void skipClass() {
        // A bracket in the first place is itself: []a], [^]a].
        if (at < regex.length() && regex.charAt(at) == '^') {
            at++;
        }
        if (at < regex.length() && regex.charAt(at) == ']') {
            at++;
        }
        while (at < regex.length() && regex.charAt(at) != ']') {
            if (regex.startsWith("[:", at)) {
                int end = regex.indexOf(":]", at);
                at = end < 0 ? at + 1 : end + 2;
            } else {
                at += regex.charAt(at) == '\\' ? 2 : 1;
            }
        }
        at++;
    }

    private Part repeated(Part part) {
        Part repeated = part;
        while (problem == null && at < regex.length()) {
            char c = regex.charAt(at);
            if (c == '*' || c == '+' || c == '?') {
                at++;
                repeated = new Part(repeated.instructions + 1, repeated.repetitions);
                continue;
            }
            int times = c == '{' ? times() : -1;
            if (times < 0) {
                return repeated;
            }
            // Once or not at all repeats nothing.
            long nested = (long) repeated.repetitions * Math.max(1, times);
            if (nested > MOST_REPETITIONS) {
                problem = "its nested repetitions multiply to more than " + MOST_REPETITIONS;
                return repeated;
            }
            repeated = new Part((repeated.instructions + 1) * Math.max(1, times), (int) nested);
        }
        return repeated;
    }

    /** How often at most <code>{n}</code>, <code>{n,}</code> or <code>{n,m}</code> makes a copy; passes it by. Negative for a brace that is a character. */
    private int times() {
        int end = regex.indexOf('}', at);
        if (end < 0) {
            return -1;
        }
        String[] bounds = regex.substring(at + 1, end).split(",", -1);
        int least = number(bounds[0]);
        int most = bounds.length == 2 && !bounds[1].isEmpty() ? number(bounds[1]) : least;
        if (bounds.length > 2 || least < 0 || most < 0) {
            return -1;
        }
        at = end + 1;
        return Math.max(least, most);
    }

    private static int number(String digits) {
        if (digits.isEmpty() || digits.length() > 9 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        return Integer.parseInt(digits);
    }
}
