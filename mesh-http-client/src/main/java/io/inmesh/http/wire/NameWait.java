package io.inmesh.http.wire;

import io.inmesh.balancing.HostName;
import io.inmesh.balancing.HostName.Answer;
import io.inmesh.exchange.CallLoop.Timer;
import io.inmesh.http.wire.NameLookup.Result;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection that waits for the addresses of its host's name: until the resolver answers, or for as long as is worth it. Later the resolver's answer is still
 * the name's, for the connections that come then. Lives on a loop.
 */
final class NameWait {
    private final HostName name;
    private final WireLoop loop;
    private final Consumer<Answer> receiver;
    private @Nullable Timer timer;
    private boolean over;

    /** @param receiver told once, perhaps within {@link #start} */
    NameWait(HostName name, WireLoop loop, Consumer<Answer> receiver) {
        this.name = name;
        this.loop = loop;
        this.receiver = receiver;
    }

    /** @param connectTimeout what is left of it when the wait is over must do for the connection */
    void start(Duration connectTimeout) {
        long patience = Math.min(name.patienceNanos(), longest(connectTimeout));
        loop.wiring().lookup().ask(name.text(), loop, this::answered);
        if (patience == 0) {
            end(name.unanswered(name + ": the resolver has not answered yet"));
        } else if (patience < Long.MAX_VALUE) {
            timer = loop.schedule(() -> late(patience), patience);
        }
    }

    /** A name without any address has all the time that there is: there is nothing to connect to. */
    private long longest(Duration connectTimeout) {
        return name.unanswered("").addresses().isEmpty() ? Long.MAX_VALUE : connectTimeout.toNanos() / 2;
    }

    private void late(long patience) {
        if (!over) {
            end(name.failed(name + ": no answer within " + TimeUnit.NANOSECONDS.toMillis(patience) + " ms"));
        }
    }

    private void answered(Result result) {
        UnknownHostException problem = result.problem();
        if (problem == null) {
            end(name.found(result.addresses()));
        } else {
            String reason = String.valueOf(problem.getMessage());
            end(result.asked() ? name.failed(reason) : name.unanswered(reason));
        }
    }

    private void end(Answer answer) {
        if (!over) {
            over = true;
            if (timer != null) {
                timer.cancel();
            }
            receiver.accept(answer);
        }
    }
}
