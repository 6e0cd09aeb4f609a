package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.extensions.filters.http.lua.v3.Lua;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Scripts that control planes send and that need not be run. Scripts are not run here at all, and any other one may decide who may do what. */
final class KnownScripts {
    private static final Lua TYPE = Lua.getDefaultInstance();

    /** By SHA-256 of the script without white space. */
    private static final Map<String, String> HARMLESS = Map.of(
            // kuma-cp's, of a MeshAccessLog for a MeshHTTPRoute.
            "9e344f639273e7f8124b4e253ca70dcebc8bc88d666e2cda4546caa7570c9614",
            "leaves the name of the route's policy to access logs");

    private KnownScripts() {}

    /** Why nothing is lost without the script; null if it is none that is known. */
    static @Nullable String harmless(Any config, String path) {
        return harmless(config, path, HARMLESS);
    }

    @SuppressWarnings("deprecation") // inline_code is what default_source_code was before
    static @Nullable String harmless(Any config, String path, Map<String, String> known) {
        if (!Values.is(config, TYPE)) {
            return null;
        }
        Lua lua = Values.parse(config, TYPE, path);
        boolean onlyDefault = lua.getSourceCodesCount() == 0
                && lua.getInlineCode().isEmpty()
                && lua.getUnknownFields().asMap().isEmpty();
        return onlyDefault ? known.get(digest(lua.getDefaultSourceCode().getInlineString())) : null;
    }

    static String digest(String script) {
        try {
            byte[] text = script.replaceAll("\\s+", "").getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
