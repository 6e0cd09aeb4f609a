package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue;
import io.envoyproxy.envoy.extensions.filters.network.set_filter_state.v3.Config;
import io.inmesh.model.SetFilterState;
import io.inmesh.model.SetFilterState.ObjectType;
import io.inmesh.model.SetFilterState.Value;
import java.util.ArrayList;
import java.util.List;

/** {@code envoy.filters.network.set_filter_state}. What of it cannot be carried out refuses connections: rules of authorization may look at the objects. */
final class FilterStateDecoder {
    static final Config TYPE = Config.getDefaultInstance();

    /** {@code on_downstream_tls_handshake}, which is newer (Envoy 1.37) than the messages that there are for Java. */
    private static final int ON_HANDSHAKE = 2;

    private FilterStateDecoder() {}

    static SetFilterState decode(Any any, String path, Notes notes, Refusal refusal) {
        Config config = Values.parse(any, TYPE, path);
        UnknownFieldSet unknown = config.getUnknownFields();
        UnknownFieldSet others =
                UnknownFieldSet.newBuilder(unknown).clearField(ON_HANDSHAKE).build();
        FieldAudit.check(config.toBuilder().setUnknownFields(others).build(), path, notes, refusal);
        List<FilterStateValue> onHandshake = new ArrayList<>();
        for (ByteString each : unknown.getField(ON_HANDSHAKE).getLengthDelimitedList()) {
            String at = Paths.element(path, "on_downstream_tls_handshake", onHandshake.size());
            FilterStateValue value = parse(each, at);
            FieldAudit.check(value, at, notes, refusal);
            onHandshake.add(value);
        }
        return new SetFilterState(
                Values.each(
                        config.getOnNewConnectionList(),
                        path,
                        "on_new_connection",
                        (value, at) -> value(value, at, refusal)),
                Values.each(
                        onHandshake, path, "on_downstream_tls_handshake", (value, at) -> value(value, at, refusal)));
    }

    private static FilterStateValue parse(ByteString bytes, String path) {
        try {
            return FilterStateValue.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new BadResourceException(path, "cannot be read as a FilterStateValue: " + e.getMessage());
        }
    }

    private static Value value(FilterStateValue value, String path, Refusal refusal) {
        // "If the object key is the factory's own, factory_key need not be given."
        String factory = value.getFactoryKey().isEmpty() ? value.getObjectKey() : value.getFactoryKey();
        ObjectType type =
                switch (factory) {
                    case "envoy.string" -> ObjectType.TEXT;
                    case "envoy.network.ip" -> ObjectType.IP;
                    default -> {
                        refusal.because(path + ".factory_key: objects of the kind \"" + factory
                                + "\" are not supported, and may decide where a connection goes");
                        yield ObjectType.TEXT;
                    }
                };
        SubstitutionFormatString format = value.getFormatString();
        return new Value(
                value.getObjectKey(),
                type,
                HeaderRulesDecoder.format(text(format, path + ".format_string", refusal), path + ".format_string"),
                format.getOmitEmptyValues(),
                value.getSkipIfEmpty());
    }

    @SuppressWarnings("deprecation") // text_format is what it was before text_format_source
    private static String text(SubstitutionFormatString format, String path, Refusal refusal) {
        switch (format.getFormatCase()) {
            case TEXT_FORMAT -> {
                return format.getTextFormat();
            }
            case TEXT_FORMAT_SOURCE -> {
                if (format.getTextFormatSource().hasInlineString()) {
                    return format.getTextFormatSource().getInlineString();
                }
                refusal.because(path + ".text_format_source: only inline_string is supported");
            }
            case JSON_FORMAT -> refusal.because(path + ".json_format: is not supported");
            case FORMAT_NOT_SET -> throw new BadResourceException(path, "has no format");
        }
        return "";
    }
}
