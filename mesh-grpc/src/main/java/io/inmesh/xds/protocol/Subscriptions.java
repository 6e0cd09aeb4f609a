package io.inmesh.xds.protocol;

/**
 * What is wanted of a control plane. Called on the session's thread; changes are sent together at the end of the current turn of that thread.
 *
 * <p>Every subscription leads to the resource being handed to the {@link ResourceHandler}, or to {@link ResourceHandler#onMissing}, also when the
 * same name was subscribed to and given up before.
 */
public interface Subscriptions {

    /** The name that stands for all resources of a kind. */
    String WILDCARD = "*";

    /** Wants one resource. Wanting it twice is wanting it once. */
    void subscribe(ResourceKind kind, String name);

    /** Takes {@link #subscribe} back; nothing about this name reaches the handler any more, unless a wildcard brings it. */
    void unsubscribe(ResourceKind kind, String name);

    /** Wants all resources of a kind, for good. */
    void wildcard(ResourceKind kind);
}
