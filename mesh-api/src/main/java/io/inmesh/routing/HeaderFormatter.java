package io.inmesh.routing;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.exchange.UpstreamFacts;
import io.inmesh.model.HeaderFormat;
import io.inmesh.model.HeaderFormat.Command;
import io.inmesh.model.HeaderFormat.Literal;
import io.inmesh.model.HeaderFormat.Part;
import io.inmesh.model.TextRegion;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes the text of a format. */
public final class HeaderFormatter {
    private static final Pattern WHITE_SPACE = Pattern.compile("\\s");

    private HeaderFormatter() {}

    /** What has no value gives nothing, as in Envoy's header rules ({@code omit_empty_values} of its formatter). */
    static String format(HeaderFormat format, FormatContext context) {
        return format(format, context, "");
    }

    /**
     * The text.
     *
     * @param absent stands for what has no value: a dash in most of Envoy's formats
     */
    public static String format(HeaderFormat format, FormatContext context, String absent) {
        List<Part> parts = format.parts();
        if (parts.size() == 1 && parts.get(0) instanceof Literal literal) {
            return literal.text();
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            if (part instanceof Literal literal) {
                text.append(literal.text());
            } else if (part instanceof Command command) {
                String found = value(command, context);
                String value = found == null ? absent : found;
                text.append(
                        value,
                        0,
                        command.maxLength() < 0 ? value.length() : Math.min(value.length(), command.maxLength()));
            }
        }
        return text.toString();
    }

    private static @Nullable String value(Command command, FormatContext context) {
        StreamInfo info = context.info();
        UpstreamFacts upstream = info.upstream();
        String argument = command.argument() == null ? "" : command.argument();
        return switch (command.operator()) {
            case REQ -> context.request() == null ? null : requestHeader(context.request(), argument);
            case RESP -> context.response() == null ? null : responseHeader(context, argument);
            case TRAILER -> context.trailers() == null ? null : header(context.trailers(), argument);
            case QUERY_PARAM ->
                context.request() == null
                        ? null
                        : QueryString.get(context.request().path(), argument);
            case QUERY_PARAMS -> context.request() == null ? null : query(context.request());
            case PATH -> context.request() == null ? null : path(context.request(), argument);
            case START_TIME -> TimeFormat.format(argument, info.startTimeMillis());
            case PROTOCOL -> info.protocol();
            case UPSTREAM_PROTOCOL -> upstream.protocol();
            case RESPONSE_CODE -> Integer.toString(context.responseCode());
            case RESPONSE_CODE_DETAILS -> underscored(info.responseCodeDetails());
            case RESPONSE_FLAGS -> flags(info, false);
            case RESPONSE_FLAGS_LONG -> flags(info, true);
            case ROUTE_NAME -> emptyAsNull(info.routeName());
            case HOSTNAME -> System.getenv("HOSTNAME");
            case UPSTREAM_HOST, UPSTREAM_REMOTE_ADDRESS -> upstream.remoteAddress();
            case UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT -> Addresses.withoutPort(upstream.remoteAddress());
            case UPSTREAM_REMOTE_PORT -> Addresses.port(upstream.remoteAddress());
            case UPSTREAM_HOST_NAME -> upstream.hostname() == null ? upstream.remoteAddress() : upstream.hostname();
            case UPSTREAM_HOST_NAME_WITHOUT_PORT ->
                Addresses.withoutPort(upstream.hostname() == null ? upstream.remoteAddress() : upstream.hostname());
            case UPSTREAM_CLUSTER, UPSTREAM_CLUSTER_RAW -> upstream.cluster();
            case UPSTREAM_LOCAL_ADDRESS -> upstream.localAddress();
            case UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT -> Addresses.withoutPort(upstream.localAddress());
            case UPSTREAM_LOCAL_PORT -> Addresses.port(upstream.localAddress());
            case UPSTREAM_REQUEST_ATTEMPT_COUNT -> Integer.toString(context.attempts());
            case UPSTREAM_TRANSPORT_FAILURE_REASON -> underscored(upstream.transportFailure());
            case DYNAMIC_METADATA -> dynamicMetadata(info, argument);
            case CLUSTER_METADATA -> MetadataText.find(upstream.clusterMetadata(), argument);
            case UPSTREAM_METADATA -> MetadataText.find(upstream.hostMetadata(), argument);
            case METADATA -> metadata(info, argument);
            case FILTER_STATE -> filterState(info, argument);
            case ENVIRONMENT -> System.getenv(argument);
            case WITHOUT_VALUE -> null;
            default -> DownstreamText.of(command.operator(), info);
        };
    }

