package io.inmesh.filter;

import io.inmesh.exchange.ResponseHead;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.RawFilterConfig;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An application's filter whose configuration is its code. It writes down what it sees. */
record Scripted(
        String tag,
        Function<FilterStream, FilterStep> onRequest,
        BiFunction<FilterStream, ResponseHead, FilterStep> onResponse,
        List<String> log)
        implements FilterConfig {
    static final String TYPE = "type.googleapis.com/acme.Scripted";

    /** One that lets everything pass. */
    static Scripted passing(String tag, List<String> log) {
        return new Scripted(tag, stream -> FilterStep.CONTINUE, (stream, head) -> FilterStep.CONTINUE, log);
    }

    Scripted onRequest(Function<FilterStream, FilterStep> step) {
        return new Scripted(tag, step, onResponse, log);
    }

    Scripted onResponse(BiFunction<FilterStream, ResponseHead, FilterStep> step) {
        return new Scripted(tag, onRequest, step, log);
    }

    /** Makes such filters, from Java or from a configuration that names a tag. */
    static final class Factory implements HttpFilterFactory<Scripted> {
        private final List<String> log;
        int created;

        Factory(List<String> log) {
            this.log = log;
        }

        @Override
        public Set<String> typeUrls() {
            return Set.of(TYPE);
        }

        @Override
        public Class<Scripted> configType() {
            return Scripted.class;
        }

        @Override
        public Scripted parse(RawFilterConfig raw) {
            @Nullable Object tag = raw.struct() == null ? null : raw.struct().get("tag");
            if (tag == null) {
                throw new IllegalArgumentException("tag: is missing");
            }
            return passing(tag.toString(), log);
        }

        @Override
        public HttpFilter create(Levels<Scripted> config) {
            created++;
            return new Filter(config.mostSpecific());
        }
    }

    private record Filter(Scripted config) implements HttpFilter {
        @Override
        public FilterStep onRequest(FilterStream stream) {
            config.log.add(config.tag + " request");
            return config.onRequest.apply(stream);
        }

        @Override
        public FilterStep onResponse(FilterStream stream, ResponseHead head) {
            config.log.add(config.tag + " response " + head.status());
            return config.onResponse.apply(stream, head);
        }

        @Override
        public void onEnd(FilterStream stream) {
            config.log.add(config.tag + " end");
        }
    }
}
