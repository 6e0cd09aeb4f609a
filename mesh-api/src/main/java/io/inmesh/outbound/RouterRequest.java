package io.inmesh.outbound;

import io.inmesh.balancing.Host;
import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.model.Cluster;
import io.inmesh.model.Endpoint;
import io.inmesh.model.VirtualHost;
import io.inmesh.outbound.UpstreamTransport.ConnectionFacts;
import io.inmesh.routing.ClusterTarget;
import io.inmesh.routing.CompiledRoute;
import org.jspecify.annotations.Nullable;

/**
 * What the router does to heads: the route's rewrites, once for a request; what changes from attempt to attempt; and the route's rules on the way back.
 * Envoy adds {@code x-envoy-expected-rq-timeout-ms} to requests and {@code x-envoy-upstream-service-time} to responses unless
 * {@code suppress_envoy_headers} is set, and so does this.
 */
final class RouterRequest {
    private static final String ATTEMPT_COUNT = "x-envoy-attempt-count";

    private final CallContext call;
    private final CompiledRoute route;
    private final ClusterTarget target;
    private final AttemptLimits limits;
    private final boolean envoyHeaders;

    RouterRequest(
            CallContext call, CompiledRoute route, ClusterTarget target, AttemptLimits limits, boolean envoyHeaders) {
        this.call = call;
        this.route = route;
        this.target = target;
        this.limits = limits;
        this.envoyHeaders = envoyHeaders;
    }

    CompiledRoute route() {
        return route;
    }

    /** How much of the request's body may be kept for a retry: the route's word, the virtual host's, or the cluster's buffer limit. */
    long keepLimit(Cluster cluster) {
        long ofRoute = route.route().requestBodyBufferLimit();
        long ofHost = route.virtualHost().requestBodyBufferLimit();
        return ofRoute >= 0 ? ofRoute : ofHost >= 0 ? ofHost : cluster.bufferLimit();
    }

    /** Before the first attempt; in the order of {@code Filter::decodeHeaders}, so that header rules see what the router adds. */
    void prepare() {
        RequestHead head = call.head();
        HopHeaders.strip(head.headers());
        if (envoyHeaders) {
            limits.announce(head);
        }
        if (route.virtualHost().includeRequestAttemptCount()) {
            head.headers().set(ATTEMPT_COUNT, "1");
        }
        route.rewriteRequest(head, target, call.info(), envoyHeaders);
    }

    /** Before another attempt: {@code Filter::continueDoRetry}. */
    void prepareRetry(boolean afterTimeout) {
        RequestHead head = call.head();
        VirtualHost virtualHost = route.virtualHost();
        if (virtualHost.includeRequestAttemptCount()) {
            head.headers()
                    .set(ATTEMPT_COUNT, Integer.toString(call.info().upstream().attempts() + 1));
        }
        if (virtualHost.includeIsTimeoutRetryHeader()) {
            head.headers().set("x-envoy-is-timeout-retry", Boolean.toString(afterTimeout));
        }
        if (envoyHeaders) {
            limits.announce(head);
        }
    }

    /**
     * The head for one attempt.
     *
     * @param mayRepeat whether another attempt may follow, so that this one gets a copy
     */
    RequestHead headFor(Host host, UpstreamCluster cluster, boolean mayRepeat) {
        Endpoint endpoint = host.endpoint();
        call.info().upstream().cluster(cluster.name(), cluster.configuration().metadata());
        call.info().upstream().host(host.toString(), endpoint.hostname(), endpoint.metadata());
        RequestHead head = mayRepeat ? call.head().copy() : call.head();
        route.rewriteAuthorityToHost(head, endpoint.hostname(), envoyHeaders);
        return head;
    }

    /** A host that is known by its name has an address now. */
    void noteAddress(@Nullable Host host, ConnectionFacts connection) {
        if (host != null && host.name() != null) {
            Endpoint endpoint = host.endpoint();
            call.info().upstream().host(connection.remoteAddress(), endpoint.hostname(), endpoint.metadata());
        }
    }

    /** {@code include_attempt_count_in_response}; Envoy counts an attempt for which there was no host. */
    void addAttemptCount(ResponseHead response) {
        if (route.virtualHost().includeAttemptCountInResponse()) {
            response.headers()
                    .set(
                            ATTEMPT_COUNT,
                            Integer.toString(Math.max(1, call.info().upstream().attempts())));
        }
    }

    /** A response on its way back. */
    void finish(ResponseHead response) {
        if (envoyHeaders && limits.requestEnded()) {
            response.headers().set("x-envoy-upstream-service-time", Long.toString(limits.millisSinceRequestEnd()));
        }
        route.mutateResponse(response, call.head(), target, call.info());
    }

    /** An answer that takes the place of the first attempt: the route's rules, and nothing of the router. */
    LocalReply finishBeforeAttempt(LocalReply reply) {
        return route.finish(reply, call.head(), target, call.info());
    }

    /** The router's own answer on its way back. */
    LocalReply finish(LocalReply reply) {
        ResponseHead head = new ResponseHead(reply.status(), reply.headers().copy());
        if (!envoyHeaders) {
            head.headers().remove("x-envoy-overloaded");
        }
        addAttemptCount(head);
        LocalReply counted =
                new LocalReply(reply.status(), reply.body(), head.headers(), reply.flag(), reply.details());
        return route.finish(counted, call.head(), target, call.info());
    }
}
