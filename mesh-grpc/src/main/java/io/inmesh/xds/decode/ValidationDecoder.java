package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import com.google.re2j.Pattern;
import io.envoyproxy.envoy.config.core.v3.WatchedDirectory;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext.TrustChainVerification;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig;
import io.inmesh.model.DataSource;
import io.inmesh.model.Secret.TrustDomain;
import io.inmesh.model.Secret.Validation;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.SubjectAltNameMatcher;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code CertificateValidationContext}. */
final class ValidationDecoder {
    private static final SPIFFECertValidatorConfig SPIFFE = SPIFFECertValidatorConfig.getDefaultInstance();
    private static final String SPIFFE_VALIDATOR = "envoy.tls.cert_validator.spiffe";
    private static final String DEFAULT_VALIDATOR = "envoy.tls.cert_validator.default";
    private static final Pattern OID = Pattern.compile("[0-2](\\.[0-9]+)+");
    private static final int SHA256_BYTES = 32;
    private static final int SHA256_HEX = 64;
    private static final int SHA256_HEX_WITH_COLONS = 95;
    /** Those that a matcher without a type stands for. */
    private static final List<SubjectAltNameMatcher.Type> UNTYPED = List.of(
            SubjectAltNameMatcher.Type.DNS,
            SubjectAltNameMatcher.Type.URI,
            SubjectAltNameMatcher.Type.EMAIL,
            SubjectAltNameMatcher.Type.IP_ADDRESS);

    private ValidationDecoder() {}

    static Validation decode(CertificateValidationContext context, String path, Notes notes, Refusal refusal) {
        WatchedDirectory around = context.getWatchedDirectory();
        if (context.hasCaCertificateProviderInstance()) {
            // Those of a TLS context have become secrets before; what is left is in a secret itself.
            refusal.because(path + ".ca_certificate_provider_instance: is not supported in a secret");
        }
        return new Validation(
                pem(context.getTrustedCa(), context.hasTrustedCa(), around, path + ".trusted_ca"),
                context.hasSystemRootCerts(),
                trustDomains(context, path, notes, refusal),
                names(context, path, refusal),
                Values.each(
                        context.getVerifyCertificateSpkiList(),
                        path,
                        "verify_certificate_spki",
                        ValidationDecoder::spki),
                Values.each(
                        context.getVerifyCertificateHashList(),
                        path,
                        "verify_certificate_hash",
                        ValidationDecoder::hash),
                pem(context.getCrl(), context.hasCrl(), around, path + ".crl"),
                context.getOnlyVerifyLeafCertCrl(),
                context.getAllowExpiredCertificate(),
                context.getTrustChainVerification() == TrustChainVerification.ACCEPT_UNTRUSTED,
                context.hasMaxVerifyDepth() ? Values.count(context.getMaxVerifyDepth()) : -1);
    }

    private static @Nullable DataSource pem(
            io.envoyproxy.envoy.config.core.v3.DataSource source, boolean set, WatchedDirectory around, String path) {
        DataSource pem = DataSourceDecoder.decode(source, set, around);
        if (set && pem == null) {
            throw new BadResourceException(path, "must not be empty");
        }
        return pem;
    }

    /** What Envoy does not take without roots, once everything is combined. Whatever comes by SDS later is checked where it is used. */
    static void requireRoots(Validation validation, String path) {
        if (hasRoots(validation)) {
            return;
        }
        if (!validation.subjectAltNames().isEmpty()) {
            throw new BadResourceException(path, "has conditions on names, which are worth nothing without trusted_ca");
        }
        if (validation.crl() != null) {
            throw new BadResourceException(path + ".crl", "is of no use without trusted_ca");
        }
        if (validation.allowExpiredCertificate()) {
            throw new BadResourceException(path + ".allow_expired_certificate", "is of no use without trusted_ca");
        }
    }

    static boolean hasRoots(Validation validation) {
        return validation.trustedCa() != null || validation.systemRoots() || validation.trustDomains() != null;
    }

    private static @Nullable List<TrustDomain> trustDomains(
            CertificateValidationContext context, String path, Notes notes, Refusal refusal) {
        if (!context.hasCustomValidatorConfig()) {
            return null;
        }
        String name = context.getCustomValidatorConfig().getName();
        String at = path + ".custom_validator_config";
        if (name.equals(DEFAULT_VALIDATOR)) {
            return null;
        }
        Any config = context.getCustomValidatorConfig().getTypedConfig();
        if (!name.equals(SPIFFE_VALIDATOR) || !Values.is(config, SPIFFE)) {
            refusal.because(at + ": the validator \"" + name + "\" is not supported");
            return null;
        }
        return trustDomains(Values.unpack(config, SPIFFE, at + ".typed_config", notes, refusal), at + ".typed_config");
    }

