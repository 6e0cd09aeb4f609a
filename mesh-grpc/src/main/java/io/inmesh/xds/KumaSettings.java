package io.inmesh.xds;

import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.xds.Settings.Setting;
import io.inmesh.xds.kuma.KumaSource;
import io.inmesh.xds.kuma.KumaSourceBuilder;
import java.nio.file.Path;
import java.util.List;

/** A source of Kuma's from the environment of a kuma-dp, and from settings of our own, which go before it. */
record KumaSettings(Settings settings) {
    /** What kuma-cp is told in another way, or never: a node is a Dataplane's, and its token is sent as it is. */
    private static final List<String> FOREIGN = List.of("node", "cluster", "token-scheme", "token-over-plaintext");

    ConfigurationSource source() {
        settings.refuse("kuma", FOREIGN);
        ServerSettings server = new ServerSettings(settings);
        KumaSourceBuilder builder = KumaSource.builder(settings.environment());
        Setting targets = settings.own("inmesh.xds.server");
        if (targets != null) {
            for (String target : targets.value().split(",", -1)) {
                controlPlane(builder, targets, target.strip());
            }
        }
        if (server.wantsTls()) {
            builder.tls(server::addTo);
        }
        Setting token = settings.own("inmesh.xds.token-file");
        if (token != null) {
            builder.token(Path.of(token.value()));
        }
        Setting mesh = settings.own("inmesh.kuma.mesh");
        if (mesh != null) {
            builder.mesh(mesh.value());
        }
        Setting dataplane = settings.own("inmesh.kuma.dataplane");
        if (dataplane != null) {
            builder.dataplane(dataplane.value());
        }
        Setting workload = settings.own("inmesh.kuma.workload");
        if (workload != null) {
            builder.workload(workload.value());
        }
        return builder.build();
    }

    private static void controlPlane(KumaSourceBuilder builder, Setting targets, String target) {
        try {
            builder.controlPlane(target);
        } catch (IllegalArgumentException e) {
            throw targets.expected("https://HOST:5678, or several separated by commas");
        }
    }
}
