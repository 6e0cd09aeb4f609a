package io.inmesh.samples.istio;

import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import io.inmesh.samples.stage.Screen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Starts a real Istio control plane on loopback, plays the {@link Scene} and ends everything. */
public final class IstioSample {
    private IstioSample() {}

    /**
     * Plays the scene.
     *
     * @param args the sample's folder, the folder of the control plane's binaries
     */
    public static void main(String[] args) throws Exception {
        Screen screen = new Screen(System.out, Boolean.getBoolean("istio.terminal"));
        boolean good;
        try {
            good = play(screen, Path.of(args[0]).toAbsolutePath(), Path.of(args[1]));
        } catch (IOException e) {
            screen.warn(String.valueOf(e.getMessage()));
            good = false;
        }
        System.exit(good ? 0 : 1);
    }

    private static boolean play(Screen screen, Path home, Path binaries) throws Exception {
        Path yaml = home.resolve("mesh");
        Path folder = home.resolve("target").resolve("scene");
        empty(folder);
        screen.title("etcd, kube-apiserver and istiod start, with certificates that are made for the scene");
        Users users = new Users();
        long start = System.nanoTime();
        boolean good;
        try (LocalControlPlane controlPlane =
                        new LocalControlPlane(binaries, folder, Files.readString(yaml.resolve("mesh.yaml")));
                Shop shop = new Shop(controlPlane, yaml, folder, users)) {
            screen.note("ready after " + (System.nanoTime() - start) / 1_000_000 + " ms: istiod on "
                    + controlPlane.istiod() + "; logs in " + folder);
            good = new Scene(screen, controlPlane, shop, users).play();
        }
        if (good) {
            empty(folder);
        }
        return good;
    }

    /** It has keys and tokens, of a mesh that is no more. */
    private static void empty(Path folder) throws IOException {
        Files.createDirectories(folder);
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(file -> !file.equals(folder))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
