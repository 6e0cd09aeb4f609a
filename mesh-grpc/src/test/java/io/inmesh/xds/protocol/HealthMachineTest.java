package io.inmesh.xds.protocol;

import static io.inmesh.xds.protocol.ResourceKind.CLUSTER;
import static io.inmesh.xds.testing.Resources.cluster;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** istiod's reports of health, on either transport. */
class HealthMachineTest {

    @ParameterizedTest
    @EnumSource
    void report_beforeAnythingIsWanted_opensNothingAndGoesBehindTheFirstRequest(XdsTransport transport) {
        MachineHarness session = new MachineHarness(XdsServer.plaintext("one").withTransport(transport));
        session.machine.reportHealth("");
        session.machine.endTurn();
        assertThat(session.output()).isEmpty();
        session.machine.wildcard(CLUSTER);
        session.machine.endTurn();
        assertThat(sent(session)).containsExactly("CLUSTER", "healthy");
    }

    @ParameterizedTest
    @EnumSource
    void report_changes_eachIsSentOnceAndTheLastAgainOnANewStream(XdsTransport transport) {
        MachineHarness session = new MachineHarness(XdsServer.plaintext("one").withTransport(transport));
        session.machine.wildcard(CLUSTER);
        session.machine.endTurn();
        assertThat(sent(session)).containsExactly("CLUSTER");
        session.machine.reportHealth("no database");
        session.machine.endTurn();
        assertThat(sent(session)).containsExactly("unhealthy: no database");
        session.machine.endTurn();
        session.machine.reportHealth("no database");
        session.machine.endTurn();
        assertThat(sent(session)).isEmpty();
        session.machine.reportHealth("");
        session.machine.endTurn();
        assertThat(sent(session)).containsExactly("healthy");
        session.ended(1, false);
        session.machine.fired(AdsTimer.RECONNECT);
        assertThat(sent(session)).containsExactly("CLUSTER", "healthy");
    }

    @ParameterizedTest
    @EnumSource
    void report_whileAPreferredServerIsProbed_goesToTheOneInUseAndThenToThePreferredOne(XdsTransport transport) {
        MachineHarness session = new MachineHarness(
                XdsServer.plaintext("one").withTransport(transport),
                XdsServer.plaintext("two").withTransport(transport));
        session.machine.reportHealth("");
        session.machine.wildcard(CLUSTER);
        session.machine.endTurn();
        session.machine.ended(1, StreamEnd.because("UNAVAILABLE"));
        sent(session);
        respond(session, transport, 2);
        session.machine.fired(AdsTimer.PROBE);
        assertThat(sent(session)).containsExactly("CLUSTER", "CLUSTER");
        respond(session, transport, 3);
        assertThat(sent(session)).containsExactly("CLUSTER", "healthy");
    }

    private static void respond(MachineHarness session, XdsTransport transport, int stream) {
        if (transport == XdsTransport.INCREMENTAL) {
            session.machine.received(
                    stream,
                    CLUSTER.typeUrl(),
                    DeltaDiscoveryResponse.newBuilder()
                            .setTypeUrl(CLUSTER.typeUrl())
                            .setNonce("1")
                            .build());
        } else {
            session.machine.received(
                    stream,
                    CLUSTER.typeUrl(),
                    DiscoveryResponse.newBuilder()
                            .setTypeUrl(CLUSTER.typeUrl())
                            .setNonce("1")
                            .addResources(Any.pack(cluster("a")))
                            .build());
        }
    }

    private static List<String> sent(MachineHarness session) {
        List<String> texts = new ArrayList<>();
        for (AdsAction action : session.machine.drain()) {
            if (action instanceof AdsAction.Send send) {
                texts.add(text(send.message()));
            }
        }
        return texts;
    }

    private static String text(Message message) {
        DiscoveryRequest request = message instanceof DeltaDiscoveryRequest delta
                ? DiscoveryRequest.newBuilder()
                        .setTypeUrl(delta.getTypeUrl())
                        .setErrorDetail(delta.getErrorDetail())
                        .build()
                : (DiscoveryRequest) message;
        ResourceKind kind = ResourceKind.ofTypeUrl(request.getTypeUrl());
        if (kind != null) {
            return kind.name();
        }
        assertThat(request.getTypeUrl()).isEqualTo("type.googleapis.com/istio.v1.HealthInformation");
        String problem = request.getErrorDetail().getMessage();
        return problem.isEmpty() ? "healthy" : "unhealthy: " + problem;
    }
}
