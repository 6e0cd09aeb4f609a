package io.inmesh.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import io.inmesh.model.StringMatcher.PlainRegex;
import io.inmesh.model.StringMatcher.Regex;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainRegexTest {
    private static final List<String> TEXTS = List.of(
            "",
            "a",
            "b",
            "ab",
            "ba",
            "bab",
            "aab",
            "a/b",
            "xa/by",
            "/ns/a/",
            "spiffe://m/ns/a/sa/b",
            "a\n",
            "\na",
            "b\na\nb",
            ".*",
            "a.*");

    @ParameterizedTest
    @ValueSource(strings = {"", ".*", "a", ".*a", "a.*", ".*a.*", ".*/ns/a/.*", "spiffe://m/.*", ".*.*"})
    void regex_plainExpression_isAnsweredAsByTheAutomaton(String expression) {
        StringMatcher matcher = StringMatcher.regex(Pattern.compile(expression));
        Regex automaton = new Regex(Pattern.compile(expression));

        assertThat(matcher).isInstanceOf(PlainRegex.class);
        for (String text : TEXTS) {
            assertThat(matcher.matches(text)).as(text).isEqualTo(automaton.matches(text));
            String around = "b" + text + "a";
            assertThat(matcher.matches(around, 1, around.length() - 1))
                    .as("in %s", around)
                    .isEqualTo(automaton.matches(text));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a+", "a.b", "(?i)a", "[a]", "a|b", "^a", "a$", "\\.*", "a\\.*", "a?", "a{2}", ".*a.*b.*", "...*"
            })
    void regex_anyOtherExpression_keepsTheAutomaton(String expression) {
        assertThat(StringMatcher.regex(Pattern.compile(expression))).isInstanceOf(Regex.class);
    }
}
