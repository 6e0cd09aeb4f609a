package io.inmesh.xds.envoy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Asks Envoy's one listener for a cluster, again and again over one connection. */
final class FrontDoor {
    static final String CLUSTER_HEADER = "x-cluster";

    private FrontDoor() {}

    /** How many requests each host answered, by its number; the last count is of those that Envoy answered itself with 503. */
    static int[] answers(int port, String cluster, int hosts, int requests) throws IOException {
        byte[] request = ("GET / HTTP/1.1\r\nhost: a\r\n" + CLUSTER_HEADER + ": " + cluster + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        int[] counts = new int[hosts + 1];
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(30_000);
            OutputStream out = socket.getOutputStream();
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            for (int i = 0; i < requests; i++) {
                out.write(request);
                counts[host(in, hosts)]++;
            }
        }
        return counts;
    }

    /** Reads one answer; only Envoy's own has a body. */
    private static int host(BufferedReader in, int none) throws IOException {
        String status = in.readLine();
        int host = -1;
        int length = 0;
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            String lowerCase = line.toLowerCase(Locale.ROOT);
            String value = line.substring(line.indexOf(':') + 1).strip();
            if (lowerCase.startsWith(HostNames.HEADER + ":")) {
                host = Integer.parseInt(value);
            } else if (lowerCase.startsWith("content-length:")) {
                length = Integer.parseInt(value);
            }
        }
        char[] body = new char[length];
        for (int read = 0; read < length; ) {
            int more = in.read(body, read, length - read);
            if (more < 0) {
                throw new IOException("the answer ends too soon: " + status);
            }
            read += more;
        }
        if (host < 0
                && (status == null || !status.contains(" 503") || !new String(body).equals("no healthy upstream"))) {
            throw new IOException("not an answer of a host, nor of Envoy: " + status + " " + new String(body));
        }
        return host < 0 ? none : host;
    }
}
