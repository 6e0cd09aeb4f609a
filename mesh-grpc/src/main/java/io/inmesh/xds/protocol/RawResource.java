package io.inmesh.xds.protocol;

import com.google.protobuf.Any;

/**
 * A resource as it came, not looked into.
 *
 * @param kind    its type; the type URL of {@code body} is that of the kind
 * @param name    its name, never empty
 * @param version its own version on the incremental transport, else the version of the response
 * @param body    the message
 */
public record RawResource(ResourceKind kind, String name, String version, Any body) {
    /** Without the body, which may be a secret. */
    @Override
    public String toString() {
        return kind + " " + name + " of version '" + version + "'";
    }
}
