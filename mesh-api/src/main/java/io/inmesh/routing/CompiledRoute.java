package io.inmesh.routing;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.RetryPolicy;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.ClusterWeight;
import io.inmesh.model.RouteAction.DirectResponse;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteAction.HostRewrite;
import io.inmesh.model.RouteAction.Redirect;
import io.inmesh.model.RouteTable;
import io.inmesh.model.VirtualHost;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A route, ready to be taken: chooses the cluster, changes the request's head, answers redirects and direct responses, changes the response's head.
 *
 * <p>Immutable and thread-safe; the heads that it is given are not.
 */
public final class CompiledRoute {
    private static final String DIRECT_RESPONSE = "direct_response";

    private final RouteTable table;
    private final VirtualHost virtualHost;
    private final Route route;
    private final int ordinal;
    private final boolean toHttps;
    private final RequestTest test;
    private final @Nullable Forward forward;
    private final @Nullable ClusterSelector clusters;

    CompiledRoute(
            RouteTable table,
            VirtualHost virtualHost,
            Route route,
            int ordinal,
            boolean toHttps,
            ToIntFunction<String> clusterIndexes) {
        this.ordinal = ordinal;
        this.toHttps = toHttps;
        this.table = table;
        this.virtualHost = virtualHost;
        this.route = route;
        test = new RequestTest(route.match());
        forward = route.action() instanceof Forward action ? action : null;
        clusters = forward == null ? null : new ClusterSelector(forward.cluster(), clusterIndexes);
    }

    /** The table that it is of. */
    public RouteTable table() {
        return table;
    }

    /** The virtual host that it is of. */
    public VirtualHost virtualHost() {
        return virtualHost;
    }

    /** Its configuration. */
    public Route route() {
        return route;
    }

    /** Its number among all routes of its {@link CompiledRoutes}, from 0 on and below {@link CompiledRoutes#size()}. */
    public int ordinal() {
        return ordinal;
    }

    /** What to do with the request if it goes to a cluster; null if it does not. */
    public @Nullable Forward forward() {
        return forward;
    }

    /** The retry policy in force: its own, else its virtual host's; null if there is none. */
    public @Nullable RetryPolicy retryPolicy() {
        return forward != null && forward.retryPolicy() != null ? forward.retryPolicy() : virtualHost.retryPolicy();
    }

    /** Its name, or its condition on the path in words where it has none. */
    public String describe() {
        return route.name().isEmpty() ? route.match().path().toString() : route.name();
    }

    RequestTest test() {
        return test;
    }

    /**
     * The cluster for a request.
     *
     * @param random the same number that {@link CompiledRoutes#select} was given: Envoy draws one for a request
     * @throws IllegalStateException if the route does not go to a cluster
     */
    public ClusterTarget chooseCluster(RequestHead head, long random) {
        if (clusters == null) {
            throw new IllegalStateException("route " + describe() + " does not go to a cluster");
        }
        return clusters.choose(head.headers(), random);
    }

    /**
     * The answer of a redirect or a direct response, with this route's response header rules applied; null for any other route.
     *
     * @param leaveTraces as for {@link #rewriteRequest}; response header rules may ask for what was rewritten
     */
    public @Nullable LocalReply localReply(RequestHead head, StreamInfo info, boolean leaveTraces) {
        Headers headers = new Headers();
        if (route.action() instanceof Redirect redirect) {
            RequestHead rewritten =
                    RedirectLocation.rewritten(head, route.match().path(), redirect, leaveTraces);
            headers.add(
                    "location",
                    toHttps ? "https://" + head.authority() + head.path() : RedirectLocation.of(rewritten, redirect));
            return finish(new LocalReply(redirect.status(), "", headers, null, DIRECT_RESPONSE), rewritten, null, info);
        }
        if (route.action() instanceof DirectResponse response) {
            int status = response.status();
            if (status == 201 || (status >= 300 && status < 400)) {
                headers.add("location", head.scheme() + "://" + head.authority() + head.path());
            }
            String body = response.body() == null ? "" : response.body();
            return finish(new LocalReply(status, body, headers, null, DIRECT_RESPONSE), head, null, info);
        }
        return null;
    }

