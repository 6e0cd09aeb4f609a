package io.inmesh.security;

import io.inmesh.filter.HttpFilter;
import io.inmesh.filter.HttpFilterFactory;
import io.inmesh.model.AccessRules;
import io.inmesh.model.RawFilterConfig;
import io.inmesh.model.Rbac;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes {@link RbacFilter}s. Of the levels of a route the most specific one counts, in place of all others. */
final class RbacFactory implements HttpFilterFactory<Rbac> {
    private static final Logger LOG = LoggerFactory.getLogger(RbacFactory.class);

    @Override
    public Set<String> typeUrls() {
        return Set.of();
    }

    @Override
    public Class<Rbac> configType() {
        return Rbac.class;
    }

    @Override
    public Rbac parse(RawFilterConfig raw) {
        throw new IllegalArgumentException(raw.typeUrl() + " is decoded with the listener");
    }

    @Override
    public HttpFilter create(Levels<Rbac> config) {
        Rbac counts = config.mostSpecific();
        warn(counts.enforced(), "every request");
        return new RbacFilter(counts, config.base());
    }

    static void warn(@Nullable AccessRules rules, String what) {
        if (rules instanceof AccessRules.Unusable unusable) {
            LOG.warn("RBAC denies {} that reaches it: {}", what, unusable.reason());
        }
    }
}
