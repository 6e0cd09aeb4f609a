package io.inmesh.filter;

import io.inmesh.exchange.LocalReply;

/** What a filter wants to happen next: {@link #CONTINUE}, a {@linkplain #reply reply}, or a {@link Suspension}. */
public sealed interface FilterStep permits FilterStep.Continue, FilterStep.Reply, Suspension {

    /** On to the next filter. */
    FilterStep CONTINUE = new Continue();

    /** Answer with this instead. */
    static FilterStep reply(LocalReply reply) {
        return new Reply(reply);
    }

    /** See {@link #CONTINUE}. */
    record Continue() implements FilterStep {}

    /** See {@link #reply}. */
    record Reply(LocalReply reply) implements FilterStep {}
}
