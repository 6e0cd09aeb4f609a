package io.inmesh.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.HeaderEdit;
import io.inmesh.model.HeaderEdit.AppendAction;
import io.inmesh.model.HeaderFormat;
import io.inmesh.model.HeaderMutation;
import io.inmesh.model.LevelRules;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.ClusterChoice;
import io.inmesh.model.RouteAction.ClusterWeight;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.RouteTable;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.VirtualHost;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderRulesTest {

    private static HeaderEdit.Put put(String name, String value, AppendAction action) {
        return new HeaderEdit.Put(name, HeaderFormat.parse(value), action, false);
    }

    @Test
    void apply_mutation_removesThenOverwritesThenAdds() {
        HeaderMutation mutation = new HeaderMutation(
                List.of(
                        put("a", "%REQ(b)%+", AppendAction.APPEND_IF_EXISTS_OR_ADD),
                        put("b", "new", AppendAction.OVERWRITE_IF_EXISTS_OR_ADD),
                        put("c", "new", AppendAction.ADD_IF_ABSENT),
                        put("d", "new", AppendAction.ADD_IF_ABSENT),
                        put("e", "new", AppendAction.OVERWRITE_IF_EXISTS),
                        put("gone", "%REQ(gone)%", AppendAction.APPEND_IF_EXISTS_OR_ADD),
                        put("user-agent", "more", AppendAction.APPEND_IF_EXISTS_OR_ADD)),
                List.of("gone"));
        RequestHead head =
                Requests.get("h", "/", "a", "1", "b", "old", "b", "older", "c", "old", "gone", "x", "user-agent", "me");

        HeaderEdits.apply(mutation, head.headers(), FormatContext.ofRequest(new StreamInfo(), head));

        assertThat(head.headers())
                .isEqualTo(
                        Headers.of("a", "1", "c", "old", "user-agent", "me,more", "b", "new", "a", "old+", "d", "new"));
    }

    @Test
    void apply_emptyValue_isPutOnlyWhenKept() {
        HeaderFormat nothing = HeaderFormat.parse("%REQ(missing)%");
        HeaderMutation mutation = new HeaderMutation(
                List.of(
                        new HeaderEdit.Put("kept", nothing, AppendAction.APPEND_IF_EXISTS_OR_ADD, true),
                        new HeaderEdit.Put("dropped", nothing, AppendAction.APPEND_IF_EXISTS_OR_ADD, false)),
                List.of());
        RequestHead head = Requests.get("h", "/");

        HeaderEdits.apply(mutation, head.headers(), FormatContext.ofRequest(new StreamInfo(), head));

        assertThat(head.headers()).isEqualTo(Headers.of("kept", ""));
    }

    @Test
    void apply_edits_eachSeesTheOnesBefore() {
        List<HeaderEdit> edits = List.of(
                put("x-a", "1", AppendAction.OVERWRITE_IF_EXISTS_OR_ADD),
                put("b", "%REQ(x-a)%", AppendAction.OVERWRITE_IF_EXISTS_OR_ADD),
                new HeaderEdit.RemoveMatching(new StringMatcher.Prefix("x-", false)),
                new HeaderEdit.Remove("c"));
        RequestHead head = Requests.get("h", "/", "x-1", "v", "c", "v", "x-2", "v", "x-1", "w", "d", "v");

        HeaderEdits.apply(edits, head.headers(), FormatContext.ofRequest(new StreamInfo(), head));

        assertThat(head.headers()).isEqualTo(Headers.of("d", "v", "b", "1"));
    }

    @ParameterizedTest
    @CsvSource({"false, cluster|route|vhost|table", "true, cluster|table|vhost|route"})
    void levels_requestAndResponse_runInEnvoysOrder(boolean mostSpecificWins, String expected) {
        ClusterWeight weight = new ClusterWeight("c", null, 1, level("cluster"), null);
        Route route = new Route(
                "r",
                RouteMatch.prefix("/"),
                Forward.to(ClusterChoice.Weighted.of(weight)),
                level("route"),
                -1,
                Map.of());
        VirtualHost host = new VirtualHost(
                "v",
                List.of("*"),
                List.of(route),
                VirtualHost.RequireTls.NONE,
                level("vhost"),
                null,
                false,
                false,
                false,
                -1,
                Map.of());
        RouteTable table =
                new RouteTable("t", List.of(host), level("table"), false, false, mostSpecificWins, 0, Map.of());
        RequestHead head = Requests.get("h", "/");
        CompiledRoute compiled = Requests.select(CompiledRoutes.of(table), head);
        ClusterTarget target = compiled.chooseCluster(head, 0);
        ResponseHead response = new ResponseHead(200, new Headers());

        compiled.rewriteRequest(head, target, new StreamInfo(), false);
        compiled.mutateResponse(response, head, target, new StreamInfo());

        assertThat(String.join("|", head.headers().all("level"))).isEqualTo(expected);
        assertThat(String.join("|", response.headers().all("level"))).isEqualTo(expected);
    }

    private static LevelRules level(String name) {
        HeaderMutation mutation =
                new HeaderMutation(List.of(put("level", name, AppendAction.APPEND_IF_EXISTS_OR_ADD)), List.of());
        return new LevelRules(mutation, mutation, Map.of());
    }

    @ParameterizedTest
    @CsvSource({
        "100%%, 100%",
        "%REQ(X-User)%, me",
        "%REQ(x-none?x-user)%, me",
        "%REQ(x-user):1%, m",
        "%REQ(:path)% %REQ(:method)% %REQ(:authority)% %REQ(:scheme)%, /p?a=b GET h http",
        "%RESP(x-r)%|%RESPONSE_CODE%, v|503",
        "%QUERY_PARAM(a)%, b",
        "%PATH(NQ:PATH)%, /p",
        "%PROTOCOL%, HTTP/2",
        "%ROUTE_NAME%, my-route",
        "%RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG%, UH NoHealthyUpstream",
        "%RESPONSE_CODE_DETAILS%, no_healthy__upstream",
        "%START_TIME%, 2001-02-03T04:05:06.789Z",
        "%START_TIME(%Y/%m/%d %H %s.%3f)%, 2001/02/03 04 981173106.789",
        "%DYNAMIC_METADATA(f:s)% %DYNAMIC_METADATA(f:n)% %DYNAMIC_METADATA(f:none)%, 'text 3 '",
        "%METADATA(DYNAMIC:f:s)%|%METADATA(ROUTE:m:k)%|%METADATA(VIRTUAL_HOST:m:k)%, text|of-route|",
        "%FILTER_STATE(k:PLAIN)% %FILTER_STATE(k)%, object \"object\"",
        "%UPSTREAM_HOST% %UPSTREAM_REMOTE_PORT% %UPSTREAM_HOST_NAME%, 1.2.3.4:80 80 pod-1",
        "%UPSTREAM_CLUSTER%|%UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%|%UPSTREAM_REQUEST_ATTEMPT_COUNT%, c|::1|1",
        "%DOWNSTREAM_PEER_SUBJECT%%DOWNSTREAM_REMOTE_ADDRESS%%BYTES_SENT%, ''"
    })
    void format_commands_haveTheirValues(String format, String expected) {
        StreamInfo info = new StreamInfo();
        info.startTimeMillis(981173106789L);
        info.protocol("HTTP/2");
        info.route("my-route", Map.of("m", Map.of("k", "of-route")), Map.of());
        info.flags().add(ResponseFlag.NO_HEALTHY_UPSTREAM);
        info.responseCodeDetails("no healthy\r\nupstream");
        info.putDynamicMetadata("f", "s", "text");
        info.putDynamicMetadata("f", "n", 3.0);
        info.putFilterState("k", "object");
        info.upstream().cluster("c", Map.of());
        info.upstream().host("1.2.3.4:80", "pod-1", Map.of());
        info.upstream().connection("[::1]:4000", "HTTP/1.1");
        info.upstream().attemptBegins();
        FormatContext context = FormatContext.ofResponse(
                info, Requests.get("h", "/p?a=b", "x-user", "me"), new ResponseHead(503, Headers.of("x-r", "v")));

        assertThat(HeaderFormatter.format(HeaderFormat.parse(format), context)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "50% off", "%UNKNOWN_COMMAND%", "%REQ%", "%REQ(x%", "%REQ(x):%", "%PROTOCOL(x)%"})
    void parse_whatEnvoyRefuses_isRefusedWithTheFormatNamed(String format) {
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> HeaderFormat.parse(format)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(format);
    }
}
