package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.snapshot.SecretProvider.Watch;
import io.inmesh.xds.testing.ManualLoop;
import io.netty.pkitesting.X509Bundle;
import org.junit.jupiter.api.Test;

class SuppliedIdentityTest {
    private final ManualLoop loop = new ManualLoop();
    private final SuppliedIdentity identity = new SuppliedIdentity(IdentityNames.WORKLOAD, loop, () -> {});
    private final X509Bundle root = TestIdentity.root("root");
    private final X509Bundle web = TestIdentity.workload(root);

    @Test
    void watch_beforeAnythingIsPublished_saysWhatIsAwaited() {
        States states = new States();
        identity.watch(States.CERTIFICATE, states);
        assertThat(states.awaited()).contains("has not published an identity yet");
    }

    @Test
    void publish_certificateAndRoots_reachWatchersOnTheLoopAndLaterOnesAtOnce() {
        States before = new States();
        identity.watch(States.CERTIFICATE, before);
        publish(web);
        assertThat(before.isReady()).isFalse();
        loop.run();
        assertThat(before.chain()).isEqualTo(web.getCertificatePathPEM());
        assertThat(before.key()).isEqualTo(web.getPrivateKeyPEM());
        States after = new States();
        identity.watch(States.ROOTS, after);
        assertThat(after.roots()).isEqualTo(root.getCertificatePEM());
        loop.run();
        assertThat(after.all()).hasSize(1);
    }

    @Test
    void publish_theSameAgain_tellsNobody() {
        States states = new States();
        identity.watch(States.CERTIFICATE, states);
        publish(web);
        loop.run();
        publish(web);
        loop.run();
        assertThat(states.all()).hasSize(2);
    }

    @Test
    void publish_keyOfAnother_changesNothingAndNamesNoKey() {
        publish(web);
        X509Bundle next = TestIdentity.workload(root);
        assertThatThrownBy(() -> identity.publish(
                        next.getCertificatePathPEM(), web.getPrivateKeyPEM(), root.getCertificatePEM()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "The identity that was supplied cannot be used: the private key does not belong to the certificate CN=web");
        States states = new States();
        identity.watch(States.CERTIFICATE, states);
        assertThat(states.chain()).isEqualTo(web.getCertificatePathPEM());
    }

    @Test
    void watch_closed_isToldNothingMore() {
        States states = new States();
        Watch watch = identity.watch(States.CERTIFICATE, states);
        loop.run();
        watch.close();
        watch.close();
        publish(web);
        loop.run();
        assertThat(states.isReady()).isFalse();
    }

    private void publish(X509Bundle workload) {
        identity.publish(workload.getCertificatePathPEM(), workload.getPrivateKeyPEM(), root.getCertificatePEM());
    }
}
