package io.inmesh.xds.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.FilterStep;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.InboundChain;
import io.inmesh.model.Rbac;
import io.inmesh.security.RbacFilter;
import io.inmesh.xds.decode.Decoded.Accepted;
import io.inmesh.xds.decode.DecodedListener;
import io.inmesh.xds.decode.ResourceDecoder;
import io.inmesh.xds.testing.HeadStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The policies that istiod made of {@code security.yaml}, where each attribute decides about a path that is named after it. */
class IstioAuthorizationPolicyTest {
    private static final String WEB = "spiffe://cluster.local/ns/default/sa/web";
    private static final Accepted<DecodedListener> GUARDED = decoded("istio/guarded-virtualInbound.pb");
    private static final List<Rbac> FILTERS = filters(GUARDED, "0.0.0.0_18500");
    private static final String SNI = "outbound_.8500_._.guarded.default.svc.cluster.local";
    private static final Map<String, Object> TOKEN = Map.of(
            "iss",
            "https://issuer.example",
            "sub",
            "me",
            "aud",
            List.of("shop", "else"),
            "azp",
            "app",
            "groups",
            List.of("ops", "core"),
            "org",
            Map.of("team", List.of("core")));

    /** Columns: what is asked for; who asks (account in its namespace, or with its trust domain, or {@code -} in the clear); from which address; whether with a token; allowed. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    GET /principals                     | default/web  | 10.1.1.1 | no  | yes
                    GET /principals                     | default/else | 10.1.1.1 | no  | no
                    GET /principals                     | -            | 10.1.1.1 | no  | no
                    GET /principals x-denied:1          | default/web  | 10.1.1.1 | no  | no
                    GET /principals-suffix              | else/web     | 10.1.1.1 | no  | yes
                    GET /principals-suffix              | default/else | 10.1.1.1 | no  | no
                    GET /not-principals                 | default/web  | 10.1.1.1 | no  | no
                    GET /not-principals                 | default/else | 10.1.1.1 | no  | yes
                    GET /request-principals             | default/web  | 10.1.1.1 | yes | yes
                    GET /request-principals             | default/web  | 10.1.1.1 | no  | no
                    GET /request-principals-any         | -            | 10.1.1.1 | yes | yes
                    GET /request-principals-any         | -            | 10.1.1.1 | no  | no
                    GET /not-request-principals         | default/web  | 10.1.1.1 | yes | no
                    GET /not-request-principals         | default/web  | 10.1.1.1 | no  | yes
                    GET /namespaces                     | default/else | 10.1.1.1 | no  | yes
                    GET /namespaces                     | other/web    | 10.1.1.1 | no  | no
                    GET /not-namespaces                 | default/web  | 10.1.1.1 | no  | no
                    GET /not-namespaces                 | other/web    | 10.1.1.1 | no  | yes
                    GET /service-accounts               | default/web  | 10.1.1.1 | no  | yes
                    GET /service-accounts               | other/web    | 10.1.1.1 | no  | no
                    GET /not-service-accounts           | default/web  | 10.1.1.1 | no  | no
                    GET /not-service-accounts           | other/web    | 10.1.1.1 | no  | yes
                    GET /ip-blocks                      | default/web  | 10.1.1.1 | no  | yes
                    GET /ip-blocks                      | default/web  | 10.2.1.1 | no  | no
                    GET /not-ip-blocks                  | default/web  | 10.1.1.1 | no  | no
                    GET /not-ip-blocks                  | default/web  | 10.2.1.1 | no  | yes
                    GET /remote-ip-blocks               | default/web  | 10.1.1.1 | no  | yes
                    GET /remote-ip-blocks               | default/web  | 10.2.1.1 | no  | no
                    GET /not-remote-ip-blocks           | default/web  | 10.1.1.1 | no  | no
                    GET /not-remote-ip-blocks           | default/web  | 10.2.1.1 | no  | yes
                    GET /trust-domains                  | cluster.local/ns/default/sa/web    | 10.1.1.1 | no | yes
                    GET /trust-domains                  | old.local/ns/default/sa/web        | 10.1.1.1 | no | yes
                    GET /trust-domains                  | cluster.localx/ns/default/sa/web   | 10.1.1.1 | no | no
                    GET /trust-domains                  | -                                  | 10.1.1.1 | no | no
                    GET /trust-domains-any              | foreign.example/ns/default/sa/web  | 10.1.1.1 | no | yes
                    GET /trust-domains-any              | -                                  | 10.1.1.1 | no | no
                    GET /trust-domains-prefix           | cluster.example/ns/default/sa/web  | 10.1.1.1 | no | yes
                    GET /trust-domains-prefix           | old.local/ns/default/sa/web        | 10.1.1.1 | no | no
                    GET /trust-domains-prefix           | old.local/cluster.local/web        | 10.1.1.1 | no | no
                    GET /trust-domains-suffix           | a.local/ns/default/sa/web          | 10.1.1.1 | no | yes
                    GET /trust-domains-suffix           | a.localx/ns/default/sa/web         | 10.1.1.1 | no | no
                    GET /not-trust-domains              | cluster.local/ns/default/sa/web    | 10.1.1.1 | no | no
                    GET /not-trust-domains              | old.local/ns/default/sa/web        | 10.1.1.1 | no | no
                    GET /not-trust-domains              | foreign.example/ns/default/sa/web  | 10.1.1.1 | no | yes
                    """)
    void source_eachField_decides(String request, String account, String address, String token, String allowed) {
        assertThat(verdict(new Caller(account, address, 18_500, ""), request, token.equals("yes") ? TOKEN : null))
                .isEqualTo(allowed.equals("yes"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    GET /hosts host:guarded.example         | 18500 | yes
                    GET /hosts host:GUARDED.EXAMPLE         | 18500 | yes
                    GET /hosts host:a.guarded.example       | 18500 | yes
                    GET /hosts host:guarded.example:80      | 18500 | no
                    GET /hosts host:guarded.example.org     | 18500 | no
                    GET /not-hosts host:guarded.example     | 18500 | no
                    GET /not-hosts host:other.example       | 18500 | yes
                    GET /ports                              | 18500 | yes
                    GET /ports                              | 18600 | no
                    GET /not-ports                          | 18500 | no
                    GET /not-ports                          | 18600 | yes
                    PUT /methods                            | 18500 | yes
                    PATCH /methods                          | 18500 | yes
                    GET /methods                            | 18500 | no
                    GET /not-methods                        | 18500 | no
                    PUT /not-methods                        | 18500 | yes
                    GET /paths/prefix                       | 18500 | yes
                    GET /paths/pr                           | 18500 | no
                    GET /x/paths/post                       | 18500 | yes
                    GET /paths/tree/a/leaf                  | 18500 | yes
                    GET /paths/tree/a/b/leaf                | 18500 | no
                    GET /paths/all/a/b/c                    | 18500 | yes
                    GET /paths/else                         | 18500 | no
                    GET /not-paths/open?/not-paths/secret   | 18500 | yes
                    GET /not-paths/secret?q                 | 18500 | no
                    """)
    void operation_eachField_decides(String request, int port, String allowed) {
        assertThat(verdict(new Caller("default/web", "10.1.1.1", port, ""), request, null))
                .isEqualTo(allowed.equals("yes"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    GET /when/headers x-a:one               | default/web  | 10.1.1.1 | no  | yes
                    GET /when/headers x-a:two-more          | default/web  | 10.1.1.1 | no  | yes
                    GET /when/headers x-a:and-three         | default/web  | 10.1.1.1 | no  | yes
                    GET /when/headers x-a:ones              | default/web  | 10.1.1.1 | no  | no
                    GET /when/headers                       | default/web  | 10.1.1.1 | no  | no
                    GET /when/not-headers x-a:one           | default/web  | 10.1.1.1 | no  | no
                    GET /when/not-headers x-a:two           | default/web  | 10.1.1.1 | no  | yes
                    GET /when/source-ip                     | default/web  | 10.1.1.1 | no  | yes
                    GET /when/source-ip                     | default/web  | 10.1.1.2 | no  | no
                    GET /when/remote-ip                     | default/web  | 10.1.1.1 | no  | yes
                    GET /when/remote-ip                     | default/web  | 10.1.1.2 | no  | no
                    GET /when/source-namespace              | default/else | 10.1.1.1 | no  | yes
                    GET /when/source-namespace              | other/web    | 10.1.1.1 | no  | no
                    GET /when/source-service-account        | default/web  | 10.1.1.1 | no  | yes
                    GET /when/source-service-account        | default/else | 10.1.1.1 | no  | no
                    GET /when/source-principal              | default/web  | 10.1.1.1 | no  | yes
                    GET /when/source-principal              | default/else | 10.1.1.1 | no  | no
                    GET /when/request-principal             | -            | 10.1.1.1 | yes | yes
                    GET /when/request-principal             | -            | 10.1.1.1 | no  | no
                    GET /when/audiences                     | -            | 10.1.1.1 | yes | yes
                    GET /when/audiences                     | -            | 10.1.1.1 | no  | no
                    GET /when/presenter                     | -            | 10.1.1.1 | yes | yes
                    GET /when/presenter                     | -            | 10.1.1.1 | no  | no
                    GET /when/claims                        | -            | 10.1.1.1 | yes | yes
                    GET /when/claims                        | -            | 10.1.1.1 | no  | no
                    GET /when/nested                        | -            | 10.1.1.1 | yes | yes
                    GET /when/nested                        | -            | 10.1.1.1 | no  | no
                    GET /when/destination-ip                | default/web  | 10.1.1.1 | no  | yes
                    GET /when/destination-port              | default/web  | 10.1.1.1 | no  | yes
                    GET /when/sni                           | default/web  | 10.1.1.1 | no  | no
                    GET /when/experimental                  | default/web  | 10.1.1.1 | no  | no
                    GET /when/source-trust-domain           | cluster.local/ns/default/sa/web   | 10.1.1.1 | no | yes
                    GET /when/source-trust-domain           | old.local/ns/default/sa/web       | 10.1.1.1 | no | yes
                    GET /when/source-trust-domain           | foreign.example/ns/default/sa/web | 10.1.1.1 | no | no
                    GET /when/not-source-trust-domain       | cluster.local/ns/default/sa/web   | 10.1.1.1 | no | yes
                    GET /when/not-source-trust-domain       | other.example/ns/default/sa/web   | 10.1.1.1 | no | no
                    """)
    void when_eachAttribute_decides(String request, String account, String address, String token, String allowed) {
        assertThat(verdict(new Caller(account, address, 18_500, ""), request, token.equals("yes") ? TOKEN : null))
                .isEqualTo(allowed.equals("yes"));
    }

    @Test
    void when_whatOnlyTheConnectionOrAFilterKnows_decides() {
        Caller named = new Caller("default/web", "10.1.1.1", 18_500, SNI);
        assertThat(verdict(named, "GET /when/sni", null)).isTrue();

        RequestHead head = head("GET /when/experimental");
        StreamInfo info = named.info();
        info.putDynamicMetadata("envoy.filters.network.x", "k", "v");
        assertThat(verdict(FILTERS, head, info)).isNull();
    }

    @Test
    void action_denyBeforeAllow_namesThePolicy() {
        assertThat(verdict(
                        FILTERS,
                        head("GET /principals x-denied:1"),
                        new Caller("default/web", "10.1.1.1", 18_500, "").info()))
                .isEqualTo("rbac_access_denied_matched_policy[ns[default]-policy[deny]-rule[0]]");
    }

    @Test
    void spec_empty_letsNobodyThrough() {
        List<Rbac> filters = filters(decoded("istio/closed-virtualInbound.pb"), "0.0.0.0_18500");

        for (String account : List.of("default/web", "other/closed", "-")) {
            assertThat(verdict(filters, head("GET /"), new Caller(account, "10.1.1.1", 18_500, "").info()))
                    .isEqualTo("rbac_access_denied_matched_policy[none]");
        }
    }

    /** Nothing of the policies may get lost: a note would say so. */
    @Test
    void listener_withEveryAttribute_hasNoPartThatCannotBeRead() {
        assertThat(GUARDED.unsupported()).noneMatch(path -> path.contains("rbac"));
        assertThat(Objects.requireNonNull(GUARDED.value().inbound()).unusable()).isNull();
    }

