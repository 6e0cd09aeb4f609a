package io.inmesh.security;

import io.inmesh.model.AccessCondition;
import java.util.List;

/** From conditions as configured to such as can be asked. Lists of one, which control planes are fond of, are left out. */
final class ConditionCompiler {
    private ConditionCompiler() {}

    static Condition anyOf(List<AccessCondition> conditions) {
        return conditions.size() == 1 ? compile(conditions.get(0)) : new Condition.AnyOf(all(conditions));
    }

    private static Condition allOf(List<AccessCondition> conditions) {
        return conditions.size() == 1 ? compile(conditions.get(0)) : new Condition.AllOf(all(conditions));
    }

    private static Condition[] all(List<AccessCondition> conditions) {
        return conditions.stream().map(ConditionCompiler::compile).toArray(Condition[]::new);
    }

    private static Condition compile(AccessCondition condition) {
        if (condition instanceof AccessCondition.AllOf all) {
            return allOf(all.conditions());
        }
        if (condition instanceof AccessCondition.AnyOf any) {
            return anyOf(any.conditions());
        }
        if (condition instanceof AccessCondition.Not not) {
            return new Condition.Not(compile(not.condition()));
        }
        if (condition instanceof AccessCondition.Header header) {
            return new RequestConditions.Header(header.matcher());
        }
        if (condition instanceof AccessCondition.UrlPath path) {
            return new RequestConditions.UrlPath(path.matcher());
        }
        if (condition instanceof AccessCondition.UrlTemplate template) {
            return new RequestConditions.UrlTemplate(template.template());
        }
        if (condition instanceof AccessCondition.DynamicMetadata metadata) {
            return new RequestConditions.DynamicMetadata(metadata.matcher());
        }
        if (condition instanceof AccessCondition.RouteMetadata metadata) {
            return new RequestConditions.RouteMetadata(metadata.matcher());
        }
        if (condition instanceof AccessCondition.FilterState state) {
            return new RequestConditions.FilterState(state.matcher());
        }
        return ofConnection(condition);
    }

    private static Condition ofConnection(AccessCondition condition) {
        if (condition instanceof AccessCondition.Ip ip) {
            return new ConnectionConditions.Ip(ip.address(), ip.range());
        }
        if (condition instanceof AccessCondition.DestinationPort port) {
            return new ConnectionConditions.DestinationPort(port.start(), port.end());
        }
        if (condition instanceof AccessCondition.ServerName name) {
            return new ConnectionConditions.ServerName(name.matcher());
        }
        if (condition instanceof AccessCondition.Authenticated authenticated) {
            return authenticated.name() == null
                    ? new ConnectionConditions.Encrypted()
                    : new ConnectionConditions.Authenticated(authenticated.name());
        }
        if (condition instanceof AccessCondition.Any) {
            return new Condition.Any();
        }
        throw new IllegalArgumentException("a kind of condition without an evaluation: " + condition);
    }
}
