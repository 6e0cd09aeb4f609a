package io.inmesh.xds.kuma;

import io.inmesh.model.DataSource;
import io.inmesh.xds.protocol.XdsTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The variables of kuma-dp ({@code pkg/config/app/kuma-dp}) that mean something without it. What is blank counts as not set. */
record KumaEnvironment(Function<String, @Nullable String> variables) {
    /** Where Kubernetes puts the token of a pod's service account, which is also what Kuma's injector names. */
    private static final Path SERVICE_ACCOUNT_TOKEN = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");

    KumaSourceBuilder builder() {
        KumaSourceBuilder builder = new KumaSourceBuilder();
        controlPlane(builder);
        dataplane(builder);
        token(builder);
        if ("GRPC".equals(variable("KUMA_DATAPLANE_RUNTIME_ENVOY_XDS_TRANSPORT_PROTOCOL_VARIANT"))) {
            builder.transport(XdsTransport.STATE_OF_THE_WORLD);
        }
        return builder;
    }

    private void controlPlane(KumaSourceBuilder builder) {
        String url = variable("KUMA_CONTROL_PLANE_URL");
        if (url != null) {
            try {
                builder.environmentsControlPlane(url);
            } catch (IllegalArgumentException e) {
                throw new IllegalStateException("KUMA_CONTROL_PLANE_URL: " + e.getMessage(), e);
            }
        }
        // kuma-dp prefers the text to the file.
        String pem = variable("KUMA_CONTROL_PLANE_CA_CERT");
        String file = variable("KUMA_CONTROL_PLANE_CA_CERT_FILE");
        if (pem != null) {
            builder.environmentsTrust(tls -> tls.trust(DataSource.Inline.of(pem)));
        } else if (file != null) {
            builder.environmentsTrust(tls -> tls.trust(Path.of(file)));
        }
    }

    private void dataplane(KumaSourceBuilder builder) {
        String resource = resource();
        if (resource != null) {
            try {
                builder.register(resource);
            } catch (IllegalArgumentException e) {
                throw new IllegalStateException("KUMA_DATAPLANE_RUNTIME_RESOURCE(_PATH): " + e.getMessage(), e);
            }
        }
        String mesh = variable("KUMA_DATAPLANE_MESH");
        if (mesh != null) {
            builder.mesh(mesh);
        }
        String name = variable("KUMA_DATAPLANE_NAME");
        String pod = variable("POD_NAME");
        String namespace = variable("POD_NAMESPACE");
        // A name with a variable of Kubernetes that nobody filled in is none, says kuma-dp.
        if (name != null && name.chars().noneMatch(c -> "$(){}".indexOf(c) >= 0)) {
            builder.dataplane(name);
        } else if (resource == null && pod != null && namespace != null) {
            builder.dataplane(pod + "." + namespace);
        }
    }

    private @Nullable String resource() {
        String text = variable("KUMA_DATAPLANE_RUNTIME_RESOURCE");
        String file = variable("KUMA_DATAPLANE_RUNTIME_RESOURCE_PATH");
        // kuma-dp prefers the file to the text.
        if (file == null) {
            return text;
        }
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new IllegalStateException(
                    "KUMA_DATAPLANE_RUNTIME_RESOURCE_PATH=" + file + " cannot be read: " + e, e);
        }
    }

    private void token(KumaSourceBuilder builder) {
        String file = variable("KUMA_DATAPLANE_RUNTIME_TOKEN_PATH");
        String text = variable("KUMA_DATAPLANE_RUNTIME_TOKEN");
        // kuma-dp prefers the text to the file.
        if (text != null) {
            builder.token(text);
        } else if (file != null) {
            builder.token(Path.of(file));
        } else if (variable("KUBERNETES_SERVICE_HOST") != null) {
            builder.token(SERVICE_ACCOUNT_TOKEN);
        }
    }

    private @Nullable String variable(String name) {
        String value = variables.apply(name);
        return value == null || value.isBlank() ? null : value;
    }
}
