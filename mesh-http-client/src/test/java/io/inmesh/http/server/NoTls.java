package io.inmesh.http.server;

import io.inmesh.model.DownstreamTls;
import io.inmesh.model.UpstreamTls;
import io.inmesh.transport.ClientTls;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.ServerTls;

/** For servers whose connections are all in the clear. */
final class NoTls implements MeshTls {
    @Override
    public ClientTls client(UpstreamTls settings) {
        throw new AssertionError("no connection here has TLS");
    }

    @Override
    public ServerTls server(DownstreamTls settings) {
        throw new AssertionError("no connection here has TLS");
    }

    @Override
    public String provider() {
        return "none";
    }

    @Override
    public void close() {}
}
