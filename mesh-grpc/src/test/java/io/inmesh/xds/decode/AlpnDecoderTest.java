package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.inmesh.model.AlpnOverrideFilter;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.Listener;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AlpnDecoderTest {
    private final Notes notes = new Notes();

    private AlpnOverrideFilter decode(UnknownFieldSet.Builder config) {
        Any any = Any.newBuilder()
                .setTypeUrl("type.googleapis.com/" + AlpnDecoder.TYPE)
                .setValue(config.build().toByteString())
                .build();
        return AlpnDecoder.decode(any, "typed_config", notes);
    }

    private static UnknownFieldSet.Builder config(UnknownFieldSet.Builder... overrides) {
        Field.Builder field = Field.newBuilder();
        for (UnknownFieldSet.Builder override : overrides) {
            field.addLengthDelimited(override.build().toByteString());
        }
        return UnknownFieldSet.newBuilder().addField(1, field.build());
    }

    private static UnknownFieldSet.Builder override(long protocol, String... alpn) {
        Field.Builder protocols = Field.newBuilder();
        for (String each : alpn) {
            protocols.addLengthDelimited(ByteString.copyFromUtf8(each));
        }
        UnknownFieldSet.Builder override = UnknownFieldSet.newBuilder().addField(2, protocols.build());
        return protocol == 0
                ? override
                : override.addField(1, Field.newBuilder().addVarint(protocol).build());
    }

    /** Of the listeners of a recorded client, each that takes requests has the filter. */
    @Test
    void decode_recordedListener_hasTheListsOfIstio() {
        Listener listener = Yaml.accepted(ResourceDecoder.listener(
                        "0.0.0.0_9080",
                        Recordings.of("istio-1.31-dev/basic/web/Listener/0.0.0.0_9080.pb")
                                .body()))
                .listener();

        List<HttpFilterConfig> filters = Objects.requireNonNull(listener.http()).filters();
        assertThat(filters)
                .filteredOn(filter -> filter.name().equals("istio.alpn"))
                .extracting(HttpFilterConfig::config)
                .containsExactly(new AlpnOverrideFilter(
                        List.of("istio-http/1.1", "istio", "http/1.1"), List.of("istio-h2", "istio", "h2")));
    }

    @Test
    void decode_everyHttpListenerOfARecordedClient_overridesAlpn() {
        List<HttpConnectionManager> managers = Recordings.all().stream()
                .filter(each -> each.file().matches("istio-.*/Listener/0\\.0\\.0\\.0_.*"))
                .map(each -> Yaml.accepted(ResourceDecoder.listener(each.name(), each.body()))
                        .listener()
                        .http())
                .filter(Objects::nonNull)
                .toList();

        assertThat(managers).hasSizeGreaterThan(8).allSatisfy(manager -> assertThat(manager.filters())
                .extracting(HttpFilterConfig::config)
                .hasAtLeastOneElementOfType(AlpnOverrideFilter.class));
    }

    @Test
    void decode_nothing_overridesNothing() {
        assertThat(decode(UnknownFieldSet.newBuilder())).isEqualTo(new AlpnOverrideFilter(List.of(), List.of()));
    }

    @Test
    void decode_aVersionTwice_keepsTheFirstAsEnvoysMapDoes() {
        assertThat(decode(config(override(0, "http/1.0"), override(1, "first"), override(1, "second"))))
                .isEqualTo(new AlpnOverrideFilter(List.of("first"), List.of()));
    }

    @Test
    void decode_fieldOfANewerIstio_isShownByItsNumber() {
        UnknownFieldSet.Builder newer =
                override(2, "h2").addField(7, Field.newBuilder().addVarint(1).build());

        assertThat(decode(config(newer))).isEqualTo(new AlpnOverrideFilter(List.of(), List.of("h2")));
        assertThat(notes.unsupported()).containsExactly("typed_config.alpn_override[0].#7");
    }

    @Test
    void decode_whatIsNoAlpn_isRefusedWithTheField() {
        assertThatThrownBy(() -> decode(config(override(3, "h3"))))
                .isInstanceOf(BadResourceException.class)
                .hasMessageContaining("typed_config.alpn_override[0].upstream_protocol");
        assertThatThrownBy(() -> decode(config(override(1, "istio", ""))))
                .hasMessageContaining("typed_config.alpn_override[0].alpn_override[1]");
        assertThatThrownBy(() -> AlpnDecoder.decode(
                        Any.newBuilder()
                                .setValue(ByteString.copyFromUtf8("\u0007"))
                                .build(),
                        "typed_config",
                        notes))
                .isInstanceOf(BadResourceException.class)
                .hasMessageContaining("cannot be read as " + AlpnDecoder.TYPE);
    }
}
