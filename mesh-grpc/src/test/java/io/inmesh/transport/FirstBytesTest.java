package io.inmesh.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FirstBytesTest {
    private static final long SEED = 20_261_124;
    private static final FirstBytes.Tls SENT = new FirstBytes.Tls(
            "outbound_.9080_._.reviews.default.svc.cluster.local", List.of("istio-h2", "istio", "h2"));

    private static byte[] hello(TlsProvider provider) throws Exception {
        try (SharedTls tls =
                new SharedTls(new GivenSecrets(), TlsOptions.DEFAULT, provider, Clock.systemUTC(), name -> null)) {
            return Hellos.of(
                    tls.client(Settings.client(Settings.common(null, null))),
                    SENT.serverName(),
                    SENT.applicationProtocols());
        }
    }

    private static @Nullable FirstBytes look(byte[] bytes) {
        return FirstBytes.look(ByteBuffer.wrap(bytes));
    }

    @ParameterizedTest
    @EnumSource
    void look_realClientHello_tellsNamesAndProtocols(TlsProvider provider) throws Exception {
        byte[] hello = hello(provider);
        ByteBuffer within = ByteBuffer.allocate(hello.length + 14)
                .put(new byte[7])
                .put(hello)
                .flip()
                .position(7);

        assertThat(FirstBytes.look(within)).isEqualTo(SENT);
        assertThat(within.position()).isEqualTo(7);
        assertThat(within.limit()).isEqualTo(hello.length + 7);
    }

    @ParameterizedTest
    @EnumSource
    void look_everyTruncation_asksForMore(TlsProvider provider) throws Exception {
        byte[] hello = hello(provider);
        for (int length = 0; length < hello.length; length++) {
            assertThat(look(Arrays.copyOf(hello, length)))
                    .as("%d bytes", length)
                    .isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 100})
    void look_helloOverManyRecords_isPutTogether(int size) throws Exception {
        byte[] hello = hello(TlsProvider.NATIVE);
        ByteArrayOutputStream split = new ByteArrayOutputStream();
        for (int i = 5; i < hello.length; i += size) {
            int part = Math.min(size, hello.length - i);
            split.writeBytes(new byte[] {22, 3, 1, 0, (byte) part});
            split.write(hello, i, part);
        }

        assertThat(look(split.toByteArray())).isEqualTo(SENT);
    }

    @Test
    void look_mutations_neverThrowAndNeverHang() throws Exception {
        byte[] hello = hello(TlsProvider.NATIVE);
        Random random = new Random(SEED);
        int decided = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] mutated = Arrays.copyOf(hello, random.nextInt(hello.length + 20));
            for (int flips = random.nextInt(6); flips >= 0 && mutated.length > 0; flips--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
            }
            decided += look(mutated) == null ? 0 : 1;
        }
        assertThat(decided).as("seed %d", SEED).isBetween(1, 199_999);
    }

    @Test
    void look_noise_neverThrows() {
        Random random = new Random(SEED);
        for (int i = 0; i < 50_000; i++) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            if (noise.length > 2 && i % 2 == 0) {
                noise[0] = 22;
                noise[1] = 3;
            }
            FirstBytes found = look(noise);
            assertThat(found).satisfiesAnyOf(each -> assertThat(each).isNull(), each -> assertThat(each)
                    .isInstanceOf(FirstBytes.class));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET / HTTP/1.1\\r\\n          | http/1.1
            GET / HTTP/1.0\\r\\n          | http/1.0
            POST /a?b=c HTTP/1.1\\n       | http/1.1
            M-SEARCH * HTTP/1.1\\r\\n     | http/1.1
            GET / HTTP/1.2\\r\\n          | none
            GET /\\r\\n                   | none
            SSH-2.0-OpenSSH_9.2\\r\\n     | none
            \\1\\2\\3                       | none
            PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n | h2c
            PRI * HTTP/2.0\\r\\n\\r\\nXX  | none
            PRI * HTTP/2.0\\r\\n          | more
            PRI                           | more
            GET / HTTP/1.1                | more
            GE                            | more
            """)
    void look_inTheClear_tellsHttp(String text, String expected) {
        byte[] bytes = text.translateEscapes().getBytes(StandardCharsets.UTF_8);

        FirstBytes found = look(bytes);

        switch (expected) {
            case "more" -> assertThat(found).isNull();
            case "none" -> assertThat(found).isEqualTo(new FirstBytes.Plaintext(""));
            default -> assertThat(found).isEqualTo(new FirstBytes.Plaintext(expected));
        }
    }

    @Test
    void look_helloThatClaimsToBeHuge_isRefusedAtOnce() {
        assertThat(look(new byte[] {22, 3, 1, 0x40, 0, 1, 0x7f, 0, 0})).isInstanceOf(FirstBytes.Malformed.class);
    }

    @Test
    void look_recordsThatNeverEndAMessage_areRefusedAtTheBound() {
        byte[] bytes = new byte[FirstBytes.MAX_BYTES];
        for (int i = 0; i + 6 <= bytes.length; i += 6) {
            System.arraycopy(new byte[] {22, 3, 1, 0, 1, (byte) (i == 0 ? 1 : i == 6 ? 0 : 0x3f)}, 0, bytes, i, 6);
        }
        assertThat(look(Arrays.copyOf(bytes, bytes.length - 1))).isNull();
        assertThat(look(bytes)).isInstanceOf(FirstBytes.Malformed.class);
    }

    @Test
    void look_otherHandshakeMessage_isMalformed() {
        assertThat(look(new byte[] {22, 3, 3, 0, 4, 2, 0, 0, 0})).isInstanceOf(FirstBytes.Malformed.class);
    }

    @Test
    void look_longLineThatIsNoHttp_endsAtTheBound() {
        byte[] line = new byte[FirstBytes.MAX_BYTES];
        Arrays.fill(line, (byte) 'A');
        System.arraycopy("GET ".getBytes(StandardCharsets.UTF_8), 0, line, 0, 4);

        assertThat(look(Arrays.copyOf(line, line.length - 1))).isNull();
        assertThat(look(line)).isEqualTo(new FirstBytes.Plaintext(""));
    }
}
