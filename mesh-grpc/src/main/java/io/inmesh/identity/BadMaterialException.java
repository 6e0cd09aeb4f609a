package io.inmesh.identity;

/** Certificates or keys that cannot be used. The message tells what is wrong, and never a part of a key. */
final class BadMaterialException extends Exception {
    private static final long serialVersionUID = 1;

    BadMaterialException(String message) {
        super(message);
    }
}
