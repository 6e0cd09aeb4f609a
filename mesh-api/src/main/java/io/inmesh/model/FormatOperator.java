package io.inmesh.model;

import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Envoy's command operators, by the name that stands between percent signs. */
public enum FormatOperator {
    /** A request header: {@code name}, {@code name?other}. */
    REQ(Argument.REQUIRED),
    /** A response header. */
    RESP(Argument.REQUIRED),
    /** A response trailer. */
    TRAILER(Argument.REQUIRED),
    /** A query parameter of the request. */
    QUERY_PARAM(Argument.REQUIRED),
    /** The request's query. */
    QUERY_PARAMS(Argument.OPTIONAL),
    /** The request's path, with or without its query. */
    PATH(Argument.OPTIONAL),
    /** When the request came. */
    START_TIME(Argument.OPTIONAL),
    /** The caller's protocol. */
    PROTOCOL(Argument.NONE),
    /** The protocol towards the host. */
    UPSTREAM_PROTOCOL(Argument.NONE),
    /** The response's status. */
    RESPONSE_CODE(Argument.NONE),
    /** Why the response has its status. */
    RESPONSE_CODE_DETAILS(Argument.OPTIONAL),
    /** Flags in letters. */
    RESPONSE_FLAGS(Argument.NONE),
    /** Flags in words. */
    RESPONSE_FLAGS_LONG(Argument.NONE),
    /** The route's name. */
    ROUTE_NAME(Argument.NONE),
    /** The machine's name. */
    HOSTNAME(Argument.NONE),
    /** Address and port of the chosen host. */
    UPSTREAM_HOST(Argument.NONE),
    /** The chosen host's name, else its address, and port. */
    UPSTREAM_HOST_NAME(Argument.NONE),
    /** The chosen host's name, else its address. */
    UPSTREAM_HOST_NAME_WITHOUT_PORT(Argument.NONE),
    /** The cluster's name for observation. */
    UPSTREAM_CLUSTER(Argument.NONE),
    /** The cluster's name. */
    UPSTREAM_CLUSTER_RAW(Argument.NONE),
    /** Address and port at this end of the connection to the host. */
    UPSTREAM_LOCAL_ADDRESS(Argument.NONE),
    /** Its address. */
    UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT(Argument.OPTIONAL),
    /** Its port. */
    UPSTREAM_LOCAL_PORT(Argument.NONE),
    /** Address and port of the chosen host. */
    UPSTREAM_REMOTE_ADDRESS(Argument.NONE),
    /** Its address. */
    UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(Argument.OPTIONAL),
    /** Its port. */
    UPSTREAM_REMOTE_PORT(Argument.NONE),
    /** How many attempts there have been. */
    UPSTREAM_REQUEST_ATTEMPT_COUNT(Argument.NONE),
    /** Why there was no connection. */
    UPSTREAM_TRANSPORT_FAILURE_REASON(Argument.NONE),
    /** The caller's address and port. */
    DOWNSTREAM_REMOTE_ADDRESS(Argument.NONE),
    /** The caller's address. */
    DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(Argument.OPTIONAL),
    /** The caller's port. */
    DOWNSTREAM_REMOTE_PORT(Argument.NONE),
    /** The address and port that the caller went to. */
    DOWNSTREAM_LOCAL_ADDRESS(Argument.NONE),
    /** The address that the caller went to. */
    DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT(Argument.OPTIONAL),
    /** The port that the caller went to. */
    DOWNSTREAM_LOCAL_PORT(Argument.NONE),
    /** The address and port at the other end of the connection, whoever the caller says to be. */
    DOWNSTREAM_DIRECT_REMOTE_ADDRESS(Argument.NONE),
    /** Its address. */
    DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT(Argument.OPTIONAL),
    /** URI names of the caller's certificate. */
    DOWNSTREAM_PEER_URI_SAN(Argument.NONE),
    /** DNS names of the caller's certificate. */
    DOWNSTREAM_PEER_DNS_SAN(Argument.NONE),
    /** The subject of the caller's certificate. */
    DOWNSTREAM_PEER_SUBJECT(Argument.NONE),
    /** The issuer of the caller's certificate. */
    DOWNSTREAM_PEER_ISSUER(Argument.NONE),
    /** The serial number of the caller's certificate. */
    DOWNSTREAM_PEER_SERIAL(Argument.NONE),
    /** SHA-256 of the caller's certificate. */
    DOWNSTREAM_PEER_FINGERPRINT_256(Argument.NONE),
    /** URI names of the certificate that this side showed. */
    DOWNSTREAM_LOCAL_URI_SAN(Argument.NONE),
    /** The version of TLS. */
    DOWNSTREAM_TLS_VERSION(Argument.NONE),
    /** What the caller asked for by SNI. */
    REQUESTED_SERVER_NAME(Argument.OPTIONAL),
    /** Dynamic metadata: {@code filter:key:key}. */
    DYNAMIC_METADATA(Argument.REQUIRED),
    /** Metadata of the cluster: {@code filter:key:key}. */
    CLUSTER_METADATA(Argument.REQUIRED),
    /** Metadata of the chosen host: {@code filter:key:key}. */
    UPSTREAM_METADATA(Argument.REQUIRED),
    /** {@code TYPE:filter:key:key}, type being DYNAMIC, CLUSTER, ROUTE, UPSTREAM_HOST, LISTENER or VIRTUAL_HOST. */
    METADATA(Argument.REQUIRED),
    /** An object of the filter state: {@code key:PLAIN}, {@code key:TYPED}, {@code key:FIELD:name}. */
    FILTER_STATE(Argument.REQUIRED),
    /** An environment variable of the process. */
    ENVIRONMENT(Argument.REQUIRED),

