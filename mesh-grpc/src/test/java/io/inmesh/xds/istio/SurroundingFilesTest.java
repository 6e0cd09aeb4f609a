package io.inmesh.xds.istio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SurroundingFilesTest {
    @Test
    void downward_linesAsTheKubeletWritesThem_valuesUnquoted() {
        String text = """
                app="web"
                app.kubernetes.io/name="a=b"
                quoted="say \\"hi\\"\\n\\tthere \\\\ \\u00e9 \\x41"
                empty=""
                """;
        assertThat(DownwardFile.parse("labels", text))
                .containsExactly(
                        Map.entry("app", "web"),
                        Map.entry("app.kubernetes.io/name", "a=b"),
                        Map.entry("quoted", "say \"hi\"\n\tthere \\ é A"),
                        Map.entry("empty", ""));
    }

    @Test
    void downward_bareValue_saysWhichFileAndKey() {
        assertThatThrownBy(() -> DownwardFile.parse("/etc/istio/pod/labels", "app=web"))
                .hasMessage("/etc/istio/pod/labels: the value of app is not quoted");
    }

    @Test
    void environmentFile_formsThatAShellTakes_readWithoutExpansion() {
        String text = """
                # made by istioctl
                ISTIO_INBOUND_PORTS='*'
                ISTIO_NAMESPACE=default
                export SERVICE_ACCOUNT="web"
                ISTIO_METAJSON_LABELS='{"app":"web","version":"v1"}'
                QUOTED="a \\"b\\" \\$c"
                EMPTY=''

                nothing
                """;
        assertThat(EnvironmentFile.parse(text))
                .containsOnly(
                        Map.entry("ISTIO_INBOUND_PORTS", "*"),
                        Map.entry("ISTIO_NAMESPACE", "default"),
                        Map.entry("SERVICE_ACCOUNT", "web"),
                        Map.entry("ISTIO_METAJSON_LABELS", "{\"app\":\"web\",\"version\":\"v1\"}"),
                        Map.entry("QUOTED", "a \"b\" $c"),
                        Map.entry("EMPTY", ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "topology.istio.io/locality=eu.a.r1, istio-locality=us/b/r2 | eu/a/r1",
                "istio-locality=eu-1/a                                      | eu-1/a/",
                "istio-locality=eu                                          | eu//",
                "istio-locality=eu.west/a.b                                 | eu.west/a.b/",
                "topology.kubernetes.io/region=eu, topology.kubernetes.io/zone=eu-a, topology.istio.io/subzone=r1 | eu/eu-a/r1",
                "app=web                                                    | //",
            })
    void locality_ofLabels(String labels, String expected) {
        Map<String, String> map = new HashMap<>();
        for (String each : labels.split(", ")) {
            String[] parts = each.strip().split("=", 2);
            map.put(parts[0], parts[1]);
        }
        Locality locality = Locality.of(map);
        assertThat(locality.region() + "/" + locality.zone() + "/" + locality.subZone())
                .isEqualTo(expected);
    }

    @Test
    void proxyConfiguration_neitherYamlNorMap_saysWhere() {
        assertThatThrownBy(() -> ProxyConfiguration.map("PROXY_CONFIG", "just words"))
                .hasMessage("PROXY_CONFIG is no map of names and values");
        assertThatThrownBy(() -> ProxyConfiguration.map("PROXY_CONFIG", "{a: ["))
                .hasMessageStartingWith("PROXY_CONFIG is neither YAML nor JSON");
    }
}
