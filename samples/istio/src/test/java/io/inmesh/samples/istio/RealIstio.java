package io.inmesh.samples.istio;

import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a {@link LocalControlPlane}, one for all classes. Its binaries are in the folder that {@code INMESH_CONTROL_PLANE} names; without it the tests are skipped with
 * a reason, or fail if {@code CI} is true.
 */
final class RealIstio implements ExecutionCondition, ParameterResolver {
    private static final String BINARIES = "INMESH_CONTROL_PLANE";
    private static final String MESH = """
            trustDomain: cluster.local
            trustDomainAliases: [old.local]
            enableAutoMtls: true
            outboundTrafficPolicy: {mode: ALLOW_ANY}
            extensionProviders:
            - name: asks-elsewhere
              envoyExtAuthzHttp: {service: localhost, port: 9}
            """;

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (System.getenv(BINARIES) != null) {
            return ConditionEvaluationResult.enabled("there is a control plane");
        }
        String reason = "needs a real Istio control plane: " + BINARIES
                + "=\"$(samples/istio/control-plane/build)\", for which Go 1.26 or newer is needed";
        if (Boolean.parseBoolean(System.getenv("CI"))) {
            throw new IllegalStateException(context.getDisplayName() + " " + reason);
        }
        return ConditionEvaluationResult.disabled(reason);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType().equals(LocalControlPlane.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.create(RealIstio.class))
                .computeIfAbsent(Running.class, unused -> Running.start(), Running.class)
                .controlPlane();
    }

    private record Running(LocalControlPlane controlPlane, Path folder) implements AutoCloseable {
        static Running start() {
            try {
                Path folder = Files.createTempDirectory("istio-it");
                Path binaries = Path.of(String.valueOf(System.getenv(BINARIES)));
                return new Running(new LocalControlPlane(binaries, folder, MESH), folder);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() throws IOException {
            controlPlane.close();
            List<Path> files;
            try (Stream<Path> all = Files.walk(folder)) {
                files = all.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }
}
