package io.inmesh.identity;

import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.model.UpstreamTls;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.snapshot.SecretProvider.SecretState.Ready;
import io.inmesh.transport.ClientTls;
import io.inmesh.xds.decode.Decoded;
import io.inmesh.xds.decode.ResourceDecoder;
import io.inmesh.xds.protocol.AdsSession;
import io.inmesh.xds.protocol.ConnectionStatus;
import io.inmesh.xds.protocol.RawResource;
import io.inmesh.xds.protocol.ResourceHandler;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.SessionLoop;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Secrets of an agent that speaks SDS ({@code envoy.service.secret.v3.SecretDiscoveryService}): SPIRE's agent, Istio's, any other, mostly over a Unix
 * socket. Whatever name of its source is wanted is asked for by that name, on one stream, with the session of a control plane: back-off, what is good stays
 * in force while the agent is away, what is malformed is refused.
 *
 * <p>Nothing is asked for before somebody watches. Thread-safe.
 */
public final class SdsIdentity implements SecretProvider, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SdsIdentity.class);

    private final String target;
    private final SdsNames names;
    private final SessionLoop loop;
    private final Runnable onClose;
    private final SecretBoard<String> board;
    private final AdsSession session;
    /** The loop's. */
    private final Set<String> wanted = new LinkedHashSet<>();

    SdsIdentity(
            SdsIdentityBuilder told,
            SessionLoop loop,
            RandomGenerator random,
            Function<UpstreamTls, ClientTls> tls,
            Runnable onClose) {
        this.target = told.target;
        this.names = told.namesAtServer();
        this.loop = loop;
        this.onClose = onClose;
        this.board = new SecretBoard<>(loop, new Asking());
        this.session = AdsSession.forSecrets(loop, List.of(told.server()), told.node, told.settings, random, tls);
        session.onConnection(this::connection);
        loop.execute(() -> session.start(new Answers()));
    }

    /** Begins to describe the agent: {@code unix:///run/spire/sockets/agent.sock}, or {@code host:port}. */
    public static SdsIdentityBuilder at(String target) {
        return new SdsIdentityBuilder(target);
    }

    @Override
    public boolean provides(SecretName name) {
        return names.names().isOfSource(name);
    }

    @Override
    public Watch watch(SecretName name, Consumer<SecretState> listener) {
        return board.watch(names.atServer(name), listener);
    }

    /** Ends the stream. */
    @Override
    public void close() {
        loop.execute(session::close);
        onClose.run();
    }

    @Override
    public String toString() {
        return "the secrets of the SDS server at " + target;
    }

    private void connection(ConnectionStatus status) {
        if (status.error() != null) {
            wanted.forEach(name -> board.fail(name, described(name) + ": " + status.error()));
        }
    }

    private String described(String name) {
        return "secret '" + name + "' of the SDS server at " + target;
    }

    private final class Asking implements SecretBoard.Demand<String> {
        @Override
        public void wanted(String name) {
            wanted.add(name);
            session.subscribe(ResourceKind.SECRET, name);
        }

        @Override
        public void released(String name) {
            wanted.remove(name);
            session.unsubscribe(ResourceKind.SECRET, name);
        }

        @Override
        public String awaited(String name) {
            return described(name);
        }
    }

    private final class Answers implements ResourceHandler {
        @Override
        public Verdict onResponse(ResourceKind kind, List<RawResource> changed, List<String> removed) {
            Map<String, String> rejected = new HashMap<>();
            Map<String, List<String>> unsupported = new HashMap<>();
            for (RawResource resource : changed) {
                Decoded<Secret> decoded = ResourceDecoder.secret(resource.name(), resource.body());
                if (decoded instanceof Decoded.Accepted<Secret> accepted) {
                    board.put(resource.name(), new Ready(accepted.value()));
                    unsupported.put(resource.name(), accepted.unsupported());
                } else if (decoded instanceof Decoded.Rejected<Secret> refused) {
                    board.fail(resource.name(), described(resource.name()) + " cannot be used: " + refused.reason());
                    rejected.put(resource.name(), refused.reason());
                }
            }
            for (String name : removed) {
                log.warn("{} has no secret '{}' any more; the last one, if any, stays in force", target, name);
                board.fail(name, described(name) + " does not exist");
            }
            return new Verdict(rejected, unsupported);
        }

        @Override
        public void onMissing(ResourceKind kind, String name, String reason) {
            board.fail(name, described(name) + ": " + reason);
        }
    }
}