    /** One that Envoy knows and that has no value within a process of its own. */
    WITHOUT_VALUE(Argument.OPTIONAL);

    /** Whether something stands in parentheses behind the name. */
    enum Argument {
        NONE,
        OPTIONAL,
        REQUIRED
    }

    private static final Map<String, FormatOperator> BY_NAME = Stream.of(values())
            .filter(operator -> operator != WITHOUT_VALUE)
            .collect(Collectors.toUnmodifiableMap(Enum::name, Function.identity()));

    /** Names and beginnings of names of what speaks of byte counts, durations, the caller's connection and TLS. */
    private static final Set<String> NAMES_WITHOUT_VALUE = Set.of(
            "ACCESS_LOG_TYPE",
            "BYTES_RECEIVED",
            "BYTES_RETRANSMITTED",
            "BYTES_SENT",
            "COALESCE",
            "COMMON_DURATION",
            "CONNECTION_ID",
            "CONNECTION_TERMINATION_DETAILS",
            "CUSTOM_FLAGS",
            "DURATION",
            "EMIT_TIME",
            "EMIT_TIME_LOCAL",
            "FILTER_CHAIN_NAME",
            "GRPC_STATUS",
            "GRPC_STATUS_NUMBER",
            "LOCAL_REPLY_BODY",
            "PACKETS_RECEIVED",
            "PACKETS_SENT",
            "REQUEST_DURATION",
            "REQUEST_HEADERS_BYTES",
            "REQUEST_TX_DURATION",
            "RESPONSE_DURATION",
            "RESPONSE_HEADERS_BYTES",
            "RESPONSE_TRAILERS_BYTES",
            "RESPONSE_TX_DURATION",
            "ROUNDTRIP_DURATION",
            "SPAN_ID",
            "START_TIME_LOCAL",
            "STREAM_ID",
            "TLS_JA3_FINGERPRINT",
            "TLS_JA4_FINGERPRINT",
            "TRACE_ID",
            "UNIQUE_ID",
            "VIRTUAL_CLUSTER_NAME");

    private final Argument argument;

    FormatOperator(Argument argument) {
        this.argument = argument;
    }

    /** Whether it speaks of what only a handshake brings to light. */
    public boolean isOfHandshake() {
        return switch (this) {
            case DOWNSTREAM_PEER_URI_SAN,
                    DOWNSTREAM_PEER_DNS_SAN,
                    DOWNSTREAM_PEER_SUBJECT,
                    DOWNSTREAM_PEER_ISSUER,
                    DOWNSTREAM_PEER_SERIAL,
                    DOWNSTREAM_PEER_FINGERPRINT_256,
                    DOWNSTREAM_TLS_VERSION -> true;
            default -> false;
        };
    }

    Argument argument() {
        return argument;
    }

    /** The operator of that name, or null if Envoy would not know it either. */
    static @Nullable FormatOperator ofName(String name) {
        FormatOperator operator = BY_NAME.get(name);
        if (operator == null && (NAMES_WITHOUT_VALUE.contains(name) || speaksOfConnection(name))) {
            return WITHOUT_VALUE;
        }
        return operator;
    }

    private static boolean speaksOfConnection(String name) {
        return name.startsWith("DOWNSTREAM_") || name.startsWith("UPSTREAM_");
    }
}
