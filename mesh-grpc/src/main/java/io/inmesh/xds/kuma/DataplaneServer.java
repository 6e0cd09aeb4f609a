package io.inmesh.xds.kuma;

import java.net.URI;

/** The address of kuma-cp's data plane server as kuma-dp takes it, as a gRPC target. */
final class DataplaneServer {
    /** kuma-dp's own. */
    static final String DEFAULT = "localhost:5678";

    private static final int PORT = 5678;

    private DataplaneServer() {}

    static String target(String address) {
        String url = address.contains("://") ? address : "https://" + address;
        try {
            URI uri = URI.create(url);
            String path = uri.getPath();
            if ("https".equals(uri.getScheme()) && uri.getHost() != null && (path.isEmpty() || path.equals("/"))) {
                return uri.getHost() + ":" + (uri.getPort() < 0 ? PORT : uri.getPort());
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new IllegalArgumentException("'" + address + "' is no address of kuma-cp: expected https://HOST:5678");
    }
}
