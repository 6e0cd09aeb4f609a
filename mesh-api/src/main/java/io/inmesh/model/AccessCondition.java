package io.inmesh.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.config.rbac.v3.Permission} and {@code Principal}: both are trees of conditions on a request and its connection, and most kinds are in both. A
 * fact that is not there fulfils no condition.
 */
public sealed interface AccessCondition {

    /** {@code any}. */
    record Any() implements AccessCondition {}

    /** {@code and_rules}, {@code and_ids}. */
    record AllOf(List<AccessCondition> conditions) implements AccessCondition {}

    /** {@code or_rules}, {@code or_ids}. */
    record AnyOf(List<AccessCondition> conditions) implements AccessCondition {}

    /** {@code not_rule}, {@code not_id}. */
    record Not(AccessCondition condition) implements AccessCondition {}

    /** {@code header}. */
    record Header(HeaderMatcher matcher) implements AccessCondition {}

    /** {@code url_path}: a condition on the path without query and fragment. */
    record UrlPath(StringMatcher matcher) implements AccessCondition {}

    /** {@code uri_template}: the same, by a template. */
    record UrlTemplate(UriTemplate template) implements AccessCondition {}

    /** Which address of the connection a condition is on. */
    enum Address {
        /** {@code destination_ip}: where the peer went to. */
        DESTINATION,
        /** {@code direct_remote_ip} and the deprecated {@code source_ip}: the other end of the connection. */
        PEER,
        /** {@code remote_ip}: whose request it is, with regard to trusted proxies between. */
        REMOTE
    }

    /** An address in a range. */
    record Ip(Address address, CidrRange range) implements AccessCondition {}

    /** {@code destination_port} and {@code destination_port_range}: from {@code start} on and below {@code end}. */
    record DestinationPort(int start, int end) implements AccessCondition {}

    /** {@code requested_server_name}: a condition on SNI, which is empty without TLS. */
    record ServerName(StringMatcher matcher) implements AccessCondition {}

    /** {@code metadata}, {@code sourced_metadata} of the kind DYNAMIC. */
    record DynamicMetadata(MetadataMatcher matcher) implements AccessCondition {}

    /** {@code sourced_metadata} of the kind ROUTE; false for a request without a route. */
    record RouteMetadata(MetadataMatcher matcher) implements AccessCondition {}

    /** {@code filter_state}. */
    record FilterState(RouteMatch.FilterStateMatcher matcher) implements AccessCondition {}

    /**
     * {@code authenticated}: one of the certificate's URI names, of its DNS names, or its subject fulfils the condition. A TLS connection whose peer showed no
     * certificate has an empty subject, as in Envoy; and as in Envoy any TLS connection will do without a condition.
     *
     * @param name null for no condition
     */
    record Authenticated(@Nullable StringMatcher name) implements AccessCondition {}
}
