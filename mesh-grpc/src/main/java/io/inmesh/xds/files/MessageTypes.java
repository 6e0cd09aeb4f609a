package io.inmesh.xds.files;

import com.google.protobuf.Message;
import java.lang.reflect.InvocationTargetException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * From the type URL of an {@code Any} to a message class. The classes of the Envoy API follow a rule, so there is no list of them to load: only
 * the types that a file names are loaded.
 */
final class MessageTypes {
    private static final Pattern TYPE_NAME = Pattern.compile("[a-z][a-z0-9_]*(\\.[A-Za-z][A-Za-z0-9_]*)+");

    private MessageTypes() {}

    /** An empty message of that type, or null if there is no such type. */
    static @Nullable Message defaultInstance(String typeUrl) {
        String typeName = typeUrl.substring(typeUrl.lastIndexOf('/') + 1);
        if (!TYPE_NAME.matcher(typeName).matches()) {
            return null;
        }
        for (String prefix : prefixes(typeName)) {
            Message found = load(prefix + typeName, typeName);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static String[] prefixes(String typeName) {
        // The java_package of each family of files.
        if (typeName.startsWith("google.protobuf.")) {
            return new String[] {"com."};
        }
        if (typeName.startsWith("xds.")) {
            return new String[] {"com.github."};
        }
        if (typeName.startsWith("udpa.")) {
            return new String[] {"com.github.udpa.", "com.github."};
        }
        return new String[] {"io.envoyproxy.", ""};
    }

    private static @Nullable Message load(String className, String typeName) {
        try {
            Class<?> type = Class.forName(className, true, MessageTypes.class.getClassLoader());
            if (!Message.class.isAssignableFrom(type)) {
                return null;
            }
            Message instance = (Message) type.getMethod("getDefaultInstance").invoke(null);
            // A user's own class may have the same name by chance: the message itself says what it is.
            return instance != null
                            && instance.getDescriptorForType().getFullName().equals(typeName)
                    ? instance
                    : null;
        } catch (ClassNotFoundException
                | LinkageError
                | NoSuchMethodException
                | IllegalAccessException
                | InvocationTargetException e) {
            return null;
        }
    }
}
