package io.inmesh;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The dependency directions that docs/architecture.md promises, held by the build. */
class ArchitectureTest {
    private static final String ROOT = "io.inmesh";

    private static final JavaClasses MAIN =
            new ClassFileImporter(List.of(new ImportOption.DoNotIncludeTests())).importPackages(ROOT);

    /** Which rooms a room may know. A room that is not listed here has not been thought about: the test says so. */
    private static final Map<String, List<String>> ROOMS = Map.ofEntries(
            Map.entry("exchange", List.of()),
            Map.entry("matching", List.of("exchange", "model")),
            Map.entry("security", List.of("exchange", "model", "snapshot", "routing", "filter", "matching")),
            Map.entry(
                    "inbound",
                    List.of("exchange", "model", "snapshot", "routing", "filter", "resilience", "security", "(root)")),
            Map.entry("model", List.of("exchange")),
            Map.entry("snapshot", List.of("exchange", "model", "filter")),
            Map.entry("routing", List.of("exchange", "model")),
            Map.entry("filter", List.of("exchange", "model", "routing")),
            Map.entry("resilience", List.of("exchange", "model")),
            Map.entry("balancing", List.of("exchange", "model", "snapshot", "resilience")),
            Map.entry(
                    "outbound",
                    List.of(
                            "exchange",
                            "model",
                            "snapshot",
                            "routing",
                            "filter",
                            "resilience",
                            "balancing",
                            "(root)")));

    private static final List<String> LIBRARIES = List.of(
            "java..",
            "javax.net.ssl..",
            "javax.crypto..",
            "org.jspecify.annotations..",
            "org.slf4j..",
            "com.google.re2j..",
            "com.nimbusds..",
            "com.github.benmanes.caffeine..");

    static Stream<Arguments> rooms() {
        return ROOMS.entrySet().stream().map(room -> Arguments.of(room.getKey(), List.copyOf(room.getValue())));
    }

    @Test
    void module_dependencies_areOnlyTheFewLibrariesOfTheEngine() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(Stream.concat(LIBRARIES.stream(), Stream.of(ROOT + ".."))
                        .toArray(String[]::new))
                .because("mesh-api knows no protobuf, no gRPC, no Netty, no Spring")
                .check(MAIN);
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void room_dependencies_areOnlyThoseOfTheTable(String room, List<String> known) {
        List<String> allowed = new ArrayList<>(LIBRARIES);
        allowed.add(inside(room));
        known.forEach(each -> allowed.add(inside(each)));
        noClasses()
                .that()
                .resideInAPackage(inside(room))
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(allowed.toArray(String[]::new))
                .allowEmptyShould(true)
                .because("the room " + room + " knows only " + known)
                .check(MAIN);
    }

    @Test
    void rooms_areAllInTheTable() {
        List<String> rooms = MAIN.stream()
                .map(type -> type.getPackageName())
                .filter(name -> name.startsWith(ROOT + "."))
                .map(name -> Arrays.asList(name.split("\\.")).get(2))
                .distinct()
                .toList();
        assertThat(ROOMS.keySet()).containsAll(rooms);
    }

    @Test
    void rooms_doNotDependOnEachOtherInCircles() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void names_doNotHideWhatAClassIs() {
        noClasses()
                .that()
                .doNotHaveSimpleName("HttpConnectionManager") // Envoy's own word
                .should()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .check(MAIN);
    }

    @Test
    void methods_takeNoMonitor() {
        methods()
                .should()
                .notHaveModifier(JavaModifier.SYNCHRONIZED)
                .because("a request takes no lock")
                .check(MAIN);
    }

    @Test
    void packages_areNullMarked() {
        assertThat(MAIN.stream().map(type -> type.getPackage()).distinct())
                .allSatisfy(each -> assertThat(each.isAnnotatedWith(NullMarked.class))
                        .as(each.getName())
                        .isTrue());
    }

    private static String inside(String room) {
        return room.equals("(root)") ? ROOT : ROOT + "." + room + "..";
    }
}
