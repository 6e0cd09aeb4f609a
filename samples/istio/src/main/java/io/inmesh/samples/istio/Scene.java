package io.inmesh.samples.istio;

import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import io.inmesh.samples.stage.Checks;
import io.inmesh.samples.stage.Screen;
import io.inmesh.samples.stage.Tally;
import io.inmesh.samples.stage.Traffic;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The scripted scene: what an operator does to a mesh with {@code kubectl}, under steady traffic from web to reviews; about a minute. */
final class Scene {
    private static final int REQUESTS_A_SECOND = 150;
    private static final int PATIENCE_SECONDS = 30;
    private static final String OLD = "reviews-v1-a";
    private static final String OLD_TOO = "reviews-v1-b";
    private static final String CANARY = "reviews-v2-a";
    private static final String NEW = "reviews-v2-b";

    private final Screen screen;
    private final LocalControlPlane controlPlane;
    private final Shop shop;
    private final Users users;
    private final Checks checks;

    Scene(Screen screen, LocalControlPlane controlPlane, Shop shop, Users users) {
        this.screen = screen;
        this.controlPlane = controlPlane;
        this.shop = shop;
        this.users = users;
        this.checks = new Checks(screen);
    }

    /** Plays it; true if everything was as the YAML says and no request was lost. */
    boolean play() throws Exception {
        screen.title(
                "kubectl apply -f mesh/namespace.yaml -f mesh/loopback -f mesh/versions.yaml; five Java processes start");
        shop.apply("namespace.yaml", "loopback/service.yaml", "versions.yaml");
        PodProcess webPod = shop.startCaller("web", "127.0.7.1");
        PodProcess batchPod = shop.startCaller("batch", "127.0.7.2");
        PodProcess reviewsPod = shop.startInstance(OLD);
        List<PodProcess> pods =
                List.of(webPod, batchPod, reviewsPod, shop.startInstance(OLD_TOO), shop.startInstance(CANARY));
        for (PodProcess pod : pods) {
            pod.awaitReady();
        }

        Door web = new Door(webPod.address());
        Access access = new Access(
                screen, checks, shop, users, web, new Door(batchPod.address()), new Door(reviewsPod.address()));
        boolean served = access.webIsServed();
        try (Traffic traffic = new Traffic(
                web.client(), web.address("/api/7"), REQUESTS_A_SECOND, ReviewsHandler.INSTANCE, List.of())) {
            screen.title("steady traffic from web");
            traffic.start();
            watch(traffic, 2);
            boolean strict = access.strangersStayOut();
            boolean refused = access.batchIsRefused();
            String tokens = access.membersNeedTokens();
            watch(traffic, 1);
            String canary = canary(traffic);
            instancesComeAndGo(traffic);
            double away = istiodIsAway(traffic);

            traffic.finish();
            Tally total = traffic.total();
            long lost = total.failures() + total.outstanding();
            checks.expect(lost == 0, "no request fails: " + total.lastTrouble());
            screen.verdict(String.format(
                    Locale.ROOT,
                    "istio: %d requests, %d failed, canary %s, web %s, strangers %s, batch %s, tokens %s, istiod away %.1f s",
                    total.count(),
                    lost,
                    canary,
                    served ? "served" : "not served",
                    strict ? "refused" : "not refused",
                    refused ? "refused" : "not refused",
                    tokens,
                    away));
        }
        return checks.allHeld();
    }

    private String canary(Traffic traffic) throws IOException, InterruptedException {
        screen.title("kubectl apply -f mesh/canary-10.yaml");
        shop.apply("canary-10.yaml");
        awaitSecond(traffic, second -> second.answeredBy(CANARY) > 0);
        Tally tenth = watch(traffic, 4);
        screen.title("kubectl apply -f mesh/canary-ben.yaml: requests with x-user: ben go to v2");
        shop.apply("canary-ben.yaml");
        traffic.user("ben");
        awaitSecond(traffic, second -> second.shareOf(CANARY) == 1);
        Tally ben = watch(traffic, 2);
        traffic.user("anna");
        screen.title("kubectl apply -f mesh/canary-50.yaml");
        shop.apply("canary-50.yaml");
        // Clearly more than a tenth, of a second's requests, and they are anna's.
        awaitSecond(traffic, second -> second.shareOf(CANARY) > 0.3 && second.shareOf(CANARY) < 0.7);
        Tally half = watch(traffic, 4);
        checks.expect(tenth.isNear(CANARY, 0.10), "a tenth goes to v2");
        checks.expect(ben.isNear(CANARY, 1), "ben is served by v2");
        checks.expect(half.isNear(CANARY, 0.50), "a half goes to v2");
        return String.format(Locale.ROOT, "%.1f%% -> %.1f%%", 100 * tenth.shareOf(CANARY), 100 * half.shareOf(CANARY));
    }

    private void instancesComeAndGo(Traffic traffic) throws IOException, InterruptedException {
        screen.title("kubectl apply -f mesh/loopback/" + NEW + ".yaml; its process starts");
        shop.startInstance(NEW).awaitReady();
        awaitSecond(traffic, second -> second.answeredBy(NEW) > 0);
        Tally joined = watch(traffic, 2);
        checks.expect(joined.shareOf(NEW) > 0.1, "it takes its part");
        screen.title("kubectl delete -f mesh/loopback/" + OLD + ".yaml; its process ends when nobody asks it any more");
        shop.deregister(OLD);
        awaitSecond(traffic, second -> second.answeredBy(OLD) == 0);
        shop.end(OLD);
        Tally left = watch(traffic, 2);
        checks.expect(left.answeredBy(OLD) == 0, "it gets no requests any more");
    }

    private double istiodIsAway(Traffic traffic) throws IOException, InterruptedException {
        screen.title("istiod is killed");
        long killed = System.nanoTime();
        controlPlane.killIstiod();
        watch(traffic, 3);
        screen.title("istiod starts again");
        controlPlane.restartIstiod();
        double away = (System.nanoTime() - killed) / (double) TimeUnit.SECONDS.toNanos(1);
        watch(traffic, 2);
        screen.title("kubectl apply -f mesh/versions.yaml: v1 only, to see that it is heard");
        shop.apply("versions.yaml");
        boolean heard = awaitSecond(traffic, second -> second.shareOf(OLD_TOO) == 1);
        checks.expect(heard, "the new istiod is heard");
        return away;
    }

    /** A line a second; what was counted in all of them. */
    private Tally watch(Traffic traffic, int seconds) throws InterruptedException {
        Tally all = new Tally(List.of());
        traffic.nextWindow();
        for (int i = 0; i < seconds; i++) {
            Tally second = traffic.second();
            screen.second(second);
            all.add(second);
        }
        return all;
    }

    /** Waits until a change has taken effect, so that the next count is of one state only. */
    private boolean awaitSecond(Traffic traffic, Predicate<Tally> expected) throws InterruptedException {
        for (int i = 0; i < PATIENCE_SECONDS; i++) {
            if (expected.test(watch(traffic, 1))) {
                return true;
            }
        }
        return false;
    }
}
