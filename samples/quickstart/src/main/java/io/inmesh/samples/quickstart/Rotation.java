package io.inmesh.samples.quickstart;

import io.inmesh.samples.stage.Screen;
import io.inmesh.samples.stage.Tally;
import io.inmesh.samples.stage.Traffic;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Replaces keys, certificates and the authority under traffic, and watches until both ends use the new ones. */
final class Rotation {
    private static final int PATIENCE_SECONDS = 8;
    private static final int SETTLE_MILLIS = 300;

    private final Screen screen;
    private final Identities identities;
    private final List<Workload> workloads;
    private final Caller web;
    private final Traffic traffic;
    private Authority authority;
    private int done;

    Rotation(
            Screen screen,
            Identities identities,
            Authority authority,
            List<Workload> workloads,
            Caller web,
            Traffic traffic) {
        this.screen = screen;
        this.identities = identities;
        this.authority = authority;
        this.workloads = workloads;
        this.web = web;
        this.traffic = traffic;
    }

    /** New keys and certificates of the same authority; whether they came into use. */
    boolean certificates() throws Exception {
        identities.issue(authority);
        return comesIntoUse();
    }

    /** New keys and certificates of another authority, which is trusted before and alone afterwards; whether they came into use. */
    boolean authority(Authority next) throws Exception {
        boolean overlap = trust(authority, next);
        identities.issue(next);
        boolean used = comesIntoUse();
        authority = next;
        return trust(next) && overlap && used;
    }

    /** The one that is trusted now. */
    Authority authority() {
        return authority;
    }

    /** How many have come into use. */
    int done() {
        return done;
    }

    /** Whether all nodes got to know of it: nobody may show a certificate before everybody trusts its authority. */
    private boolean trust(Authority... authorities) throws InterruptedException {
        List<String> before = versions();
        identities.trust(authorities);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (versions().stream().anyMatch(before::contains) && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
        return versions().stream().noneMatch(before::contains);
    }

    private List<String> versions() {
        return workloads.stream()
                .map(workload -> workload.version(Identities.ROOTS))
                .toList();
    }

    private boolean comesIntoUse() throws IOException, InterruptedException {
        String wanted = Authority.label(identities.of(web.name()).getCertificate());
        traffic.nextWindow();
        for (int i = 0; i < PATIENCE_SECONDS; i++) {
            Tally second = traffic.second();
            screen.second(second);
            if (second.count() > 0 && second.answeredBy(wanted) == second.count() && isServersNewest()) {
                done++;
                return true;
            }
        }
        return false;
    }

    private boolean isServersNewest() throws IOException, InterruptedException {
        HttpResponse<String> response = web.call("GET", "/orders/8");
        SSLSession session = response.sslSession().orElse(null);
        if (session == null) {
            return false;
        }
        X509Certificate shown = certificate(session);
        X509Certificate newest = identities.of(SecureMesh.ORDERS).getCertificate();
        screen.note("orders sees "
                + response.headers()
                        .firstValue(OrdersApplication.CALLERS_CERTIFICATE)
                        .orElse("nothing") + ", web sees " + Authority.label(shown));
        return shown.equals(newest);
    }

    /** What the server showed. */
    static X509Certificate certificate(SSLSession session) throws SSLPeerUnverifiedException {
        return (X509Certificate) session.getPeerCertificates()[0];
    }
}
