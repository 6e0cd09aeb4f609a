package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.set_filter_state.v3.Config;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.exchange.RequestHead;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.xds.envoy.InboundSide;
import io.inmesh.xds.envoy.InboundSide.Answer;
import io.inmesh.xds.files.ResourceFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who comes in, and how long a caller may wait, under the inbound listeners of {@code kuma/inbounds.yaml}. */
class KumaInboundTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            matcher            | spiffe://shop.zone-1.mesh.local/workload/web                     | application | 5000
            matcher            | spiffe://shop.zone-1.mesh.local/workload/batch                   | application | 10000
            matcher            | spiffe://shop.zone-1.mesh.local/other/batch                      | application | none
            matcher            | spiffe://shop.zone-1.mesh.local/workload/legacy                  | 403         | none
            matcher            | spiffe://shop.zone-1.mesh.local/workload/older                   | 403         | none
            matcher            | spiffe://shop.zone-2.mesh.local/workload/web                     | 403         | none
            rules              | spiffe://default/web                                             | application | none
            rules              | spiffe://default/web kuma://team/shop                            | application | none
            rules              | spiffe://default/batch kuma://team/core                          | application | none
            rules              | kuma://team/core spiffe://default/batch                          | application | none
            rules              | spiffe://default/legacy kuma://team/core                         | 403         | none
            rules              | kuma://team/core spiffe://default/legacy                         | 403         | none
            rules              | spiffe://default/batch kuma://team/shop                          | 403         | none
            no-rules           | spiffe://default/web                                             | 403         | none
            no-matchers        | spiffe://default/web                                             | 403         | none
            traffic-permission | spiffe://default/web kuma://team/core                            | application | none
            traffic-permission | spiffe://default/batch kuma://team/core                          | closed      | none
            """)
    void caller_byTheNamesOfItsCertificate_comesInAndMayWaitAsItsPolicySays(
            String listener, String uris, String outcome, @Nullable String millis) throws Exception {
        InboundSide server = new InboundSide(listener(listener));
        ConnectionArrival arrival = new ConnectionArrival(
                ip("10.1.1.1"), 40_000, ip("10.10.0.5"), port(listener), true, "sni", List.of("kuma"));
        PeerCertificate peer =
                new PeerCertificate(List.of(uris.split(" ")), List.of(), List.of(), "", "", "", "", "", "", true);
        DownstreamConnection facts = new DownstreamConnection(
                arrival.remote(),
                arrival.remotePort(),
                arrival.local(),
                arrival.localPort(),
                new DownstreamConnection.Tls("sni", "", "TLSv1.3", "TLS_AES_128_GCM_SHA256", peer));
        Headers headers = new Headers();
        headers.add("x-kuma-tags", "&kuma.io/service=forged&");

        Answer answer = server.ask(arrival, facts, new RequestHead("GET", "http", "orders", "/", headers));

        assertThat(answer.outcome()).isEqualTo(outcome);
        RequestHead accepted = answer.accepted();
        if (accepted != null) {
            assertThat(accepted.headers().get("x-envoy-expected-rq-timeout-ms")).isEqualTo(millis);
            if (listener.equals("matcher")) {
                assertThat(accepted.headers().get("x-kuma-tags")).isNull();
                assertThat(accepted.headers().get("x-forwarded-client-cert")).contains("URI=" + uris);
            }
        }
    }

    private static Listener listener(String name) throws Exception {
        Path file = Path.of(Objects.requireNonNull(KumaInboundTest.class.getResource("/kuma/inbounds.yaml"))
                .toURI());
        Listener found = (Listener) ResourceFiles.read(file).stream()
                .map(each -> each.message())
                .filter(each -> ((Listener) each).getName().equals(name))
                .findFirst()
                .orElseThrow();
        Filter first = found.getFilterChains(0).getFilters(0);
        if (!first.getTypedConfig().is(Config.class)) {
            return found;
        }
        Listener.Builder moved = found.toBuilder();
        moved.getFilterChainsBuilder(0)
                .getFiltersBuilder(0)
                .setTypedConfig(Any.pack(afterHandshake(first.getTypedConfig().unpack(Config.class))));
        return moved.build();
    }

    /** kuma-cp says {@code on_downstream_tls_handshake}, which is newer than the messages that a file is read by. */
    private static Config afterHandshake(Config config) {
        Field.Builder values = Field.newBuilder();
        config.getOnNewConnectionList()
                .forEach(each -> values.addLengthDelimited(ByteString.copyFrom(each.toByteArray())));
        return Config.newBuilder()
                .setUnknownFields(
                        UnknownFieldSet.newBuilder().addField(2, values.build()).build())
                .build();
    }

    private static int port(String listener) throws Exception {
        return listener(listener).getAddress().getSocketAddress().getPortValue();
    }

    private static IpAddress ip(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }
}