    private static boolean verdict(Caller caller, String request, @Nullable Map<String, Object> token) {
        StreamInfo info = caller.info();
        if (token != null) {
            info.putDynamicMetadata("envoy.filters.http.jwt_authn", "payload", token);
        }
        return verdict(FILTERS, head(request), info) == null;
    }

    private static @Nullable String verdict(List<Rbac> filters, RequestHead head, StreamInfo info) {
        for (Rbac filter : filters) {
            if (new RbacFilter(filter, filter).onRequest(new HeadStream(head, info))
                    instanceof FilterStep.Reply reply) {
                return reply.reply().details();
            }
        }
        return null;
    }

    private static RequestHead head(String request) {
        String[] words = request.split(" ");
        Headers headers = new Headers();
        String host = "guarded:8500";
        for (int i = 2; i < words.length; i++) {
            String[] field = words[i].split(":", 2);
            if (field[0].equals("host")) {
                host = field[1];
            } else {
                headers.add(field[0], field[1]);
            }
        }
        return new RequestHead(words[0], "https", host, words[1], headers);
    }

    private static Accepted<DecodedListener> decoded(String file) {
        var listener = Shapes.wire(file);
        return (Accepted<DecodedListener>) ResourceDecoder.listener(listener.getName(), Any.pack(listener));
    }

