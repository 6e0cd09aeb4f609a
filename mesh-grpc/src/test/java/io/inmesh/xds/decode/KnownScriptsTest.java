package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.filters.http.lua.v3.Lua;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KnownScriptsTest {
    private static final String SCRIPT = "function envoy_on_request(handle)\n  handle:headers():add('a', 'b')\nend\n";
    private static final Map<String, String> KNOWN = Map.of(KnownScripts.digest(SCRIPT), "adds a header");

    @Test
    void harmless_scriptThatIsKnown_isSoHoweverItIsSpaced() {
        assertThat(known(lua(SCRIPT))).isEqualTo("adds a header");
        assertThat(known(lua(SCRIPT.replace("\n  ", "\n\t\t")))).isEqualTo("adds a header");
    }

    @Test
    void harmless_anythingElse_isNot() {
        assertThat(known(lua(SCRIPT.replace("'b'", "'c'")))).isNull();
        assertThat(known(lua(SCRIPT).toBuilder()
                        .putSourceCodes("other.lua", DataSource.getDefaultInstance())
                        .build()))
                .isNull();
        assertThat(known(Lua.getDefaultInstance())).isNull();
        assertThat(KnownScripts.harmless(Any.pack(Router.getDefaultInstance()), "f"))
                .isNull();
        assertThat(KnownScripts.harmless(Any.pack(lua(SCRIPT)), "f")).isNull();
    }

    private static @Nullable String known(Lua lua) {
        return KnownScripts.harmless(Any.pack(lua), "f", KNOWN);
    }

    private static Lua lua(String script) {
        return Lua.newBuilder()
                .setDefaultSourceCode(DataSource.newBuilder().setInlineString(script))
                .build();
    }
}
