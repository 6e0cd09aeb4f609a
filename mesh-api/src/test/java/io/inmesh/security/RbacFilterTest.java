package io.inmesh.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.FilterStep;
import io.inmesh.filter.FilterStream;
import io.inmesh.filter.HttpFilterFactory.Levels;
import io.inmesh.model.AccessCondition;
import io.inmesh.model.AccessRules;
import io.inmesh.model.AccessRules.Action;
import io.inmesh.model.AccessRules.NamedAction;
import io.inmesh.model.AccessRules.Policies;
import io.inmesh.model.AccessRules.Policy;
import io.inmesh.model.MatchTree;
import io.inmesh.model.MatchTree.OnMatch;
import io.inmesh.model.NetworkRbac;
import io.inmesh.model.Rbac;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RbacFilterTest {
    private static final Policies ALLOW_NONE = new Policies(Action.ALLOW, List.of());
    private static final Policies ALLOW_ANY = any(Action.ALLOW, "open");
    private static final Policies DENY_ANY = any(Action.DENY, "shut");
    private static final Rbac EMPTY = rbac(null, null);

    private final Stream stream = new Stream();

    @Test
    void onRequest_nothingToEnforce_letsThroughAndLeavesNothing() {
        assertThat(step(EMPTY)).isEqualTo(FilterStep.CONTINUE);
        assertThat(stream.info.dynamicMetadata("envoy.filters.http.rbac")).isNull();
    }

    @Test
    void onRequest_denied_answers403AndKeepsTheReasonToItself() {
        LocalReply reply = ((FilterStep.Reply) step(rbac(DENY_ANY, null))).reply();

        assertThat(reply)
                .isEqualTo(LocalReply.of(403, "RBAC: access denied", null, "rbac_access_denied_matched_policy[shut]"));
        assertThat(metadata())
                .isEqualTo(Map.of("enforced_engine_result", "denied", "enforced_effective_policy_id", "shut"));
    }

    @Test
    void onRequest_deniedByNoPolicy_saysNone() {
        LocalReply reply = ((FilterStep.Reply) step(rbac(ALLOW_NONE, null))).reply();

        assertThat(reply.details()).isEqualTo("rbac_access_denied_matched_policy[none]");
        assertThat(metadata()).isEqualTo(Map.of("enforced_engine_result", "denied"));
    }

    @Test
    void onRequest_dryRunDenies_letsThroughAndTells() {
        RbacFilter filter = filter(new Rbac(ALLOW_ANY, DENY_ANY, "", "dry_", true), List.of());

        assertThat(filter.onRequest(stream)).isEqualTo(FilterStep.CONTINUE);

        assertThat(metadata())
                .isEqualTo(Map.of(
                        "dry_shadow_engine_result",
                        "denied",
                        "dry_shadow_effective_policy_id",
                        "shut",
                        "enforced_engine_result",
                        "allowed",
                        "enforced_effective_policy_id",
                        "open"));
        assertThat(filter.counters().allowed()).isEqualTo(1);
        assertThat(filter.counters().denied()).isZero();
        assertThat(filter.shadowCounters().denied()).isEqualTo(1);
        assertThat(filter.counters().policies()).containsOnlyKeys("open");
        assertThat(filter.shadowCounters().policies()).containsOnlyKeys("shut");
    }

    @Test
    void onRequest_dryRunAlone_enforcesNothing() {
        assertThat(step(rbac(null, ALLOW_NONE))).isEqualTo(FilterStep.CONTINUE);
        assertThat(metadata()).isEqualTo(Map.of("shadow_engine_result", "denied"));
    }

    @Test
    void onRequest_logAction_hintsAtAccessLogs() {
        assertThat(step(rbac(any(Action.LOG, "audit"), null))).isEqualTo(FilterStep.CONTINUE);
        assertThat(stream.info.dynamicMetadata("envoy.common")).isEqualTo(Map.of("access_log_hint", true));
        assertThat(metadata())
                .isEqualTo(Map.of("enforced_engine_result", "allowed", "enforced_effective_policy_id", "audit"));
    }

    @Test
    void onRequest_logActionOfADryRun_hintsAtNothing() {
        step(rbac(null, any(Action.LOG, "audit")));

        assertThat(stream.info.dynamicMetadata("envoy.common")).isNull();
    }

    @Test
    void onRequest_treeWithALogActionSomewhere_hintsEachTime() {
        MatchTree<NamedAction> nested = new MatchTree.Rules<>(List.of(), action("audit", Action.LOG));
        MatchTree<NamedAction> tree = new MatchTree.Rules<>(
                List.of(new MatchTree.Rule<>(
                        new io.inmesh.model.MatchPredicate.Single(
                                new io.inmesh.model.MatchInput.RequestHeader("x-log"),
                                new io.inmesh.model.MatchPredicate.Text(
                                        new io.inmesh.model.StringMatcher.Exact("1", false))),
                        new OnMatch<>(null, nested))),
                action("rest", Action.ALLOW));

        step(rbac(new AccessRules.Tree(tree), null));
        assertThat(stream.info.dynamicMetadata("envoy.common")).isEqualTo(Map.of("access_log_hint", false));

        stream.head.headers().add("x-log", "1");
        assertThat(step(rbac(new AccessRules.Tree(tree), null))).isEqualTo(FilterStep.CONTINUE);
        assertThat(stream.info.dynamicMetadata("envoy.common")).isEqualTo(Map.of("access_log_hint", true));
    }

    @Test
    void onRequest_treeWithoutAnything_denies() {
        LocalReply reply = ((FilterStep.Reply)
                        step(rbac(new AccessRules.Tree(new MatchTree.Rules<>(List.of(), null)), null)))
                .reply();

        assertThat(reply.details()).isEqualTo("rbac_access_denied_matched_policy[none]");
    }

    @Test
    void onRequest_emptyConfigurationOfARoute_enforcesNothing() {
        RbacFilter filter = filter(rbac(DENY_ANY, DENY_ANY), List.of(rbac(ALLOW_NONE, null), EMPTY));

        assertThat(filter.onRequest(stream)).isEqualTo(FilterStep.CONTINUE);
    }

    @Test
    void onRequest_rulesOfARoute_takeThePlaceOfTheChains() {
        RbacFilter filter =
                filter(new Rbac(ALLOW_ANY, null, "chain_", "", false), List.of(EMPTY, rbac(DENY_ANY, null)));

        assertThat(filter.onRequest(stream)).isInstanceOf(FilterStep.Reply.class);
        assertThat(metadata()).containsEntry("chain_enforced_engine_result", "denied");
    }

    @Test
    void onRequest_unusableRules_deny() {
        assertThat(step(rbac(new AccessRules.Unusable("condition"), null))).isInstanceOf(FilterStep.Reply.class);
    }

    @Test
    void onRequest_unusableDryRun_decidesNothing() {
        assertThat(step(rbac(ALLOW_ANY, new AccessRules.Unusable("condition")))).isEqualTo(FilterStep.CONTINUE);
    }

    @Test
    void onConnection_denied_givesTheReason() {
        NetworkRbacFilter filter = new NetworkRbacFilter(new NetworkRbac("tcp.", DENY_ANY, ALLOW_NONE, "dry_"));

        assertThat(filter.onConnection(stream.info)).isEqualTo("rbac_access_denied_matched_policy[shut]");
        assertThat(stream.info.dynamicMetadata("envoy.filters.network.rbac"))
                .isEqualTo(Map.of("dry_shadow_engine_result", "denied"));
        assertThat(filter.counters().denied()).isEqualTo(1);
        assertThat(filter.shadowCounters().denied()).isEqualTo(1);
    }

    @Test
    void onConnection_allowedOrNothingToEnforce_letsThrough() {
        assertThat(new NetworkRbacFilter(new NetworkRbac("tcp.", ALLOW_ANY, null, "")).onConnection(stream.info))
                .isNull();
        assertThat(new NetworkRbacFilter(new NetworkRbac("tcp.", null, null, "")).onConnection(stream.info))
                .isNull();
    }

    private FilterStep step(Rbac config) {
        return filter(config, List.of()).onRequest(stream);
    }

    private @Nullable Map<String, Object> metadata() {
        return stream.info.dynamicMetadata("envoy.filters.http.rbac");
    }

    private static RbacFilter filter(Rbac base, List<Rbac> overrides) {
        return (RbacFilter) new RbacFactory().create(new Levels<>(base, overrides));
    }

    private static Rbac rbac(@Nullable AccessRules enforced, @Nullable AccessRules shadow) {
        return new Rbac(enforced, shadow, "", "", false);
    }

    private static Policies any(Action action, String name) {
        List<AccessCondition> any = List.of(new AccessCondition.Any());
        return new Policies(action, List.of(new Policy(name, any, any)));
    }

    private static OnMatch<NamedAction> action(String name, Action action) {
        return new OnMatch<>(new NamedAction(name, action), null);
    }

    private static final class Stream implements FilterStream {
        private final RequestHead head = Facts.request("GET", "/");
        private final StreamInfo info = Facts.on(null);

        @Override
        public RequestHead request() {
            return head;
        }

        @Override
        public boolean endStream() {
            return true;
        }

        @Override
        public StreamInfo info() {
            return info;
        }

        @Override
        public void clearRouteCache() {}

        @Override
        public @Nullable Object attachment() {
            return null;
        }

        @Override
        public void attachment(@Nullable Object newAttachment) {}
    }
}
