package io.inmesh.http.server;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;

/** Between Jetty's heads, as they were on the wire, and the mesh's. */
final class JettyHeads {
    /** RFC 9110, sections 9.3.1, 9.3.2, 9.3.5, 9.3.7 and 9.3.8. */
    private static final Set<String> BODILESS = Set.of("GET", "HEAD", "DELETE", "OPTIONS", "TRACE");

    private JettyHeads() {}

    /** A request's head as it came. */
    static RequestHead of(Request request, boolean secure) {
        Headers headers = new Headers();
        String host = "";
        for (HttpField field : request.getHeaders()) {
            if (field.getHeader() == HttpHeader.HOST) {
                host = text(field.getValue());
            } else {
                headers.add(field.getName(), text(field.getValue()));
            }
        }
        String authority = request.getHttpURI().getAuthority();
        return new RequestHead(
                request.getMethod(),
                secure ? "https" : "http",
                authority == null ? host : authority,
                text(request.getHttpURI().getPathQuery()),
                headers);
    }

    /** Whether a request has no body. Of one over HTTP/2 without a length Jetty does not tell; then those that by their method should have none count as such. */
    static boolean ended(Request request) {
        if (request.getLength() >= 0) {
            return request.getLength() == 0;
        }
        return request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_2
                ? BODILESS.contains(request.getMethod())
                : !request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
    }

    static String protocol(Request request) {
        HttpVersion version = request.getConnectionMetaData().getHttpVersion();
        return version == HttpVersion.HTTP_2 ? "HTTP/2" : version.asString();
    }

    /** The URI that a request is to be served by. */
    static HttpURI uri(HttpURI received, RequestHead wanted) {
        HttpURI.Mutable uri = HttpURI.build(received, wanted.path()).scheme(wanted.scheme());
        return (wanted.authority().isEmpty() ? uri : uri.authority(wanted.authority())).asImmutable();
    }

    /** The fields that a request is to be served with. */
    static HttpFields fields(RequestHead wanted) {
        HttpFields.Mutable fields = HttpFields.build();
        if (!wanted.authority().isEmpty()) {
            fields.add(HttpHeader.HOST, wanted.authority());
        }
        add(fields, wanted.headers());
        return fields.asImmutable();
    }

    /** A response's head as it is about to go out. */
    static ResponseHead of(Response response) {
        Headers headers = new Headers();
        for (HttpField field : response.getHeaders()) {
            headers.add(field.getName(), text(field.getValue()));
        }
        return new ResponseHead(response.getStatus() == 0 ? 200 : response.getStatus(), headers);
    }

    /** Makes of a response, not yet committed, what the mesh made of it. */
    static void change(Response response, ResponseHead wanted) {
        response.setStatus(wanted.status());
        response.getHeaders().clear();
        add(response.getHeaders(), wanted.headers());
    }

    private static void add(HttpFields.Mutable fields, Headers headers) {
        for (int i = 0; i < headers.size(); i++) {
            fields.add(headers.name(i), headers.value(i));
        }
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
