package io.inmesh.http;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The dependency directions that docs/architecture.md promises, held by the build. */
class ArchitectureTest {
    private static final JavaClasses MAIN = new ClassFileImporter(
                    List.of(new ImportOption.DoNotIncludeTests(), new ImportOption.DoNotIncludeJars()))
            .importPackages("io.inmesh.http");

    @Test
    void netty_isSeenByTheTransportAndTheNettyServerOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.inmesh.http.wire..")
                .and()
                .haveNameNotMatching("io\\.inmesh\\.http\\.server\\.Netty.*")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..")
                .check(MAIN);
    }

    @Test
    void transport_doesNotKnowItsClients() {
        noClasses()
                .that()
                .resideInAPackage("io.inmesh.http.wire..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.inmesh.http", "io.inmesh.routing..", "io.inmesh.filter..")
                .because("it carries single attempts and knows nothing of routes and filters")
                .check(MAIN);
    }

    @Test
    void servers_doNotKnowTheClient() {
        noClasses()
                .that()
                .resideInAPackage("io.inmesh.http.server..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.inmesh.http", "io.inmesh.http.wire..", "io.inmesh.outbound..")
                .check(MAIN);
    }

    @Test
    void module_knowsNeitherTheControlPlanesProtocolNorWhatIsAboveIt() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "com.google.protobuf..",
                        "io.grpc..",
                        "io.envoyproxy..",
                        "io.inmesh.xds.decode..",
                        "io.inmesh.xds.protocol..",
                        "io.inmesh.xds.graph..",
                        "io.inmesh.spring..",
                        "org.springframework..")
                .check(MAIN);
    }

    @Test
    void methods_takeNoMonitor() {
        methods().should().notHaveModifier(JavaModifier.SYNCHRONIZED).check(MAIN);
    }

    @Test
    void packages_areNullMarked() {
        assertThat(MAIN.stream().map(type -> type.getPackage()).distinct())
                .isNotEmpty()
                .allSatisfy(each -> assertThat(each.isAnnotatedWith(NullMarked.class))
                        .as(each.getName())
                        .isTrue());
    }
}
