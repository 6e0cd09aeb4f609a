package io.inmesh.xds.decode;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.inmesh.exchange.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Istio's {@code istio.networking.nds.v1.NameTable}, read by hand because two messages need no generated code: {@code map<string, NameInfo> table = 1}, of which
 * {@code NameInfo} has {@code ips = 1}, {@code registry = 2}, {@code shortname = 3}, {@code namespace = 4} and {@code alt_hosts = 5}.
 *
 * <p>The names are those under which the DNS proxy in Istio's agent answers: the full one, and of a Kubernetes service in the own cluster also
 * {@code name.namespace}, {@code name.namespace.svc} and, in the own namespace, {@code name}. {@code *.example.com} stands for all names below it.
 */
final class NdsDecoder {
    static final String TYPE = "istio.networking.nds.v1.NameTable";

    private static final String KUBERNETES = "Kubernetes";
    private static final int TABLE = field(1);
    private static final int KEY = field(1);
    private static final int VALUE = field(2);
    private static final int IPS = field(1);
    private static final int REGISTRY = field(2);
    private static final int SHORT_NAME = field(3);
    private static final int NAMESPACE = field(4);
    private static final int OTHER_HOSTS = field(5);

    private final NameScope scope;
    private final Map<String, List<String>> addresses = new LinkedHashMap<>();

    private NdsDecoder(NameScope scope) {
        this.scope = scope;
    }

    /** One host of the table. */
    private static final class Info {
        final List<String> ips = new ArrayList<>();
        final List<String> otherHosts = new ArrayList<>();
        String registry = "";
        String shortName = "";
        String namespace = "";
    }

    static Map<String, List<String>> decode(CodedInputStream in, NameScope scope) throws IOException {
        NdsDecoder decoder = new NdsDecoder(scope);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == TABLE) {
                decoder.entry(in.readBytes().newCodedInput());
            } else {
                in.skipField(tag);
            }
        }
        return decoder.addresses;
    }

    private void entry(CodedInputStream in) throws IOException {
        String host = "";
        Info info = new Info();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == KEY) {
                host = in.readStringRequireUtf8();
            } else if (tag == VALUE) {
                info = info(in.readBytes().newCodedInput());
            } else {
                in.skipField(tag);
            }
        }
        List<String> ips = info.ips.stream()
                .filter(each -> IpAddress.parse(each) != null)
                .distinct()
                .toList();
        if (ips.isEmpty() || host.isEmpty()) {
            return;
        }
        put(host, ips);
        if (info.registry.equals(KUBERNETES) && !host.endsWith(".") && scope.isOwn(host)) {
            String qualified = info.shortName + "." + info.namespace;
            int dot = scope.suffix().indexOf('.');
            put(qualified, ips);
            put(qualified + "." + (dot < 0 ? scope.suffix() : scope.suffix().substring(0, dot)), ips);
            if (info.namespace.equals(scope.namespace())) {
                put(info.shortName, ips);
            }
            info.otherHosts.forEach(each -> put(each, ips));
        }
    }

    private static Info info(CodedInputStream in) throws IOException {
        Info info = new Info();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == IPS) {
                info.ips.add(in.readStringRequireUtf8());
            } else if (tag == REGISTRY) {
                info.registry = in.readStringRequireUtf8();
            } else if (tag == SHORT_NAME) {
                info.shortName = in.readStringRequireUtf8();
            } else if (tag == NAMESPACE) {
                info.namespace = in.readStringRequireUtf8();
            } else if (tag == OTHER_HOSTS) {
                info.otherHosts.add(in.readStringRequireUtf8());
            } else {
                in.skipField(tag);
            }
        }
        return info;
    }

    private void put(String host, List<String> ips) {
        String bare = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        addresses.put(bare.toLowerCase(Locale.ROOT), ips);
    }

    private static int field(int number) {
        return number << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }
}
