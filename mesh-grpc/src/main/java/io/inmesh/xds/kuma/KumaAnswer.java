package io.inmesh.xds.kuma;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.util.ArrayList;
import java.util.List;

/** Reads the answers of kuma-cp's API: errors ({@code pkg/core/rest/errors/types/error.go}), and warnings beside a success. */
final class KumaAnswer {
    private static final int LONGEST = 1000;

    private KumaAnswer() {}

    /** Title, detail and each field that was not taken; the body as it is if it is something else. */
    static String of(String body) {
        Struct problem = parse(body);
        String title = text(problem, "title");
        if (title.isEmpty()) {
            return body.strip().substring(0, Math.min(body.strip().length(), LONGEST));
        }
        List<String> parts = new ArrayList<>();
        for (Value each : problem.getFieldsOrDefault("invalid_parameters", Value.getDefaultInstance())
                .getListValue()
                .getValuesList()) {
            parts.add(text(each.getStructValue(), "field") + ": " + text(each.getStructValue(), "reason"));
        }
        String detail = text(problem, "detail");
        return title
                + (detail.isEmpty() ? "" : " (" + detail + ")")
                + (parts.isEmpty() ? "" : ": " + String.join("; ", parts));
    }

    /** What it warns of though it has taken a resource: fields, for example, that this version of it knows no more. */
    static List<String> warnings(String body) {
        return parse(body)
                .getFieldsOrDefault("warnings", Value.getDefaultInstance())
                .getListValue()
                .getValuesList()
                .stream()
                .map(Value::getStringValue)
                .toList();
    }

    /** A text in an answer; empty if it is not there. */
    static String field(String body, String name) {
        return text(parse(body), name);
    }

    private static Struct parse(String body) {
        Struct.Builder problem = Struct.newBuilder();
        try {
            JsonFormat.parser().merge(body, problem);
            return problem.build();
        } catch (InvalidProtocolBufferException e) {
            return Struct.getDefaultInstance();
        }
    }

    private static String text(Struct problem, String field) {
        return problem.getFieldsOrDefault(field, Value.getDefaultInstance()).getStringValue();
    }
}
