package io.inmesh.xds.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourceFilesTest {
    private static final Path SOURCE = Path.of("mesh.yaml");

    @Test
    void parse_responseForm_givesEachResourceWithItsLine() throws Exception {
        List<FileResource> resources = ResourceFiles.parse(SOURCE, """
                version_info: "1"
                resources:
                - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
                  name: orders
                  connectTimeout: 0.25s
                  lb_policy: LEAST_REQUEST
                  max_requests_per_connection: 7
                - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
                  cluster_name: orders
                """);

        assertThat(resources).extracting(FileResource::line).containsExactly(3, 8);
        Cluster cluster = (Cluster) resources.get(0).message();
        assertThat(cluster.getName()).isEqualTo("orders");
        assertThat(cluster.getConnectTimeout()).isEqualTo(Durations.fromMillis(250));
        assertThat(cluster.getLbPolicy()).isEqualTo(Cluster.LbPolicy.LEAST_REQUEST);
        assertThat(resources.get(1).message()).isInstanceOf(ClusterLoadAssignment.class);
        assertThat(resources.get(0).any().unpack(Cluster.class)).isEqualTo(cluster);
    }

    @Test
    void parse_severalDocumentsListsAndSingles_givesAll() throws Exception {
        assertThat(ResourceFiles.parse(SOURCE, """
                "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
                name: a
                ---
                - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
                  name: b
                ---
                # nothing
                """))
                .extracting(resource -> ((Cluster) resource.message()).getName())
                .containsExactly("a", "b");
    }

    @Test
    void parse_nestedAny_isPacked() throws Exception {
        FileResource resource = ResourceFiles.parse(SOURCE, """
                {"@type": "type.googleapis.com/envoy.config.listener.v3.Listener", "name": "web",
                 "api_listener": {"api_listener": {
                   "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                   "stat_prefix": "web", "rds": {"route_config_name": 80, "config_source": {"ads": {}}}}}}
                """).get(0);

        HttpConnectionManager manager = ((Listener) resource.message())
                .getApiListener()
                .getApiListener()
                .unpack(HttpConnectionManager.class);
        assertThat(manager.getRds().getRouteConfigName()).isEqualTo("80");
    }

    @Test
    void parse_typedStruct_keepsItsValues() throws Exception {
        FileResource resource = ResourceFiles.parse(SOURCE, """
                "@type": type.googleapis.com/xds.type.v3.TypedStruct
                type_url: example/x
                value: {text: "1", number: 1.5, yes: true, nothing: null, list: [1, {a: b}]}
                """).get(0);

        assertThat(resource.message().toString()).contains("example/x", "number_value: 1.5", "null_value: NULL_VALUE");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            name: x;lbpolicy: RANDOM                       | mesh.yaml:3: unknown field "lbpolicy" in envoy.config.cluster.v3.Cluster; did you mean "lb_policy"?
            lb_policy: RANDOMLY                            | mesh.yaml:2: lb_policy: expected one of ROUND_ROBIN, LEAST_REQUEST
            connect_timeout: 5                             | mesh.yaml:2: connect_timeout: expected a duration such as 5s or 0.25s, found "5"
            name: a;name: b                                | mesh.yaml:3: name: is there twice
            type: EDS;cluster_type: {name: x}              | mesh.yaml:3: cluster_type: cannot be set together with type
            health_checks: 3                               | mesh.yaml:2: health_checks: expected a list
            common_lb_config: 3                            | mesh.yaml:2: common_lb_config: expected fields of envoy.config.cluster.v3.Cluster.CommonLbConfig
            respect_dns_ttl: maybe                         | mesh.yaml:2: respect_dns_ttl: expected true or false, found "maybe"
            per_connection_buffer_limit_bytes: -1          | mesh.yaml:2: per_connection_buffer_limit_bytes: expected a whole number from 0 to 4294967295, found "-1"
            filters: [{name: a, typed_config: {a: b}}]     | mesh.yaml:2: filters[0].typed_config: has no "@type"
            filters: [{typed_config: {"@type": a/b.C}}]    | mesh.yaml:2: filters[0].typed_config: unknown message type "a/b.C"
            name: [                                        | mesh.yaml:3: is not YAML
            """)
    void parse_brokenCluster_namesLineAndField(String lines, String expected) {
        String text =
                "\"@type\": type.googleapis.com/envoy.config.cluster.v3.Cluster\n" + lines.replace(';', '\n') + "\n";

        assertThatThrownBy(() -> ResourceFiles.parse(SOURCE, text))
                .isInstanceOf(ResourceFileException.class)
                .hasMessageStartingWith(expected);
    }

    @Test
    void parse_documentThatIsNoResource_saysWhatWasExpected() {
        assertThatThrownBy(() -> ResourceFiles.parse(SOURCE, "\nhello\n"))
                .hasMessage(
                        "mesh.yaml:2: expected a resource with an \"@type\", a list of such resources, or a list named \"resources\"");
    }

    @Test
    void parse_aliasWithinItself_isRefused() {
        assertThatThrownBy(() -> ResourceFiles.parse(SOURCE, """
                "@type": type.googleapis.com/xds.type.v3.TypedStruct
                value: &a {again: *a}
                """)).isInstanceOf(ResourceFileException.class);
    }

    @Test
    void read_folder_takesItsFilesByNameAndSkipsOthers(@TempDir Path folder) throws Exception {
        write(folder.resolve("b.yaml"), "b");
        write(folder.resolve("a.json"), "a");
        write(folder.resolve(".hidden.yaml"), "hidden");
        Files.writeString(folder.resolve("readme.txt"), "not a resource");

        assertThat(ResourceFiles.read(folder))
                .extracting(resource -> ((Cluster) resource.message()).getName())
                .containsExactly("a", "b");
    }

    @Test
    void read_missingFile_saysSo(@TempDir Path folder) {
        assertThatThrownBy(() -> ResourceFiles.read(folder.resolve("none.yaml")))
                .hasMessageEndingWith("there is no such file");
    }

    private static void write(Path file, String clusterName) throws IOException {
        Files.writeString(
                file,
                "{\"@type\": \"type.googleapis.com/envoy.config.cluster.v3.Cluster\", \"name\": \"" + clusterName
                        + "\"}");
    }
}
