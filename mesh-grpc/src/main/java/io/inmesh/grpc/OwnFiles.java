package io.inmesh.grpc;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.model.TlsContext;
import io.inmesh.model.TlsContext.CertificateSource;
import io.inmesh.model.UpstreamTls;
import io.inmesh.transport.TlsOptions;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the operator's own settings name of this machine, and so allow to be read; nothing beyond it. */
public final class OwnFiles {
    private final Set<String> files = new HashSet<>();
    private final Set<String> environment = new HashSet<>();

    private OwnFiles() {}

    /** Allows the files and variables in these settings, which no control plane has sent. */
    public static TlsOptions in(Collection<UpstreamTls> settings) {
        OwnFiles own = new OwnFiles();
        settings.forEach(each -> own.add(each.common()));
        return new TlsOptions(
                own.files, own.environment, TlsOptions.DEFAULT.drainPeriod(), TlsOptions.DEFAULT.drainOnRootRemoval());
    }

    private void add(TlsContext context) {
        for (CertificateSource source : context.certificates()) {
            if (source instanceof CertificateSource.Given given) {
                add(given.certificate().chain());
                add(given.certificate().privateKey());
                add(given.certificate().password());
                add(given.certificate().pkcs12());
            }
        }
        Secret.Validation validation = context.validation();
        if (validation != null) {
            add(validation.trustedCa());
            add(validation.crl());
            if (validation.trustDomains() != null) {
                validation.trustDomains().forEach(each -> add(each.bundle()));
            }
        }
    }

    private void add(@Nullable DataSource source) {
        if (source instanceof DataSource.File file) {
            files.add(file.path());
        } else if (source instanceof DataSource.Environment variable) {
            environment.add(variable.name());
        }
    }
}
