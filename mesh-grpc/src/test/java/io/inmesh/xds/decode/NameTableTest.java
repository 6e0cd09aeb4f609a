package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.testing.NameTables;
import io.inmesh.xds.testing.NameTables.Host;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NameTableTest {
    private static final String NODE = "sidecar~10.0.0.1~web-1.default~default.svc.cluster.local";

    /** As the DNS proxy in Istio's agent answers. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "reviews.default.svc.cluster.local | Kubernetes | reviews | default | reviews.default.svc.cluster.local, reviews.default, reviews.default.svc, reviews",
                "reviews.shop.svc.cluster.local    | Kubernetes | reviews | shop    | reviews.shop.svc.cluster.local, reviews.shop, reviews.shop.svc",
                "reviews.default.svc.other.domain  | Kubernetes | reviews | default | reviews.default.svc.other.domain",
                "api.example.com                   | External   | ''      | ''      | api.example.com",
                "Api.Example.com.                  | External   | ''      | ''      | api.example.com",
                "*.example.com                     | External   | ''      | ''      | *.example.com",
                "mysql-0.mysql.default.svc.cluster.local | Kubernetes | mysql-0.mysql | default | mysql-0.mysql.default.svc.cluster.local, mysql-0.mysql.default, mysql-0.mysql.default.svc, mysql-0.mysql",
            })
    void nameTable_ofOneHost_namesUnderWhichItIsKnown(
            String host, String registry, String shortName, String namespace, String expected) {
        List<String> ips = List.of("10.96.0.1", "fd00::1");
        Map<String, List<String>> decoded =
                decode(NameTables.table(new Host(host, ips, registry, shortName, namespace)));
        assertThat(decoded.keySet()).containsExactlyInAnyOrder(expected.split(", "));
        assertThat(decoded.values()).allMatch(ips::equals);
    }

    @Test
    void nameTable_hostWithoutGoodAddresses_isLeftOut() {
        assertThat(decode(NameTables.table(
                        Map.of("a.example", List.of(), "b.example", List.of("10.0.0.0/8", "x", "10.0.0.1")))))
                .containsExactly(Map.entry("b.example", List.of("10.0.0.1")));
    }

    @Test
    void nameTable_ofAnotherForm_isRejected() {
        Any broken = Any.newBuilder()
                .setTypeUrl(ResourceKind.NAME_TABLE.typeUrl())
                .setValue(ByteString.copyFrom(new byte[] {10, 100, 1}))
                .build();
        assertThat(ResourceDecoder.nameTable("mesh", broken, NameScope.NONE))
                .isInstanceOfSatisfying(Decoded.Rejected.class, refused -> assertThat(refused.reason())
                        .contains("not a readable protobuf message"));
    }

    @ParameterizedTest
    @CsvSource({
        "sidecar~10.0.0.1~web-1.default~default.svc.cluster.local, default, svc.cluster.local",
        "inmesh-17, '', ''",
        "a~b~c~d, '', ''"
    })
    void scope_ofANode_namespaceAndSuffix(String node, String namespace, String suffix) {
        assertThat(NameScope.ofNode(node)).isEqualTo(new NameScope(namespace, suffix));
    }

    private static Map<String, List<String>> decode(Any table) {
        Decoded<Map<String, List<String>>> decoded = ResourceDecoder.nameTable("mesh", table, NameScope.ofNode(NODE));
        assertThat(decoded).isInstanceOf(Decoded.Accepted.class);
        return ((Decoded.Accepted<Map<String, List<String>>>) decoded).value();
    }
}
