package io.inmesh.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.PathMatcher;
import io.inmesh.model.RegexRewrite;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction;
import io.inmesh.model.RouteAction.DirectResponse;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteAction.HostRewrite;
import io.inmesh.model.RouteAction.PathRewrite;
import io.inmesh.model.RouteAction.Redirect;
import io.inmesh.model.RouteAction.Timeouts;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.UriTemplate;
import io.inmesh.model.UriTemplateRewrite;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RewriteTest {

    private static RequestHead rewritten(PathMatcher path, Forward forward, RequestHead head, boolean leaveTraces) {
        CompiledRoute route = Requests.select(Requests.routes(Route.of("r", RouteMatch.of(path), forward)), head);
        route.rewriteRequest(head, route.chooseCluster(head, 0), new StreamInfo(), leaveTraces);
        return head;
    }

    @ParameterizedTest
    @CsvSource({
        "/old, /new, /old/x?q=1, /new/x?q=1",
        "/old/, /, /old/x, /x",
        "/, /base/, /x, /base/x",
        "/old, /new?a=b, /old?q, /new?a=b?q"
    })
    void prefixRewrite_prefixMatch_replacesWhatMatched(String prefix, String to, String path, String expected) {
        Forward forward = Forward.to("c").with(new PathRewrite.Prefix(to), null);

        assertThat(rewritten(new PathMatcher.Prefix(prefix, true), forward, Requests.get("h", path), false)
                        .path())
                .isEqualTo(expected);
    }

    @Test
    void prefixRewrite_otherMatches_replaceTheWholePath() {
        Forward forward = Forward.to("c").with(new PathRewrite.Prefix("/n"), null);

        assertThat(rewritten(new PathMatcher.Exact("/a/b", true), forward, Requests.get("h", "/a/b?q"), false)
                        .path())
                .isEqualTo("/n?q");
        assertThat(rewritten(new PathMatcher.Regex(Pattern.compile("/a.*")), forward, Requests.get("h", "/a/b?q"), true)
                        .headers())
                .isEqualTo(Headers.of("x-envoy-original-path", "/a/b?q"));
    }

    @ParameterizedTest
    @CsvSource({
        "^/service/([^/]+)(/.*)$, \\2/instance/\\1, /service/foo/v1/api?x, /v1/api/instance/foo?x",
        "one, two, /xxx/one/yyy/one/zzz, /xxx/two/yyy/two/zzz",
        "^(.*?)one(.*)$, \\1two\\2, /xxx/one/yyy/one/zzz, /xxx/two/yyy/one/zzz",
        "(?i)/xxx/, /yyy/, /aaa/XxX/bbb, /aaa/yyy/bbb",
        "a*, -, /baac, -/-b-c-",
        "/+$, '', /?x, /?x"
    })
    void regexRewrite_documentedExamples(String pattern, String substitution, String path, String expected) {
        RegexRewrite rewrite = new RegexRewrite(Pattern.compile(pattern), substitution);
        Forward forward = Forward.to("c").with(new PathRewrite.Regex(rewrite), null);

        assertThat(rewritten(new PathMatcher.Prefix("/", true), forward, Requests.get("h", path), false)
                        .path())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "/a/{x}/{y}, /{y}/{x}, /a/1/2?q, /2/1?q",
        "/a/{rest=**}, /b/{rest}, /a/1/2/3, /b/1/2/3",
        "/{x=v/*}, /q/{x}/r, /v/1, /q/v/1/r",
        "/{x}.y/z, /{x}, /1.y/z, /1",
        "/{x}, /y{x}, /a=*b, /ya=*b"
    })
    void templateRewrite_variables_areFilledIn(String match, String to, String path, String expected) {
        PathMatcher template = new PathMatcher.Template(UriTemplate.parse(match));
        Forward forward = Forward.to("c").with(new PathRewrite.Template(UriTemplateRewrite.parse(to)), null);

        assertThat(rewritten(template, forward, Requests.get("h", path), false).path())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "/{1x}",
                "/{x",
                "/**/*",
                "/{a}/{a}",
                "/{a=}",
                "/{a=x/}",
                "/a//b",
                "/{a}{b}",
                "/{a=*b}",
                "/a b",
                "/{a=**}/{b}"
            })
    void uriTemplate_whatEnvoyRefuses_isRefused(String text) {
        assertThatThrownBy(() -> UriTemplate.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
    }

    @Test
    void hostRewrite_eachKind_changesTheAuthority() {
        PathMatcher any = new PathMatcher.Prefix("/", true);
        RegexRewrite firstSegment = new RegexRewrite(Pattern.compile("^/(.+)/.+$"), "\\1");

        assertThat(authority(any, new HostRewrite.Literal("new"), Requests.get("old", "/")))
                .isEqualTo("new");
        assertThat(authority(any, new HostRewrite.FromHeader("x-h"), Requests.get("old", "/", "x-h", "named")))
                .isEqualTo("named");
        assertThat(authority(any, new HostRewrite.FromHeader("x-h"), Requests.get("old", "/")))
                .isEqualTo("old");
        assertThat(authority(any, new HostRewrite.FromPath(firstSegment), Requests.get("old", "/seg/x?q=/y/z")))
                .isEqualTo("seg");
        assertThat(authority(any, new HostRewrite.Auto(), Requests.get("old", "/")))
                .isEqualTo("old");
    }

    private static String authority(PathMatcher path, HostRewrite rewrite, RequestHead head) {
        return rewritten(path, Forward.to("c").with(null, rewrite), head, false).authority();
    }

    @Test
    void hostRewrite_forwardedHost_namesTheOldOneOnce() {
        Forward forward = new Forward(
                Forward.to("c").cluster(),
                503,
                null,
                new HostRewrite.Literal("new"),
                true,
                Timeouts.DEFAULT,
                null,
                false,
                List.of());
        PathMatcher any = new PathMatcher.Prefix("/", true);

        assertThat(rewritten(any, forward, Requests.get("old", "/"), true).headers())
                .isEqualTo(Headers.of("x-envoy-original-host", "old", "x-forwarded-host", "old"));
        assertThat(rewritten(any, forward, Requests.get("old", "/", "x-forwarded-host", "a,old"), false)
                        .headers())
                .isEqualTo(Headers.of("x-forwarded-host", "a,old"));
        assertThat(rewritten(any, forward, Requests.get("old", "/", "x-forwarded-host", "a"), false)
                        .headers())
                .isEqualTo(Headers.of("x-forwarded-host", "a,old"));
    }

    @Test
    void autoHostRewrite_hostWithName_getsItsName() {
        RequestHead head = Requests.get("old", "/");
        CompiledRoute route = Requests.select(
                Requests.routes(
                        Route.of("r", RouteMatch.prefix("/"), Forward.to("c").with(null, new HostRewrite.Auto()))),
                head);

        route.rewriteAuthorityToHost(head, null, false);
        assertThat(head.authority()).isEqualTo("old");
        route.rewriteAuthorityToHost(head, "pod.example", false);
        assertThat(head.authority()).isEqualTo("pod.example");
    }

    /** Columns: https_redirect, scheme, host, port, path (kind:value), strip_query, the request's URL, the location. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "true, none, none, 0, none, false, http://h:80/p?q, https://h/p?q",
                "true, none, none, 0, none, false, http://h:81/p, https://h:81/p",
                "false, none, none, 0, none, false, http://h:80/p, http://h:80/p",
                "false, https, none, 0, none, true, http://h/p?q, https://h/p",
                "true, none, none, 8443, none, false, http://h:80/p, https://h:8443/p",
                "false, none, other, 8080, none, false, http://h:80/p, http://other:8080/p",
                "false, none, [::1], 0, none, false, http://h/p, http://[::1]/p",
                "true, none, none, 0, none, false, http://[::1]:80/p, https://[::1]/p",
                "false, none, none, 0, full:/new, false, http://h/p?q, http://h/new?q",
                "false, none, none, 0, full:/new, true, http://h/p?q, http://h/new",
                "false, none, none, 0, full:/new?x, true, http://h/p?q, http://h/new?x",
                "false, none, none, 0, full:new, false, http://h/p, http://h/new",
                "false, none, none, 0, prefix:/new, false, http://h/p/x?q, http://h/new/x?q",
                "false, none, none, 0, regex:/new, true, http://h/p/x?q, http://h/new/x",
            })
    void redirect_eachPart_makesTheLocation(
            boolean https,
            @Nullable String scheme,
            @Nullable String host,
            int port,
            @Nullable String path,
            boolean stripQuery,
            String url,
            String expected) {
        Redirect redirect = new Redirect(https, scheme, host, port, pathRewrite(path), 302, stripQuery);
        int authority = url.indexOf("://") + 3;
        int slash = url.indexOf('/', authority);
        RequestHead head = Requests.get(url.substring(authority, slash), url.substring(slash));

        LocalReply reply = reply(redirect, head);

        assertThat(reply.status()).isEqualTo(302);
        assertThat(reply.body()).isEmpty();
        assertThat(reply.headers()).isEqualTo(Headers.of("location", expected));
    }

    private static @Nullable PathRewrite pathRewrite(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String value = text.substring(text.indexOf(':') + 1);
        return text.startsWith("full")
                ? new PathRewrite.Full(value)
                : text.startsWith("prefix")
                        ? new PathRewrite.Prefix(value)
                        : new PathRewrite.Regex(new RegexRewrite(Pattern.compile("^/p"), value));
    }

    private static LocalReply reply(RouteAction action, RequestHead head) {
        CompiledRoutes routes =
                Requests.routes(Route.of("r", RouteMatch.of(new PathMatcher.Prefix("/p", true)), action));
        return Objects.requireNonNull(Requests.select(routes, head).localReply(head, new StreamInfo(), false));
    }

    @Test
    void directResponse_withBody_hasIt() {
        LocalReply reply = reply(new DirectResponse(418, "teapot"), Requests.get("h", "/p"));

        assertThat(reply.status()).isEqualTo(418);
        assertThat(reply.body()).isEqualTo("teapot");
        assertThat(reply.headers()).isEqualTo(new Headers());
        assertThat(reply.details()).isEqualTo("direct_response");
    }

    @Test
    void directResponse_createdOrRedirect_namesTheRequestsOwnUrl() {
        assertThat(reply(new DirectResponse(201, null), Requests.get("h", "/p?q"))
                        .headers())
                .isEqualTo(Headers.of("location", "http://h/p?q"));
    }
}
