package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue;
import io.envoyproxy.envoy.extensions.filters.network.set_filter_state.v3.Config;
import io.inmesh.model.HeaderFormat;
import io.inmesh.model.SetFilterState;
import io.inmesh.model.SetFilterState.ObjectType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilterStateDecoderTest {
    private static final String URI = "%DOWNSTREAM_PEER_URI_SAN%";

    /** As kuma-cp has it of a MeshTimeout with a SPIFFE match. */
    @Test
    void decode_valuesOfBothMoments_areInTheirLists() {
        Notes notes = new Notes();
        Refusal refusal = new Refusal();
        Config config = withHandshake(
                Config.newBuilder()
                        .addOnNewConnection(value("early", "envoy.network.ip", "10.0.0.1"))
                        .build(),
                value("kuma.mesh_timeout.match.spiffe_id", "envoy.string", URI).toBuilder()
                        .setReadOnly(true)
                        .setSkipIfEmpty(true)
                        .build());

        SetFilterState decoded = FilterStateDecoder.decode(Any.pack(config), "f", notes, refusal);

        assertThat(refusal.reason()).isNull();
        assertThat(notes.unsupported()).isEmpty();
        assertThat(decoded.onNewConnection())
                .containsExactly(
                        new SetFilterState.Value("early", ObjectType.IP, HeaderFormat.parse("10.0.0.1"), false, false));
        assertThat(decoded.onHandshake())
                .containsExactly(new SetFilterState.Value(
                        "kuma.mesh_timeout.match.spiffe_id", ObjectType.TEXT, HeaderFormat.parse(URI), false, true));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            envoy.string     | none
            envoy.network.ip | none
            some.other.kind  | f.on_new_connection[0].factory_key: objects of the kind "some.other.kind" are not supported, and may decide where a connection goes
            """)
    void decode_kindOfObject_isOneThatThereIsHere(String factory, @Nullable String expected) {
        Refusal refusal = new Refusal();
        Config config =
                Config.newBuilder().addOnNewConnection(value("k", factory, "x")).build();

        FilterStateDecoder.decode(Any.pack(config), "f", new Notes(), refusal);

        assertThat(refusal.reason()).isEqualTo(expected);
    }

    @Test
    void decode_momentThatIsNotKnown_refusesConnections() {
        Refusal refusal = new Refusal();
        Config config = Config.newBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(3, bytes(value("k", "envoy.string", "x")))
                        .build())
                .build();

        FilterStateDecoder.decode(Any.pack(config), "f", new Notes(), refusal);

        assertThat(refusal.reason()).isEqualTo("f.#3: is a field that is not known here");
    }

    @Test
    void decode_formatThatEnvoyWouldRefuse_isRejected() {
        Config config = Config.newBuilder()
                .addOnNewConnection(value("k", "envoy.string", "%NO_SUCH_THING%"))
                .build();

        assertThatThrownBy(() -> FilterStateDecoder.decode(Any.pack(config), "f", new Notes(), new Refusal()))
                .isInstanceOf(BadResourceException.class)
                .hasMessageContaining("NO_SUCH_THING");
    }

    private static FilterStateValue value(String key, String factory, String format) {
        return FilterStateValue.newBuilder()
                .setObjectKey(key)
                .setFactoryKey(factory)
                .setFormatString(SubstitutionFormatString.newBuilder()
                        .setTextFormatSource(DataSource.newBuilder().setInlineString(format)))
                .build();
    }

    /** {@code on_downstream_tls_handshake}, for which there is no setter. */
    private static Config withHandshake(Config config, FilterStateValue value) {
        return config.toBuilder()
                .setUnknownFields(
                        UnknownFieldSet.newBuilder().addField(2, bytes(value)).build())
                .build();
    }

    private static Field bytes(FilterStateValue value) {
        return Field.newBuilder()
                .addLengthDelimited(ByteString.copyFrom(value.toByteArray()))
                .build();
    }
}
