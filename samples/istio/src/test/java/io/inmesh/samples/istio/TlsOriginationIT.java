package io.inmesh.samples.istio;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import io.inmesh.transport.TlsOptions;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DestinationRule for a service outside of the mesh that speaks TLS of its own: the application asks in the clear, the mesh speaks TLS for it. */
@ExtendWith(RealIstio.class)
class TlsOriginationIT {
    private static final String HOST = "secure.external.example";

    private static TestNamespace namespace;
    private static Pod web;
    private static Path files;

    @BeforeAll
    static void start(LocalControlPlane controlPlane, @TempDir Path folder) throws Exception {
        files = folder.toRealPath();
        X509Bundle root = root("root");
        X509Bundle server = new CertificateBuilder()
                .ecp256()
                .subject("CN=server")
                .addSanDnsName(HOST)
                .addExtendedKeyUsageServerAuth()
                .buildIssuedBy(root);
        X509Bundle client = new CertificateBuilder()
                .ecp256()
                .subject("CN=client")
                .addExtendedKeyUsageClientAuth()
                .buildIssuedBy(root);
        write("ca.pem", root.getCertificatePEM());
        write("other-ca.pem", root("other").getCertificatePEM());
        write("client.pem", client.getCertificatePathPEM());
        write("client.key", client.getPrivateKeyPEM());

        namespace = new TestNamespace(controlPlane, "tls", 36);
        namespace.apply("""
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: secure}
                spec:
                  hosts: [secure.external.example]
                  exportTo: ["."]
                  location: MESH_EXTERNAL
                  resolution: DNS
                  ports: [{number: 8443, name: http, protocol: HTTP, targetPort: 18443}, {number: 8444, name: http-mutual, protocol: HTTP, targetPort: 18444}]
                """);
        serve(server, root, 18443, false);
        serve(server, root, 18444, true);
        web = namespace.own(Pod.start(
                controlPlane,
                namespace.name,
                "web",
                namespace.address(1),
                source -> source,
                new TlsOptions(Set.of(files.toString()), Set.of(), Duration.ofMinutes(1), false)));
    }

    @AfterAll
    static void end() {
        namespace.close();
    }

    private static X509Bundle root(String name) throws Exception {
        return new CertificateBuilder()
                .ecp256()
                .subject("CN=" + name)
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
    }

    private static void write(String name, String text) throws IOException {
        Files.writeString(files.resolve(name), text);
    }

    private static void serve(X509Bundle certificate, X509Bundle trusted, int port, boolean mutual) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                certificate.toKeyManagerFactory().getKeyManagers(),
                trusted.toTrustManagerFactory().getTrustManagers(),
                null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(namespace.address(70), port), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = context.getDefaultSSLParameters();
                wanted.setNeedClientAuth(mutual);
                parameters.setSSLParameters(wanted);
            }
        });
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        namespace.own(() -> server.stop(0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            8443 | mode: SIMPLE, caCertificates: DIR/ca.pem                                                                         | 200
            8443 | mode: SIMPLE, caCertificates: DIR/ca.pem, sni: secure.external.example, subjectAltNames: [secure.external.example] | 200
            8443 | mode: SIMPLE, caCertificates: DIR/ca.pem, subjectAltNames: [elsewhere.example]                                   | 503
            8443 | mode: SIMPLE, caCertificates: DIR/other-ca.pem                                                                   | 503
            8443 | mode: SIMPLE                                                                                                     | 503
            8443 | mode: SIMPLE, insecureSkipVerify: true                                                                           | 200
            8443 | mode: SIMPLE, caCertificates: /etc/hostname                                                                      | 503
            8444 | mode: MUTUAL, caCertificates: DIR/ca.pem, clientCertificate: DIR/client.pem, privateKey: DIR/client.key          | 200
            8444 | mode: SIMPLE, caCertificates: DIR/ca.pem                                                                         | 503
            """)
    void mode_decidesWhomIsTrustedAndWhatIsShown(int port, String tls, int status) throws Exception {
        String rule = """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: secure}
                spec: {host: secure.external.example, trafficPolicy: {tls: {$TLS}}}
                """.replace("$TLS", tls.replace("DIR", files.toString()));
        namespace.during(rule, () -> {
            namespace.settle(web);
            TestNamespace.eventually(() -> assertThat(
                            web.get("http://" + HOST + ":" + port + "/").statusCode())
                    .isEqualTo(status));
        });
    }
}
