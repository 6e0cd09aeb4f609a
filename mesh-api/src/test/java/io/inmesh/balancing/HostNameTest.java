package io.inmesh.balancing;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.balancing.HostName.Answer;
import io.inmesh.model.Cluster.DnsFamily;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostNameTest {
    private final MeshNames names = new MeshNames();
    private long nanos = -3;

    private HostName name(@Nullable DnsFamily family) {
        return name(family, Duration.ofSeconds(5));
    }

    private HostName name(@Nullable DnsFamily family, Duration queryTimeout) {
        return new HostName(
                "a.example", family, Duration.ofSeconds(10).toNanos(), queryTimeout.toNanos(), names, () -> nanos);
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static List<InetAddress> addresses(String texts) {
        return Arrays.stream(texts.split(" ")).map(HostNameTest::address).toList();
    }

    @Test
    void known_nothingSaidYet_asks() {
        assertThat(name(null).known()).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "any", textBlock = """
            any          | 10.0.0.1 ::1 10.0.0.2 | 10.0.0.1 ::1 10.0.0.2
            AUTO         | 10.0.0.1 ::1 10.0.0.2 | ::1
            AUTO         | 10.0.0.1 10.0.0.2     | 10.0.0.1 10.0.0.2
            V4_ONLY      | 10.0.0.1 ::1 10.0.0.2 | 10.0.0.1 10.0.0.2
            V6_ONLY      | 10.0.0.1 ::1 10.0.0.2 | ::1
            V4_PREFERRED | ::1 10.0.0.1          | 10.0.0.1
            V4_PREFERRED | ::1                   | ::1
            ALL          | 10.0.0.1 ::1 10.0.0.2 | ::1 10.0.0.1 10.0.0.2
            """)
    void found_addresses_areThoseOfTheFamily(@Nullable DnsFamily family, String found, String expected) {
        assertThat(name(family).found(addresses(found)).addresses()).isEqualTo(addresses(expected));
    }

    @Test
    void found_noAddressOfTheFamily_isAFailure() {
        Answer answer = name(DnsFamily.V6_ONLY).found(addresses("10.0.0.1"));

        assertThat(answer).isEqualTo(new Answer(List.of(), "a.example: no address of the family V6_ONLY"));
    }

    @Test
    void failed_isNotAskedAgainForAWhile() {
        HostName name = name(null);
        Answer failed = name.failed("a.example: unknown");

        assertThat(failed).isEqualTo(new Answer(List.of(), "a.example: unknown"));
        nanos += Duration.ofSeconds(10).toNanos() - 1;
        assertThat(name.known()).isEqualTo(failed);
        nanos++;
        assertThat(name.known()).isNull();
    }

    @Test
    void failed_afterAddressesWereFound_leavesThem() {
        HostName name = name(null);
        name.found(addresses("10.0.0.1"));
        Answer failed = name.failed("a.example: the resolver is away");

        assertThat(failed).isEqualTo(new Answer(addresses("10.0.0.1"), "a.example: the resolver is away"));
        assertThat(name.known()).isEqualTo(failed);
        assertThat(name.found(addresses("10.0.0.2"))).isEqualTo(new Answer(addresses("10.0.0.2"), ""));
        assertThat(name.known())
                .as("an answer is asked for again with each connection")
                .isNull();
    }

    @Test
    void unanswered_leavesAddressesAndIsNoFailure() {
        HostName name = name(null);
        assertThat(name.unanswered("too many")).isEqualTo(new Answer(List.of(), "too many"));
        name.found(addresses("10.0.0.1"));

        assertThat(name.unanswered("too many")).isEqualTo(new Answer(addresses("10.0.0.1"), "too many"));
        assertThat(name.known()).as("the next connection may ask").isNull();
    }

    @Test
    void patience_noAddress_isTheQueryTimeout() {
        assertThat(name(null).patienceNanos()).isEqualTo(Duration.ofSeconds(5).toNanos());
        assertThat(name(null, Duration.ZERO).patienceNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void patience_addressesAreKnown_isShortAndNoneOnceTheResolverIsInTrouble() {
        HostName name = name(null);
        name.found(addresses("10.0.0.1"));
        assertThat(name.patienceNanos()).isEqualTo(Duration.ofMillis(250).toNanos());

        name.failed("a.example: no answer");
        nanos += Duration.ofSeconds(10).toNanos();
        assertThat(name.known()).as("it is asked again").isNull();
        assertThat(name.patienceNanos()).isZero();

        name.found(addresses("10.0.0.2"));
        assertThat(name.patienceNanos()).isEqualTo(Duration.ofMillis(250).toNanos());
    }

    @Test
    void known_nameOfTheMesh_needsNoResolver() {
        HostName name = name(DnsFamily.V4_ONLY);
        names.update(Map.of("a.example", List.of("10.0.0.1", "2001:db8::1", "not.an.address", "10.0.0.2")));
        assertThat(Objects.requireNonNull(name.known()).addresses()).isEqualTo(addresses("10.0.0.1 10.0.0.2"));

        name.failed("unknown");
        names.update(Map.of("a.example", List.of("10.0.0.3")));
        assertThat(Objects.requireNonNull(name.known()).addresses()).isEqualTo(addresses("10.0.0.3"));

        names.update(Map.of());
        assertThat(Objects.requireNonNull(name.known()).addresses()).isEmpty();
    }
}
