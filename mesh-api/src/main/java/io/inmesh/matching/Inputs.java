package io.inmesh.matching;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.MatchInput;
import io.inmesh.model.MatchInput.OfConnection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The kinds of input. */
final class Inputs {
    private Inputs() {}

    static Input of(MatchInput input) {
        if (input instanceof OfConnection fact) {
            return of(fact);
        }
        if (input instanceof MatchInput.RequestHeader header) {
            return new Header(header.name());
        }
        if (input instanceof MatchInput.FilterState state) {
            return new FilterState(state.key());
        }
        throw new IllegalArgumentException("not a text: " + input);
    }

    private static Input of(OfConnection fact) {
        return switch (fact) {
            case URI_SAN, DNS_SAN, SUBJECT -> new Certificate(fact);
            case SERVER_NAME -> new ServerName();
            case SOURCE_IP, DIRECT_SOURCE_IP, DESTINATION_IP -> new Address(fact);
            case SOURCE_PORT, DESTINATION_PORT -> new Port(fact);
        };
    }

    private static DownstreamConnection connection(StreamInfo info) {
        return Objects.requireNonNull(info.downstream());
    }

    /** Facts of TLS; unknown on a connection without it ({@code ssl/matching/inputs.h}). */
    private static final class Certificate extends Input {
        private final OfConnection fact;
        private final LastText joined = new LastText();

        Certificate(OfConnection fact) {
            this.fact = fact;
        }

        @Override
        boolean isKnown(@Nullable RequestHead head, StreamInfo info) {
            DownstreamConnection connection = info.downstream();
            return connection != null && connection.tls() != null;
        }

        @Override
        @Nullable
        String text(@Nullable RequestHead head, StreamInfo info) {
            PeerCertificate peer = connection(info).verifiedPeer();
            if (peer == null) {
                return null;
            }
            if (fact == OfConnection.SUBJECT) {
                return peer.subject().isEmpty() ? null : peer.subject();
            }
            List<String> names = fact == OfConnection.URI_SAN ? peer.uris() : peer.dnsNames();
            return switch (names.size()) {
                case 0 -> null;
                case 1 -> names.get(0);
                default -> joined.of(names);
            };
        }
    }

    private static final class ServerName extends Input {
        @Override
        @Nullable
        String text(@Nullable RequestHead head, StreamInfo info) {
            DownstreamConnection.Tls tls = connection(info).tls();
            return tls == null || tls.serverName().isEmpty() ? null : tls.serverName();
        }
    }

    private static final class Address extends Input {
        private final OfConnection fact;
        private final LastText formatted = new LastText();

        Address(OfConnection fact) {
            this.fact = fact;
        }

        @Override
        IpAddress address(@Nullable RequestHead head, StreamInfo info) {
            return switch (fact) {
                case DESTINATION_IP -> connection(info).local();
                case DIRECT_SOURCE_IP -> connection(info).remote();
                default -> Objects.requireNonNull(info.remoteAddress());
            };
        }

        @Override
        String text(@Nullable RequestHead head, StreamInfo info) {
            return formatted.of(address(head, info));
        }
    }

    private static final class Port extends Input {
        private final OfConnection fact;
        private final LastText formatted = new LastText();

        Port(OfConnection fact) {
            this.fact = fact;
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // a proxy may have named the very address that it has itself
        String text(@Nullable RequestHead head, StreamInfo info) {
            DownstreamConnection connection = connection(info);
            if (fact == OfConnection.DESTINATION_PORT) {
                return formatted.of(connection, connection.localPort());
            }
            // An address that a proxy named comes without a port.
            return info.remoteAddress() == connection.remote()
                    ? formatted.of(connection, connection.remotePort())
                    : "0";
        }
    }

    /** {@code HeaderUtility::getAllOfHeaderAsString}. A connection has no header, and nobody can say what one would be. */
    private static final class Header extends Input {
        private final String name;

        Header(String name) {
            this.name = name;
        }

        @Override
        boolean isKnown(@Nullable RequestHead head, StreamInfo info) {
            return head != null;
        }

        @Override
        @Nullable
        String text(@Nullable RequestHead head, StreamInfo info) {
            RequestHead request = Objects.requireNonNull(head);
            return switch (name) {
                case ":method" -> request.method();
                case ":scheme" -> request.scheme();
                case ":authority", "host" -> request.authority();
                case ":path" -> request.path();
                default -> field(request);
            };
        }

        private @Nullable String field(RequestHead request) {
            int first = request.headers().indexOf(name, 0);
            if (first < 0) {
                return null;
            }
            return request.headers().indexOf(name, first + 1) < 0
                    ? request.headers().value(first)
                    : String.join(",", request.headers().all(name));
        }
    }

    private static final class FilterState extends Input {
        private final String key;

        FilterState(String key) {
            this.key = key;
        }

        @Override
        boolean isKnown(@Nullable RequestHead head, StreamInfo info) {
            return true;
        }

        @Override
        @Nullable
        String text(@Nullable RequestHead head, StreamInfo info) {
            Object value = info.filterState(key);
            return value == null ? null : value.toString();
        }
    }
}
