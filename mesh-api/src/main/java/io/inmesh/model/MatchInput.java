package io.inmesh.model;

import java.util.List;

/** The facts that a {@link MatchTree} can look at: {@code envoy.matching.inputs}. */
public sealed interface MatchInput {

    /** A fact of the connection. */
    enum OfConnection implements MatchInput {
        /** {@code UriSanInput}: all URI names of the peer's certificate, with commas between them. */
        URI_SAN,
        /** {@code DnsSanInput}: all DNS names, likewise. */
        DNS_SAN,
        /** {@code SubjectInput}. */
        SUBJECT,
        /** {@code ServerNameInput}: SNI. */
        SERVER_NAME,
        /** {@code SourceIPInput}: whose request it is, with regard to trusted proxies between. */
        SOURCE_IP,
        /** {@code DirectSourceIPInput}: the other end of the connection. */
        DIRECT_SOURCE_IP,
        /** {@code SourcePortInput}: the port that belongs to {@link #SOURCE_IP}, 0 where that is not the other end of the connection. */
        SOURCE_PORT,
        /** {@code DestinationIPInput}. */
        DESTINATION_IP,
        /** {@code DestinationPortInput}. */
        DESTINATION_PORT
    }

    /** {@code HttpRequestHeaderMatchInput}: all values, with commas between them. The name is in lower case. */
    record RequestHeader(String name) implements MatchInput {}

    /** {@code FilterStateInput}. */
    record FilterState(String key) implements MatchInput {}

    /** {@code DynamicMetadataInput}: a value and not a text. */
    record DynamicMetadata(String filter, List<String> path) implements MatchInput {}
}
