package io.inmesh.xds.bootstrap;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.inmesh.grpc.ControlPlaneTls;
import io.inmesh.grpc.TokenFile;
import io.inmesh.xds.files.ResourceFileException;
import io.inmesh.xds.protocol.XdsServer.Security;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The credentials of a server in gRPC's bootstrap: {@code channel_creds} (gRFC A27, A65) and {@code call_creds} (gRFC A97). */
final class ServerCredentials {
    private static final String CHANNEL = "channel_creds";
    private static final String CALL = "call_creds";

    private final JsonFields fields;

    ServerCredentials(JsonFields fields) {
        this.fields = fields;
    }

    /** "The first supported type is used" (gRFC A27). */
    Security channel(Struct server, String path, String target) throws ResourceFileException {
        List<String> types = new ArrayList<>();
        List<Value> list = fields.list(server, path, CHANNEL);
        for (int i = 0; i < list.size(); i++) {
            String at = path + "." + CHANNEL + "[" + i + "]";
            Struct credentials = fields.struct(list.get(i), at);
            String type = fields.string(credentials, at, "type");
            switch (type) {
                case "insecure" -> {
                    return new Security.Plaintext();
                }
                case "tls" -> {
                    return tls(fields.struct(credentials, at, "config"), at + ".config", target);
                }
                default -> types.add(type);
            }
        }
        if (types.isEmpty()) {
            throw fields.failure(path + "." + CHANNEL, "expected a list with at least one {\"type\": ...}");
        }
        return new Security.Unsupported(fields.source() + ": " + path + "." + CHANNEL + " of type " + types);
    }

    private Security tls(Struct config, String path, String target) throws ResourceFileException {
        ControlPlaneTls tls = ControlPlaneTls.to(target);
        String roots = fields.string(config, path, "ca_certificate_file");
        if (roots.isEmpty()) {
            tls.trustSystemRoots();
        } else {
            tls.trust(Path.of(roots));
        }
        String certificate = fields.string(config, path, "certificate_file");
        String key = fields.string(config, path, "private_key_file");
        if (certificate.isEmpty() != key.isEmpty()) {
            throw fields.failure(path, "expected certificate_file and private_key_file together");
        }
        if (!certificate.isEmpty()) {
            tls.certificate(Path.of(certificate), Path.of(key));
        }
        return new Security.Tls(tls.settings());
    }

    /**
     * The token of the first supported type; null if there is none.
     *
     * @throws ResourceFileException if there are credentials and none of them is supported: a server that expects a token would refuse this node, and
     *                               without it the reason would be hard to find
     */
    @Nullable
    TokenFile call(Struct server, String path) throws ResourceFileException {
        List<Value> list = fields.list(server, path, CALL);
        List<String> types = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            String at = path + "." + CALL + "[" + i + "]";
            Struct credentials = fields.struct(list.get(i), at);
            String type = fields.string(credentials, at, "type");
            if (type.equals("jwt_token_file")) {
                String file = fields.string(fields.struct(credentials, at, "config"), at + ".config", "jwt_token_file");
                if (file.isEmpty()) {
                    throw fields.failure(at + ".config", "expected jwt_token_file, the path of a token");
                }
                return TokenFile.bearer(Path.of(file));
            }
            types.add(type);
        }
        if (!types.isEmpty()) {
            throw fields.failure(path + "." + CALL, "none of " + types + " is supported; expected jwt_token_file");
        }
        return null;
    }
}
