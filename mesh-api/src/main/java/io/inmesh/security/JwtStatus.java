package io.inmesh.security;

/**
 * What a look at a token came to, with the texts that Envoy answers. The order is Envoy's, because its numbers stand in the dynamic metadata
 * ({@code failed_status_in_metadata}).
 */
enum JwtStatus implements ParsedJwt, ParsedKeys {
    OK("OK"),
    JWT_MISSED("Jwt is missing"),
    JWT_NOT_YET_VALID("Jwt not yet valid"),
    JWT_EXPIRED("Jwt is expired"),
    JWT_BAD_FORMAT("Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections"),
    JWT_HEADER_BAD_BASE64("Jwt header is an invalid Base64url encoded"),
    JWT_HEADER_BAD_JSON("Jwt header is an invalid JSON"),
    JWT_HEADER_BAD_ALG("Jwt header [alg] field is required and must be a string"),
    JWT_HEADER_NOT_IMPLEMENTED_ALG("Jwt header [alg] is not supported"),
    JWT_HEADER_BAD_KID("Jwt header [kid] field is not a string"),
    JWT_PAYLOAD_BAD_BASE64("Jwt payload is an invalid Base64url encoded"),
    JWT_PAYLOAD_BAD_JSON("Jwt payload is an invalid JSON"),
    JWT_ISS_NOT_STRING("Jwt payload [iss] field is not a string"),
    JWT_SUB_NOT_STRING("Jwt payload [sub] field is not a string"),
    JWT_IAT_NOT_INTEGER("Jwt payload [iat] field is not an integer"),
    JWT_IAT_OUT_OF_RANGE("Jwt payload [iat] field is not a positive 64 bit integer"),
    JWT_NBF_NOT_INTEGER("Jwt payload [nbf] field is not an integer"),
    JWT_NBF_OUT_OF_RANGE("Jwt payload [nbf] field is not a positive 64 bit integer"),
    JWT_EXP_NOT_INTEGER("Jwt payload [exp] field is not an integer"),
    JWT_EXP_OUT_OF_RANGE("Jwt payload [exp] field is not a positive 64 bit integer"),
    JWT_JTI_NOT_STRING("Jwt payload [jti] field is not a string"),
    JWT_AUD_NOT_STRING("Jwt payload [aud] field is not a string or string list"),
    JWT_SIGNATURE_BAD_BASE64("Jwt signature is an invalid Base64url encoded"),
    JWT_ED25519_SIGNATURE_WRONG_LENGTH("Jwt ED25519 signature is wrong length"),
    JWT_UNKNOWN_ISSUER("Jwt issuer is not configured"),
    JWT_AUDIENCE_NOT_ALLOWED("Audiences in Jwt are not allowed"),
    JWT_VERIFICATION_FAIL("Jwt verification fails"),
    JWT_MULTIPLE_TOKENS("Found multiple Jwt tokens"),
    JWKS_PARSE_ERROR("Jwks is an invalid JSON"),
    JWKS_NO_KEYS("Jwks does not have [keys] field"),
    JWKS_BAD_KEYS("[keys] in Jwks is not an array"),
    JWKS_NO_VALID_KEYS("Jwks doesn't have any valid public key"),
    JWKS_KID_ALG_MISMATCH("Jwks doesn't have key to match kid or alg from Jwt"),
    JWKS_RSA_PARSE_ERROR("Jwks RSA [n] or [e] field is missing or has a parse error"),
    JWKS_EC_CREATE_KEY_FAIL("Jwks EC create key fail"),
    JWKS_EC_X_OR_Y_BAD_BASE64("Jwks EC [x] or [y] field is an invalid Base64."),
    JWKS_EC_PARSE_ERROR("Jwks EC [x] and [y] fields have a parse error."),
    JWKS_OCT_BAD_BASE64("Jwks Oct key is an invalid Base64"),
    JWKS_OKP_X_BAD_BASE64("Jwks OKP [x] field is an invalid Base64."),
    JWKS_OKP_X_WRONG_LENGTH("Jwks OKP [x] field is wrong length."),
    JWKS_FETCH_FAIL("Jwks remote fetch is failed");

    private final String text;

    JwtStatus(String text) {
        this.text = text;
    }

    /** What the client is told. */
    String text() {
        return text;
    }

    /** Envoy's number for it. */
    @SuppressWarnings("EnumOrdinal") // the order is Envoy's enumeration
    int code() {
        return ordinal();
    }
}
