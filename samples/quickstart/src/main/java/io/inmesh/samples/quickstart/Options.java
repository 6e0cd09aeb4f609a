package io.inmesh.samples.quickstart;

import java.nio.file.Path;

/**
 * What was asked for on the command line.
 *
 * @param home             the sample's folder, which holds {@code mesh}
 * @param stay             serve until interrupted, instead of playing the scene
 * @param controlPlanePort the xDS server's port on loopback
 * @param frontEndPort     the port for curl, on loopback
 */
record Options(Path home, boolean stay, int controlPlanePort, int frontEndPort) {
    static final String USAGE =
            "usage: samples/quickstart/run [--stay] [--control-plane-port PORT] [--front-end-port PORT]";

    static Options parse(String[] args) {
        boolean stay = false;
        int controlPlanePort = 18000;
        int frontEndPort = 18080;
        for (int i = 1; i < args.length; i++) {
            switch (args[i]) {
                case "--stay" -> stay = true;
                case "--control-plane-port" -> controlPlanePort = port(args, ++i);
                case "--front-end-port" -> frontEndPort = port(args, ++i);
                default -> throw new IllegalArgumentException("unknown argument: " + args[i] + "\n" + USAGE);
            }
        }
        return new Options(Path.of(args[0]), stay, controlPlanePort, frontEndPort);
    }

    private static int port(String[] args, int index) {
        try {
            int port = Integer.parseInt(args[index]);
            if (port > 0 && port < 65536) {
                return port;
            }
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            // Said below.
        }
        throw new IllegalArgumentException(args[index - 1] + " needs a port from 1 to 65535\n" + USAGE);
    }
}
