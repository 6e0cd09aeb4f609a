package io.inmesh.xds.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Lets every test wait longer than Awaitility's ten seconds, which a machine with other things to do may need. JUnit finds it by itself. */
public final class Patience implements BeforeAllCallback {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(TIMEOUT);
    }
}
