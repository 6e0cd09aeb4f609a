package io.inmesh.xds.kuma;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.util.ArrayList;
import java.util.List;

/** Reads the errors of kuma-cp's API ({@code pkg/core/rest/errors/types/error.go}). */
final class KumaProblem {
    private static final int LONGEST = 1000;

    private KumaProblem() {}

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