    /** The RBAC filters of a chain in their order. */
    private static List<Rbac> filters(Accepted<DecodedListener> listener, String chain) {
        InboundChain found = Objects.requireNonNull(listener.value().inbound()).chains().stream()
                .filter(each -> each.name().equals(chain) && each.http() != null)
                .findFirst()
                .orElseThrow();
        List<Rbac> filters = Objects.requireNonNull(found.http()).filters().stream()
                .map(HttpFilterConfig::config)
                .filter(Rbac.class::isInstance)
                .map(Rbac.class::cast)
                .toList();
        assertThat(filters).isNotEmpty();
        return filters;
    }

    /** @param account as {@code namespace/name}, or whole without {@code spiffe://}, or {@code -} in the clear */
    private record Caller(String account, String address, int port, String sni) {
        StreamInfo info() {
            StreamInfo info = new StreamInfo();
            String[] words = account.split("/");
            String uri =
                    switch (words.length) {
                        case 1 -> "";
                        case 2 -> WEB.replace("default", words[0]).replace("sa/web", "sa/" + words[1]);
                        default -> "spiffe://" + account;
                    };
            info.downstream(new DownstreamConnection(
                    ip(address),
                    40_000,
                    ip("127.0.7.1"),
                    port,
                    uri.isEmpty()
                            ? null
                            : new DownstreamConnection.Tls(
                                    sni,
                                    "",
                                    "TLSv1.3",
                                    "TLS_AES_128_GCM_SHA256",
                                    new PeerCertificate(
                                            List.of(uri), List.of(), List.of(), "", "", "", "", "", "", true))));
            return info;
        }

        private static IpAddress ip(String text) {
            return Objects.requireNonNull(IpAddress.parse(text));
        }
    }
}
