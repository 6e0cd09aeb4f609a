package io.inmesh.grpc;

import io.inmesh.model.UpstreamTls;
import org.jspecify.annotations.Nullable;

/**
 * What one connection to a server is made with.
 *
 * @param tls   whom to trust, and the certificate to show, if one is shown
 * @param token sent with the call, or null
 */
public record ServerAccess(UpstreamTls tls, @Nullable TokenFile token) {}