    /** {@code NAME} or {@code NAME?OTHER}, in any case; of a repeated header the first one. */
    private static @Nullable String requestHeader(RequestHead head, String argument) {
        int question = argument.indexOf('?');
        String value = oneRequestHeader(head, question < 0 ? argument : argument.substring(0, question));
        return value == null && question >= 0 ? oneRequestHeader(head, argument.substring(question + 1)) : value;
    }

    private static @Nullable String oneRequestHeader(RequestHead head, String name) {
        String lowerCaseName = name.toLowerCase(Locale.ROOT);
        return switch (lowerCaseName) {
            case ":method" -> head.method();
            case ":scheme" -> head.scheme();
            case ":authority", "host" -> head.authority();
            case ":path" -> head.path();
            default -> head.headers().get(lowerCaseName);
        };
    }

    private static @Nullable String responseHeader(FormatContext context, String argument) {
        if (context.response() == null) {
            return null;
        }
        return argument.equalsIgnoreCase(":status")
                ? Integer.toString(context.response().status())
                : header(context.response().headers(), argument);
    }

    private static @Nullable String header(Headers headers, String argument) {
        int question = argument.indexOf('?');
        String name = question < 0 ? argument : argument.substring(0, question);
        String value = headers.get(name.toLowerCase(Locale.ROOT));
        return value == null && question >= 0
                ? headers.get(argument.substring(question + 1).toLowerCase(Locale.ROOT))
                : value;
    }

    private static @Nullable String query(RequestHead head) {
        int question = head.path().indexOf('?');
        return question < 0 ? null : head.path().substring(question + 1);
    }

    /** {@code QUERY:ORIG_OR_PATH} and the like: {@code NQ} leaves the query out; ORIG is what a rewrite has left behind. */
    private static @Nullable String path(RequestHead head, String argument) {
        String original = head.headers().get("x-envoy-original-path");
        String path = argument.endsWith(":PATH") ? head.path() : original;
        if (path == null && !argument.endsWith(":ORIG")) {
            path = head.path();
        }
        return path != null && argument.startsWith("NQ") ? path.substring(0, TextRegion.pathEnd(path)) : path;
    }

    private static String flags(StreamInfo info, boolean words) {
        if (info.flags().isEmpty()) {
            return "-";
        }
        return info.flags().stream()
                .map(flag -> words ? camelCase(flag.name()) : flag.code())
                .collect(Collectors.joining(","));
    }

    private static String camelCase(String constant) {
        StringBuilder text = new StringBuilder();
        for (String word : constant.split("_", -1)) {
            text.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return text.toString();
    }

    private static @Nullable String dynamicMetadata(StreamInfo info, String argument) {
        int colon = argument.indexOf(':');
        String filter = colon < 0 ? argument : argument.substring(0, colon);
        Map<String, Object> metadata = info.dynamicMetadata(filter);
        return metadata == null ? null : MetadataText.find(Map.of(filter, metadata), argument);
    }

    private static @Nullable String metadata(StreamInfo info, String argument) {
        int colon = argument.indexOf(':');
        String rest = argument.substring(colon + 1);
        return switch (colon < 0 ? "" : argument.substring(0, colon)) {
            case "DYNAMIC" -> dynamicMetadata(info, rest);
            case "CLUSTER" -> MetadataText.find(info.upstream().clusterMetadata(), rest);
            case "UPSTREAM_HOST" -> MetadataText.find(info.upstream().hostMetadata(), rest);
            case "ROUTE" -> MetadataText.find(info.routeMetadata(), rest);
            case "VIRTUAL_HOST" -> MetadataText.find(info.virtualHostMetadata(), rest);
            default -> null;
        };
    }

    /** {@code KEY:PLAIN} is the object's text; without PLAIN it is the text as JSON. */
    private static @Nullable String filterState(StreamInfo info, String argument) {
        int colon = argument.indexOf(':');
        Object object = info.filterState(colon < 0 ? argument : argument.substring(0, colon));
        if (object == null) {
            return null;
        }
        return argument.endsWith(":PLAIN") ? object.toString() : MetadataText.json(object.toString());
    }

    /** Envoy's {@code StringUtil::replaceAllEmptySpace}. */
    private static @Nullable String underscored(@Nullable String text) {
        return text == null ? null : WHITE_SPACE.matcher(text).replaceAll("_");
    }

    private static @Nullable String emptyAsNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }
}
