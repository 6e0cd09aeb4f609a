package io.inmesh.identity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * What a service-account token of Kubernetes says about its bearer. Nothing is verified: a workload asks its own token who it is, and whether it is worth
 * showing. What is not in it is empty. The token itself is not kept.
 *
 * @param namespace      of the service account
 * @param serviceAccount its name
 * @param pod            the pod that it was issued for
 * @param node           the machine of that pod
 * @param expires        its end; {@link Instant#MAX} if it does not say
 */
public record ServiceAccountToken(String namespace, String serviceAccount, String pod, String node, Instant expires) {
    private static final String SUBJECT = "system:serviceaccount:";

    /** A token that says nothing. */
    private static final ServiceAccountToken SILENT = new ServiceAccountToken("", "", "", "", Instant.MAX);

    /** Reads a file; null if there is none, or it is empty or cannot be read. One that is no JSON Web Token says nothing. */
    public static @Nullable ServiceAccountToken read(Path file) {
        try {
            String text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
            return text.isEmpty() ? null : of(text);
        } catch (IOException e) {
            return null;
        }
    }

    private static ServiceAccountToken of(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 3) {
            return SILENT;
        }
        try {
            String json = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
            Object claims = new Load(LoadSettings.builder().build()).loadFromString(json);
            return claims instanceof Map<?, ?> map ? of(map) : SILENT;
        } catch (IllegalArgumentException | YamlEngineException e) {
            return SILENT;
        }
    }

    private static ServiceAccountToken of(Map<?, ?> claims) {
        Map<?, ?> kubernetes = map(claims, "kubernetes.io");
        String namespace = text(kubernetes, "namespace");
        String account = text(map(kubernetes, "serviceaccount"), "name");
        String[] subject = text(claims, "sub").split(":", -1);
        if (subject.length == 4 && text(claims, "sub").startsWith(SUBJECT)) {
            namespace = namespace.isEmpty() ? subject[2] : namespace;
            account = account.isEmpty() ? subject[3] : account;
        }
        return new ServiceAccountToken(
                namespace,
                account,
                text(map(kubernetes, "pod"), "name"),
                text(map(kubernetes, "node"), "name"),
                claims.get("exp") instanceof Number end ? Instant.ofEpochSecond(end.longValue()) : Instant.MAX);
    }

    private static Map<?, ?> map(Map<?, ?> claims, String name) {
        return claims.get(name) instanceof Map<?, ?> map ? map : Map.of();
    }

    private static String text(Map<?, ?> claims, String name) {
        return claims.get(name) instanceof String text ? text : "";
    }
}
