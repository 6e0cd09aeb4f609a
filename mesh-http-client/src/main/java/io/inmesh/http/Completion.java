package io.inmesh.http;

import java.net.http.HttpResponse;

/** Where the result of an exchange goes. Each exchange tells it once. */
interface Completion<T> {

    /**
     * The response.
     *
     * @param mayRunHere whether code of the application may follow on the calling thread; it may not where the rest of the body comes that way
     */
    void succeed(HttpResponse<T> response, boolean mayRunHere);

    /** The reason why there is none. */
    void fail(Throwable cause);
}