    private static List<TrustDomain> trustDomains(SPIFFECertValidatorConfig config, String path) {
        Set<String> seen = new HashSet<>();
        return Values.each(config.getTrustDomainsList(), path, "trust_domains", (domain, at) -> {
            if (!seen.add(domain.getName())) {
                throw new BadResourceException(at + ".name", "\"" + domain.getName() + "\" is there twice");
            }
            DataSource bundle = DataSourceDecoder.decode(
                    domain.getTrustBundle(), domain.hasTrustBundle(), WatchedDirectory.getDefaultInstance());
            if (bundle == null) {
                throw new BadResourceException(at + ".trust_bundle", "is required");
            }
            return new TrustDomain(domain.getName(), bundle);
        });
    }

    @SuppressWarnings("deprecation") // istiod sends match_subject_alt_names
    private static List<SubjectAltNameMatcher> names(
            CertificateValidationContext context, String path, Refusal refusal) {
        List<SubjectAltNameMatcher> names = new ArrayList<>();
        for (int i = 0; i < context.getMatchTypedSubjectAltNamesCount(); i++) {
            var typed = context.getMatchTypedSubjectAltNames(i);
            String at = Paths.element(path, "match_typed_subject_alt_names", i);
            SubjectAltNameMatcher.Type type = type(typed.getSanType());
            if (type == SubjectAltNameMatcher.Type.OTHER_NAME && !OID.matches(typed.getOid())) {
                throw new BadResourceException(
                        at + ".oid", "\"" + typed.getOid() + "\" is not an OID, as OTHER_NAME needs");
            }
            StringMatcher matcher = matcher(typed.getMatcher(), at + ".matcher", refusal);
            if (matcher != null) {
                names.add(new SubjectAltNameMatcher(type, matcher, typed.getOid()));
            }
        }
        for (int i = 0; i < context.getMatchSubjectAltNamesCount(); i++) {
            String at = Paths.element(path, "match_subject_alt_names", i);
            StringMatcher matcher = matcher(context.getMatchSubjectAltNames(i), at, refusal);
            if (matcher != null) {
                UNTYPED.forEach(type -> names.add(new SubjectAltNameMatcher(type, matcher, "")));
            }
        }
        return List.copyOf(names);
    }

    private static @Nullable StringMatcher matcher(
            io.envoyproxy.envoy.type.matcher.v3.StringMatcher matcher, String path, Refusal refusal) {
        if (matcher.hasCustom()) {
            refusal.because(path + ".custom: is not supported");
            return null;
        }
        return MatcherDecoder.string(matcher, path);
    }

    private static SubjectAltNameMatcher.Type type(
            io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType type) {
        return switch (type) {
            case EMAIL -> SubjectAltNameMatcher.Type.EMAIL;
            case DNS -> SubjectAltNameMatcher.Type.DNS;
            case URI -> SubjectAltNameMatcher.Type.URI;
            case IP_ADDRESS -> SubjectAltNameMatcher.Type.IP_ADDRESS;
            case OTHER_NAME -> SubjectAltNameMatcher.Type.OTHER_NAME;
            case SAN_TYPE_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalStateException("audited: " + type);
        };
    }

    private static String spki(String text, String path) {
        boolean valid;
        try {
            valid = Base64.getDecoder().decode(text).length == SHA256_BYTES;
        } catch (IllegalArgumentException e) {
            valid = false;
        }
        if (!valid) {
            throw new BadResourceException(path, "\"" + text + "\" is not SHA-256 in Base64");
        }
        return text;
    }

    /** As {@code openssl x509 -fingerprint} gives it, with colons, or without. */
    private static String hash(String text, String path) {
        boolean colons = text.length() == SHA256_HEX_WITH_COLONS;
        String hex = (colons ? text.replace(":", "") : text).toLowerCase(Locale.ROOT);
        if (hex.length() != SHA256_HEX || !hex.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
            throw new BadResourceException(path, "\"" + text + "\" is not SHA-256 in hexadecimal");
        }
        return hex;
    }
}
