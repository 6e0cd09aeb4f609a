package io.inmesh.security;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.AccessCondition.Address;
import io.inmesh.model.CidrRange;
import io.inmesh.model.StringMatcher;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Conditions on the connection that a request came on; without one none of them holds, but that on SNI, which is empty then. */
final class ConnectionConditions {
    private ConnectionConditions() {}

    /** {@code IPMatcher}. */
    static final class Ip extends Condition {
        private final Address address;
        private final CidrRange range;

        Ip(Address address, CidrRange range) {
            this.address = address;
            this.range = range;
        }

        @Override
        boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info) {
            DownstreamConnection connection = info.downstream();
            if (connection == null) {
                return false;
            }
            IpAddress found =
                    switch (address) {
                        case DESTINATION -> connection.local();
                        case PEER -> connection.remote();
                        case REMOTE -> info.remoteAddress();
                    };
            return found != null && range.contains(found);
        }
    }

    /** {@code PortMatcher}, {@code PortRangeMatcher}. */
    static final class DestinationPort extends Condition {
        private final int start;
        private final int end;

        DestinationPort(int start, int end) {
            this.start = start;
            this.end = end;
        }

        @Override
        boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info) {
            DownstreamConnection connection = info.downstream();
            return connection != null && connection.localPort() >= start && connection.localPort() < end;
        }
    }

    /** {@code RequestedServerNameMatcher}. */
    static final class ServerName extends Condition {
        private final StringMatcher matcher;

        ServerName(StringMatcher matcher) {
            this.matcher = matcher;
        }

        @Override
        int cost() {
            return cost(matcher);
        }

        @Override
        boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info) {
            DownstreamConnection.Tls tls = tls(info);
            return matcher.matches(tls == null ? "" : tls.serverName());
        }
    }

    /** {@code AuthenticatedMatcher} without a name. */
    static final class Encrypted extends Condition {
        @Override
        boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info) {
            return tls(info) != null;
        }
    }

    /** {@code AuthenticatedMatcher}: any of the URI names, else any of the DNS names, else the subject. A certificate that was not verified counts as none. */
    static final class Authenticated extends Condition {
        private final StringMatcher matcher;
        private final boolean takesNoSubject;

        Authenticated(StringMatcher matcher) {
            this.matcher = matcher;
            takesNoSubject = matcher.matches("");
        }

        @Override
        int cost() {
            return cost(matcher);
        }

        @Override
        boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info) {
            DownstreamConnection.Tls tls = tls(info);
            if (tls == null) {
                return false;
            }
            PeerCertificate peer = tls.verifiedPeer();
            if (peer == null) {
                return takesNoSubject;
            }
            return any(peer.uris()) || any(peer.dnsNames()) || takes(peer.subject());
        }

        private boolean takes(String subject) {
            return subject.isEmpty() ? takesNoSubject : matcher.matches(subject);
        }

        private boolean any(List<String> names) {
            for (int i = 0; i < names.size(); i++) {
                if (matcher.matches(names.get(i))) {
                    return true;
                }
            }
            return false;
        }
    }

    private static DownstreamConnection.@Nullable Tls tls(StreamInfo info) {
        DownstreamConnection connection = info.downstream();
        return connection == null ? null : connection.tls();
    }
}
