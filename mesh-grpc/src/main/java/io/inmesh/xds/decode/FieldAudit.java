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
        check(message, path, notes, null);
    }

    /**
     * Checks a message that says whom to trust or who may do what: what is declared as refused, and what this data plane has never heard of, must not
     * be passed over.
     */
    static void check(Message message, String path, Notes notes, @Nullable Refusal refusal) {
        Plan plan = PLANS.computeIfAbsent(message.getDescriptorForType(), Plan::of);
        for (OneofDescriptor oneof : plan.requiredOneofs) {
            if (!message.hasOneof(oneof)) {
                throw new BadResourceException(path, "one of " + names(oneof) + " must be set");
            }
        }
        for (CheckedField checked : plan.supported) {
            checkField(message, checked, path, notes, refusal);
        }
        for (FieldDescriptor field : plan.undeclared) {
            if (isSet(message, field)) {
                notes.unsupported(Paths.child(path, field.getName()));
            }
        }
        for (Integer number : message.getUnknownFields().asMap().keySet()) {
            notes.unsupported(Paths.child(path, "#" + number));
        }
        if (refusal != null) {
            refuse(message, plan, path, refusal);
        }
    }

    private static void refuse(Message message, Plan plan, String path, Refusal refusal) {
        for (FieldDescriptor field : plan.refused) {
            if (isSet(message, field)) {
                refusal.because(Paths.child(path, field.getName()) + ": is not supported");
            }
        }
        for (Integer number : message.getUnknownFields().asMap().keySet()) {
            refusal.because(Paths.child(path, "#" + number) + ": is a field that is not known here");
        }
    }

    private static void checkField(
            Message message, CheckedField checked, String path, Notes notes, @Nullable Refusal refusal) {
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
                check(
                        (Message) message.getRepeatedField(field, i),
                        Paths.element(path, field.getName(), i),
                        notes,
                        refusal);
            }
        } else if (message.hasField(field)) {
            check((Message) message.getField(field), Paths.child(path, field.getName()), notes, refusal);
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
            List<CheckedField> supported,
            List<FieldDescriptor> undeclared,
            List<FieldDescriptor> refused,
            List<OneofDescriptor> requiredOneofs) {

        static Plan of(Descriptor type) {
            Map<String, Support> declared = SupportedFields.of(type);
            List<CheckedField> supported = new ArrayList<>();
            List<FieldDescriptor> undeclared = new ArrayList<>();
            List<FieldDescriptor> refused = new ArrayList<>();
            List<OneofDescriptor> required = new ArrayList<>();
            if (declared != null) {
                for (FieldDescriptor field : type.getFields()) {
                    Support support = declared.get(field.getName());
                    if (support == Support.SUPPORTED) {
                        supported.add(CheckedField.of(field));
                    } else if (support == null) {
                        undeclared.add(field);
                    } else if (support == Support.REFUSED) {
                        refused.add(field);
                    }
                }
                type.getRealOneofs().stream().filter(FieldRules::required).forEach(required::add);
            }
            return new Plan(
                    List.copyOf(supported), List.copyOf(undeclared), List.copyOf(refused), List.copyOf(required));
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
