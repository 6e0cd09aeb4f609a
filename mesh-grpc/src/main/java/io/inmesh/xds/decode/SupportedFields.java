package io.inmesh.xds.decode;

import com.google.protobuf.Descriptors.Descriptor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which fields of Envoy's messages have an effect here. What is not in these lists is accepted, noted and shown when a control plane sets it; the
 * support table of the documentation is made of the same lists.
 */
final class SupportedFields {
    private final Map<String, Map<String, Support>> fields = new LinkedHashMap<>();
    private final Map<String, Descriptor> types = new LinkedHashMap<>();

    private static final SupportedFields ALL = new SupportedFields();

    static {
        ListenerFields.declare(ALL);
        RouteFields.declare(ALL);
        ClusterFields.declare(ALL);
        FilterFields.declare(ALL);
        RbacFields.declare(ALL);
        TlsFields.declare(ALL);
        JwtFields.declare(ALL);
    }

    private SupportedFields() {}

    /** The declared fields of a type, or null if nothing is declared of it: then no decoder looks into it. */
    static @Nullable Map<String, Support> of(Descriptor type) {
        return ALL.fields.get(type.getFullName());
    }

    /** All declared types, in the order of their declaration. */
    static Iterable<Descriptor> types() {
        return ALL.types.values();
    }

    /** The part of one type. */
    Declaration type(Descriptor type) {
        types.put(type.getFullName(), type);
        return new Declaration(type, fields.computeIfAbsent(type.getFullName(), name -> new LinkedHashMap<>()));
    }

    /** Declares fields of one type. */
    record Declaration(Descriptor type, Map<String, Support> declared) {
        Declaration supported(String... names) {
            return declare(Support.SUPPORTED, names);
        }

        Declaration noEffect(String... names) {
            return declare(Support.NO_EFFECT, names);
        }

        Declaration refused(String... names) {
            return declare(Support.REFUSED, names);
        }

        private Declaration declare(Support support, String... names) {
            for (String name : names) {
                if (type.findFieldByName(name) == null) {
                    throw new IllegalStateException(type.getFullName() + " has no field " + name);
                }
                declared.put(name, support);
            }
            return this;
        }
    }
}
