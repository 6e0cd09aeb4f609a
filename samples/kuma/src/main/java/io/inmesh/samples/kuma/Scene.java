package io.inmesh.samples.kuma;

import io.inmesh.samples.stage.Checks;
import io.inmesh.samples.stage.Screen;
import io.inmesh.samples.stage.Tally;
import io.inmesh.samples.stage.Traffic;
import io.inmesh.xds.kuma.KumaDataplane.State;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The scripted scene: who is served and who is refused, and what happens to traffic when the control plane changes its mind or goes away. */
final class Scene {
    private static final int PATIENCE_SECONDS = 40;

    private final Screen screen;
    private final ControlPlane controlPlane;
    private final Caller web;
    private final Caller legacy;
    private final Traffic traffic;
    private final Checks checks;

    Scene(Screen screen, ControlPlane controlPlane, Caller web, Caller legacy, Traffic traffic) {
        this.screen = screen;
        this.controlPlane = controlPlane;
        this.web = web;
        this.legacy = legacy;
        this.traffic = traffic;
        this.checks = new Checks(screen);
    }

    /** Plays it; true if everything was as the resources say and no request of web was lost. */
    boolean play() throws Exception {
        webIsServed();
        boolean refused = legacyIsRefused();

        screen.title("steady traffic from web: a MeshHTTPRoute sends 90 % to v1, 10 % to v2");
        traffic.start();
        double before = share("v2", 0.1, 5);
        screen.title("the MeshHTTPRoute is changed to 50 % and 50 %");
        long put = System.nanoTime();
        controlPlane.canary(50, 50);
        awaitShare(put);
        double after = share("v2", 0.5, 4);

        anInstanceGoesAndComes();
        boolean allowed = legacyMayCall();
        double away = controlPlaneIsAway();

        traffic.finish();
        Tally total = traffic.total();
        long lost = total.failures() + total.outstanding();
        checks.expect(lost == 0, "no request fails: " + total.lastTrouble());
        screen.verdict(String.format(
                Locale.ROOT,
                "kuma: %d requests, %d failed, canary %.1f%% -> %.1f%%, legacy %s then %s, control plane away %.1f s",
                total.count(),
                lost,
                100 * before,
                100 * after,
                refused ? "refused" : "not refused",
                allowed ? "served" : "not served",
                away));
        return checks.allHeld();
    }

    private void webIsServed() throws IOException, InterruptedException {
        screen.title("web calls " + Caller.ORDER);
        HttpResponse<String> response = web.call();
        String server =
                response.headers().firstValue(OrdersApplication.INSTANCE).orElse("nobody");
        screen.note(server + " answers " + response.statusCode() + ": " + response.body());
        checks.expect(
                response.statusCode() == 200 && response.body().endsWith(" for " + Workload.WEB.spiffeId()),
                "web is served, and orders knows who calls");
    }

    private boolean legacyIsRefused() throws IOException, InterruptedException {
        screen.title("legacy calls it, which a MeshTrafficPermission denies");
        HttpResponse<String> response = legacy.call();
        screen.note("it is answered " + response.statusCode() + ": " + response.body());
        return checks.expect(response.statusCode() == 403, "legacy gets 403");
    }

    private boolean legacyMayCall() throws Exception {
        screen.title("the MeshTrafficPermission is changed: legacy may call");
        long put = System.nanoTime();
        controlPlane.legacyMayCall(true);
        boolean served = awaitAnswer(response -> response.statusCode() == 200);
        screen.note("it is served " + millisSince(put) + " ms later");
        return checks.expect(served, "legacy is served");
    }

    private boolean awaitAnswer(Predicate<HttpResponse<String>> expected) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        // An instance may know it before another does.
        int inARow = 0;
        while (inARow < 10 && System.nanoTime() < end) {
            inARow = expected.test(legacy.call()) ? inARow + 1 : 0;
            TimeUnit.MILLISECONDS.sleep(10);
        }
        return inARow >= 10;
    }

    private void anInstanceGoesAndComes() throws Exception {
        Workload leaving = Workload.ORDERS.get(1);
        screen.title(leaving.name() + " is not ready any more");
        controlPlane.state(leaving, State.NOT_READY);
        checks.expect(awaitNobody(leaving), leaving.name() + " is asked no more");
        watch(2);
        screen.title(leaving.name() + " is ready again");
        controlPlane.state(leaving, State.READY);
        checks.expect(awaitSomebody(leaving), leaving.name() + " is asked again");
        watch(1);
    }

    private double controlPlaneIsAway() throws Exception {
        screen.title("the control plane is killed");
        long start = System.nanoTime();
        controlPlane.outage(() -> {
            watch(3);
            checks.expect(!web.member().mesh().status().connected(), "web has noticed that its control plane is away");
        });
        screen.title("the control plane is back");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        while (!web.member().mesh().status().connected() && System.nanoTime() < end) {
            watch(1);
        }
        double away = (System.nanoTime() - start) / 1e9;
        checks.expect(web.member().mesh().status().connected(), "web is in touch with it again");
        watch(3);
        return away;
    }

    private void awaitShare(long put) throws InterruptedException {
        traffic.nextWindow();
        for (int i = 0; i < PATIENCE_SECONDS; i++) {
            Tally second = traffic.second();
            screen.second(versions(second));
            // Clearly more than a tenth, of a hundred requests.
            if (versions(second).shareOf("v2") > 0.3) {
                screen.note("it is so within " + millisSince(put) + " ms");
                return;
            }
        }
        checks.expect(false, "half of the requests go to v2");
    }

    private double share(String version, double expected, int seconds) throws InterruptedException {
        Tally sum = new Tally(List.of());
        traffic.nextWindow();
        for (int i = 0; i < seconds; i++) {
            Tally second = traffic.second();
            screen.second(versions(second));
            sum.add(second);
        }
        Tally versions = versions(sum);
        checks.expect(versions.isNear(version, expected), version + " gets " + 100 * expected + " % of the requests");
        return versions.shareOf(version);
    }

    /** The same counts by version. */
    private static Tally versions(Tally instances) {
        return instances.by(name -> Workload.ORDERS.stream()
                .filter(each -> each.name().equals(name))
                .map(Workload::version)
                .findFirst()
                .orElse("unknown"));
    }

    private boolean awaitNobody(Workload instance) throws InterruptedException {
        return awaitSecond(second -> second.answeredBy(instance.name()) == 0);
    }

    private boolean awaitSomebody(Workload instance) throws InterruptedException {
        return awaitSecond(second -> second.answeredBy(instance.name()) > 0);
    }

    private boolean awaitSecond(Predicate<Tally> expected) throws InterruptedException {
        traffic.nextWindow();
        for (int i = 0; i < PATIENCE_SECONDS; i++) {
            Tally second = traffic.second();
            screen.second(second);
            if (expected.test(second)) {
                return true;
            }
        }
        return false;
    }

    private void watch(int seconds) throws InterruptedException {
        traffic.nextWindow();
        for (int i = 0; i < seconds; i++) {
            screen.second(traffic.second());
        }
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }
}
