package io.inmesh.transport;

/**
 * A secret cannot be used. The message says which one and why, and holds nothing of it; so there is no cause, whose message might.
 */
final class SecretException extends Exception {
    private static final long serialVersionUID = 1;

    /** Whether no later state of any secret can heal it: what is given in place, or not allowed, stays as it is. */
    private final boolean permanent;

    private SecretException(String message, boolean permanent) {
        super(message, null, false, false);
        this.permanent = permanent;
    }

    /** It may become usable. */
    static SecretException of(String message) {
        return new SecretException(message, false);
    }

    /** It stays as it is. */
    static SecretException forGood(String message) {
        return new SecretException(message, true);
    }

    boolean isPermanent() {
        return permanent;
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
