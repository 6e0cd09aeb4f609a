package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.SourcedMetadata;
import io.envoyproxy.envoy.type.matcher.v3.PathMatcher;
import io.envoyproxy.envoy.type.v3.Int32Range;
import io.inmesh.model.AccessCondition;
import io.inmesh.model.AccessCondition.Address;
import io.inmesh.model.MetadataMatcher;

/** Permissions and principals. */
final class AccessConditionDecoder {
    private static final int MAX_PORT = 65_536;

    private final Notes notes;

    AccessConditionDecoder(Notes notes) {
        this.notes = notes;
    }

    @SuppressWarnings("deprecation") // Istio still sends metadata
    AccessCondition permission(Permission permission, String path) {
        return switch (permission.getRuleCase()) {
            case AND_RULES ->
                new AccessCondition.AllOf(Values.each(
                        permission.getAndRules().getRulesList(), path + ".and_rules", "rules", this::permission));
            case OR_RULES ->
                new AccessCondition.AnyOf(Values.each(
                        permission.getOrRules().getRulesList(), path + ".or_rules", "rules", this::permission));
            case NOT_RULE -> new AccessCondition.Not(permission(permission.getNotRule(), path + ".not_rule"));
            case ANY -> any(permission.getAny(), path);
            case HEADER -> new AccessCondition.Header(MatcherDecoder.header(permission.getHeader(), path + ".header"));
            case URL_PATH -> urlPath(permission.getUrlPath(), path);
            case URI_TEMPLATE ->
                new AccessCondition.UrlTemplate(
                        RouteMatchDecoder.template(permission.getUriTemplate(), path + ".uri_template", notes));
            case DESTINATION_IP -> ip(Address.DESTINATION, permission.getDestinationIp(), path + ".destination_ip");
            case DESTINATION_PORT ->
                new AccessCondition.DestinationPort(
                        permission.getDestinationPort(), permission.getDestinationPort() + 1);
            case DESTINATION_PORT_RANGE ->
                portRange(permission.getDestinationPortRange(), path + ".destination_port_range");
            case METADATA ->
                new AccessCondition.DynamicMetadata(
                        MatcherDecoder.metadata(permission.getMetadata(), path + ".metadata"));
            case SOURCED_METADATA -> sourced(permission.getSourcedMetadata(), path + ".sourced_metadata");
            case REQUESTED_SERVER_NAME ->
                new AccessCondition.ServerName(
                        MatcherDecoder.string(permission.getRequestedServerName(), path + ".requested_server_name"));
            case MATCHER ->
                throw new BadResourceException(path + ".matcher", "is an extension that this data plane does not have");
            case RULE_NOT_SET -> throw new BadResourceException(path, "is a kind of permission that is not known here");
        };
    }

    @SuppressWarnings("deprecation") // control planes still send metadata and source_ip
    AccessCondition principal(Principal principal, String path) {
        return switch (principal.getIdentifierCase()) {
            case AND_IDS ->
                new AccessCondition.AllOf(
                        Values.each(principal.getAndIds().getIdsList(), path + ".and_ids", "ids", this::principal));
            case OR_IDS ->
                new AccessCondition.AnyOf(
                        Values.each(principal.getOrIds().getIdsList(), path + ".or_ids", "ids", this::principal));
            case NOT_ID -> new AccessCondition.Not(principal(principal.getNotId(), path + ".not_id"));
            case ANY -> any(principal.getAny(), path);
            case AUTHENTICATED -> authenticated(principal.getAuthenticated(), path + ".authenticated");
            case SOURCE_IP -> ip(Address.PEER, principal.getSourceIp(), path + ".source_ip");
            case DIRECT_REMOTE_IP -> ip(Address.PEER, principal.getDirectRemoteIp(), path + ".direct_remote_ip");
            case REMOTE_IP -> ip(Address.REMOTE, principal.getRemoteIp(), path + ".remote_ip");
            case HEADER -> new AccessCondition.Header(MatcherDecoder.header(principal.getHeader(), path + ".header"));
            case URL_PATH -> urlPath(principal.getUrlPath(), path);
            case METADATA ->
                new AccessCondition.DynamicMetadata(
                        MatcherDecoder.metadata(principal.getMetadata(), path + ".metadata"));
            case SOURCED_METADATA -> sourced(principal.getSourcedMetadata(), path + ".sourced_metadata");
            case FILTER_STATE ->
                new AccessCondition.FilterState(
                        MatcherDecoder.filterState(principal.getFilterState(), path + ".filter_state"));
            case CUSTOM ->
                throw new BadResourceException(path + ".custom", "is an extension that this data plane does not have");
            case IDENTIFIER_NOT_SET ->
                throw new BadResourceException(path, "is a kind of principal that is not known here");
        };
    }

    private static AccessCondition any(boolean any, String path) {
        if (!any) {
            throw new BadResourceException(path + ".any", "must be true");
        }
        return new AccessCondition.Any();
    }

    private static AccessCondition authenticated(Principal.Authenticated authenticated, String path) {
        return new AccessCondition.Authenticated(
                authenticated.hasPrincipalName()
                        ? MatcherDecoder.string(authenticated.getPrincipalName(), path + ".principal_name")
                        : null);
    }

    private static AccessCondition urlPath(PathMatcher matcher, String path) {
        return new AccessCondition.UrlPath(MatcherDecoder.string(matcher.getPath(), path + ".url_path.path"));
    }

    private static AccessCondition ip(Address address, CidrRange range, String path) {
        return new AccessCondition.Ip(
                address,
                MatcherDecoder.range(
                        range.getAddressPrefix(), range.getPrefixLen().getValue(), path));
    }

    private static AccessCondition portRange(Int32Range range, String path) {
        if (range.getStart() < 0 || range.getEnd() > MAX_PORT || range.getStart() >= range.getEnd()) {
            throw new BadResourceException(path, "is not a range of ports");
        }
        return new AccessCondition.DestinationPort(range.getStart(), range.getEnd());
    }

    private static AccessCondition sourced(SourcedMetadata sourced, String path) {
        MetadataMatcher matcher = MatcherDecoder.metadata(sourced.getMetadataMatcher(), path + ".metadata_matcher");
        return switch (sourced.getMetadataSource()) {
            case DYNAMIC -> new AccessCondition.DynamicMetadata(matcher);
            case ROUTE -> new AccessCondition.RouteMetadata(matcher);
            case UNRECOGNIZED -> throw new BadResourceException(path + ".metadata_source", "is not known here");
        };
    }
}
