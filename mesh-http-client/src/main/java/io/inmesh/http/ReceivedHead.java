package io.inmesh.http;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.outbound.CallFacts;
import io.inmesh.outbound.UpstreamTransport.ConnectionFacts;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** The head of a response as the application sees it. The JDK's form of the header fields is made when it is first asked for. */
final class ReceivedHead implements ResponseInfo {
    private final ResponseHead head;
    private final CallFacts facts;
    private volatile @Nullable HttpHeaders headers;

    ReceivedHead(ResponseHead head, CallFacts facts) {
        this.head = head;
        this.facts = facts;
    }

    @Override
    public int statusCode() {
        return head.status();
    }

    @Override
    public HttpHeaders headers() {
        HttpHeaders made = headers;
        if (made == null) {
            made = convert(head.headers());
            headers = made;
        }
        return made;
    }

    /** The protocol of the connection that brought the answer; HTTP/1.1 where the mesh answered itself. */
    @Override
    public Version version() {
        ConnectionFacts connection = facts.connection();
        return connection != null && connection.protocol().equals("HTTP/2") ? Version.HTTP_2 : Version.HTTP_1_1;
    }

    Headers fields() {
        return head.headers();
    }

    CallFacts facts() {
        return facts;
    }

    Optional<SSLSession> sslSession() {
        ConnectionFacts connection = facts.connection();
        return connection == null ? Optional.empty() : Optional.ofNullable(connection.tls());
    }

    private static HttpHeaders convert(Headers fields) {
        Map<String, List<String>> map = new HashMap<>();
        for (int i = 0; i < fields.size(); i++) {
            map.computeIfAbsent(fields.name(i), name -> new ArrayList<>(1)).add(fields.value(i));
        }
        return HttpHeaders.of(map, (name, value) -> true);
    }
}
