package io.inmesh.xds;

import io.inmesh.grpc.ControlPlaneTls;
import io.inmesh.grpc.TokenFile;
import io.inmesh.xds.Settings.Setting;
import io.inmesh.xds.protocol.XdsServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How the control planes that {@code inmesh.xds.server} names are trusted, and what they are shown. */
final class ServerSettings {
    private static final List<String> TLS = List.of("ca", "pin", "server-name", "client-cert", "client-key");
    private static final List<String> TOKEN = List.of("token-file", "token-scheme", "token-over-plaintext");
    private static final String PREFIX = "inmesh.xds.";
    private static final String PUBLIC_KEY = "sha256/";

    private final Settings settings;

    ServerSettings(Settings settings) {
        this.settings = settings;
    }

    /** One server with all that is set. */
    XdsServer server(String target) {
        XdsServer server = wantsTls() ? XdsServer.tls(target, tls(target)) : XdsServer.plaintext(target);
        TokenFile token = token();
        return token == null ? server : server.withToken(token);
    }

    /** A bootstrap says all of this itself, in its own way; what would be passed over is an error instead. */
    void requireNone() {
        Stream.concat(TLS.stream(), TOKEN.stream())
                .map(this::setting)
                .filter(Objects::nonNull)
                .findFirst()
                .ifPresent(set -> {
                    throw new IllegalStateException(
                            set.name() + " counts together with inmesh.xds.server only, and a bootstrap decides here");
                });
    }

    boolean wantsTls() {
        return TLS.stream().anyMatch(each -> setting(each) != null) || Boolean.getBoolean(ControlPlaneTls.SKIP_VERIFY);
    }

    private ControlPlaneTls tls(String target) {
        ControlPlaneTls tls = ControlPlaneTls.to(target);
        addTo(tls);
        return tls;
    }

    /** Adds what is set to the description of a TLS. */
    void addTo(ControlPlaneTls tls) {
        Setting ca = setting("ca");
        if (ca != null && ca.value().equals("system")) {
            tls.trustSystemRoots();
        } else if (ca != null) {
            tls.trust(Path.of(ca.value()));
        }
        Setting pins = setting("pin");
        if (pins != null) {
            for (String pin : pins.value().split(",", -1)) {
                pin(tls, pins, pin.trim());
            }
        }
        Setting name = setting("server-name");
        if (name != null) {
            tls.serverName(name.value());
        }
        certificate(tls);
    }

    private static void pin(ControlPlaneTls tls, Setting pins, String pin) {
        try {
            if (pin.startsWith(PUBLIC_KEY)) {
                tls.pinPublicKey(pin.substring(PUBLIC_KEY.length()));
            } else {
                tls.pinCertificate(pin);
            }
        } catch (IllegalArgumentException e) {
            throw pins.expected(PUBLIC_KEY + "BASE64 of a public key, or the SHA-256 of a certificate in hexadecimal");
        }
    }

    private void certificate(ControlPlaneTls tls) {
        Setting chain = setting("client-cert");
        Setting key = setting("client-key");
        if (chain != null && key != null) {
            tls.certificate(Path.of(chain.value()), Path.of(key.value()));
        } else if (chain != null) {
            throw chain.expected("inmesh.xds.client-key beside it");
        } else if (key != null) {
            throw key.expected("inmesh.xds.client-cert beside it");
        }
    }

    private @Nullable TokenFile token() {
        Setting file = setting("token-file");
        if (file == null) {
            return null;
        }
        Setting scheme = setting("token-scheme");
        Setting open = setting("token-over-plaintext");
        Path path = Path.of(file.value());
        boolean raw = scheme != null && scheme.value().equals("raw");
        if (scheme != null && !raw && !scheme.value().equals("bearer")) {
            throw scheme.expected("bearer or raw");
        }
        TokenFile token = raw ? TokenFile.raw(path) : TokenFile.bearer(path);
        return open != null && open.value().equals("true") ? token.allowedOverPlaintext() : token;
    }

    private @Nullable Setting setting(String name) {
        return settings.own(PREFIX + name);
    }
}
