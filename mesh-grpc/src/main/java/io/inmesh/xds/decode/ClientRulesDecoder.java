package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.model.ClientRules;
import io.inmesh.model.ClientRules.CertificateDetails;
import io.inmesh.model.ClientRules.ClientCertificate;
import io.inmesh.model.ClientRules.ServerHeader;
import io.inmesh.model.ClientRules.Underscores;
import io.inmesh.model.UrlRules;
import io.inmesh.model.UrlRules.EscapedSlashes;
import io.inmesh.model.UrlRules.PortStrip;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** What a connection manager does to requests before they have a route. */
final class ClientRulesDecoder {
    private static final int DEFAULT_HEADERS_KIB = 60;
    private static final int DEFAULT_HEADERS = 100;

    private ClientRulesDecoder() {}

    static UrlRules url(HttpConnectionManager manager) {
        PortStrip port = manager.getStripAnyHostPort()
                ? PortStrip.ANY
                : manager.getStripMatchingHostPort() ? PortStrip.MATCHING : PortStrip.NONE;
        EscapedSlashes slashes =
                switch (manager.getPathWithEscapedSlashesAction()) {
                    case IMPLEMENTATION_SPECIFIC_DEFAULT, KEEP_UNCHANGED, UNRECOGNIZED -> EscapedSlashes.KEEP;
                    case REJECT_REQUEST -> EscapedSlashes.REJECT;
                    case UNESCAPE_AND_REDIRECT -> EscapedSlashes.REDIRECT;
                    case UNESCAPE_AND_FORWARD -> EscapedSlashes.FORWARD;
                };
        return new UrlRules(
                manager.getNormalizePath().getValue(),
                manager.getMergeSlashes(),
                slashes,
                port,
                manager.getStripTrailingHostDot());
    }

    /** What becomes of {@code header_key_format}. */
    static final String LOWER_CASE = "names of headers are written in lower case";

    static ClientRules client(HttpConnectionManager manager, String path, Notes notes) {
        HttpProtocolOptions common = manager.getCommonHttpProtocolOptions();
        String at = path + ".common_http_protocol_options";
        Duration idle = common.hasIdleTimeout()
                ? Values.limit(common.getIdleTimeout(), at + ".idle_timeout")
                : ClientRules.DEFAULT.idleTimeout();
        Duration longest = Values.limit(common.getMaxConnectionDuration(), at + ".max_connection_duration");
        note(common.hasIdleTimeout() && idle != null, at + ".idle_timeout", notes);
        note(longest != null, at + ".max_connection_duration", notes);
        note(manager.hasRequestHeadersTimeout(), path + ".request_headers_timeout", notes);
        if (manager.getHttpProtocolOptions().hasHeaderKeyFormat()) {
            notes.unsupported(path + ".http_protocol_options.header_key_format", LOWER_CASE);
        }
        return new ClientRules(
                switch (manager.getForwardClientCertDetails()) {
                    case SANITIZE, UNRECOGNIZED -> ClientCertificate.SANITIZE;
                    case FORWARD_ONLY -> ClientCertificate.FORWARD_ONLY;
                    case APPEND_FORWARD -> ClientCertificate.APPEND_FORWARD;
                    case SANITIZE_SET -> ClientCertificate.SANITIZE_SET;
                    case ALWAYS_FORWARD_ONLY -> ClientCertificate.ALWAYS_FORWARD_ONLY;
                },
                details(manager.getSetCurrentClientCertDetails()),
                manager.getUseRemoteAddress().getValue(),
                Values.count(manager.getXffNumTrustedHops()),
                manager.getSkipXffAppend(),
                manager.getAppendXForwardedPort(),
                Values.each(
                        manager.getInternalAddressConfig().getCidrRangesList(),
                        path + ".internal_address_config",
                        "cidr_ranges",
                        ClientRulesDecoder::range),
                !manager.hasGenerateRequestId()
                        || manager.getGenerateRequestId().getValue(),
                manager.getPreserveExternalRequestId(),
                manager.getAlwaysSetRequestIdInResponse(),
                manager.getServerName().isEmpty() ? "envoy" : manager.getServerName(),
                switch (manager.getServerHeaderTransformation()) {
                    case OVERWRITE, UNRECOGNIZED -> ServerHeader.OVERWRITE;
                    case APPEND_IF_ABSENT -> ServerHeader.APPEND_IF_ABSENT;
                    case PASS_THROUGH -> ServerHeader.PASS_THROUGH;
                },
                manager.getVia(),
                manager.getSchemeHeaderTransformation().hasSchemeToOverwrite()
                        ? manager.getSchemeHeaderTransformation().getSchemeToOverwrite()
                        : null,
                switch (common.getHeadersWithUnderscoresAction()) {
                    case ALLOW, UNRECOGNIZED -> Underscores.ALLOW;
                    case REJECT_REQUEST -> Underscores.REJECT_REQUEST;
                    case DROP_HEADER -> Underscores.DROP_HEADER;
                },
                manager.hasMaxRequestHeadersKb() ? Values.count(manager.getMaxRequestHeadersKb()) : DEFAULT_HEADERS_KIB,
                common.hasMaxHeadersCount() ? Values.count(common.getMaxHeadersCount()) : DEFAULT_HEADERS,
                Values.limit(manager.getRequestHeadersTimeout(), path + ".request_headers_timeout"),
                Values.limit(common.getMaxStreamDuration(), at + ".max_stream_duration"),
                idle,
                longest,
                common.hasMaxRequestsPerConnection() ? Values.count(common.getMaxRequestsPerConnection()) : 0,
                upgrades(manager, path, notes));
    }

    private static CertificateDetails details(HttpConnectionManager.SetCurrentClientCertDetails details) {
        return new CertificateDetails(
                details.getSubject().getValue(),
                details.getCert(),
                details.getChain(),
                details.getDns(),
                details.getUri());
    }

    private static Set<String> upgrades(HttpConnectionManager manager, String path, Notes notes) {
        Set<String> upgrades = new HashSet<>();
        for (int i = 0; i < manager.getUpgradeConfigsCount(); i++) {
            HttpConnectionManager.UpgradeConfig upgrade = manager.getUpgradeConfigs(i);
            if (upgrade.getFiltersCount() > 0) {
                notes.unsupported(
                        Paths.element(path, "upgrade_configs", i) + ".filters", "the upgrade is not let through");
            } else if (!upgrade.hasEnabled() || upgrade.getEnabled().getValue()) {
                upgrades.add(upgrade.getUpgradeType().toLowerCase(Locale.ROOT));
            }
        }
        return Set.copyOf(upgrades);
    }

    /** {@code envoy.config.core.v3.CidrRange}. */
    static io.inmesh.model.CidrRange range(CidrRange range, String path) {
        io.inmesh.model.CidrRange known = null;
        try {
            known = io.inmesh.model.CidrRange.of(
                    range.getAddressPrefix(), range.getPrefixLen().getValue());
        } catch (IllegalArgumentException e) {
            throw new BadResourceException(path + ".prefix_len", String.valueOf(e.getMessage()));
        }
        if (known == null) {
            throw new BadResourceException(path + ".address_prefix", "is no IP address: " + range.getAddressPrefix());
        }
        return known;
    }

    /** Whether a server keeps them is not known here. */
    private static void note(boolean set, String path, Notes notes) {
        if (set) {
            notes.unsupported(path, "kept by servers on Netty; Tomcat, Jetty and others keep their own limits");
        }
    }
}
