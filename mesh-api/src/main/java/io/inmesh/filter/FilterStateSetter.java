package io.inmesh.filter;

import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.HeaderFormat;
import io.inmesh.model.HeaderFormat.Command;
import io.inmesh.model.HeaderFormat.Literal;
import io.inmesh.model.HeaderFormat.Part;
import io.inmesh.model.SetFilterState;
import io.inmesh.model.SetFilterState.ObjectType;
import io.inmesh.model.SetFilterState.Value;
import io.inmesh.routing.FormatContext;
import io.inmesh.routing.HeaderFormatter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.filters.network.set_filter_state}. A connection is looked at after its handshake, so both of Envoy's moments are one here; what Envoy does not know
 * yet in the first one has no value in it.
 */
final class FilterStateSetter implements NetworkFilter {
    static final NetworkFilterFactory<SetFilterState> FACTORY = new Factory();
    private static final String DASH = "-";

    private final List<Value> values = new ArrayList<>();

    private FilterStateSetter(SetFilterState config) {
        config.onNewConnection().forEach(each -> values.add(beforeHandshake(each)));
        values.addAll(config.onHandshake());
    }

    @Override
    public @Nullable String onConnection(StreamInfo connection) {
        FormatContext context = FormatContext.ofConnection(connection);
        for (int i = 0; i < values.size(); i++) {
            Value value = values.get(i);
            String text = HeaderFormatter.format(value.format(), context, absent(value));
            if (!(text.isEmpty() && value.skipIfEmpty())) {
                put(value, text, connection);
            }
        }
        return null;
    }

    private static void put(Value value, String text, StreamInfo connection) {
        Object object = value.type() == ObjectType.TEXT ? text : IpAddress.parse(text);
        if (object != null) {
            connection.putFilterState(value.key(), object);
        }
    }

    private static String absent(Value value) {
        return value.omitEmpty() ? "" : DASH;
    }

    private static Value beforeHandshake(Value value) {
        List<Part> parts = new ArrayList<>();
        for (Part part : value.format().parts()) {
            boolean unknown =
                    part instanceof Command command && command.operator().isOfHandshake();
            parts.add(unknown ? new Literal(absent(value)) : part);
        }
        return new Value(
                value.key(),
                value.type(),
                new HeaderFormat(value.format().text(), List.copyOf(parts)),
                value.omitEmpty(),
                value.skipIfEmpty());
    }

    private static final class Factory implements NetworkFilterFactory<SetFilterState> {
        @Override
        public Class<SetFilterState> configType() {
            return SetFilterState.class;
        }

        @Override
        public NetworkFilter create(SetFilterState config) {
            return new FilterStateSetter(config);
        }
    }
}
