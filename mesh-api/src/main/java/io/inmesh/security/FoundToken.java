package io.inmesh.security;

/** What stood in a place for tokens, good or bad. */
record FoundToken(String token, TokenPlace place) {
    /** Shows nothing of the token. */
    @Override
    public String toString() {
        return "FoundToken[" + place.kind() + " " + place.name() + "]";
    }
}
