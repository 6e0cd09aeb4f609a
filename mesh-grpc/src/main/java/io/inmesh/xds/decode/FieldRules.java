package io.inmesh.xds.decode;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.Durations;
import com.google.re2j.Pattern;
import io.envoyproxy.pgv.validate.Validate;
import io.envoyproxy.pgv.validate.Validate.DurationRules;
import io.envoyproxy.pgv.validate.Validate.EnumRules;
import io.envoyproxy.pgv.validate.Validate.RepeatedRules;
import io.envoyproxy.pgv.validate.Validate.StringRules;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The constraints that Envoy's own proto files put on one field ({@code validate.rules}) and that Envoy checks before it looks at a resource.
 * They are read from the descriptors, so none of them is written down a second time here.
 */
final class FieldRules {
    private static final Set<String> WRAPPERS = Set.of(
            "google.protobuf.BoolValue",
            "google.protobuf.StringValue",
            "google.protobuf.BytesValue",
            "google.protobuf.Int32Value",
            "google.protobuf.UInt32Value",
            "google.protobuf.Int64Value",
            "google.protobuf.UInt64Value",
            "google.protobuf.FloatValue",
            "google.protobuf.DoubleValue");

    /** Names that nothing depends on. gRPC knows none of these constraints, and istiod's configuration for it leaves these two out. */
    private static final Set<String> OPTIONAL = Set.of(
            "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.stat_prefix",
            "envoy.config.route.v3.VirtualHost.name");

    private final Validate.FieldRules rules;
    private final @Nullable Pattern pattern;

    private FieldRules(Validate.FieldRules rules) {
        this.rules = rules;
        this.pattern = rules.getString().hasPattern()
                ? Pattern.compile(rules.getString().getPattern())
                : null;
    }

    /** The rules of a field, or null if it has none. */
    static @Nullable FieldRules of(FieldDescriptor field) {
        return field.getOptions().hasExtension(Validate.rules) && !OPTIONAL.contains(field.getFullName())
                ? new FieldRules(field.getOptions().getExtension(Validate.rules))
                : null;
    }

    /** Whether one of the fields of a oneof must be set. */
    static boolean required(OneofDescriptor oneof) {
        return oneof.getOptions().getExtension(Validate.required);
    }

    /** What is wrong with a field of {@code message}, or null. */
    @Nullable
    String problem(MessageOrBuilder message, FieldDescriptor field) {
        if (field.isMapField()) {
            return null;
        }
        if (field.isRepeated()) {
            return rules.hasRepeated() ? repeatedProblem((List<?>) message.getField(field), rules.getRepeated()) : null;
        }
        boolean set = !field.hasPresence() || message.hasField(field);
        if (!set && field.getRealContainingOneof() != null) {
            return null; // whether one of them must be set is the oneof's own rule
        }
        if (!set) {
            boolean required = rules.getMessage().getRequired()
                    || rules.getDuration().getRequired()
                    || rules.getAny().getRequired();
            return required ? "is required" : null;
        }
        return valueProblem(message.getField(field));
    }

    private @Nullable String repeatedProblem(List<?> values, RepeatedRules repeated) {
        if (repeated.hasMinItems() && values.size() < repeated.getMinItems()) {
            return "must have at least " + repeated.getMinItems() + (repeated.getMinItems() == 1 ? " item" : " items");
        }
        if (repeated.hasMaxItems() && values.size() > repeated.getMaxItems()) {
            return "must have at most " + repeated.getMaxItems() + " items, has " + values.size();
        }
        if (repeated.getUnique() && new HashSet<>(values).size() < values.size()) {
            return "must not have an item twice";
        }
        if (repeated.hasItems()) {
            FieldRules items = new FieldRules(repeated.getItems());
            for (int i = 0; i < values.size(); i++) {
                String problem = items.valueProblem(values.get(i));
                if (problem != null) {
                    return "item " + i + " " + problem;
                }
            }
        }
        return null;
    }

    private @Nullable String valueProblem(Object value) {
        Object inner = value;
        if (value instanceof Message message
                && WRAPPERS.contains(message.getDescriptorForType().getFullName())) {
            inner = message.getField(message.getDescriptorForType().findFieldByNumber(1));
        }
        return switch (rules.getTypeCase()) {
            case STRING -> stringProblem((String) inner, rules.getString());
            case ENUM -> enumProblem((EnumValueDescriptor) inner, rules.getEnum());
            case BOOL ->
                rules.getBool().hasConst() && rules.getBool().getConst() != (Boolean) inner
                        ? "must be " + rules.getBool().getConst()
                        : null;
            case DURATION -> durationProblem((Duration) inner, rules.getDuration());
            case UINT32, UINT64, INT32, INT64, FLOAT, DOUBLE -> numberProblem((Number) inner);
            default -> null;
        };
    }

