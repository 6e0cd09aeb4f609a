package io.inmesh.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.snapshot.Dialect.Destination;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationTest {

    /** What the JDK's resolver, or that of the system behind it, would take for 10.96.1.7 or for another address. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "010.096.001.007",
                "10.96.01.7",
                "10.96.263",
                "10.6291719",
                "174063879",
                "0x0a600107",
                "0xA.0x60.1.7",
                "10.96.1.0x7",
                "10.96.1.7.1",
                "256.1.1.1",
                "10.96.263.",
                "name.example.1",
                "0x"
            })
    void of_hostThatIsANumberAndNoAddress_isRefused(String host) {
        assertThatThrownBy(() -> Destination.of("http", host + ":8080"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("four decimal numbers");
        assertThatThrownBy(() -> new Destination("https", host, 443)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.96.1.7",
                "10.96.1.7.",
                "0.0.0.0",
                "orders",
                "orders.",
                "1.example",
                "10.96.1.7.nip.io",
                "v1",
                "0x.example",
                "0xorders",
                "a.0b1",
                "[::1]",
                "[::ffff:10.96.1.7]",
                "[fe80::1]"
            })
    void of_nameOrAddress_isADestination(String host) {
        assertThat(Destination.of("http", host + ":8080").port()).isEqualTo(8080);
    }
}
