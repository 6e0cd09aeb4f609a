package io.inmesh.identity;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Istio's {@code istio.v1.auth.IstioCertificateService/CreateCertificate} (istio.io/api, {@code security/v1alpha1/ca.proto}), written by hand because
 * three fields need no generated code.
 */
final class CreateCertificate {
    static final MethodDescriptor<Request, List<String>> METHOD = MethodDescriptor.<Request, List<String>>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("istio.v1.auth.IstioCertificateService/CreateCertificate")
            .setRequestMarshaller(new Requests())
            .setResponseMarshaller(new Responses())
            .build();

    private CreateCertificate() {}

    /** {@code IstioCertificateRequest}: {@code csr = 1}, {@code validity_duration = 3} in seconds. */
    record Request(String csr, Duration validity) {}

    private static final class Requests implements MethodDescriptor.Marshaller<Request> {
        @Override
        public InputStream stream(Request request) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            try {
                out.writeString(1, request.csr());
                out.writeInt64(3, request.validity().toSeconds());
                out.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e); // not of an array
            }
            return new ByteArrayInputStream(bytes.toByteArray());
        }

        @Override
        public Request parse(InputStream stream) {
            throw new UnsupportedOperationException("Requests are only written");
        }
    }

    /** {@code IstioCertificateResponse}: {@code repeated string cert_chain = 1}. */
    private static final class Responses implements MethodDescriptor.Marshaller<List<String>> {
        @Override
        public InputStream stream(List<String> response) {
            throw new UnsupportedOperationException("Responses are only read");
        }

        @Override
        public List<String> parse(InputStream stream) {
            CodedInputStream in = CodedInputStream.newInstance(stream);
            List<String> certificates = new ArrayList<>();
            try {
                for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                    if (tag == ((1 << 3) | 2)) {
                        certificates.add(in.readStringRequireUtf8());
                    } else if (!in.skipField(tag)) {
                        break;
                    }
                }
            } catch (IOException e) {
                throw Status.INTERNAL
                        .withDescription("the answer is not an IstioCertificateResponse")
                        .withCause(e)
                        .asRuntimeException();
            }
            return certificates;
        }
    }
}
