package io.inmesh.xds.bootstrap;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.inmesh.xds.files.ResourceFileException;
import io.inmesh.xds.files.YamlMessages;
import io.inmesh.xds.protocol.XdsNode;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** gRPC's bootstrap (gRFC A27): a list of servers, a node, and how listeners are named. */
final class GrpcBootstrap {
    private static final String CLIENT_TEMPLATE = "client_default_listener_resource_name_template";
    private static final String SERVER_TEMPLATE = "server_listener_resource_name_template";
    private static final Set<String> KNOWN = Set.of("xds_servers", "node", CLIENT_TEMPLATE, SERVER_TEMPLATE);

    private final JsonFields fields;

    GrpcBootstrap(String source, String text) {
        this.fields = new JsonFields(source, text);
    }

    Bootstrap read() throws ResourceFileException {
        Struct root = YamlMessages.read(fields.source(), fields.text(), Struct.newBuilder())
                .build();
        List<XdsServer> servers = new ArrayList<>();
        List<Value> list = fields.list(root, "", "xds_servers");
        for (int i = 0; i < list.size(); i++) {
            servers.add(server(list.get(i), "xds_servers[" + i + "]"));
        }
        if (servers.isEmpty()) {
            throw fields.failure("xds_servers", "expected at least one server");
        }
        List<String> unsupported = new ArrayList<>();
        root.getFieldsMap().keySet().stream()
                .filter(name -> !KNOWN.contains(name))
                .sorted()
                .forEach(unsupported::add);
        return new Bootstrap(
                fields.source(),
                node(root),
                servers,
                Set.of(),
                root.containsFields(CLIENT_TEMPLATE) ? fields.string(root, "", CLIENT_TEMPLATE) : "%s",
                root.containsFields(SERVER_TEMPLATE) ? fields.string(root, "", SERVER_TEMPLATE) : null,
                List.of(),
                unsupported);
    }

    private XdsServer server(Value value, String path) throws ResourceFileException {
        Struct server = fields.struct(value, path);
        String target = fields.string(server, path, "server_uri");
        if (target.isEmpty()) {
            throw fields.failure(
                    path + ".server_uri", "expected the address of a control plane, such as \"xds.example:15010\"");
        }
        ServerCredentials credentials = new ServerCredentials(fields);
        return new XdsServer(
                target,
                credentials.channel(server, path, target),
                XdsTransport.STATE_OF_THE_WORLD,
                Map.of(),
                credentials.call(server, path));
    }

    private XdsNode node(Struct root) throws ResourceFileException {
        if (!root.containsFields("node")) {
            return XdsNode.of("", "");
        }
        Struct node = fields.struct(root, "", "node");
        Struct locality = fields.struct(node, "node", "locality");
        Struct metadata = fields.struct(node, "node", "metadata");
        return new XdsNode(
                fields.string(node, "node", "id"),
                fields.string(node, "node", "cluster"),
                fields.string(locality, "node.locality", "region"),
                fields.string(locality, "node.locality", "zone"),
                fields.string(locality, "node.locality", "sub_zone"),
                StructValues.map(metadata));
    }
}
