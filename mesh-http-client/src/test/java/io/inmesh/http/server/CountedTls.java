package io.inmesh.http.server;

import io.inmesh.model.DownstreamTls;
import io.inmesh.model.UpstreamTls;
import io.inmesh.transport.ClientTls;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.ServerTls;
import io.netty.util.ReferenceCounted;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLEngine;

/** Real TLS that remembers the engines that servers took. */
final class CountedTls implements MeshTls {
    final Queue<SSLEngine> engines = new ConcurrentLinkedQueue<>();
    private final MeshTls real;

    CountedTls(MeshTls real) {
        this.real = real;
    }

    /** How many of them still hold native memory. */
    long held() {
        return engines.stream()
                .filter(each -> ((ReferenceCounted) each).refCnt() > 0)
                .count();
    }

    @Override
    public ClientTls client(UpstreamTls settings) {
        return real.client(settings);
    }

    @Override
    public ServerTls server(DownstreamTls settings) {
        ServerTls one = real.server(settings);
        return (ServerTls) Proxy.newProxyInstance(
                ServerTls.class.getClassLoader(), new Class<?>[] {ServerTls.class}, (proxy, method, arguments) -> {
                    try {
                        Object result = method.invoke(one, arguments);
                        if (result instanceof SSLEngine engine) {
                            engines.add(engine);
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Override
    public String provider() {
        return real.provider();
    }

    @Override
    public void close() {
        real.close();
    }
}
