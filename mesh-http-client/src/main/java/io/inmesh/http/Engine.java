package io.inmesh.http;

import io.inmesh.Mesh;
import io.inmesh.http.wire.NettyTransport;

/** What the exchanges of one client share. */
record Engine(
        ClientSettings settings,
        Mesh mesh,
        NettyTransport transport,
        ClientThreads threads,
        Operations operations,
        CredentialCache serverCredentials,
        CredentialCache proxyCredentials) {}
