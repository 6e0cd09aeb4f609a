package io.inmesh.model;

import java.util.List;

/**
 * Header rules of one level of a route. Removals come first, then the fields that are overwritten, then those that are added, each of them with a
 * value that was made from the head as it was before this level.
 *
 * @param puts    in the order given
 * @param removes names in lower case
 */
public record HeaderMutation(List<HeaderEdit.Put> puts, List<String> removes) {
    /** Changes nothing. */
    public static final HeaderMutation NONE = new HeaderMutation(List.of(), List.of());

    /** Whether there is nothing to do. */
    public boolean isEmpty() {
        return puts.isEmpty() && removes.isEmpty();
    }
}
