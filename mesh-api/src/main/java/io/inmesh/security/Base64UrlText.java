package io.inmesh.security;

import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Base64url of RFC 4648, strictly: no white space, no character of the other alphabet, padding right or left out. */
final class Base64UrlText {
    private Base64UrlText() {}

    /** The bytes, or null if the text is not Base64url. */
    static byte @Nullable [] decode(String text) {
        try {
            return Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
