package io.inmesh.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.LevelRules;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.RouteTable;
import io.inmesh.model.VirtualHost;
import io.inmesh.model.VirtualHost.RequireTls;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VirtualHostSelectionTest {
    private static final CompiledRoutes ROUTES = CompiledRoutes.of(RouteTable.of(
            "table",
            Requests.host("all", "*"),
            Requests.host("exact", "www.foo.com", "Mixed.Case.com"),
            Requests.host("port", "www.foo.com:8080"),
            Requests.host("suffix", "*.foo.com"),
            Requests.host("dash", "*-bar.foo.com"),
            Requests.host("prefix", "foo.*"),
            Requests.host("long-prefix", "foo.bar.*")));

    @ParameterizedTest
    @CsvSource({
        "www.foo.com, exact",
        "WWW.FOO.COM, exact",
        "mixed.case.COM, exact",
        "www.foo.com:8080, port",
        "www.foo.com:80, all",
        "a.foo.com, suffix",
        "a.b.foo.com, suffix",
        ".foo.com, all",
        "a-bar.foo.com, dash",
        "-bar.foo.com, suffix",
        "foo.com, prefix",
        "foo., all",
        "foo.bar.com, long-prefix",
        "foo.foo.com, suffix",
        "nowhere, all"
    })
    void select_authority_takesEnvoysOrderOfDomains(String authority, String expected) {
        assertThat(Requests.select(ROUTES, Requests.get(authority, "/"))
                        .virtualHost()
                        .name())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"www.foo.com:1, exact", "[::1]:80, v6", "[::1], v6", "www.foo.com, exact"})
    void select_portIgnored_matchesHostOnly(String authority, String expected) {
        RouteTable table = new RouteTable(
                "table",
                List.of(Requests.host("exact", "www.foo.com"), Requests.host("v6", "[::1]")),
                LevelRules.NONE,
                true,
                false,
                false,
                0,
                Map.of());

        assertThat(Requests.select(CompiledRoutes.of(table), Requests.get(authority, "/"))
                        .virtualHost()
                        .name())
                .isEqualTo(expected);
    }

    @Test
    void select_noDomainMatches_isNull() {
        CompiledRoutes routes = CompiledRoutes.of(RouteTable.of("table", Requests.host("a", "a.com")));

        assertThat(routes.select(Requests.get("b.com", "/"), new StreamInfo(), 0))
                .isNull();
        assertThat(routes.explain(Requests.get("b.com", "/"), new StreamInfo(), 0))
                .hasToString("no virtual host has a domain for this authority");
    }

    @Test
    void select_tlsRequired_sendsPlainRequestsToHttps() {
        VirtualHost host = new VirtualHost(
                "tls",
                List.of("*"),
                List.of(Route.of("r", RouteMatch.prefix("/"), Forward.to("c"))),
                RequireTls.ALL,
                LevelRules.NONE,
                null,
                false,
                false,
                false,
                -1,
                Map.of());
        CompiledRoutes routes = CompiledRoutes.of(RouteTable.of("table", host));

        CompiledRoute plain = Requests.select(routes, Requests.get("a.com:80", "/x?y"));
        CompiledRoute secure = Requests.select(routes, new RequestHead("GET", "https", "a.com", "/x", new Headers()));

        assertThat(plain.localReply(Requests.get("a.com:80", "/x?y"), new StreamInfo(), false))
                .satisfies(reply -> {
                    assertThat(reply.status()).isEqualTo(301);
                    assertThat(reply.headers()).isEqualTo(Headers.of("location", "https://a.com:80/x?y"));
                });
        assertThat(secure.route().name()).isEqualTo("r");
        assertThat(routes.size()).isEqualTo(2);
        assertThat(routes.route(plain.ordinal())).isSameAs(plain);
        assertThat(routes.route(secure.ordinal())).isSameAs(secure);
    }

    /** Against the words of the specification, spelt out in the slowest way. */
    @Test
    void select_randomDomains_agreesWithTheDefinition() {
        for (long seed = 1; seed <= 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<VirtualHost> hosts = new ArrayList<>();
            List<String> domains = new ArrayList<>();
            for (int i = random.nextInt(1, 12); i > 0; i--) {
                String domain = randomDomain(random);
                if (!domains.contains(domain)) {
                    domains.add(domain);
                    hosts.add(Requests.host(domain, domain));
                }
            }
            CompiledRoutes routes = CompiledRoutes.of(RouteTable.of("t", hosts.toArray(VirtualHost[]::new)));
            for (int i = 0; i < 50; i++) {
                String authority = randomLabel(random);
                CompiledRoute route = routes.select(Requests.get(authority, "/"), new StreamInfo(), 0);
                assertThat(route == null ? null : route.virtualHost().name())
                        .as("seed %d, %s in %s", seed, authority, domains)
                        .isEqualTo(defined(authority.toLowerCase(Locale.ROOT), domains));
            }
        }
    }

    private static @Nullable String defined(String host, List<String> domains) {
        String best = null;
        for (String domain : domains) {
            boolean matches = domain.equals("*")
                    || domain.equals(host)
                    || (domain.startsWith("*") && longer(host, domain) && host.endsWith(domain.substring(1)))
                    || (domain.endsWith("*")
                            && longer(host, domain)
                            && host.startsWith(domain.substring(0, domain.length() - 1)));
            if (matches && (best == null || rank(domain) > rank(best))) {
                best = domain;
            }
        }
        return best;
    }

    private static boolean longer(String host, String wildcard) {
        return host.length() > wildcard.length() - 1;
    }

    private static int rank(String domain) {
        if (domain.equals("*")) {
            return 0;
        }
        return domain.length() + (domain.endsWith("*") ? 0 : domain.startsWith("*") ? 100 : 200);
    }

    private static String randomDomain(SplittableRandom random) {
        return switch (random.nextInt(5)) {
            case 0 -> "*";
            case 1 -> "*" + randomLabel(random).toLowerCase(Locale.ROOT);
            case 2 -> randomLabel(random).toLowerCase(Locale.ROOT) + "*";
            default -> randomLabel(random).toLowerCase(Locale.ROOT);
        };
    }

    private static String randomLabel(SplittableRandom random) {
        StringBuilder label = new StringBuilder();
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            label.append("aB.".charAt(random.nextInt(3)));
        }
        return label.toString();
    }
}
