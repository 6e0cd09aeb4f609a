package io.inmesh.identity;

import java.time.Duration;
import java.util.List;

/** Signs certificate requests. */
interface CertificateAuthority {

    /** Asks once; the reply comes later, on the loop, and once. */
    void sign(String request, Duration validity, Reply reply);

    /** What became of a request. */
    interface Reply {
        /** PEM texts, the leaf in the first and the root in the last. */
        void signed(List<String> certificates);

        /** Why there is no certificate, for people. */
        void failed(String reason);
    }
}
