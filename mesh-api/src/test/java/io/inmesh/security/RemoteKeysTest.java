package io.inmesh.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.filter.FilterPlan;
import io.inmesh.model.JwtKeys;
import io.inmesh.model.JwtProvider;
import io.inmesh.model.JwtRequirement;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that are fetched, with a clock, a scheduler and a server that are moved by hand. */
class RemoteKeysTest {
    private static final Tokens TOKENS = Tokens.INSTANCE;
    private static final String BEARER = "Bearer " + TOKENS.token("ES256", "{\"iss\":\"i\"}");
    private static final String GOOD = TOKENS.jwks("ES256");
    private static final String FETCH_FAILED = "401 Jwks remote fetch is failed";

    private final HandScheduler time = new HandScheduler();
    private final List<CompletableFuture<byte[]>> fetches = new ArrayList<>();
    private final JwtFilterFactory factory = new JwtFilterFactory(
            source -> {
                CompletableFuture<byte[]> fetch = new CompletableFuture<>();
                fetches.add(fetch);
                return fetch;
            },
            source -> false,
            time,
            time);

    @Test
    void onRequest_keysNotThereYet_allRequestsWaitForOneFetch() {
        FilterPlan plan = plan(null);
        assertThat(fetches).isEmpty();
        List<FilterTrial> waiting = List.of(ask(plan), ask(plan), ask(plan));
        assertThat(waiting).extracting(FilterTrial::outcome).containsOnly("waits");
        assertThat(fetches).hasSize(1);

        answer(0, GOOD);

        waiting.forEach(FilterTrial::runTasks);
        assertThat(waiting).extracting(FilterTrial::outcome).containsOnly("passed");
        assertThat(ask(plan).outcome()).isEqualTo("passed");
        assertThat(fetches).hasSize(1);
        assertThat(time.waiting()).as("timeouts left behind").isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no json", "{\"keys\":[]}"})
    void onRequest_answerWithoutKeys_failsAndIsNotAskedForAgainAtOnce(String answer) {
        FilterPlan plan = plan(null);
        FilterTrial first = ask(plan);
        answer(0, answer);
        first.runTasks();

        assertThat(first.outcome()).isEqualTo(FETCH_FAILED);
        for (int i = 0; i < 100; i++) {
            assertThat(ask(plan).outcome()).isEqualTo(FETCH_FAILED);
        }
        assertThat(fetches).hasSize(1);
        time.advance(1_000);
        FilterTrial later = ask(plan);
        assertThat(fetches).hasSize(2);
        answer(1, GOOD);
        later.runTasks();
        assertThat(later.outcome()).isEqualTo("passed");
    }

    @Test
    void onRequest_moreThanAMegabyte_isNotTaken() {
        FilterTrial trial = ask(plan(null));
        answer(0, GOOD + " ".repeat(JwksFetcher.MAX_BYTES));
        trial.runTasks();
        assertThat(trial.outcome()).isEqualTo(FETCH_FAILED);
    }

    @Test
    void onRequest_noAnswer_waitsNoLongerThanTheTimeout() {
        FilterTrial trial = ask(plan(null));
        time.advance(1_999);
        trial.runTasks();
        assertThat(trial.outcome()).isEqualTo("waits");
        time.advance(1);
        trial.runTasks();
        assertThat(trial.outcome()).isEqualTo(FETCH_FAILED);
        // Too late for anybody.
        answer(0, GOOD);
        assertThat(ask(plan(null)).outcome()).isEqualTo(FETCH_FAILED);
    }

    @Test
    void onRequest_fetcherThatThrows_isAFailure() {
        JwtFilterFactory broken = new JwtFilterFactory(
                source -> {
                    throw new IllegalStateException("broken");
                },
                source -> false,
                time,
                time);
        FilterTrial trial =
                FilterTrial.start(broken, Providers.requiring(provider(null)), "/", "authorization", BEARER);
        assertThat(trial.outcome()).isEqualTo(FETCH_FAILED);
        assertThat(time.waiting()).as("one timeout, which finds nothing to do").isLessThanOrEqualTo(1);
    }

    @Test
    void onRequest_keysGettingOld_areFetchedAgainWithoutAnybodyWaiting() {
        FilterPlan plan = warm(null);
        time.advance(594_999);
        assertThat(ask(plan).outcome()).isEqualTo("passed");
        assertThat(fetches).hasSize(1);
        time.advance(1);
        assertThat(ask(plan).outcome()).isEqualTo("passed");
        assertThat(fetches).hasSize(2);
    }

