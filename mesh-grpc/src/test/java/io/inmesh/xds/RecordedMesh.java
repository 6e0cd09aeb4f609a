package io.inmesh.xds;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.Explanation;
import io.inmesh.Mesh;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.outbound.CallOptions;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.xds.decode.Recordings;
import io.inmesh.xds.decode.Recordings.Recording;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsTransport;
import io.inmesh.xds.testing.ControlPlane;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;

/** A mesh under a control plane that sends what a real one was recorded to send. */
final class RecordedMesh implements AutoCloseable {
    /** Any seed will do; the tests leave room for chance, and are the same each time. */
    private static final long SEED = 20_260_423;

    final List<Recording> recordings;
    final ControlPlane controlPlane = ControlPlane.start();
    final XdsSource source;
    final Mesh mesh;

    private RecordedMesh(String folder, XdsDialect dialect, XdsTransport transport, Function<Message, Message> change) {
        recordings = Recordings.all().stream()
                .filter(each -> each.file().startsWith(folder + "/"))
                .toList();
        controlPlane.set(
                recordings.stream().map(RecordedMesh::parse).map(change).toArray(Message[]::new));
        source = XdsSource.builder()
                .server(XdsServer.plaintext(controlPlane.target()).withTransport(transport))
                .node("sidecar~127.0.0.9~web-1.default~default.svc.cluster.local", "web")
                .dialect(dialect)
                .build();
        mesh = Mesh.builder().source(source).random(new SplittableRandom(SEED)).build();
    }

    /** What was recorded in a folder, such as {@code istio-1.31-dev/basic/web}; returns when it is in force. */
    static RecordedMesh of(String folder, XdsDialect dialect) {
        return changed(folder, dialect, Function.identity());
    }

    /** The same, but each resource is changed before it is sent. */
    static RecordedMesh changed(String folder, XdsDialect dialect, Function<Message, Message> change) {
        return ready(new RecordedMesh(folder, dialect, XdsTransport.INCREMENTAL, change));
    }

    private static RecordedMesh ready(RecordedMesh made) {
        try {
            made.mesh.awaitReady(Duration.ofSeconds(60));
            return made;
        } catch (io.inmesh.MeshException e) {
            made.close();
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    MeshSnapshot snapshot() {
        return mesh.snapshot();
    }

    /** Where a request would go. */
    Explanation explain(String request) {
        return mesh.explain(head(request));
    }

    /** Makes a call whose attempts a test answers. */
    RecordedCall call(String request) {
        RecordedCall call = new RecordedCall();
        call.start(mesh.newCall(call.loop, call, head(request), null, CallOptions.DEFAULT, call));
        return call;
    }

    /** A request such as {@code GET http://reviews:9080/api x-user=u, end-user=jason}. */
    static RequestHead head(String text) {
        String[] parts = text.trim().split(" +", 3);
        URI uri = URI.create(parts[1]);
        Headers headers = new Headers();
        if (parts.length > 2) {
            for (String header : parts[2].split(", *")) {
                int equals = header.indexOf('=');
                headers.add(header.substring(0, equals).toLowerCase(Locale.ROOT), header.substring(equals + 1));
            }
        }
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return new RequestHead(parts[0], uri.getScheme(), uri.getRawAuthority(), path + query, headers);
    }

    private static Message parse(Recording recording) {
        try {
            return switch (recording.kind()) {
                case LISTENER -> Listener.parseFrom(recording.body().getValue());
                case ROUTE_TABLE ->
                    RouteConfiguration.parseFrom(recording.body().getValue());
                case CLUSTER -> Cluster.parseFrom(recording.body().getValue());
                case ENDPOINTS ->
                    ClusterLoadAssignment.parseFrom(recording.body().getValue());
                case SECRET -> Secret.parseFrom(recording.body().getValue());
                case NAME_TABLE -> throw new IllegalStateException("none was recorded");
            };
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        mesh.close();
        controlPlane.close();
    }
}
