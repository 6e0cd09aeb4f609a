package io.inmesh.samples.quickstart;

import io.inmesh.samples.stage.Checks;
import io.inmesh.samples.stage.Screen;
import io.inmesh.samples.stage.Tally;
import io.inmesh.samples.stage.Traffic;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSession;

/** The scripted scene with mesh TLS: who is served, who is refused, and what happens to traffic when certificates and policies change; some twenty seconds. */
final class SecureScene {
    private static final String POLICY = "batch-stays-out";
    private static final String REFUSAL_LOG = "io.inmesh.inbound.RefusalLog";
    private static final int PATIENCE_SECONDS = 5;

    private final Screen screen;
    private final Path inbound;
    private final ProcessLog log;
    private final Identities identities;
    private final Rotation rotation;
    private final OrdersServer orders;
    private final Caller web;
    private final Caller batch;
    private final Traffic traffic;
    private final Checks checks;

    SecureScene(
            Screen screen,
            Path folder,
            ProcessLog log,
            Identities identities,
            Rotation rotation,
            OrdersServer orders,
            Caller web,
            Caller batch,
            Traffic traffic) {
        this.screen = screen;
        this.inbound = folder.resolve("inbound.yaml");
        this.log = log;
        this.identities = identities;
        this.rotation = rotation;
        this.orders = orders;
        this.web = web;
        this.batch = batch;
        this.traffic = traffic;
        this.checks = new Checks(screen);
    }

    /** Plays it; true if everything was as the YAML says and no request of web was lost. */
    boolean play() throws Exception {
        boolean served = webIsServed();
        boolean refused = batchIsRefused();
        strangersKnock();

        screen.title("steady traffic from web");
        traffic.start();
        watch(2);
        certificatesAreReplaced();
        batchMayRead();
        watch(2);

        traffic.finish();
        Tally total = traffic.total();
        long lost = total.failures() + total.outstanding();
        checks.expect(lost == 0, "no request fails: " + total.lastTrouble());
        screen.verdict(String.format(
                Locale.ROOT,
                "quickstart mtls: %d requests, %d failed, web %s, batch %s by %s, %d rotations",
                total.count(),
                lost,
                served ? "served" : "not served",
                refused ? "refused" : "not refused",
                POLICY,
                rotation.done()));
        return checks.allHeld();
    }

    private boolean webIsServed() throws IOException, InterruptedException, CertificateParsingException {
        screen.title("web calls orders: GET /orders/7");
        HttpResponse<String> response = web.call("GET", "/orders/7");
        screen.note("orders answers " + response.statusCode() + ": " + response.body());
        SSLSession session = response.sslSession().orElse(null);
        String version = session == null ? "no TLS" : session.getProtocol();
        String server = session == null ? "nobody" : uri(session);
        screen.note("web had " + version + " with " + server);
        boolean served = response.statusCode() == 200
                && response.body().endsWith(" for " + Identities.spiffeId(web.name()))
                && version.equals("TLSv1.3")
                && server.equals(Identities.spiffeId(SecureMesh.ORDERS));
        return checks.expect(served, "web is served, and both ends know with whom they speak");
    }

    private static String uri(SSLSession session) throws IOException, CertificateParsingException {
        return Rotation.certificate(session).getSubjectAlternativeNames().stream()
                .filter(name -> Integer.valueOf(6).equals(name.get(0))) // RFC 5280: uniformResourceIdentifier [6]
                .map(name -> String.valueOf(name.get(1)))
                .findFirst()
                .orElse("");
    }

    private boolean batchIsRefused() throws IOException, InterruptedException {
        screen.title("batch calls orders: GET /orders/7");
        int before = log.size();
        HttpResponse<String> response = batch.call("GET", "/orders/7");
        screen.note("orders answers " + response.statusCode() + ": " + response.body());
        boolean silent = !response.body().contains(POLICY)
                && !response.headers().map().toString().contains(POLICY);
        boolean logged = log.hasLine(before, REFUSAL_LOG, Identities.spiffeId(batch.name()), POLICY);
        checks.expect(silent, "the answer does not name the policy");
        checks.expect(logged, "the log of orders names the policy");
        return checks.expect(response.statusCode() == 403, "batch gets 403") && silent && logged;
    }

    private void strangersKnock() throws Exception {
        screen.title("others knock at the port of orders");
        Authority trusted = rotation.authority();
        long before = orders.requests();
        staysOut(Stranger.inTheClear());
        staysOut(Stranger.withoutCertificate(trusted));
        X509Bundle forged = new Authority("somebody").issue(Identities.spiffeId(web.name()));
        staysOut(Stranger.with("somebody whose own authority calls him web", forged, trusted));
        checks.expect(orders.requests() == before, "the application sees nothing of them");
        // The same way with the right certificate, so that the others are known to have failed for the lack of it.
        getsIn(Stranger.with("somebody with web's certificate", identities.of(web.name()), trusted));
    }

    private void certificatesAreReplaced() throws Exception {
        screen.title("new keys and certificates for all three");
        checks.expect(rotation.certificates(), "the new certificates come into use");

        screen.title("a new authority: trusted beside the old one, then all certificates, then the old one goes");
        X509Bundle old = identities.of(web.name());
        checks.expect(rotation.authority(new Authority("root-2")), "the new authority's certificates come into use");
        staysOut(Stranger.with("somebody with web's certificate of root-1", old, rotation.authority()));
        getsIn(Stranger.with(
                "somebody with web's certificate of root-2", identities.of(web.name()), rotation.authority()));
        watch(2);
    }

    private void batchMayRead() throws IOException, InterruptedException {
        screen.title("inbound.yaml is rewritten: batch may read");
        HttpResponse<String> before = batch.call("GET", "/orders/7");
        checks.expect(before.statusCode() == 403, "batch gets 403 before");
        PolicyFile.letBatchRead(inbound);
        HttpResponse<String> after = before;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (after.statusCode() != 200 && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(100);
            after = batch.call("GET", "/orders/7");
        }
        screen.note("orders answers " + after.statusCode() + ": " + after.body() + " (on the connection from "
                + Caller.connection(after) + ", as before)");
        checks.expect(after.statusCode() == 200, "batch is served then");
        checks.expect(
                !Caller.connection(after).isEmpty() && Caller.connection(after).equals(Caller.connection(before)),
                "it is on the same connection, and not on that from " + Caller.connection(before));
        HttpResponse<String> write = batch.call("DELETE", "/orders/7");
        screen.note("orders answers " + write.statusCode() + " to DELETE /orders/7");
        checks.expect(write.statusCode() == 403, "batch may still not write");
    }

    private void staysOut(Stranger stranger) throws IOException {
        String refusal = stranger.knock(orders.address());
        screen.note(stranger.description() + ": " + (refusal == null ? "let in" : "refused (" + refusal + ")"));
        checks.expect(refusal != null, stranger.description() + " stays out");
    }

    private void getsIn(Stranger member) throws IOException {
        String refusal = member.knock(orders.address());
        screen.note(member.description() + ": " + (refusal == null ? "let in" : "refused (" + refusal + ")"));
        checks.expect(refusal == null, member.description() + " gets in");
    }

    private void watch(int seconds) throws InterruptedException {
        traffic.nextWindow();
        for (int i = 0; i < seconds; i++) {
            screen.second(traffic.second());
        }
    }
}
