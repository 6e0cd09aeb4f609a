package io.inmesh.samples.quickstart;

import io.inmesh.samples.stage.Screen;
import io.inmesh.samples.stage.Tally;
import io.inmesh.samples.stage.Traffic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The scripted scene: five things that happen to a mesh, some twenty seconds in all, under steady traffic. */
final class Scene {
    private static final int SETTLE_MILLIS = 600;

    private final Screen screen;
    private final Path routes;
    private final ControlPlane controlPlane;
    private final List<Backend> backends;
    private final Traffic traffic;

    Scene(Screen screen, Path folder, ControlPlane controlPlane, List<Backend> backends, Traffic traffic) {
        this.screen = screen;
        this.routes = folder.resolve("routes.yaml");
        this.controlPlane = controlPlane;
        this.backends = backends;
        this.traffic = traffic;
    }

    /** Plays it; true if nothing was lost and traffic went where the YAML said. */
    boolean play() throws IOException, InterruptedException {
        screen.title("warming up");
        traffic.start();
        watch(2);

        screen.title("canary: 90 % to v1, 10 % to v2, as routes.yaml says");
        Tally canary = watch(5);

        screen.title("routes.yaml is rewritten: 50 % each");
        RouteFile.weights(routes, 50, 50);
        settle();
        Tally half = watch(5);

        screen.title("routes.yaml is rewritten: requests with x-user: ben go to v2");
        RouteFile.headerRoute(routes, "x-user", "ben", "shop-v2");
        settle();
        traffic.user("ben");
        settle();
        Tally ben = watch(2);
        traffic.user("anna");

        Backend victim = backends.get(0);
        screen.title("the backend " + victim + " is killed under load");
        victim.close();
        watch(4);

        screen.title("the control plane is stopped");
        long stopped = System.nanoTime();
        controlPlane.stop();
        watch(3);

        screen.title("the control plane is started again");
        controlPlane.start();
        double downSeconds = (System.nanoTime() - stopped) / (double) TimeUnit.SECONDS.toNanos(1);
        watch(2);

        traffic.finish();
        Tally total = traffic.total();
        long lost = total.failures() + total.outstanding();
        boolean shares = canary.isNear("v2", 0.10) && half.isNear("v2", 0.50);
        boolean header = ben.answeredBy("v1") == 0;
        if (lost > 0) {
            screen.warn("a failure: " + total.lastTrouble());
        }
        if (!shares) {
            screen.warn("a share of v2 is further from the YAML's than five standard deviations");
        }
        if (!header) {
            screen.warn(ben.answeredBy("v1") + " requests of ben were answered by v1");
        }
        screen.verdict(String.format(
                Locale.ROOT,
                "quickstart: %d requests, %d failed, canary %.1f%% -> %.1f%%, control plane down %.1f s",
                total.count(),
                lost,
                100 * canary.shareOf("v2"),
                100 * half.shareOf("v2"),
                downSeconds));
        return lost == 0 && shares && header;
    }

    /** A line a second; what was counted in all of them. */
    private Tally watch(int seconds) throws InterruptedException {
        Tally all = new Tally(List.of());
        traffic.nextWindow();
        for (int i = 0; i < seconds; i++) {
            Tally second = traffic.second();
            screen.second(second);
            all.add(second);
        }
        return all;
    }

    /** Time for an edit to be noticed and to take effect, so that the next count is of one state only. */
    private void settle() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
    }
}
