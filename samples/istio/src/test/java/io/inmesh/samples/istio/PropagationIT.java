package io.inmesh.samples.istio;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How long it takes from {@code kubectl apply} to the first request that the change decides on. */
@ExtendWith(RealIstio.class)
class PropagationIT {
    private static final int ROUNDS = 8;
    private static final long LIMIT_MILLIS = 1000;

    @Test
    void change_takesEffectWithinASecond(LocalControlPlane controlPlane) throws Exception {
        try (TestNamespace namespace = new TestNamespace(controlPlane, "fast", 33)) {
            namespace.service("reviews");
            EchoServer reviews = namespace.start("reviews", "v1", 11);
            namespace.start("reviews", "v2", 12);
            // Without an account, so it is no member of the mesh: istiod has nothing to tell it, and only clients hear
            // of it.
            String guest = """
                    {apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: guest}, spec: {address: NET.13, labels: {app: guests}}}
                    """;
            namespace.service("guests");
            namespace.own(PlainServer.start("guest", namespace.address(13), 19080));
            Pod web = namespace.pod("web", 1);
            namespace.settle(web, reviews.pod);

            long[] routes = new long[ROUNDS];
            long[] policies = new long[ROUNDS];
            long[] instances = new long[ROUNDS];
            for (int i = 0; i < ROUNDS; i++) {
                int status = 300 + i;
                routes[i] = measure(
                        () -> namespace.apply(route(status)),
                        () -> web.get("http://reviews:9080/direct").statusCode() == status);
                int wanted = i % 2 == 0 ? 403 : 200;
                policies[i] = measure(
                        () -> namespace.apply(policy(wanted == 403 ? "/closed" : "/other")),
                        () -> allAnswer(web, wanted));
                boolean joins = i % 2 == 0;
                instances[i] = measure(
                        () -> {
                            if (joins) {
                                namespace.apply(guest);
                            } else {
                                namespace.delete(guest);
                            }
                        },
                        () -> (web.get("http://guests:9080/").statusCode() == 200) == joins);
            }
            print("VirtualService", routes);
            print("AuthorizationPolicy", policies);
            print("WorkloadEntry", instances);
        }
    }

    private interface Change {
        void make() throws Exception;
    }

    private static long measure(Change change, Callable<Boolean> effect) throws Exception {
        long start = System.nanoTime();
        change.make();
        while (!effect.call()) {
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start))
                    .isLessThan(60);
        }
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    /** From both instances, which hear of a policy one after the other. */
    private static boolean allAnswer(Pod web, int status) throws Exception {
        for (int i = 0; i < 8; i++) {
            if (web.get("http://reviews:9080/closed").statusCode() != status) {
                return false;
            }
        }
        return true;
    }

    private static void print(String kind, long[] millis) {
        Arrays.sort(millis);
        System.out.printf(
                Locale.ROOT,
                "%s: from apply to effect, %d changes: %d ms the fastest, %d ms the median, %d ms the slowest%n",
                kind,
                millis.length,
                millis[0],
                millis[millis.length / 2],
                millis[millis.length - 1]);
        // The fastest: others may have waited for the machine.
        assertThat(millis[0]).as(kind).isLessThan(LIMIT_MILLIS);
    }

    private static String route(int status) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: reviews}
                spec:
                  hosts: [reviews.NS.svc.cluster.local]
                  http:
                  - {match: [{uri: {exact: /direct}}], directResponse: {status: $STATUS}}
                  - {route: [{destination: {host: reviews.NS.svc.cluster.local}}]}
                """.replace("$STATUS", Integer.toString(status));
    }

    private static String policy(String path) {
        return """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: closed}
                spec: {selector: {matchLabels: {app: reviews}}, action: DENY, rules: [{to: [{operation: {paths: [$PATH]}}]}]}
                """.replace("$PATH", path);
    }
}