    private @Nullable String stringProblem(String text, StringRules string) {
        if (text.isEmpty() && string.getIgnoreEmpty()) {
            return null;
        }
        if (text.isEmpty() && (string.getMinLen() > 0 || string.getMinBytes() > 0)) {
            return "must not be empty";
        }
        if (text.codePointCount(0, text.length()) < string.getMinLen()) {
            return "must have at least " + string.getMinLen() + " characters";
        }
        if (string.hasMaxLen() && text.codePointCount(0, text.length()) > string.getMaxLen()) {
            return "must have at most " + string.getMaxLen() + " characters";
        }
        if (string.hasMaxBytes() && ByteString.copyFromUtf8(text).size() > string.getMaxBytes()) {
            return "must have at most " + string.getMaxBytes() + " bytes";
        }
        if (pattern != null && !pattern.matcher(text).find()) {
            return "\"" + text + "\" does not match " + string.getPattern();
        }
        if (string.hasPrefix() && !text.startsWith(string.getPrefix())) {
            return "must start with \"" + string.getPrefix() + "\"";
        }
        if (string.hasSuffix() && !text.endsWith(string.getSuffix())) {
            return "must end with \"" + string.getSuffix() + "\"";
        }
        // Both well-known expressions that Envoy uses are the lenient ones: no NUL, no line break.
        if (string.hasWellKnownRegex() && !string.getStrict() && hasForbiddenCharacter(text)) {
            return "must not have a line break or a NUL character";
        }
        return null;
    }

    private static boolean hasForbiddenCharacter(String text) {
        return text.chars().anyMatch(c -> c == 0 || c == '\r' || c == '\n');
    }

    private static @Nullable String enumProblem(EnumValueDescriptor value, EnumRules rule) {
        if (rule.getDefinedOnly() && value.getIndex() < 0) {
            return "has a value that is not defined: " + value.getNumber();
        }
        boolean excluded = rule.getNotInList().contains(value.getNumber())
                || (rule.getInCount() > 0 && !rule.getInList().contains(value.getNumber()));
        return excluded ? "must not be " + value.getName() : null;
    }

    private static @Nullable String durationProblem(Duration value, DurationRules rule) {
        if (!Durations.isValid(value)) {
            return "is not a valid duration";
        }
        if (rule.hasGt() && Durations.compare(value, rule.getGt()) <= 0) {
            return "must be above " + Durations.toString(rule.getGt());
        }
        if (rule.hasGte() && Durations.compare(value, rule.getGte()) < 0) {
            return "must be at least " + Durations.toString(rule.getGte());
        }
        if (rule.hasLt() && Durations.compare(value, rule.getLt()) >= 0) {
            return "must be below " + Durations.toString(rule.getLt());
        }
        if (rule.hasLte() && Durations.compare(value, rule.getLte()) > 0) {
            return "must be at most " + Durations.toString(rule.getLte());
        }
        return null;
    }

    /** The rules of each type of number have the same fields; unsigned ones come as negative Java numbers. */
    private @Nullable String numberProblem(Number value) {
        if (value instanceof Double || value instanceof Float) {
            double number = value.doubleValue();
            if (Double.isNaN(number) || Double.isInfinite(number)) {
                return "must be a finite number";
            }
        }
        Message bounds = (Message) rules.getField(rules.getDescriptorForType()
                .findFieldByNumber(rules.getTypeCase().getNumber()));
        BigDecimal number = decimal(value);
        BigDecimal lt = bound(bounds, "lt");
        BigDecimal lte = bound(bounds, "lte");
        BigDecimal gt = bound(bounds, "gt");
        BigDecimal gte = bound(bounds, "gte");
        if (gt != null && number.compareTo(gt) <= 0) {
            return "must be above " + gt.toPlainString() + ", is " + number.toPlainString();
        }
        if (gte != null && number.compareTo(gte) < 0) {
            return "must be at least " + gte.toPlainString() + ", is " + number.toPlainString();
        }
        if (lt != null && number.compareTo(lt) >= 0) {
            return "must be below " + lt.toPlainString() + ", is " + number.toPlainString();
        }
        if (lte != null && number.compareTo(lte) > 0) {
            return "must be at most " + lte.toPlainString() + ", is " + number.toPlainString();
        }
        return null;
    }

    private @Nullable BigDecimal bound(Message bounds, String name) {
        FieldDescriptor field = bounds.getDescriptorForType().findFieldByName(name);
        return bounds.hasField(field) ? decimal((Number) bounds.getField(field)) : null;
    }

    private BigDecimal decimal(Number value) {
        return switch (rules.getTypeCase()) {
            case UINT32 -> BigDecimal.valueOf(Integer.toUnsignedLong(value.intValue()));
            case UINT64 -> new BigDecimal(Long.toUnsignedString(value.longValue()));
            case FLOAT, DOUBLE -> BigDecimal.valueOf(value.doubleValue()).stripTrailingZeros();
            default -> BigDecimal.valueOf(value.longValue());
        };
    }
}
