package io.inmesh.samples.kuma.recorded;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** All resources of one proxy, by type and name. Immutable. */
public final class ProxyConfiguration {
    /** Nothing at all. */
    public static final ProxyConfiguration EMPTY = new ProxyConfiguration(new EnumMap<>(ResourceType.class));

    private final Map<ResourceType, SortedMap<String, Any>> resources;

    private ProxyConfiguration(Map<ResourceType, SortedMap<String, Any>> resources) {
        this.resources = resources;
    }

    SortedMap<String, Any> of(ResourceType type) {
        return resources.getOrDefault(type, new TreeMap<>());
    }

    /** With this resource in place of the one of its name. */
    public ProxyConfiguration with(ResourceType type, String name, Any resource) {
        SortedMap<String, Any> changed = new TreeMap<>(of(type));
        changed.put(name, resource);
        return with(type, changed);
    }

    /** With this resource in place of the one of its name. */
    public ProxyConfiguration with(ResourceType type, String name, Message resource) {
        return with(type, name, Any.pack(resource));
    }

    /** Without the resources of a type whose names are not to be kept. */
    public ProxyConfiguration keep(ResourceType type, Predicate<String> names) {
        SortedMap<String, Any> changed = new TreeMap<>(of(type));
        changed.keySet().removeIf(names.negate());
        return with(type, changed);
    }

    /** One resource. */
    public <T extends Message> T get(ResourceType type, String name, Class<T> message) {
        Any resource = of(type).get(name);
        if (resource == null) {
            throw new IllegalArgumentException("There is no " + type + " " + name + " among " + of(type).keySet());
        }
        try {
            return resource.unpack(message);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(type + " " + name, e);
        }
    }

    /** With one resource changed. */
    public <T extends Message> ProxyConfiguration change(
            ResourceType type, String name, Class<T> message, UnaryOperator<T> change) {
        return with(type, name, change.apply(get(type, name, message)));
    }

    private ProxyConfiguration with(ResourceType type, SortedMap<String, Any> changed) {
        Map<ResourceType, SortedMap<String, Any>> all = new EnumMap<>(ResourceType.class);
        all.putAll(resources);
        all.put(type, changed);
        return new ProxyConfiguration(all);
    }
}
