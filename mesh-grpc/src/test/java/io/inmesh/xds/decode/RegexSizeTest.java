package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Envoy 1.40 says the same of each repetition, where its {@code re2.max_program_size} is out of the way. */
class RegexSizeTest {
    private static final String NESTED = "its nested repetitions multiply to more than 1000";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/orders/[0-9]+",
                "(a{0,1000})",
                "((a{10}){10}){10}",
                "(a{7}){142}",
                "a{1000}b{1000}",
                "((a{0,1}){1,1}){0,1000}",
                "[a{0,1000}]{0,1000}",
                "[]{]{1000}",
                "[[:alpha:]{]{1000}",
                "\\Q(a{0,1000}){0,1000}\\E",
                "\\(a{1000}\\){1000}",
                "(?i)(?:a|b){1000}",
                "(?P<name>a{1000})",
                "a{,5}b{x}{",
                "(a{0,1000})*?"
            })
    void problem_ofWhatRe2Compiles_none(String regex) {
        assertThat(RegexSize.problem(regex)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "((a{0,1000}){0,1000}){0,10}",
                "(a{2,}){501}",
                "((a{10}){10}){11}",
                "(a{7}){143}",
                "(?:x|(a{0,500})b){3}",
                "([a-z]{0,1000}\\Q)\\E){2}"
            })
    void problem_ofNestedRepetitions_isThatTheyMultiply(String regex) {
        assertThat(RegexSize.problem(regex)).isEqualTo(NESTED);
    }

    @Test
    void problem_ofDeepGroups_isTheirDepth() {
        assertThat(RegexSize.problem(nested(1000))).isEqualTo("more than 1000 groups are within each other");
        String deepest = nested(999);
        assertThat(RegexSize.problem(deepest)).isNull();
        assertThat(Pattern.compile(deepest).matches("a")).isTrue();
        assertThat(RegexSize.problem("(".repeat(100_000))).isNotNull();
    }

    @Test
    void problem_ofManyRepetitions_isTheirSize() {
        assertThat(RegexSize.problem(".{1000}".repeat(400))).isEqualTo("it is too large when it is compiled");
        assertThat(RegexSize.problem(".{1000}".repeat(100))).isNull();
    }

    private static String nested(int groups) {
        return "(".repeat(groups) + "a" + ")".repeat(groups);
    }
}
