package io.inmesh.xds.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.snapshot.ResourceName;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the log says: each change once, however often the control plane repeats itself. */
class StatusBookTest {
    private static final ResourceName NAME = ResourceKind.CLUSTER.named("noted");

    private final StatusBook book = new StatusBook(() -> Instant.EPOCH);
    private final PrintStream before = System.err;

    @AfterEach
    void giveTheStreamBack() {
        System.setErr(before);
    }

    /** The test logger writes to whatever stream is the standard one at the time. */
    private List<String> logged(Runnable events) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        events.run();
        System.setErr(before);
        return bytes.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains(NAME.toString()))
                .toList();
    }

    @Test
    void nacked_sameErrorAgain_isLoggedOnce() {
        assertThat(logged(() -> {
                    book.nacked(NAME, "connect_timeout: must be above 0s");
                    book.nacked(NAME, "connect_timeout: must be above 0s");
                }))
                .singleElement()
                .asString()
                .contains("is refused: connect_timeout", "no earlier version is in force");
    }

    @Test
    void nacked_otherError_isLoggedAgain() {
        assertThat(logged(() -> {
                    book.nacked(NAME, "first");
                    book.nacked(NAME, "second");
                }))
                .hasSize(2);
    }

    @Test
    void missing_again_isLoggedOnce() {
        assertThat(logged(() -> {
                    book.missing(NAME, "does not exist, says the control plane");
                    book.missing(NAME, "does not exist, says the control plane");
                }))
                .hasSize(1);
    }
}
