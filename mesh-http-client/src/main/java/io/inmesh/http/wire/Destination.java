package io.inmesh.http.wire;

import io.inmesh.balancing.HostName;
import io.inmesh.balancing.HostName.Answer;
import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Endpoint;
import io.inmesh.model.Endpoint.AdditionalAddress;
import io.inmesh.outbound.UpstreamTarget;
import io.inmesh.outbound.UpstreamTarget.Passthrough;
import io.inmesh.outbound.UpstreamTarget.ToHost;
import io.inmesh.resilience.CircuitBreaker;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Where the connections of one pool go, and the rules that they follow: of a cluster, always the newest, or of the world outside. */
interface Destination {

    /** Takes either addresses or the reason why there are none. */
    interface AddressReceiver extends BiConsumer<@Nullable List<InetSocketAddress>, @Nullable UnknownHostException> {}

    UpstreamTarget target();

    /** What counts and limits; null outside the mesh. */
    @Nullable
    CircuitBreaker breaker();

    HttpOptions http();

    /** Null: as long as the system tries. */
    @Nullable
    Duration connectTimeout();

    int maxHeaderBytes();

    int maxHeaderCount();

    /** Whether no new request may go there. */
    boolean retired();

    /** Whether its addresses are those that a name has now, so that requests are asked about them. */
    boolean isNamed();

    /** The addresses of the host, in the order in which they are preferred; on the loop, now or later. */
    void addresses(WireLoop loop, AddressReceiver receiver);

    static Destination of(UpstreamTarget target, WireOptions options) {
        return target instanceof ToHost toHost ? new OfCluster(toHost) : new Outside((Passthrough) target, options);
    }

    /** A host of a cluster. */
    record OfCluster(ToHost target) implements Destination {
        /** Default of {@code HttpProtocolOptions.max_headers_count} for responses. */
        private static final int MAX_HEADER_COUNT = 100;

        private UpstreamCluster cluster() {
            return target.cluster();
        }

        @Override
        public CircuitBreaker breaker() {
            return cluster().circuitBreaker(target.highPriority());
        }

        @Override
        public HttpOptions http() {
            return cluster().configuration().http();
        }

        @Override
        public Duration connectTimeout() {
            return cluster().configuration().connectTimeout();
        }

        @Override
        public int maxHeaderBytes() {
            return http().maxResponseHeadersKb() * 1024;
        }

        @Override
        public int maxHeaderCount() {
            return MAX_HEADER_COUNT;
        }

        @Override
        public boolean retired() {
            return target.host().retired();
        }

        @Override
        public boolean isNamed() {
            return target.host().name() != null;
        }

        @Override
        public void addresses(WireLoop loop, AddressReceiver receiver) {
            HostName name = target.host().name();
            if (name == null) {
                receiveLiteral(receiver);
                return;
            }
            Answer known = name.known();
            if (known != null) {
                tell(known, receiver);
                return;
            }
            new NameWait(name, loop, answer -> tell(answer, receiver)).start(connectTimeout());
        }

        private void receiveLiteral(AddressReceiver receiver) {
            Endpoint endpoint = target.host().endpoint();
            List<InetSocketAddress> sockets =
                    new ArrayList<>(1 + endpoint.additional().size());
            try {
                sockets.add(literal(endpoint.address(), endpoint.port()));
                for (AdditionalAddress more : endpoint.additional()) {
                    sockets.add(literal(more.address(), more.port()));
                }
            } catch (UnknownHostException noAddress) {
                receiver.accept(null, noAddress);
                return;
            }
            receiver.accept(sockets, null);
        }

        private static InetSocketAddress literal(String address, int port) throws UnknownHostException {
            byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
            if (bytes == null) {
                throw new UnknownHostException("not an IP address: " + address);
            }
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        }

        private void tell(Answer answer, AddressReceiver receiver) {
            if (answer.addresses().isEmpty()) {
                receiver.accept(null, new UnknownHostException(answer.problem()));
            } else {
                receiver.accept(sockets(answer.addresses(), target.host().port()), null);
            }
        }
    }

    /** A destination outside the mesh. */
    record Outside(Passthrough target, WireOptions options, HttpOptions http) implements Destination {
        private static final int MAX_STREAMS = 1024;

        Outside(Passthrough target, WireOptions options) {
            this(
                    target,
                    options,
                    new HttpOptions(
                            HttpVersion.ALPN,
                            options.passthroughIdleTimeout(),
                            null,
                            0,
                            MAX_STREAMS,
                            Math.max(1, options.maxHeaderBytes() / 1024)));
        }

        @Override
        public @Nullable CircuitBreaker breaker() {
            return null;
        }

        @Override
        public @Nullable Duration connectTimeout() {
            return options.passthroughConnectTimeout();
        }

        @Override
        public int maxHeaderBytes() {
            return options.maxHeaderBytes();
        }

        @Override
        public int maxHeaderCount() {
            return Integer.MAX_VALUE;
        }

        @Override
        public boolean retired() {
            return false;
        }

        @Override
        public boolean isNamed() {
            return true;
        }

        @Override
        public void addresses(WireLoop loop, AddressReceiver receiver) {
            loop.wiring()
                    .lookup()
                    .ask(
                            target.host(),
                            loop,
                            result -> receiver.accept(
                                    result.problem() == null ? sockets(result.addresses(), target.port()) : null,
                                    result.problem()));
        }
    }

    /** Addresses to connect to. */
    private static List<InetSocketAddress> sockets(List<InetAddress> addresses, int port) {
        List<InetSocketAddress> sockets = new ArrayList<>(addresses.size());
        for (InetAddress address : addresses) {
            sockets.add(new InetSocketAddress(address, port));
        }
        return sockets;
    }
}
