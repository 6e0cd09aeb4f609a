package io.inmesh.http;

import java.util.concurrent.Flow;

/** A subscriber of the application that counts lines. */
final class LineCount implements Flow.Subscriber<String> {
    private long lines;
    private long characters;

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String line) {
        lines++;
        characters += line.length();
    }

    @Override
    public void onError(Throwable cause) {
        lines = -1;
    }

    @Override
    public void onComplete() {
        lines++;
    }

    String text() {
        return lines + " lines, " + characters + " characters";
    }
}
