package io.inmesh.http.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.server.RawClient;
import io.inmesh.http.server.RawClient.Response;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.TestSecrets;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code /admin} is denied, and requests try to get there by another spelling of it. */
@Timeout(120)
@ExtendWith(LeakWatch.class)
class PathConfusionTest {
    private static final String DENIED = Configuration.rbac("action: DENY, policies: {admin: {permissions:"
            + " [{url_path: {path: {prefix: /admin}}}], principals: [{any: true}]}}");

    private static final List<String> TARGETS = List.of(
            "/admin",
            "/admin/",
            "/admin?x=/public",
            "/admin;v=1",
            "/admin%2fx",
            "/admin%00",
            "/ADMIN",
            "/public",
            "/public?next=/admin",
            "//admin",
            "///admin",
            "/./admin",
            "/x/../admin",
            "/x/..%2fadmin",
            "/x%2f..%2fadmin",
            "/x/%2e%2e/admin",
            "/x/%2E%2e/admin",
            "/x/.%2e/admin",
            "/x/%252e%252e/admin",
            "/x/..%252fadmin",
            "/%2fadmin",
            "/%2Fadmin",
            "/%5cadmin",
            "/\\admin",
            "/x\\..\\admin",
            "/x/..%5cadmin",
            "/%61dmin",
            "/%2561dmin",
            "/;/admin",
            "/;x=1/admin",
            "/x;/../admin",
            "/x/..;/admin",
            "/admin/../public",
            "/public/../admin/",
            "/%00/admin",
            "/x%00/../admin",
            "/../admin",
            "/../../admin",
            "/%2e/admin",
            "/x//..//admin",
            "/.//admin",
            "/x/../../admin",
            "/%c0%afadmin",
            "/%zz/../admin",
            "/a%",
            "/public/%2e%2e%2fadmin");

    private static final String[] PIECES = {
        "admin", "%61dmin", "x", "..", ".", "%2e", "%2E%2e", "%2f", "%5c", "\\", "/", "/", "/", "//", ";", ";y",
        "%252f", "%25"
    };

    private static final int RANDOM_TARGETS = 1_000;

    /** Rules for paths, as an operator writes them. */
    private record PathRules(boolean normalize, boolean merge, String escaped) {
        String text() {
            return "normalize_path: " + normalize + "\n  merge_slashes: " + merge
                    + "\n  path_with_escaped_slashes_action: " + escaped;
        }

        boolean strict() {
            return normalize && merge && !escaped.equals("KEEP_UNCHANGED");
        }
    }

    static Stream<PathRules> rules() {
        return Stream.of("KEEP_UNCHANGED", "REJECT_REQUEST", "UNESCAPE_AND_REDIRECT", "UNESCAPE_AND_FORWARD")
                .flatMap(escaped -> Stream.of(true, false).flatMap(normalize -> Stream.of(true, false)
                        .map(merge -> new PathRules(normalize, merge, escaped))));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void target_ofAnySpelling_isNotAuthorizedInOneFormAndServedInAnother(PathRules rules) throws Exception {
        X509Bundle root = TestSecrets.root("mesh");
        long seed = 1;
        try (SecuredServer server = SecuredServer.start(Configuration.server(rules.text(), DENIED), root)) {
            Attacker attacker = new Attacker(server.port(), SecuredClient.identity(root));
            Set<String> targets = new LinkedHashSet<>(TARGETS);
            targets.addAll(random(new Random(seed)));
            Connection connection = new Connection(attacker);
            assertThat(connection.ask("/admin").status()).isEqualTo(403);
            assertThat(connection.served("/public")).isEqualTo("/public");
            for (String target : targets) {
                String served = connection.served(target);
                if (served != null) {
                    assertThat(served).as("%s with seed %s", target, seed).doesNotStartWith("/admin");
                    if (rules.strict()) {
                        assertThat(canonical(served))
                                .as("%s, served as %s, with seed %s", target, served, seed)
                                .doesNotStartWith("/admin");
                    }
                }
            }
            connection.close();
        }
    }

    /** What is left of a path for an application that decodes it once and resolves it like a file's. */
    private static String canonical(String path) {
        String decoded = path;
        for (String[] each : new String[][] {
            {"%2e", "."},
            {"%2E", "."},
            {"%2f", "/"},
            {"%2F", "/"},
            {"%5c", "/"},
            {"%5C", "/"},
            {"%61", "a"},
            {"\\", "/"}
        }) {
            decoded = decoded.replace(each[0], each[1]);
        }
        List<String> kept = new ArrayList<>();
        for (String segment : decoded.split("/", -1)) {
            if (segment.equals("..")) {
                if (!kept.isEmpty()) {
                    kept.remove(kept.size() - 1);
                }
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                kept.add(segment);
            }
        }
        return "/" + String.join("/", kept);
    }

    private static List<String> random(Random random) {
        return Stream.generate(() -> {
                    StringBuilder target = new StringBuilder("/");
                    for (int i = 1 + random.nextInt(7); i > 0; i--) {
                        target.append(PIECES[random.nextInt(PIECES.length)]);
                    }
                    return target.toString();
                })
                .limit(RANDOM_TARGETS)
                .toList();
    }

    /** What a server does with each target; opened anew when the server has had enough of it. */
    private static final class Connection {
        private final Attacker attacker;
        private RawClient client;

        Connection(Attacker attacker) throws Exception {
            this.attacker = attacker;
            client = attacker.http1();
        }

        Response ask(String target) throws Exception {
            Response response = client.send(Attacker.get(target)).response();
            if (response.closes()) {
                client.close();
                client = attacker.http1();
            }
            return response;
        }

        /** The path that the application saw, without the query, or null if it saw nothing. */
        @Nullable
        String served(String target) throws Exception {
            Response response = ask(target);
            return response.status() == 200
                    ? response.body().lines().findFirst().orElseThrow().split("\\?")[0]
                    : null;
        }

        void close() throws IOException {
            client.close();
        }
    }
}
