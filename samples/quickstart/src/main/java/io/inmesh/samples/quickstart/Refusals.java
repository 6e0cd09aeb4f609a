package io.inmesh.samples.quickstart;

import com.google.rpc.Status;
import io.envoyproxy.controlplane.server.DiscoveryServerCallbacks;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.inmesh.samples.stage.Screen;

/** Shows what a client did not accept: a resource that is well-formed YAML, and still cannot be used. */
final class Refusals implements DiscoveryServerCallbacks {
    private final Screen screen;

    Refusals(Screen screen) {
        this.screen = screen;
    }

    @Override
    public void onV3StreamRequest(long streamId, DiscoveryRequest request) {
        if (request.hasErrorDetail()) {
            show(request.getErrorDetail());
        }
    }

    @Override
    public void onV3StreamDeltaRequest(long streamId, DeltaDiscoveryRequest request) {
        if (request.hasErrorDetail()) {
            show(request.getErrorDetail());
        }
    }

    private void show(Status error) {
        screen.warn("the client refused it: " + error.getMessage());
    }
}
