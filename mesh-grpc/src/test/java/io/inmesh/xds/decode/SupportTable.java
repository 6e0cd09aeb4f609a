package io.inmesh.xds.decode;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The support table of the documentation, made of the lists that the decoders work by. */
final class SupportTable {
    private static final String HEAD = """
            # What Inmesh makes of Envoy's configuration

            This page is made of the lists that the decoders work by; a test compares it with them.

            - **supported**: has the effect that Envoy gives it, with Envoy's default and Envoy's constraints.
            - **no effect**: can have none on a call in this process (names for statistics, sockets that are never bound), so nothing is lost.
            - **refused**: what has it is not used. A cluster fails calls with the reason, a route answers 503 with it, a listener takes no requests.
              In authorization and in the unified matcher, what is refused, shown or of an unknown kind makes its RBAC filter let nobody through.
              In authentication by JWT, what is shown makes the filter refuse all requests. At a server the connection manager's `original_ip_detection_extensions`,
              `early_header_mutation_extensions`, `path_normalization_options` and `forward_client_cert_matcher` refuse the chain's connections, and a filter by
              `config_discovery` refuses requests, `is_optional` or not: they decide what policies see.
            - **shown**: accepted without effect; `Mesh.status()` lists it by its path, with the resource that has it.

            A field that only a newer Envoy knows is shown by its number. A malformed resource is refused with the name of the field (NACK), and its last
            good version stays in force. Messages that are not listed here belong to fields that are shown or refused. Connection managers and clusters
            share `HttpProtocolOptions`, of which clusters have less: `max_stream_duration` and `max_headers_count` are shown there.

            """;

    private SupportTable() {}

    static String markdown() {
        StringBuilder text = new StringBuilder(HEAD);
        for (Descriptor type : SupportedFields.types()) {
            describe(type, text);
        }
        filters(text);
        return text.toString();
    }

    private static void describe(Descriptor type, StringBuilder text) {
        Map<String, Support> declared = Map.copyOf(java.util.Objects.requireNonNull(SupportedFields.of(type)));
        text.append("## ").append(type.getFullName()).append("\n\n");
        line("supported", fields(type, declared, Support.SUPPORTED), text);
        line("no effect", fields(type, declared, Support.NO_EFFECT), text);
        line("refused", fields(type, declared, Support.REFUSED), text);
        List<String> shown = new ArrayList<>();
        for (FieldDescriptor field : type.getFields()) {
            if (!declared.containsKey(field.getName())) {
                shown.add(field.getName());
            }
        }
        line("shown", shown, text);
        if (type.getFields().isEmpty()) {
            text.append("Has no fields.\n");
        }
        text.append('\n');
    }

    private static List<String> fields(Descriptor type, Map<String, Support> declared, Support support) {
        return type.getFields().stream()
                .map(FieldDescriptor::getName)
                .filter(name -> declared.get(name) == support)
                .toList();
    }

    private static void line(String head, List<String> fields, StringBuilder text) {
        if (!fields.isEmpty()) {
            text.append("- ")
                    .append(head)
                    .append(": `")
                    .append(String.join("`, `", fields))
                    .append("`\n");
        }
    }

    private static void filters(StringBuilder text) {
        text.append("""
                ## HTTP filters

                Built in: `envoy.extensions.filters.http.router.v3.Router`, `envoy.extensions.filters.http.header_mutation.v3.HeaderMutation`,
                `envoy.extensions.filters.http.rbac.v3.RBAC`, `envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication`, and of Istio's own
                `istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig` and, with a source that speaks xDS, `io.istio.http.peer_metadata.Config` (by
                headers). An application can register a factory for any other type. Without one:

                | type | without it | what happens |
                |---|---|---|
                """);
        rows("decorative", "passed over; nothing is lost", text);
        rows("unsupported", "passed over and shown", text);
        rows("security", "requests are refused", text);
        rows("at a server", "at a server: requests are refused", text);
        text.append(
                "| any other | may decide who may do what | requests are refused; passed over and shown if `is_optional` |\n");
    }

    private static void rows(String group, String consequence, StringBuilder text) {
        Map<String, String> filters = new TreeMap<>(
                java.util.Objects.requireNonNull(KnownFilters.all().get(group)));
        filters.forEach((type, reason) -> text.append("| `")
                .append(type)
                .append("` | ")
                .append(reason)
                .append(" | ")
                .append(consequence)
                .append(" |\n"));
    }
}
