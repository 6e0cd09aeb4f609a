package io.inmesh.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpAddressTest {

    @ParameterizedTest
    @CsvSource({
        "::ffff:241.0.0.1, 241.0.0.1",
        "::ffff:f100:1, 241.0.0.1",
        "241.0.0.1, 241.0.0.1",
        "fd00::1, fd00::1",
        "::1, ::1",
        "::fffe:f100:1, ::fffe:f100:1",
        "1::ffff:f100:1, 1::ffff:f100:1",
    })
    void unmapped_address_isTheOneThatIsMappedIntoIt(String text, String expected) {
        IpAddress address = Objects.requireNonNull(IpAddress.parse(text));

        assertThat(address.unmapped()).isEqualTo(IpAddress.parse(expected));
    }
}
