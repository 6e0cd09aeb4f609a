package io.inmesh.samples.quickstart;

import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.samples.stage.DaemonThreads;
import io.inmesh.samples.stage.Screen;
import io.inmesh.xds.files.FileResource;
import io.inmesh.xds.files.ResourceFileException;
import io.inmesh.xds.files.ResourceFiles;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The folder of YAML that is this mesh's configuration: read when it is saved, kept as it was when it is broken. */
final class MeshFolder implements AutoCloseable {
    /** An editor may write several times to save once. */
    private static final long QUIET_MILLIS = 50;

    private final Path folder;
    private final Screen screen;
    private final WatchService watch;
    private long version;

    MeshFolder(Path folder, Screen screen) throws IOException {
        this.folder = folder;
        this.screen = screen;
        this.watch = FileSystems.getDefault().newWatchService();
    }

    /** Reads all files. */
    Snapshot read() throws ResourceFileException {
        List<FileResource> resources = ResourceFiles.read(folder);
        version++;
        return Snapshot.create(
                only(Cluster.class, resources),
                only(ClusterLoadAssignment.class, resources),
                only(Listener.class, resources),
                only(RouteConfiguration.class, resources),
                only(Secret.class, resources),
                Long.toString(version));
    }

    /** The addresses of a cluster's endpoints, in their order. */
    List<InetSocketAddress> addresses(String cluster) throws ResourceFileException {
        return only(ClusterLoadAssignment.class, ResourceFiles.read(folder)).stream()
                .filter(assignment -> assignment.getClusterName().equals(cluster))
                .flatMap(assignment -> assignment.getEndpointsList().stream())
                .flatMap(locality -> locality.getLbEndpointsList().stream())
                .map(endpoint -> endpoint.getEndpoint().getAddress().getSocketAddress())
                .map(MeshFolder::address)
                .toList();
    }

    private static InetSocketAddress address(SocketAddress address) {
        return new InetSocketAddress(address.getAddress(), address.getPortValue());
    }

    /** Hands over what each save says, on a thread of its own. */
    void watch(Consumer<Snapshot> subscriber) throws IOException {
        folder.register(
                watch,
                StandardWatchEventKinds.ENTRY_CREATE,
                StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE);
        DaemonThreads.named("mesh-folder").newThread(() -> follow(subscriber)).start();
    }

    private void follow(Consumer<Snapshot> subscriber) {
        try {
            while (true) {
                WatchKey key = watch.take();
                TimeUnit.MILLISECONDS.sleep(QUIET_MILLIS);
                key.pollEvents();
                key.reset();
                reread(subscriber);
            }
        } catch (InterruptedException | ClosedWatchServiceException e) {
            // The sample ends.
        }
    }

    private void reread(Consumer<Snapshot> subscriber) {
        try {
            subscriber.accept(read());
            screen.note("the control plane serves version " + version + " of " + folder);
        } catch (ResourceFileException e) {
            screen.warn(String.valueOf(e.getMessage()));
            screen.warn("the version before keeps serving");
        }
    }

    private static <T> List<T> only(Class<T> type, List<FileResource> resources) {
        return resources.stream()
                .map(FileResource::message)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    @Override
    public void close() throws IOException {
        watch.close();
    }
}
