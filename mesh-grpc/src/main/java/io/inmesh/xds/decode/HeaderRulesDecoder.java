package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.inmesh.model.HeaderEdit;
import io.inmesh.model.HeaderEdit.AppendAction;
import io.inmesh.model.HeaderFormat;
import io.inmesh.model.HeaderMutation;
import java.util.List;
import java.util.Locale;

/** Header rules of routes, and single edits of headers. */
final class HeaderRulesDecoder {
    private HeaderRulesDecoder() {}

    /** {@code <direction>_headers_to_add} and {@code <direction>_headers_to_remove} of one level. */
    static HeaderMutation rules(List<HeaderValueOption> puts, List<String> removes, String path, String direction) {
        if (puts.isEmpty() && removes.isEmpty()) {
            return HeaderMutation.NONE;
        }
        return new HeaderMutation(
                Values.each(puts, path, direction + "_headers_to_add", (option, at) -> {
                    requireModifiable(option.getHeader().getKey(), at + ".header.key");
                    return put(option, at);
                }),
                Values.each(removes, path, direction + "_headers_to_remove", (name, at) -> {
                    requireModifiable(name, at);
                    return name.toLowerCase(Locale.ROOT);
                }));
    }

    /** Envoy's rule: "{@code :-prefixed or host headers may not be modified}". */
    static void requireModifiable(String name, String path) {
        if (name.startsWith(":") || name.equalsIgnoreCase("host")) {
            throw new BadResourceException(path, "pseudo-headers and host cannot be changed here: \"" + name + "\"");
        }
    }

    static HeaderEdit.Put put(HeaderValueOption option, String path) {
        HeaderValue header = option.getHeader();
        String text = header.getRawValue().isEmpty()
                ? header.getValue()
                : header.getRawValue().toStringUtf8();
        if (!header.getRawValue().isEmpty() && !header.getValue().isEmpty()) {
            throw new BadResourceException(path + ".header", "only one of value, raw_value can be set");
        }
        return new HeaderEdit.Put(
                header.getKey().toLowerCase(Locale.ROOT),
                format(text, path + ".header.value"),
                action(option, path),
                option.getKeepEmptyValue());
    }

    static HeaderFormat format(String text, String path) {
        try {
            return HeaderFormat.parse(text);
        } catch (IllegalArgumentException e) {
            throw new BadResourceException(path, String.valueOf(e.getMessage()));
        }
    }

    @SuppressWarnings("deprecation") // control planes still send "append"
    private static AppendAction action(HeaderValueOption option, String path) {
        if (option.hasAppend()) {
            if (option.getAppendActionValue() != 0) {
                throw new BadResourceException(path, "append and append_action cannot both be set");
            }
            return option.getAppend().getValue()
                    ? AppendAction.APPEND_IF_EXISTS_OR_ADD
                    : AppendAction.OVERWRITE_IF_EXISTS_OR_ADD;
        }
        return switch (option.getAppendAction()) {
            case APPEND_IF_EXISTS_OR_ADD, UNRECOGNIZED -> AppendAction.APPEND_IF_EXISTS_OR_ADD;
            case ADD_IF_ABSENT -> AppendAction.ADD_IF_ABSENT;
            case OVERWRITE_IF_EXISTS_OR_ADD -> AppendAction.OVERWRITE_IF_EXISTS_OR_ADD;
            case OVERWRITE_IF_EXISTS -> AppendAction.OVERWRITE_IF_EXISTS;
        };
    }
}
