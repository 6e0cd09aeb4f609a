package io.inmesh.xds.decode;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Walks over a message before its decoder sees it. Fields that {@link SupportedFields} declares must keep Envoy's constraints; all others are noted
 * when they are set. So no decoder can forget either.
 */
final class FieldAudit {
    private static final Map<Descriptor, Plan> PLANS = new ConcurrentHashMap<>();

    private FieldAudit() {}

    /** Checks a message and everything below it, up to the borders of each {@code Any}. */
    static void check(Message message, String path, Notes notes) {
        Plan plan = PLANS.computeIfAbsent(message.getDescriptorForType(), Plan::of);
        for (OneofDescriptor oneof : plan.requiredOneofs) {
            if (!message.hasOneof(oneof)) {
                throw new BadResourceException(path, "one of " + names(oneof) + " must be set");
            }
        }
        for (CheckedField checked : plan.supported) {
            checkField(message, checked, path, notes);
        }
        for (FieldDescriptor field : plan.undeclared) {
            if (isSet(message, field)) {
                notes.unsupported(Paths.child(path, field.getName()));
            }
        }
        for (Integer number : message.getUnknownFields().asMap().keySet()) {
            if (!NewerFields.isDecoded(message.getDescriptorForType(), number)) {
                notes.unsupported(Paths.child(path, "#" + number));
            }
        }
    }

    private static void checkField(Message message, CheckedField checked, String path, Notes notes) {
        FieldDescriptor field = checked.field;
        if (checked.rules != null) {
            String problem = checked.rules.problem(message, field);
            if (problem != null) {
                throw new BadResourceException(Paths.child(path, field.getName()), problem);
            }
        }
        if (!checked.descends) {
            return;
        }
        if (field.isRepeated()) {
            int count = message.getRepeatedFieldCount(field);
            for (int i = 0; i < count; i++) {
                check((Message) message.getRepeatedField(field, i), Paths.element(path, field.getName(), i), notes);
            }
        } else if (message.hasField(field)) {
            check((Message) message.getField(field), Paths.child(path, field.getName()), notes);
        }
    }

    private static boolean isSet(Message message, FieldDescriptor field) {
        return field.isRepeated() ? message.getRepeatedFieldCount(field) > 0 : message.hasField(field);
    }

    private static String names(OneofDescriptor oneof) {
        return String.join(
                ", ", oneof.getFields().stream().map(FieldDescriptor::getName).toList());
    }

    /** What is to be done for each message of a type. */
    private record Plan(
            List<CheckedField> supported, List<FieldDescriptor> undeclared, List<OneofDescriptor> requiredOneofs) {

        static Plan of(Descriptor type) {
            Map<String, Support> declared = SupportedFields.of(type);
            List<CheckedField> supported = new ArrayList<>();
            List<FieldDescriptor> undeclared = new ArrayList<>();
            List<OneofDescriptor> required = new ArrayList<>();
            if (declared != null) {
                for (FieldDescriptor field : type.getFields()) {
                    Support support = declared.get(field.getName());
                    if (support == Support.SUPPORTED) {
                        supported.add(CheckedField.of(field));
                    } else if (support == null) {
                        undeclared.add(field);
                    }
                }
                type.getRealOneofs().stream().filter(FieldRules::required).forEach(required::add);
            }
            return new Plan(List.copyOf(supported), List.copyOf(undeclared), List.copyOf(required));
        }
    }

    private record CheckedField(
            FieldDescriptor field, @Nullable FieldRules rules, boolean descends) {
        static CheckedField of(FieldDescriptor field) {
            boolean descends = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                    && !field.isMapField()
                    && SupportedFields.of(field.getMessageType()) != null;
            return new CheckedField(field, FieldRules.of(field), descends);
        }
    }
}