    /**
     * An answer that the data plane gives itself after this route was taken, with the route's response header rules applied. They come before
     * the length and the type of the body, and before {@link LocalReply#fittedTo}.
     *
     * @param target the cluster that was chosen, or null if none was
     */
    public LocalReply finish(LocalReply reply, RequestHead request, @Nullable ClusterTarget target, StreamInfo info) {
        if (reply.flag() != null) {
            info.flags().add(reply.flag());
        }
        info.responseCodeDetails(reply.details());
        ResponseHead head = new ResponseHead(reply.status(), reply.headers().copy());
        mutate(head, target, FormatContext.ofLocalReply(info, request, head));
        return new LocalReply(head.status(), reply.body(), head.headers(), reply.flag(), reply.details());
    }

    /**
     * Changes a request's head on its way to a cluster: header rules of every level in Envoy's order, then authority, then path. Done once
     * for a request, not for each attempt.
     *
     * @param leaveTraces whether the original path and authority are told upstream in {@code x-envoy-original-path} and
     *                    {@code x-envoy-original-host}, as Envoy does unless {@code suppress_envoy_headers} is set
     */
    public void rewriteRequest(RequestHead head, ClusterTarget target, StreamInfo info, boolean leaveTraces) {
        FormatContext context = FormatContext.ofFirstAttempt(info, head);
        ClusterWeight weight = target.weight();
        if (weight != null) {
            HeaderEdits.apply(weight.rules().request(), head.headers(), context);
            if (weight.hostRewrite() != null) {
                head.authority(weight.hostRewrite());
            }
        }
        boolean widestFirst = table.mostSpecificHeaderRulesWin();
        HeaderEdits.apply((widestFirst ? table.rules() : route.rules()).request(), head.headers(), context);
        HeaderEdits.apply(virtualHost.rules().request(), head.headers(), context);
        HeaderEdits.apply((widestFirst ? route.rules() : table.rules()).request(), head.headers(), context);
        if (forward != null) {
            rewriteAuthority(head, forward, leaveTraces);
            if (forward.pathRewrite() != null) {
                PathRewriter.apply(head, route.match().path(), forward.pathRewrite(), leaveTraces);
            }
        }
    }

    /**
     * Changes the head of an upstream's response.
     *
     * @param target the cluster that was chosen
     */
    public void mutateResponse(ResponseHead response, RequestHead request, ClusterTarget target, StreamInfo info) {
        mutate(response, target, FormatContext.ofResponse(info, request, response));
    }

    private void mutate(ResponseHead response, @Nullable ClusterTarget target, FormatContext context) {
        Headers headers = response.headers();
        ClusterWeight weight = target == null ? null : target.weight();
        if (weight != null) {
            HeaderEdits.apply(weight.rules().response(), headers, context);
        }
        boolean widestFirst = table.mostSpecificHeaderRulesWin();
        HeaderEdits.apply((widestFirst ? table.rules() : route.rules()).response(), headers, context);
        HeaderEdits.apply(virtualHost.rules().response(), headers, context);
        HeaderEdits.apply((widestFirst ? route.rules() : table.rules()).response(), headers, context);
    }

    /**
     * {@code auto_host_rewrite}: gives the request the name of the host that was chosen, at each attempt.
     *
     * @param hostname the host's own name, or null if it has none
     */
    public void rewriteAuthorityToHost(RequestHead head, @Nullable String hostname, boolean leaveTraces) {
        if (forward != null
                && forward.hostRewrite() instanceof HostRewrite.Auto
                && hostname != null
                && !hostname.isEmpty()) {
            Authorities.replace(head, hostname, forward.appendForwardedHost(), leaveTraces);
        }
    }

    private static void rewriteAuthority(RequestHead head, Forward forward, boolean leaveTraces) {
        String authority = Authorities.rewritten(head, forward.hostRewrite());
        if (authority != null) {
            Authorities.replace(head, authority, forward.appendForwardedHost(), leaveTraces);
        }
    }

    /**
     * A route that sends plain requests to https, for virtual hosts that require TLS ({@code SslRedirector}): the port stays, and no rule of
     * any level touches its answer.
     */
    static CompiledRoute toHttps(RouteTable table, VirtualHost virtualHost, Route redirect, int ordinal) {
        RouteTable bareTable = RouteTable.of(table.name());
        VirtualHost bareHost = VirtualHost.of(virtualHost.name(), virtualHost.domains());
        return new CompiledRoute(bareTable, bareHost, redirect, ordinal, true, name -> -1);
    }

    @Override
    public String toString() {
        return table.name() + "/" + virtualHost.name() + "/" + describe();
    }
}
