package io.inmesh.http.server;

import java.net.InetSocketAddress;
import javax.net.ssl.SSLParameters;

/** The caller's address on its way to a {@link JdkEngine}; nothing else is set. */
final class JdkCaller extends SSLParameters {
    private final InetSocketAddress address;

    JdkCaller(InetSocketAddress address) {
        this.address = address;
    }

    InetSocketAddress address() {
        return address;
    }
}
