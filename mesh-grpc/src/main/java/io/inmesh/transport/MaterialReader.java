package io.inmesh.transport;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.model.TlsContext;
import io.inmesh.model.TlsContext.CertificateSource;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads everything that a context is made of.
 *
 * @param peersAreClients which side this is
 * @param peerMustBeKnown whether the peer has to show a certificate; then there has to be something to verify it by, else anybody's would do
 * @param ticketKeys      given in place, or null
 * @param ticketKeysSecret by SDS, or null
 */
record MaterialReader(
        TlsContext common,
        boolean peersAreClients,
        boolean peerMustBeKnown,
        Secret.@Nullable TicketKeys ticketKeys,
        @Nullable SecretName ticketKeysSecret,
        Clock clock) {
    private static final int TICKET_KEY = 80;

    /** How secrets are looked up. */
    interface Secrets {
        /**
         * The secret of a name.
         *
         * @throws SecretException if it is not there yet
         */
        Secret get(SecretName name) throws SecretException;
    }

    /** All secrets that are needed. */
    Set<SecretName> names() {
        Set<SecretName> names = new LinkedHashSet<>();
        for (CertificateSource source : common.certificates()) {
            if (source instanceof CertificateSource.Sds sds) {
                names.add(sds.secret());
            }
        }
        if (common.validationSecret() != null) {
            names.add(common.validationSecret());
        }
        if (ticketKeysSecret != null) {
            names.add(ticketKeysSecret);
        }
        return names;
    }

    /** Reads. */
    TlsMaterial read(Secrets secrets, DataReader data) throws SecretException {
        List<Object> inputs = new ArrayList<>();
        List<Identity> identities = new ArrayList<>();
        for (CertificateSource source : common.certificates()) {
            Secret.Certificate certificate = source instanceof CertificateSource.Sds sds
                    ? as(Secret.Certificate.class, secrets, sds.secret())
                    : ((CertificateSource.Given) source).certificate();
            inputs.add(certificate);
            identities.add(Identity.read(certificate, data));
        }
        Secret.Validation validation = common.validation();
        if (common.validationSecret() != null) {
            Secret.Validation secret = as(Secret.Validation.class, secrets, common.validationSecret());
            validation = validation == null ? secret : combine(validation, secret);
        }
        Secret.Validation effective = validation == null ? Secret.Validation.NONE : validation;
        inputs.add(effective);
        PeerRules rules = PeerRules.read(effective, peersAreClients, data, clock);
        if (peerMustBeKnown && !rules.ask()) {
            throw SecretException.of("a client certificate is required, and there is nothing to verify one by");
        }
        Secret.TicketKeys keys =
                ticketKeysSecret == null ? ticketKeys : as(Secret.TicketKeys.class, secrets, ticketKeysSecret);
        List<byte[]> tickets = new ArrayList<>();
        if (keys != null) {
            inputs.add(keys);
            for (DataSource key : keys.keys()) {
                byte[] bytes = data.read(key);
                if (bytes.length != TICKET_KEY) {
                    throw SecretException.of("a session ticket key has " + bytes.length + " bytes, not " + TICKET_KEY);
                }
                tickets.add(bytes);
            }
        }
        inputs.addAll(data.contents());
        return new TlsMaterial(identities, rules, tickets, inputs);
    }

    private static <S extends Secret> S as(Class<S> type, Secrets secrets, SecretName name) throws SecretException {
        Secret secret = secrets.get(name);
        if (!type.isInstance(secret)) {
            throw SecretException.of(
                    name + " is a " + secret.getClass().getSimpleName() + ", not a " + type.getSimpleName());
        }
        return type.cast(secret);
    }

    /** {@code CombinedCertificateValidationContext}: protobuf's {@code MergeFrom}, the secret into the default. */
    private static Secret.Validation combine(Secret.Validation common, Secret.Validation secret) {
        return new Secret.Validation(
                secret.trustedCa() == null ? common.trustedCa() : secret.trustedCa(),
                common.systemRoots() || secret.systemRoots(),
                secret.trustDomains() == null ? common.trustDomains() : secret.trustDomains(),
                joined(common.subjectAltNames(), secret.subjectAltNames()),
                joined(common.certificateSpki(), secret.certificateSpki()),
                joined(common.certificateHashes(), secret.certificateHashes()),
                secret.crl() == null ? common.crl() : secret.crl(),
                common.onlyVerifyLeafCrl() || secret.onlyVerifyLeafCrl(),
                common.allowExpiredCertificate() || secret.allowExpiredCertificate(),
                common.acceptUntrusted() || secret.acceptUntrusted(),
                secret.maxVerifyDepth() < 0 ? common.maxVerifyDepth() : secret.maxVerifyDepth());
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        List<T> joined = new ArrayList<>(first);
        joined.addAll(second);
        return joined;
    }
}
