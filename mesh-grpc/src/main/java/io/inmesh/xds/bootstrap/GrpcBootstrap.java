package io.inmesh.xds.bootstrap;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.inmesh.xds.files.FieldLines;
import io.inmesh.xds.files.ResourceFileException;
import io.inmesh.xds.files.YamlMessages;
import io.inmesh.xds.protocol.XdsNode;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsServer.Security;
import io.inmesh.xds.protocol.XdsTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** gRPC's bootstrap (gRFC A27): a list of servers, a node, and how listeners are named. */
final class GrpcBootstrap {
    private static final Set<String> KNOWN =
            Set.of("xds_servers", "node", "client_default_listener_resource_name_template");

    private final String source;
    private final String text;

    GrpcBootstrap(String source, String text) {
        this.source = source;
        this.text = text;
    }

    Bootstrap read() throws ResourceFileException {
        Struct root = YamlMessages.read(source, text, Struct.newBuilder()).build();
        List<XdsServer> servers = new ArrayList<>();
        List<Value> list = list(root, "xds_servers");
        for (int i = 0; i < list.size(); i++) {
            servers.add(server(list.get(i), "xds_servers[" + i + "]"));
        }
        if (servers.isEmpty()) {
            throw failure("xds_servers", "expected at least one server");
        }
        List<String> unsupported = new ArrayList<>();
        root.getFieldsMap().keySet().stream()
                .filter(name -> !KNOWN.contains(name))
                .sorted()
                .forEach(unsupported::add);
        String template = root.containsFields("client_default_listener_resource_name_template")
                ? string(root, "", "client_default_listener_resource_name_template")
                : "%s";
        return new Bootstrap(source, node(root), servers, Set.of(), template, List.of(), unsupported);
    }

    private XdsServer server(Value value, String path) throws ResourceFileException {
        Struct server = struct(value, path);
        String target = string(server, path, "server_uri");
        if (target.isEmpty()) {
            throw failure(
                    path + ".server_uri", "expected the address of a control plane, such as \"xds.example:15010\"");
        }
        List<String> types = new ArrayList<>();
        List<Value> credentials = list(server, path, "channel_creds");
        for (int i = 0; i < credentials.size(); i++) {
            String at = path + ".channel_creds[" + i + "]";
            types.add(string(struct(credentials.get(i), at), at, "type"));
        }
        if (types.isEmpty()) {
            throw failure(path + ".channel_creds", "expected a list with at least one {\"type\": ...}");
        }
        // "The first supported type is used" (gRFC A27).
        Security security = types.contains("insecure")
                ? new Security.Plaintext()
                : new Security.Unsupported(source + ": " + path + ".channel_creds of type " + types);
        return new XdsServer(target, security, XdsTransport.STATE_OF_THE_WORLD, Map.of());
    }

    private XdsNode node(Struct root) throws ResourceFileException {
        if (!root.containsFields("node")) {
            return XdsNode.of("", "");
        }
        Struct node = struct(root.getFieldsOrThrow("node"), "node");
        Struct locality = node.containsFields("locality")
                ? struct(node.getFieldsOrThrow("locality"), "node.locality")
                : Struct.getDefaultInstance();
        Struct metadata = node.containsFields("metadata")
                ? struct(node.getFieldsOrThrow("metadata"), "node.metadata")
                : Struct.getDefaultInstance();
        return new XdsNode(
                string(node, "node", "id"),
                string(node, "node", "cluster"),
                string(locality, "node.locality", "region"),
                string(locality, "node.locality", "zone"),
                string(locality, "node.locality", "sub_zone"),
                StructValues.map(metadata));
    }

    private List<Value> list(Struct parent, String name) throws ResourceFileException {
        return list(parent, "", name);
    }

    private List<Value> list(Struct parent, String path, String name) throws ResourceFileException {
        Value value = parent.getFieldsOrDefault(name, Value.getDefaultInstance());
        return switch (value.getKindCase()) {
            case LIST_VALUE -> value.getListValue().getValuesList();
            case KIND_NOT_SET -> List.of();
            default -> throw failure(child(path, name), "expected a list");
        };
    }

    private String string(Struct parent, String path, String name) throws ResourceFileException {
        Value value = parent.getFieldsOrDefault(name, Value.getDefaultInstance());
        return switch (value.getKindCase()) {
            case STRING_VALUE -> value.getStringValue();
            case KIND_NOT_SET -> "";
            default -> throw failure(child(path, name), "expected a string");
        };
    }

    private Struct struct(Value value, String path) throws ResourceFileException {
        if (!value.hasStructValue()) {
            throw failure(path, "expected an object");
        }
        return value.getStructValue();
    }

    private ResourceFileException failure(String field, String reason) {
        return FieldLines.failure(source, text, field, reason);
    }

    private static String child(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
