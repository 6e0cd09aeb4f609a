package io.inmesh.identity;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inmesh.grpc.AccessChoice;
import io.inmesh.grpc.Dial;
import io.inmesh.grpc.MeshTlsCredentials;
import io.inmesh.grpc.ServerAccess;
import io.inmesh.grpc.StatusText;
import io.inmesh.grpc.TokenCredentials;
import io.inmesh.model.UpstreamTls;
import io.inmesh.transport.ClientTls;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The certificate authority in istiod. Each request has a connection of its own: there is one in half a day, and it shall look up the address, the roots and
 * the token anew.
 *
 * @param target    istiod's port with TLS
 * @param tls       makes TLS of settings
 * @param access    how the workload shows it who it is: that becomes the identity
 * @param clusterId the cluster that the token is of, as istiod calls it
 * @param timeout   for the whole exchange
 * @param loop      where replies are given
 */
record IstiodAuthority(
        String target,
        Function<UpstreamTls, ClientTls> tls,
        AccessChoice access,
        String clusterId,
        Duration timeout,
        Executor loop)
        implements CertificateAuthority {
    private static final Metadata.Key<String> CLUSTER_ID =
            Metadata.Key.of("clusterid", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    public void sign(String request, Duration validity, Reply reply) {
        ServerAccess shown;
        try {
            shown = access.next();
        } catch (IllegalStateException e) {
            loop.execute(() -> reply.failed(String.valueOf(e.getMessage())));
            return;
        }
        ManagedChannel channel = Dial.to(target, MeshTlsCredentials.of(tls.apply(shown.tls()), timeout.dividedBy(2)))
                .executor(loop)
                .disableRetry()
                .build();
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
        ClientCall<CreateCertificate.Request, List<String>> call = channel.newCall(
                CreateCertificate.METHOD,
                shown.token() == null ? options : options.withCallCredentials(new TokenCredentials(shown.token())));
        Metadata metadata = new Metadata();
        metadata.put(CLUSTER_ID, clusterId);
        call.start(new Answer(target, channel, reply), metadata);
        call.request(2);
        call.sendMessage(new CreateCertificate.Request(request, validity));
        call.halfClose();
    }

    private static final class Answer extends ClientCall.Listener<List<String>> {
        private final String target;
        private final ManagedChannel channel;
        private final Reply reply;
        private @Nullable List<String> certificates;

        Answer(String target, ManagedChannel channel, Reply reply) {
            this.target = target;
            this.channel = channel;
            this.reply = reply;
        }

        @Override
        public void onMessage(List<String> message) {
            certificates = message;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            channel.shutdownNow();
            if (status.isOk() && certificates != null) {
                reply.signed(certificates);
            } else {
                reply.failed("the certificate authority at " + target + ": " + StatusText.of(status));
            }
        }
    }
}
