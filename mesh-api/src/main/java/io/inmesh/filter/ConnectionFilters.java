package io.inmesh.filter;

import java.util.List;

/** The kinds of network filter that this room has. */
public final class ConnectionFilters {
    private ConnectionFilters() {}

    /** All of them; other rooms of the mesh have theirs. */
    public static List<NetworkFilterFactory<?>> builtIn() {
        return List.of(FilterStateSetter.FACTORY);
    }
}
