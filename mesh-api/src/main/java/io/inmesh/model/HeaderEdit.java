package io.inmesh.model;

/** One change of a head: {@code envoy.config.common.mutation_rules.v3.HeaderMutation}. */
public sealed interface HeaderEdit {

    /** Removes all fields of a name, given in lower case. */
    record Remove(String name) implements HeaderEdit {}

    /** Removes all fields whose name, in lower case, matches. */
    record RemoveMatching(StringMatcher name) implements HeaderEdit {}

    /**
     * Puts a field: {@code HeaderValueOption}.
     *
     * @param name      in lower case
     * @param value     what to put there
     * @param action    what to do with fields of that name that are there already
     * @param keepEmpty {@code keep_empty_value}: whether a value that turns out empty is put nevertheless
     */
    record Put(String name, HeaderFormat value, AppendAction action, boolean keepEmpty) implements HeaderEdit {}

    /** {@code HeaderValueOption.HeaderAppendAction}. */
    enum AppendAction {
        /** Adds a further field; the default. */
        APPEND_IF_EXISTS_OR_ADD,
        /** Adds a field unless there is one. */
        ADD_IF_ABSENT,
        /** Takes the place of the fields that are there. */
        OVERWRITE_IF_EXISTS_OR_ADD,
        /** Takes the place of the fields that are there, and does nothing if there are none. */
        OVERWRITE_IF_EXISTS
    }
}
