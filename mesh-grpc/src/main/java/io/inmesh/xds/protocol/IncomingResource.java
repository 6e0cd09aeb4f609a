package io.inmesh.xds.protocol;

import com.google.protobuf.Any;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A resource of a response, as far as the protocol reads it.
 *
 * @param name     its name; of a resource that cannot be read, its place in the response
 * @param aliases  other names that it answers to
 * @param version  its version
 * @param body     the message; null in a heartbeat, which only prolongs the time to live
 * @param ttlNanos its time to live, 0 = for ever
 * @param problem  why it cannot be taken, or null
 */
record IncomingResource(
        String name,
        List<String> aliases,
        String version,
        @Nullable Any body,
        long ttlNanos,
        @Nullable String problem) {

    private static final String WRAPPER = "type.googleapis.com/envoy.service.discovery.v3.Resource";

    /** Of a state-of-the-world response, in which a resource comes bare or wrapped. */
    static IncomingResource sotw(ResourceKind kind, Any any, String responseVersion, int position) {
        if (any.getTypeUrl().equals(WRAPPER)) {
            try {
                return wrapped(kind, Resource.parseFrom(any.getValue()), responseVersion, position);
            } catch (InvalidProtocolBufferException e) {
                return unreadable("", position, "is not a readable " + WRAPPER + ": " + e.getMessage());
            }
        }
        return read(kind, "", List.of(), responseVersion, any, 0, position);
    }

    /** Of an incremental response. */
    static IncomingResource delta(ResourceKind kind, Resource resource, int position) {
        return wrapped(kind, resource, "", position);
    }

    /** Without the body, which may be a secret. */
    @Override
    public String toString() {
        return problem == null ? name + " of version '" + version + "'" : name + " " + problem;
    }

    /** Whether not even its name could be read; {@code name} is its place in the response then. */
    boolean isNameless() {
        return problem != null && name.startsWith("#");
    }

    private static IncomingResource wrapped(ResourceKind kind, Resource resource, String otherVersion, int position) {
        String version = resource.getVersion().isEmpty() ? otherVersion : resource.getVersion();
        long ttl = resource.hasTtl() ? nanos(resource.getTtl()) : 0;
        String name = resource.hasResourceName() ? resource.getResourceName().getName() : resource.getName();
        if (resource.hasResource()) {
            return read(kind, name, resource.getAliasesList(), version, resource.getResource(), ttl, position);
        }
        // Resource.ttl: with a time to live and no body it is a heartbeat.
        return ttl > 0 && !name.isEmpty()
                ? new IncomingResource(name, resource.getAliasesList(), version, null, ttl, null)
                : unreadable(name, position, "has neither a body nor a time to live");
    }

    private static IncomingResource read(
            ResourceKind kind,
            String wrapperName,
            List<String> aliases,
            String version,
            Any any,
            long ttlNanos,
            int position) {
        if (!any.getTypeUrl().equals(kind.typeUrl())) {
            return unreadable(
                    wrapperName,
                    position,
                    "is of type '" + any.getTypeUrl() + "', the response said " + kind.typeUrl());
        }
        if (kind.isNameless()) {
            return new IncomingResource(ResourceKind.ONLY, aliases, version, any, ttlNanos, null);
        }
        try {
            String ownName = firstField(any);
            String name = wrapperName.isEmpty() ? ownName : wrapperName;
            return name.isEmpty()
                    ? unreadable("", position, "has no name")
                    : new IncomingResource(name, aliases, version, any, ttlNanos, null);
        } catch (IOException e) {
            return unreadable(wrapperName, position, "is not a readable protobuf message: " + e.getMessage());
        }
    }

    private static IncomingResource unreadable(String name, int position, String problem) {
        String known = name.isEmpty() ? "#" + position : name;
        return new IncomingResource(known, List.of(), "", null, 0, problem);
    }

    /** In each of the types that have names the name is the string with field number 1; the last one counts, as everywhere in protobuf. */
    private static String firstField(Any any) throws IOException {
        CodedInputStream in = any.getValue().newCodedInput();
        String name = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == (1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
                name = in.readStringRequireUtf8();
            } else {
                in.skipField(tag);
            }
        }
        return name;
    }

    private static long nanos(Duration duration) {
        // A time to live of more than a century is for ever.
        long seconds = Math.min(Math.max(duration.getSeconds(), 0), 3_000_000_000L);
        return seconds * 1_000_000_000L + Math.max(duration.getNanos(), 0);
    }
}
