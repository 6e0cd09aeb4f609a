package io.inmesh.samples.quickstart;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * What was asked for on the command line.
 *
 * @param home             the sample's folder, which holds {@code mesh} and {@code mtls}
 * @param mtls             play the scene with mesh TLS and authorization
 * @param stay             serve until interrupted, instead of playing the scene
 * @param controlPlanePort the xDS server's port on loopback
 * @param frontEndPort     the port for curl, on loopback
 */
record Options(Path home, boolean mtls, boolean stay, int controlPlanePort, int frontEndPort) {
    static final String USAGE =
            "usage: samples/quickstart/run [--mtls | --stay] [--control-plane-port PORT] [--front-end-port PORT]";

    static Options parse(String[] args) {
        boolean mtls = false;
        boolean stay = false;
        int controlPlanePort = 18000;
        int frontEndPort = 18080;
        for (int i = 1; i < args.length; i++) {
            switch (args[i]) {
                case "--mtls" -> mtls = true;
                case "--stay" -> stay = true;
                case "--control-plane-port" -> controlPlanePort = port(args, ++i);
                case "--front-end-port" -> frontEndPort = port(args, ++i);
                default -> throw new IllegalArgumentException("unknown argument: " + args[i] + "\n" + USAGE);
            }
        }
        if (mtls && stay) {
            throw new IllegalArgumentException("--mtls plays its scene, and does not stay\n" + USAGE);
        }
        return new Options(Path.of(args[0]), mtls, stay, controlPlanePort, frontEndPort);
    }

    /** Where the control plane listens. */
    InetSocketAddress controlPlane() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), controlPlanePort);
    }

    /** A copy of one of the sample's folders, for a scene that edits the files. */
    Path copy(String folder) throws IOException {
        Path copy = Files.createDirectories(home.resolve("target").resolve(folder));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(home.resolve(folder))) {
            for (Path file : files) {
                Files.copy(file, copy.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return copy;
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
