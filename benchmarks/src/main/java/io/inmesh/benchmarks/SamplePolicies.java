package io.inmesh.benchmarks;

import com.google.re2j.Pattern;
import io.inmesh.model.AccessCondition;
import io.inmesh.model.AccessRules;
import io.inmesh.model.AccessRules.Action;
import io.inmesh.model.AccessRules.NamedAction;
import io.inmesh.model.AccessRules.Policies;
import io.inmesh.model.AccessRules.Policy;
import io.inmesh.model.AccessRules.Tree;
import io.inmesh.model.HeaderMatcher;
import io.inmesh.model.MatchInput;
import io.inmesh.model.MatchPredicate;
import io.inmesh.model.MatchTree;
import io.inmesh.model.MatchTree.OnMatch;
import io.inmesh.model.StringMatcher;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Policies that let one caller each through, in the forms in which control planes write them. */
public enum SamplePolicies {
    /** As Istio writes {@code principals}, with a method and a path that all of them share. */
    PRINCIPALS {
        @Override
        AccessRules rules(int count) {
            return policies(count, number -> new StringMatcher.Exact(name(number), false));
        }
    },
    /** As Istio writes {@code namespaces}: by a regular expression. */
    NAMESPACES {
        @Override
        AccessRules rules(int count) {
            return policies(count, number -> StringMatcher.regex(Pattern.compile(".*" + namespace(number) + ".*")));
        }
    },
    /** As Kuma writes MeshTrafficPermission: a list of the unified matcher. */
    MATCHER {
        @Override
        AccessRules rules(int count) {
            List<MatchTree.Rule<NamedAction>> rules = IntStream.range(0, count)
                    .mapToObj(number -> new MatchTree.Rule<>(
                            new MatchPredicate.Single(
                                    MatchInput.OfConnection.URI_SAN,
                                    new MatchPredicate.Text(new StringMatcher.Exact(name(number), false))),
                            new OnMatch<>(new NamedAction("kri_" + number, Action.ALLOW), null)))
                    .toList();
            return new Tree(new MatchTree.Rules<>(rules, new OnMatch<>(new NamedAction("default", Action.DENY), null)));
        }
    };

    abstract AccessRules rules(int count);

    static String name(int number) {
        return "spiffe://cluster.local" + namespace(number) + "sa/caller";
    }

    private static String namespace(int number) {
        return "/ns/team-" + (1000 + number) + "/";
    }

    private static Policies policies(int count, IntFunction<StringMatcher> caller) {
        AccessCondition get = new AccessCondition.Header(HeaderMatcher.exact(":method", "GET"));
        AccessCondition api = new AccessCondition.UrlPath(new StringMatcher.Prefix("/api/", false));
        return new Policies(
                Action.ALLOW,
                IntStream.range(0, count)
                        .mapToObj(number -> new Policy(
                                "ns[shop]-policy[" + (1000 + number) + "]-rule[0]",
                                List.of(all(any(get), any(api))),
                                List.of(all(any(new AccessCondition.Authenticated(caller.apply(number)))))))
                        .toList());
    }

    private static AccessCondition all(AccessCondition... conditions) {
        return new AccessCondition.AllOf(List.of(conditions));
    }

    private static AccessCondition any(AccessCondition condition) {
        return new AccessCondition.AnyOf(List.of(condition));
    }
}
