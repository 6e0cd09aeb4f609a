package io.inmesh.xds;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The dependency directions that docs/architecture.md promises, held by the build. */
class ArchitectureTest {
    private static final JavaClasses MAIN = new ClassFileImporter(
                    List.of(new ImportOption.DoNotIncludeTests(), new ImportOption.DoNotIncludeJars()))
            .importPackages("io.inmesh.xds", "io.inmesh.grpc", "io.inmesh.identity", "io.inmesh.transport");

    @Test
    void envoyConfiguration_isSeenByTheDecodersOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.inmesh.xds.decode..", "io.inmesh.xds.bootstrap..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.envoyproxy.envoy.config.bootstrap..",
                        "io.envoyproxy.envoy.config.cluster..",
                        "io.envoyproxy.envoy.config.endpoint..",
                        "io.envoyproxy.envoy.config.listener..",
                        "io.envoyproxy.envoy.config.route..",
                        "io.envoyproxy.envoy.extensions..",
                        "io.envoyproxy.envoy.type..")
                .because("everyone else works with io.inmesh.model")
                .check(MAIN);
    }

    @Test
    void envoyProtocol_isSeenByThoseWhoSpeakItOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.inmesh.xds.protocol..", "io.inmesh.xds.decode..", "io.inmesh.xds.bootstrap..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.envoyproxy..")
                .check(MAIN);
    }

    @Test
    void grpc_isSeenByThoseWhoCallBySomeServiceOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.inmesh.xds.protocol..",
                        "io.inmesh.xds.bootstrap..",
                        "io.inmesh.grpc..",
                        "io.inmesh.identity..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.grpc..")
                .check(MAIN);
    }

    @Test
    void face_showsNoProtobuf() {
        noClasses()
                .that()
                .resideInAPackage("io.inmesh.xds")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.google.protobuf..", "io.envoyproxy..", "io.grpc..")
                .because("the protos are 30 MB and are no part of an application's view")
                .check(MAIN);
    }

    @Test
    void module_knowsNothingAboveIt() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.inmesh.http..", "io.inmesh.spring..", "org.springframework..", "io.grpc.netty.shaded..")
                .check(MAIN);
    }

    @Test
    void channelsOfNetty_areSeenByTransportAndGrpcOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.inmesh.transport..", "io.inmesh.grpc..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty.buffer..", "io.netty.channel..", "io.netty.handler..")
                .check(MAIN);
    }

    @Test
    void packages_doNotDependOnEachOtherInCircles() {
        slices().matching("io.inmesh.xds.(*)..").should().beFreeOfCycles().check(MAIN);
        slices().assignedFrom(new Floors()).should().beFreeOfCycles().check(MAIN);
    }

    /**
     * The packages below {@code io.inmesh}; those of a control plane stand above the protocol and above identities, which are got by the protocol too, because they put
     * both together.
     */
    private static final class Floors implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            if (!type.getPackageName().startsWith("io.inmesh.")) {
                return SliceIdentifier.ignore();
            }
            String[] parts = type.getPackageName().split("\\.");
            boolean face = parts[2].equals("xds")
                    && (parts.length == 3 || Set.of("istio", "kuma").contains(parts[3]));
            return SliceIdentifier.of(face ? "control planes" : parts[2]);
        }

        @Override
        public String getDescription() {
            return "floors of the module";
        }
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
