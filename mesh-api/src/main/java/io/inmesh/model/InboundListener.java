package io.inmesh.model;

import io.inmesh.model.Endpoint.AdditionalAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A listener as a server in this process sees it: {@code envoy.config.listener.v3.Listener}. The application's own server binds the port; the listener says what
 * happens to its connections.
 *
 * @param name                the resource's name
 * @param address             the IP address that it is for, or {@code 0.0.0.0} or {@code ::} for all
 * @param port                its port
 * @param originalDestination {@code use_original_dst}: it takes the connections of every port that has no listener of its own, as Istio's {@code virtualInbound}
 * @param inspectsTls         the ports where a {@code tls_inspector} looks at the ClientHello, by its {@code filter_disabled}. Without one, SNI, ALPN and transport
 *                            protocol are not known when a chain is chosen, and every connection is {@code raw_buffer}: Envoy adds none by itself
 * @param inspectsHttp        the ports where an {@code http_inspector} looks at the first bytes of a connection in the clear
 * @param inspection          how long inspectors wait for the first bytes
 * @param chains              in the order given
 * @param defaultChain        for connections that no other takes, or null
 * @param unusable            why all its connections are refused, or null
 * @param additional          {@code additional_addresses}: what else it is for
 */
public record InboundListener(
        String name,
        String address,
        int port,
        boolean originalDestination,
        PortSet inspectsTls,
        PortSet inspectsHttp,
        Inspection inspection,
        List<InboundChain> chains,
        @Nullable InboundChain defaultChain,
        @Nullable String unusable,
        List<AdditionalAddress> additional) {

    /**
     * What listener filters may take.
     *
     * @param timeout   {@code listener_filters_timeout}, or null for as long as it takes
     * @param continues {@code continue_on_listener_filters_timeout}: the chain is then chosen by what is known, as of a connection in the clear; else it is closed
     */
    public record Inspection(@Nullable Duration timeout, boolean continues) {
        /** Envoy's default: 15 s, and closed then. */
        public static final Inspection DEFAULT = new Inspection(Duration.ofSeconds(15), false);
    }

    /** A listener at one address, whose inspectors look at connections to every port, or to none, for as long as Envoy's do by default. */
    public InboundListener(
            String name,
            String address,
            int port,
            boolean originalDestination,
            boolean inspectsTls,
            boolean inspectsHttp,
            List<InboundChain> chains,
            @Nullable InboundChain defaultChain,
            @Nullable String unusable) {
        this(
                name,
                address,
                port,
                originalDestination,
                inspectsTls ? PortSet.ALL : PortSet.NONE,
                inspectsHttp ? PortSet.ALL : PortSet.NONE,
                Inspection.DEFAULT,
                chains,
                defaultChain,
                unusable,
                List.of());
    }

    /** The secrets that the TLS of its chains names, in their order. */
    public Set<SecretName> secrets() {
        Set<SecretName> names = new LinkedHashSet<>();
        chains.forEach(chain -> addSecrets(chain, names));
        if (defaultChain != null) {
            addSecrets(defaultChain, names);
        }
        return names;
    }

    /** The connection managers of its chains. */
    public List<HttpConnectionManager> connectionManagers() {
        List<HttpConnectionManager> managers = new ArrayList<>();
        for (InboundChain chain : chains) {
            if (chain.http() != null) {
                managers.add(chain.http());
            }
        }
        if (defaultChain != null && defaultChain.http() != null) {
            managers.add(defaultChain.http());
        }
        return managers;
    }

    private static void addSecrets(InboundChain chain, Set<SecretName> names) {
        DownstreamTls tls = chain.tls();
        if (tls != null) {
            names.addAll(tls.secrets());
        }
    }
}
