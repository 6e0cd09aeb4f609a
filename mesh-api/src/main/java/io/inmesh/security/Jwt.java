package io.inmesh.security;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON Web Token in the compact form of RFC 7515, read and not yet believed.
 *
 * @param algorithm     of its header
 * @param keyId         {@code kid}, or empty
 * @param header        all of it. Keys that it brings along or points to ({@code jwk}, {@code jku}, {@code x5c}, {@code x5u}) are never looked at.
 * @param payload       all of it
 * @param issuer        {@code iss}, or empty
 * @param subject       {@code sub}, or empty
 * @param audiences     {@code aud}
 * @param notBefore     in seconds since 1970, or 0
 * @param expiration    in seconds since 1970, or 0
 * @param encodedHeader the first section of the token, which is signed as it is written
 * @param encodedPayload the second one
 * @param signature     the third one, decoded
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Jwt(
        JwtAlgorithm algorithm,
        String keyId,
        Map<String, Object> header,
        Map<String, Object> payload,
        String issuer,
        String subject,
        List<String> audiences,
        long notBefore,
        long expiration,
        String encodedHeader,
        String encodedPayload,
        byte[] signature)
        implements ParsedJwt {
    private static final double TWO_TO_64 = 0x1p64;

    /** Reads a token, in the order in which Envoy looks at its parts. */
    static ParsedJwt parse(String token) {
        List<String> sections = sections(token);
        if (sections.size() != 3) {
            return JwtStatus.JWT_BAD_FORMAT;
        }
        byte[] headerJson = Base64UrlText.decode(sections.get(0));
        if (headerJson == null) {
            return JwtStatus.JWT_HEADER_BAD_BASE64;
        }
        Map<String, Object> header = JsonReader.object(headerJson);
        if (header == null) {
            return JwtStatus.JWT_HEADER_BAD_JSON;
        }
        if (!(header.get("alg") instanceof String name)) {
            return JwtStatus.JWT_HEADER_BAD_ALG;
        }
        JwtAlgorithm algorithm = JwtAlgorithm.named(name);
        if (algorithm == null) {
            return JwtStatus.JWT_HEADER_NOT_IMPLEMENTED_ALG;
        }
        if (!isText(header.get("kid"))) {
            return JwtStatus.JWT_HEADER_BAD_KID;
        }
        byte[] payloadJson = Base64UrlText.decode(sections.get(1));
        if (payloadJson == null) {
            return JwtStatus.JWT_PAYLOAD_BAD_BASE64;
        }
        Map<String, Object> payload = JsonReader.object(payloadJson);
        if (payload == null) {
            return JwtStatus.JWT_PAYLOAD_BAD_JSON;
        }
        JwtStatus problem = problem(payload);
        if (problem != null) {
            return problem;
        }
        byte[] signature = Base64UrlText.decode(sections.get(2));
        if (signature == null) {
            return JwtStatus.JWT_SIGNATURE_BAD_BASE64;
        }
        return new Jwt(
                algorithm,
                text(header.get("kid")),
                header,
                payload,
                text(payload.get("iss")),
                text(payload.get("sub")),
                audiences(payload.get("aud")),
                seconds(payload.get("nbf")),
                seconds(payload.get("exp")),
                sections.get(0),
                sections.get(1),
                signature);
    }

    /** What is between the dots; as in Envoy, an empty section is none. */
    private static List<String> sections(String token) {
        List<String> sections = new ArrayList<>(3);
        int start = 0;
        while (start <= token.length()) {
            int dot = token.indexOf('.', start);
            int end = dot < 0 ? token.length() : dot;
            if (end > start) {
                sections.add(token.substring(start, end));
            }
            if (sections.size() > 3) {
                break;
            }
            start = end + 1;
        }
        return sections;
    }

    private static @Nullable JwtStatus problem(Map<String, Object> payload) {
        if (!isText(payload.get("iss"))) {
            return JwtStatus.JWT_ISS_NOT_STRING;
        }
        if (!isText(payload.get("sub"))) {
            return JwtStatus.JWT_SUB_NOT_STRING;
        }
        JwtStatus time = timeProblem(payload.get("iat"), JwtStatus.JWT_IAT_NOT_INTEGER, JwtStatus.JWT_IAT_OUT_OF_RANGE);
        if (time == null) {
            time = timeProblem(payload.get("nbf"), JwtStatus.JWT_NBF_NOT_INTEGER, JwtStatus.JWT_NBF_OUT_OF_RANGE);
        }
        if (time == null) {
            time = timeProblem(payload.get("exp"), JwtStatus.JWT_EXP_NOT_INTEGER, JwtStatus.JWT_EXP_OUT_OF_RANGE);
        }
        if (time != null) {
            return time;
        }
        if (!isText(payload.get("jti"))) {
            return JwtStatus.JWT_JTI_NOT_STRING;
        }
        Object audience = payload.get("aud");
        boolean good = isText(audience)
                || (audience instanceof List<?> list && list.stream().allMatch(String.class::isInstance));
        return good ? null : JwtStatus.JWT_AUD_NOT_STRING;
    }

    private static @Nullable JwtStatus timeProblem(@Nullable Object time, JwtStatus notNumber, JwtStatus outOfRange) {
        if (time == null) {
            return null;
        }
        if (!(time instanceof Double number)) {
            return notNumber;
        }
        return number < 0 || number >= TWO_TO_64 ? outOfRange : null;
    }

    private static boolean isText(@Nullable Object claim) {
        return claim == null || claim instanceof String;
    }

    private static String text(@Nullable Object claim) {
        return claim instanceof String string ? string : "";
    }

    /** Fractions count for nothing, as in Envoy. */
    private static long seconds(@Nullable Object claim) {
        return claim instanceof Double number ? number.longValue() : 0;
    }

    private static List<String> audiences(@Nullable Object claim) {
        if (claim instanceof String one) {
            return List.of(one);
        }
        return claim instanceof List<?> list
                ? list.stream().map(String.class::cast).toList()
                : List.of();
    }

    /** Whether the token holds at that time, in seconds since 1970. */
    JwtStatus timeStatus(long now, long skew) {
        if (now + skew < notBefore) {
            return JwtStatus.JWT_NOT_YET_VALID;
        }
        // Subtracted, because a far expiration has no room for a sum.
        return expiration > 0 && now - skew > expiration ? JwtStatus.JWT_EXPIRED : JwtStatus.OK;
    }

    /** Whether the header asks to understand extensions ({@code crit}, RFC 7515 section 4.1.11). None is understood here. */
    boolean isCritical() {
        return header.containsKey("crit");
    }

    /** Shows nothing of the token. */
    @Override
    public String toString() {
        return "Jwt[" + algorithm + "]";
    }
}
