package io.inmesh.samples.istio;

import io.inmesh.samples.stage.Checks;
import io.inmesh.samples.stage.Screen;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** The part of the scene that is about who may do what. */
final class Access {
    private static final int PATIENCE_SECONDS = 30;
    private static final int ENOUGH = 10;
    private static final String IDENTITY = "spiffe://cluster.local/ns/shop/sa/";

    private final Screen screen;
    private final Checks checks;
    private final Shop shop;
    private final Users users;
    private final Door web;
    private final Door batch;
    private final Door reviews;

    /**
     * Who plays.
     *
     * @param reviews the port of an instance, where nobody knocks but strangers
     */
    Access(Screen screen, Checks checks, Shop shop, Users users, Door web, Door batch, Door reviews) {
        this.screen = screen;
        this.checks = checks;
        this.shop = shop;
        this.users = users;
        this.web = web;
        this.batch = batch;
        this.reviews = reviews;
    }

    boolean webIsServed() throws IOException, InterruptedException {
        screen.title("web calls http://reviews:9080/api/7");
        HttpResponse<String> response = web.get("/api/7");
        screen.note(response.statusCode() + " " + response.body().strip());
        screen.note("web had " + field(response, ReviewsCall.TLS) + " with " + field(response, ReviewsCall.SERVER));
        boolean served = response.statusCode() == 200
                && field(response, ReviewsHandler.CALLER).equals(IDENTITY + "web")
                && field(response, ReviewsCall.SERVER).equals(IDENTITY + "reviews")
                && field(response, ReviewsCall.TLS).equals("TLSv1.3");
        return checks.expect(served, "web is served, and both know with whom they speak");
    }

    /** Whoever speaks in the clear gets in as long as the mesh is permissive, which is Istio's default. */
    boolean strangersStayOut() throws Exception {
        screen.title("somebody in the clear knocks at reviews");
        HttpResponse<String> before = reviews.get("/api/7");
        screen.note(before.statusCode() + " " + before.body().strip());
        checks.expect(before.statusCode() == 200, "a permissive mesh lets it in");
        screen.title("kubectl apply -f mesh/strict.yaml");
        long start = System.nanoTime();
        shop.apply("strict.yaml");
        boolean refused = eventually(() -> {
            try {
                return reviews.get("/api/7").statusCode() < 0;
            } catch (IOException e) {
                return true;
            }
        });
        screen.note((refused ? "the connection is closed" : "still served") + since(start));
        return checks.expect(refused, "a strict mesh does not")
                && checks.expect(web.get("/api/7").statusCode() == 200, "web is served as before");
    }

    boolean batchIsRefused() throws Exception {
        screen.title("batch calls reviews");
        HttpResponse<String> before = batch.get("/api/7");
        screen.note(before.statusCode() + " " + before.body().strip());
        checks.expect(before.statusCode() == 200, "batch is served as long as nobody forbids it");
        screen.title("kubectl apply -f mesh/only-web.yaml");
        long start = System.nanoTime();
        shop.apply("only-web.yaml");
        boolean refused = eventually(() -> allAnswer(batch, "/api/7", 403));
        HttpResponse<String> after = batch.get("/api/7");
        screen.note("batch: " + after.statusCode() + " " + after.body().strip() + since(start));
        HttpResponse<String> write = web.send("DELETE", "/api/7");
        screen.note("web, DELETE: " + write.statusCode() + " " + write.body().strip());
        return checks.expect(refused, "batch gets 403")
                && checks.expect(write.statusCode() == 403, "web may not write")
                && checks.expect(web.get("/api/7").statusCode() == 200, "web may still read");
    }

    /** What a person without a token, with a forged one and with a good one gets. */
    String membersNeedTokens() throws Exception {
        screen.title("kubectl apply -f mesh/members.yaml");
        long start = System.nanoTime();
        shop.apply("members.yaml");
        checks.expect(eventually(() -> allAnswer(web, "/api/members/7", 403)), "no token is not enough");
        String path = "/api/members/7";
        HttpResponse<String> none = web.get(path);
        screen.note("no token: " + none.statusCode() + " " + none.body().strip() + since(start));
        HttpResponse<String> forged = web.get(path, "authorization", new Users().bearer("mallory"));
        screen.note(
                "a forged token: " + forged.statusCode() + " " + forged.body().strip());
        HttpResponse<String> good = web.get(path, "authorization", users.bearer("anna"));
        screen.note("a good token: " + good.statusCode() + " " + good.body().strip());
        String all = none.statusCode() + " " + forged.statusCode() + " " + good.statusCode();
        checks.expect(all.equals("403 401 200"), "tokens decide: " + all);
        return all;
    }

    private static String field(HttpResponse<String> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static String since(long start) {
        return ", " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) + " ms after the command";
    }

    /** Whether each instance of reviews does: they hear of a policy one after the other. */
    private static boolean allAnswer(Door door, String path, int status) throws IOException, InterruptedException {
        for (int i = 0; i < ENOUGH; i++) {
            if (door.get(path).statusCode() != status) {
                return false;
            }
        }
        return true;
    }

    private static boolean eventually(Callable<Boolean> look) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!look.call()) {
            if (System.nanoTime() > end) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
        return true;
    }
}
