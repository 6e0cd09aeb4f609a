package io.inmesh.xds;

import io.inmesh.xds.Settings.Setting;
import io.inmesh.xds.istio.IstioSource;
import io.inmesh.xds.istio.IstioSourceBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The settings of a control plane, where it is istiod: each goes before what istiod's own surroundings say, and none has to be set. */
final class IstioSettings {
    private static final String PREFIX = "inmesh.xds.";
    /** What istiod is told in another way, or never. */
    private static final List<String> FOREIGN =
            List.of("node", "cluster", "pin", "token-scheme", "token-over-plaintext");

    private final Settings settings;
    private final Supplier<IstioSourceBuilder> builders;

    IstioSettings(Settings settings, Supplier<IstioSourceBuilder> builders) {
        this.settings = settings;
        this.builders = builders;
    }

    /** Where nothing is set at all. */
    Optional<IstioSource> inPod() {
        return builders.get().buildIfInPod();
    }

    /** @param targets {@code inmesh.xds.server}, or null */
    IstioSource source(@Nullable Setting targets) {
        settings.refuse("istio", FOREIGN);
        IstioSourceBuilder builder = builders.get();
        if (targets != null) {
            for (String target : targets.value().split(",", -1)) {
                if (target.isBlank()) {
                    throw targets.expected("host:port, or several separated by commas");
                }
                builder.istiod(target.strip());
            }
        }
        trust(builder);
        Setting token = setting("token-file");
        if (token != null) {
            builder.token(Path.of(token.value()));
        }
        Setting chain = setting("client-cert");
        Setting key = setting("client-key");
        if (chain != null && key != null) {
            builder.provisionedCertificate(Path.of(chain.value()), Path.of(key.value()));
        } else if (chain != null) {
            throw chain.expected("inmesh.xds.client-key beside it");
        } else if (key != null) {
            throw key.expected("inmesh.xds.client-cert beside it");
        }
        return builder.build();
    }

    private void trust(IstioSourceBuilder builder) {
        Setting open = setting("plaintext");
        if (open != null && open.value().equals("true")) {
            builder.plaintext();
        } else if (open != null && !open.value().equals("false")) {
            throw open.expected("true or false");
        }
        Setting roots = setting("ca");
        if (roots != null && roots.value().equals("system")) {
            builder.systemRoots();
        } else if (roots != null) {
            builder.rootCertificates(Path.of(roots.value()));
        }
        Setting name = setting("server-name");
        if (name != null) {
            builder.serverName(name.value());
        }
    }

    private @Nullable Setting setting(String name) {
        return settings.own(PREFIX + name);
    }
}
