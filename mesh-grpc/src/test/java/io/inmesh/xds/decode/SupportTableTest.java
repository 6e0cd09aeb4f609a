package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Keeps {@code docs/support.md} true. {@code -Dinmesh.support.write=true} writes it instead of checking it. */
class SupportTableTest {
    private static final Path TABLE = Path.of("..", "docs", "support.md");

    @Test
    void supportTable_declaredFields_areWhatTheDocumentSays() throws IOException {
        String table = SupportTable.markdown();
        if (Boolean.getBoolean("inmesh.support.write")) {
            Files.writeString(TABLE, table);
        }

        assertThat(TABLE)
                .as("docs/support.md is made of the declared fields: run this test with -Dinmesh.support.write=true")
                .hasContent(table);
    }
}