    @Test
    void onRequest_keysTooOld_areWaitedForAndTheLastGoodOnesServeIfTheNewOnesDoNotCome() {
        FilterPlan plan = warm(null);
        time.advance(600_000);
        FilterTrial trial = ask(plan);
        assertThat(trial.outcome()).isEqualTo("waits");
        fetches.get(1).completeExceptionally(new IllegalStateException("connection refused"));
        trial.runTasks();
        assertThat(trial.outcome()).isEqualTo("passed");
        assertThat(ask(plan).outcome()).as("before the next fetch is tried").isEqualTo("passed");
        assertThat(fetches).hasSize(2);
    }

    @Test
    void onRequest_keysThatWereReplaced_verifyNothingAnyMoreNotEvenACachedToken() {
        FilterPlan plan = warm(null);
        assertThat(ask(plan).outcome()).isEqualTo("passed");
        time.advance(600_000);
        FilterTrial trial = ask(plan);
        answer(1, TOKENS.jwks("RSA"));
        trial.runTasks();
        assertThat(trial.outcome()).startsWith("401 ");
        assertThat(ask(plan).outcome()).startsWith("401 ");
    }

    @Test
    void create_asyncFetch_fetchesAheadOfRequestsAndBeforeKeysAreTooOld() {
        FilterPlan plan = plan(new JwtKeys.AsyncFetch(false, Duration.ofSeconds(3)));
        assertThat(fetches).hasSize(1);
        FilterTrial early = ask(plan);
        answer(0, GOOD);
        early.runTasks();
        assertThat(early.outcome()).isEqualTo("passed");
        time.advance(594_999);
        assertThat(fetches).hasSize(1);
        time.advance(1);
        assertThat(fetches).hasSize(2);
        fetches.get(1).completeExceptionally(new IllegalStateException("connection refused"));
        time.advance(2_999);
        assertThat(fetches).hasSize(2);
        time.advance(1);
        assertThat(fetches).hasSize(3);
        time.advance(3_600_000);
        assertThat(ask(plan).outcome()).as("the last good ones, however old").isEqualTo("passed");
    }

    @Test
    void create_twoFiltersThatNameTheSamePlace_shareItsKeys() {
        FilterPlan first = warm(null);
        FilterPlan second = plan(null);
        assertThat(ask(second).outcome()).isEqualTo("passed");
        assertThat(ask(first).outcome()).isEqualTo("passed");
        assertThat(fetches).hasSize(1);
    }

    @Test
    void onRequest_anyOfTwoProviders_waitsForTheFirstOnesKeys() {
        JwtProvider local = Providers.provider("j", Providers.inline(GOOD));
        FilterPlan plan = FilterTrial.plan(
                factory,
                Providers.requiring(
                        Map.of("p", provider(null), "q", local),
                        new JwtRequirement.AnyOf(List.of(Providers.P, new JwtRequirement.Provider("q", List.of())))));
        FilterTrial trial = ask(plan);
        assertThat(trial.outcome()).isEqualTo("waits");
        fetches.get(0).completeExceptionally(new IllegalStateException("no route"));
        trial.runTasks();
        assertThat(trial.outcome()).as("the reason that tells").isEqualTo(FETCH_FAILED);
        FilterTrial other =
                FilterTrial.start(plan, "/", "authorization", "Bearer " + TOKENS.token("ES256", "{\"iss\":\"j\"}"));
        assertThat(other.outcome()).isEqualTo("passed");
    }

    private FilterPlan warm(JwtKeys.@Nullable AsyncFetch async) {
        FilterPlan plan = plan(async);
        FilterTrial first = ask(plan);
        answer(0, GOOD);
        first.runTasks();
        assertThat(first.outcome()).isEqualTo("passed");
        return plan;
    }

    private FilterPlan plan(JwtKeys.@Nullable AsyncFetch async) {
        return FilterTrial.plan(factory, Providers.requiring(provider(async)));
    }

    private static JwtProvider provider(JwtKeys.@Nullable AsyncFetch async) {
        JwtProvider plain = Providers.provider(
                "i",
                new JwtKeys.Remote(
                        "https://idp.example/keys", "idp", Duration.ofSeconds(2), Duration.ofMinutes(10), async, null));
        return new JwtProvider(
                plain.issuer(),
                plain.audiences(),
                plain.subjects(),
                plain.lifetime(),
                plain.keys(),
                plain.locations(),
                plain.forwarding(),
                plain.metadata(),
                new JwtProvider.Cache(10, 4096));
    }

    private static FilterTrial ask(FilterPlan plan) {
        return FilterTrial.start(plan, "/", "authorization", BEARER);
    }

    private void answer(int fetch, String body) {
        fetches.get(fetch).complete(body.getBytes(StandardCharsets.UTF_8));
    }
}
