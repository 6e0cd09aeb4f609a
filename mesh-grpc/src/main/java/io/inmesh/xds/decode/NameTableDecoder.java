package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.data.dns.v3.DnsTable;
import io.envoyproxy.envoy.data.dns.v3.DnsTable.DnsVirtualDomain;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.udp.dns_filter.v3.DnsFilterConfig;
import io.inmesh.exchange.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of host names, in the two forms in which a control plane hides them in a listener: the table of a DNS filter on datagrams, and, from kuma-cp for a
 * sidecar with a DNS server of its own, a document that the listener on a pipe answers {@code /dns} with.
 */
final class NameTableDecoder {
    private static final DnsFilterConfig DNS_FILTER = DnsFilterConfig.getDefaultInstance();
    private static final String PATH = "/dns";
    private static final int OK = 200;

    private final Notes notes;
    private final Map<String, List<String>> table = new LinkedHashMap<>();
    private boolean readable = true;

    private NameTableDecoder(Notes notes) {
        this.notes = notes;
    }

    /** The table, which is empty for almost all listeners; null if there is one that cannot be read, which is noted. */
    static @Nullable Map<String, List<String>> decode(Listener listener, Notes notes) {
        NameTableDecoder decoder = new NameTableDecoder(notes);
        for (int i = 0; i < listener.getListenerFiltersCount(); i++) {
            decoder.listenerFilter(listener.getListenerFilters(i), Paths.element("", "listener_filters", i));
        }
        if (listener.getAddress().hasPipe()) {
            for (int i = 0; i < listener.getFilterChainsCount(); i++) {
                decoder.chain(listener.getFilterChains(i), Paths.element("", "filter_chains", i));
            }
        }
        return decoder.readable ? Map.copyOf(decoder.table) : null;
    }

    private void listenerFilter(ListenerFilter filter, String path) {
        if (!Values.is(filter.getTypedConfig(), DNS_FILTER)) {
            return;
        }
        String at = path + ".typed_config";
        DnsTable dns = Values.unpack(filter.getTypedConfig(), DNS_FILTER, at, notes)
                .getServerConfig()
                .getInlineDnsTable();
        for (int i = 0; i < dns.getVirtualDomainsCount(); i++) {
            DnsVirtualDomain domain = dns.getVirtualDomains(i);
            add(
                    domain.getName(),
                    domain.getEndpoint().getAddressList().getAddressList(),
                    Paths.element(at + ".server_config.inline_dns_table", "virtual_domains", i));
        }
    }

    private void chain(FilterChain chain, String path) {
        int last = chain.getFiltersCount() - 1;
        Any manager =
                last < 0 ? Any.getDefaultInstance() : chain.getFilters(last).getTypedConfig();
        if (!Values.is(manager, ConnectionManagerDecoder.TYPE)) {
            return;
        }
        String at = Paths.element(path, "filters", last) + ".typed_config";
        HttpConnectionManager http = Values.parse(manager, ConnectionManagerDecoder.TYPE, at);
        for (VirtualHost host : http.getRouteConfig().getVirtualHostsList()) {
            for (Route route : host.getRoutesList()) {
                if (route.getMatch().getPath().equals(PATH)
                        && route.getDirectResponse().getStatus() == OK) {
                    document(route.getDirectResponse().getBody().getInlineString(), at + ": the answer to " + PATH);
                }
            }
        }
    }

    /** {@code {"records":[{"name":"orders.svc.mesh.local","ips":["241.0.0.4"]}],"ttl":30}}. */
    private void document(String json, String path) {
        Struct.Builder document = Struct.newBuilder();
        try {
            JsonFormat.parser().merge(json, document);
        } catch (InvalidProtocolBufferException e) {
            unreadable(path, "is not a JSON object");
            return;
        }
        Value records = document.getFieldsOrDefault("records", Value.getDefaultInstance());
        if (!records.hasListValue() && !records.hasNullValue()) {
            unreadable(path, "has no list of records");
            return;
        }
        for (Value each : records.getListValue().getValuesList()) {
            Map<String, Value> record = each.getStructValue().getFieldsMap();
            Value name = record.getOrDefault("name", Value.getDefaultInstance());
            Value addresses = record.getOrDefault("ips", Value.getDefaultInstance());
            if (!name.hasStringValue() || !addresses.hasListValue()) {
                unreadable(path, "has a record without a name or ips");
                return;
            }
            add(
                    name.getStringValue(),
                    addresses.getListValue().getValuesList().stream()
                            .map(Value::getStringValue)
                            .toList(),
                    path);
        }
    }

    private void unreadable(String path, String why) {
        readable = false;
        notes.unsupported(path, why + ": the host names are as they were before");
    }

    private void add(String name, List<String> texts, String path) {
        List<String> addresses = new ArrayList<>();
        for (String text : texts) {
            IpAddress parsed = IpAddress.parse(text);
            String address = parsed == null ? "" : parsed.unmapped().toString();
            if (parsed == null) {
                notes.unsupported(path, "of " + name + " \"" + text + "\" is no IP address");
            } else if (!addresses.contains(address)) {
                addresses.add(address);
            }
        }
        if (!addresses.isEmpty()) {
            String host = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
            table.putIfAbsent(host.toLowerCase(Locale.ROOT), List.copyOf(addresses));
        }
    }
}
