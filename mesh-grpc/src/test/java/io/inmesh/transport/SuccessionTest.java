package io.inmesh.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SuccessionTest {
    /** Who got through the handshake of a generation has a name only if neither it nor a later one let anybody in, for it is not remembered which one did. */
    @Test
    void verifies_generation_ifNoneSinceHasLetAnybodyIn() {
        Succession first = Succession.none(TlsOptions.DEFAULT).next(false, true, 0);
        assertThat(first.verifies(1)).isTrue();
        Succession rootWithdrawn = first.next(true, true, 1);
        assertThat(rootWithdrawn.verifies(1)).isTrue();
        Succession open = rootWithdrawn.next(false, false, 2);
        assertThat(open.verifies(2)).isFalse();
        assertThat(open.verifies(3)).isFalse();
        Succession closed = open.next(false, true, 3);
        assertThat(closed.verifies(3)).isFalse();
        assertThat(closed.verifies(4)).isTrue();
    }
}
