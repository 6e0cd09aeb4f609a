package io.inmesh.security;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.exchange.StreamInfo;
import java.security.Principal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who sent a request, as the mesh has verified it; what a server gives its application as the request's {@link Principal}. Immutable.
 *
 * @param name        of the peer's certificate the first URI subject alternative name (a SPIFFE id), else its first DNS name, else its subject; without a certificate
 *                    {@code issuer/subject} of the token, or its subject where it names no issuer; where several were verified, of the one that the rule of the
 *                    filter looks at first
 * @param certificate the peer's certificate, verified against the mesh's roots; null if the connection has none
 * @param tokens      the payloads of the JSON web tokens that were verified, by the key under which the configuration files them ({@code payload_in_metadata}); empty if
 *                    there are none
 */
public record MeshPrincipal(String name, @Nullable PeerCertificate certificate, Map<String, Object> tokens)
        implements Principal {
    private static final String JWT_FILTER = "envoy.filters.http.jwt_authn";

    /** Takes a copy of the map, with its order. */
    public MeshPrincipal {
        tokens = Collections.unmodifiableMap(new LinkedHashMap<>(tokens));
    }

    /** Who sent a request; null if nothing that is known of it was verified. A certificate that no root vouches for says nothing. */
    public static @Nullable MeshPrincipal of(StreamInfo request) {
        DownstreamConnection connection = request.downstream();
        PeerCertificate certificate = connection == null ? null : connection.verifiedPeer();
        Map<String, Object> metadata = request.dynamicMetadata(JWT_FILTER);
        Map<String, Object> tokens = metadata == null ? Map.of() : metadata;
        if (certificate != null) {
            return new MeshPrincipal(name(certificate), certificate, tokens);
        }
        String name = name(tokens);
        return name == null ? null : new MeshPrincipal(name, null, tokens);
    }

    private static String name(PeerCertificate certificate) {
        for (List<String> names : List.of(certificate.uris(), certificate.dnsNames())) {
            if (!names.isEmpty()) {
                return names.get(0);
            }
        }
        return certificate.subject();
    }

    private static @Nullable String name(Map<String, Object> tokens) {
        for (Object token : tokens.values()) {
            if (token instanceof Map<?, ?> claims && claims.get("sub") instanceof String subject) {
                return claims.get("iss") instanceof String issuer ? issuer + "/" + subject : subject;
            }
        }
        return null;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public String toString() {
        return name;
    }
}
