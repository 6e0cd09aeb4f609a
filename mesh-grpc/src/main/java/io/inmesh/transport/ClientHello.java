package io.inmesh.transport;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds and reads a ClientHello (RFC 8446 section 4.1.2) in the records (section 5.1) that a connection begins with. */
final class ClientHello {
    private static final int HANDSHAKE = 22;
    private static final int MAJOR_VERSION = 3;
    private static final int RECORD_HEADER = 5;
    private static final int MAX_RECORD = 16384;
    private static final int CLIENT_HELLO = 1;
    private static final int MESSAGE_HEADER = 4;

    /** {@code SSL_max_handshake_message_len} of BoringSSL for a ClientHello. */
    private static final int MAX_MESSAGE = 16384;

    private static final int RANDOM = 32;
    private static final int SERVER_NAME = 0;
    private static final int ALPN = 16;
    private static final int MAX_NAME = 255;

    private ClientHello() {}

    /** Whether it may be a record of TLS. */
    static boolean startsWith(ByteBuffer bytes) {
        return bytes.get(0) == HANDSHAKE && (bytes.remaining() < 2 || bytes.get(1) == MAJOR_VERSION);
    }

    /** What it says; null if it is not complete. */
    static @Nullable FirstBytes look(ByteBuffer bytes) {
        try {
            byte[] message = message(bytes.duplicate());
            return message == null ? null : read(ByteBuffer.wrap(message));
        } catch (MalformedException e) {
            return new FirstBytes.Malformed("no ClientHello: " + e.getMessage());
        } catch (BufferUnderflowException e) {
            return new FirstBytes.Malformed("no ClientHello: a length is wrong");
        }
    }

    /** The handshake message, put together from its records; null if it is not complete. */
    private static byte @Nullable [] message(ByteBuffer bytes) throws MalformedException {
        ByteBuffer message = ByteBuffer.allocate(Math.min(bytes.remaining(), MESSAGE_HEADER + MAX_MESSAGE));
        while (bytes.remaining() >= RECORD_HEADER) {
            int type = bytes.get();
            int major = bytes.get();
            bytes.get();
            int length = bytes.getShort() & 0xffff;
            if (type != HANDSHAKE || major != MAJOR_VERSION || length == 0 || length > MAX_RECORD) {
                throw new MalformedException("a record that is none of a handshake");
            }
            int part = Math.min(length, Math.min(bytes.remaining(), message.remaining()));
            message.put(message.position(), bytes, bytes.position(), part).position(message.position() + part);
            if (message.position() >= MESSAGE_HEADER) {
                int size = size(message);
                if (message.position() >= size) {
                    byte[] body = new byte[size - MESSAGE_HEADER];
                    message.get(MESSAGE_HEADER, body);
                    return body;
                }
            }
            if (bytes.remaining() < length) {
                return null;
            }
            bytes.position(bytes.position() + length);
        }
        return null;
    }

    private static int size(ByteBuffer message) throws MalformedException {
        if (message.get(0) != CLIENT_HELLO) {
            throw new MalformedException("a message of type " + message.get(0));
        }
        int size = message.getInt(0) & 0xffffff;
        if (size > MAX_MESSAGE) {
            throw new MalformedException("it has " + size + " bytes");
        }
        return MESSAGE_HEADER + size;
    }

    private static FirstBytes read(ByteBuffer hello) throws MalformedException {
        skip(hello, 2 + RANDOM);
        skip(hello, hello.get() & 0xff); // legacy_session_id
        skip(hello, hello.getShort() & 0xffff); // cipher_suites
        skip(hello, hello.get() & 0xff); // legacy_compression_methods
        String serverName = "";
        List<String> protocols = List.of();
        if (hello.hasRemaining()) {
            ByteBuffer extensions = vector(hello);
            if (hello.hasRemaining()) {
                throw new MalformedException("bytes follow its extensions");
            }
            Set<Integer> seen = new HashSet<>();
            while (extensions.hasRemaining()) {
                int type = extensions.getShort() & 0xffff;
                ByteBuffer extension = vector(extensions);
                if (!seen.add(type)) {
                    throw new MalformedException("an extension occurs twice");
                }
                if (type == SERVER_NAME) {
                    serverName = serverName(extension);
                } else if (type == ALPN) {
                    protocols = protocols(extension);
                }
            }
        }
        return new FirstBytes.Tls(serverName, protocols);
    }

    /** RFC 6066 section 3. BoringSSL takes exactly one name, of type {@code host_name}. */
    private static String serverName(ByteBuffer extension) throws MalformedException {
        ByteBuffer names = vector(extension);
        int type = names.get();
        ByteBuffer name = vector(names);
        if (type != 0 || names.hasRemaining() || extension.hasRemaining()) {
            throw new MalformedException("more than one server name");
        }
        byte[] text = bytes(name);
        for (byte each : text) {
            if (each == 0) {
                throw new MalformedException("a NUL in the server name");
            }
        }
        if (text.length == 0 || text.length > MAX_NAME) {
            throw new MalformedException("a server name of " + text.length + " bytes");
        }
        return text(text);
    }

    /** RFC 7301 section 3.1. */
    private static List<String> protocols(ByteBuffer extension) throws MalformedException {
        ByteBuffer list = vector(extension);
        if (!list.hasRemaining() || extension.hasRemaining()) {
            throw new MalformedException("an ALPN list that is none");
        }
        List<String> protocols = new ArrayList<>();
        while (list.hasRemaining()) {
            int length = list.get() & 0xff;
            if (length == 0) {
                throw new MalformedException("an ALPN protocol without a name");
            }
            protocols.add(text(bytes(slice(list, length))));
        }
        return protocols;
    }

    private static ByteBuffer vector(ByteBuffer bytes) {
        return slice(bytes, bytes.getShort() & 0xffff);
    }

    private static ByteBuffer slice(ByteBuffer bytes, int length) {
        int start = bytes.position();
        skip(bytes, length);
        return bytes.slice(start, length);
    }

    private static void skip(ByteBuffer bytes, int length) {
        if (length > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        bytes.position(bytes.position() + length);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    /** It is no ClientHello. */
    private static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message, null, false, false);
        }
    }
}
