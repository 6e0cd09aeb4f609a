package io.inmesh.http.server;

import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.UpgradeProtocol;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;

/** HTTP/2 whose requests know their connection from the first one on: Tomcat tells a processor of it only before the bytes that made it change processors. */
record TomcatUpgrade(UpgradeProtocol protocol, TomcatEndpoint endpoint) implements UpgradeProtocol {

    @Override
    public String getHttpUpgradeName(boolean isSSLEnabled) {
        return protocol.getHttpUpgradeName(isSSLEnabled);
    }

    @Override
    public byte[] getAlpnIdentifier() {
        return protocol.getAlpnIdentifier();
    }

    @Override
    public String getAlpnName() {
        return protocol.getAlpnName();
    }

    @Override
    public Processor getProcessor(SocketWrapperBase<?> socketWrapper, Adapter adapter) {
        Processor processor = protocol.getProcessor(socketWrapper, adapter);
        processor.setSslSupport(socketWrapper.getSslSupport());
        if (processor.getUpgradeToken().httpUpgradeHandler() instanceof InternalHttpUpgradeHandler handler) {
            takeOver(socketWrapper, handler);
        }
        return processor;
    }

    @Override
    public InternalHttpUpgradeHandler getInternalUpgradeHandler(
            SocketWrapperBase<?> socketWrapper, Adapter adapter, Request coyoteRequest) {
        InternalHttpUpgradeHandler handler = protocol.getInternalUpgradeHandler(socketWrapper, adapter, coyoteRequest);
        handler.setSslSupport(socketWrapper.getSslSupport());
        takeOver(socketWrapper, handler);
        return handler;
    }

    private void takeOver(SocketWrapperBase<?> socketWrapper, InternalHttpUpgradeHandler handler) {
        if (socketWrapper.getSslSupport() instanceof TomcatConnection connection) {
            connection.served().endsBy(new TomcatSocket(endpoint, socketWrapper, handler));
        }
    }

    @Override
    public boolean accept(Request request) {
        return protocol.accept(request);
    }
}
