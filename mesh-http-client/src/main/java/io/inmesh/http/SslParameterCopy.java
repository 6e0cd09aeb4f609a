package io.inmesh.http;

import javax.net.ssl.SSLParameters;

/** Copies what is mutable, so that neither side changes the other's. */
final class SslParameterCopy {
    private SslParameterCopy() {}

    static SSLParameters of(SSLParameters from) {
        SSLParameters copy = new SSLParameters();
        copy.setAlgorithmConstraints(from.getAlgorithmConstraints());
        copy.setCipherSuites(from.getCipherSuites());
        copy.setEnableRetransmissions(from.getEnableRetransmissions());
        copy.setEndpointIdentificationAlgorithm(from.getEndpointIdentificationAlgorithm());
        copy.setMaximumPacketSize(from.getMaximumPacketSize());
        copy.setProtocols(from.getProtocols());
        copy.setSNIMatchers(from.getSNIMatchers());
        copy.setServerNames(from.getServerNames());
        copy.setUseCipherSuitesOrder(from.getUseCipherSuitesOrder());
        copy.setApplicationProtocols(from.getApplicationProtocols());
        if (from.getNeedClientAuth()) {
            copy.setNeedClientAuth(true);
        } else {
            copy.setWantClientAuth(from.getWantClientAuth());
        }
        return copy;
    }
}
