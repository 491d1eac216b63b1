// The numbers of _ssl: of OpenSSL 3, of the protocol, and of the module itself.

import CGila
import COpenSSL
import GilaCore
import Glibc

enum TLSConstants {
  private static let numbers: [(StaticString, Int)] = [
    ("SSL_ERROR_ZERO_RETURN", 6), ("SSL_ERROR_WANT_READ", 2), ("SSL_ERROR_WANT_WRITE", 3),
    ("SSL_ERROR_WANT_X509_LOOKUP", 4), ("SSL_ERROR_SYSCALL", 5), ("SSL_ERROR_SSL", 1), ("SSL_ERROR_WANT_CONNECT", 7),
    ("SSL_ERROR_EOF", 8), ("SSL_ERROR_INVALID_ERROR_CODE", 10), ("CERT_NONE", 0), ("CERT_OPTIONAL", 1),
    ("CERT_REQUIRED", 2), ("VERIFY_DEFAULT", 0), ("VERIFY_CRL_CHECK_LEAF", 4), ("VERIFY_CRL_CHECK_CHAIN", 12),
    ("VERIFY_X509_STRICT", 32), ("VERIFY_ALLOW_PROXY_CERTS", 64), ("VERIFY_X509_TRUSTED_FIRST", 32768),
    ("VERIFY_X509_PARTIAL_CHAIN", 524288), ("PROTOCOL_SSLv23", 2), ("PROTOCOL_TLS", 2), ("PROTOCOL_TLS_CLIENT", 16),
    ("PROTOCOL_TLS_SERVER", 17), ("PROTOCOL_TLSv1", 3), ("PROTOCOL_TLSv1_1", 4), ("PROTOCOL_TLSv1_2", 5),
    ("OP_ALL", 2147483728), ("OP_NO_SSLv2", 0), ("OP_NO_SSLv3", 33554432), ("OP_NO_TLSv1", 67108864),
    ("OP_NO_TLSv1_1", 268435456), ("OP_NO_TLSv1_2", 134217728), ("OP_NO_TLSv1_3", 536870912),
    ("OP_CIPHER_SERVER_PREFERENCE", 4194304), ("OP_SINGLE_DH_USE", 0), ("OP_NO_TICKET", 16384),
    ("OP_LEGACY_SERVER_CONNECT", 4), ("OP_SINGLE_ECDH_USE", 0), ("OP_NO_COMPRESSION", 131072),
    ("OP_ENABLE_MIDDLEBOX_COMPAT", 1048576), ("OP_NO_RENEGOTIATION", 1073741824), ("OP_IGNORE_UNEXPECTED_EOF", 128),
    ("OP_ENABLE_KTLS", 8), ("HOSTFLAG_ALWAYS_CHECK_SUBJECT", 1), ("HOSTFLAG_NEVER_CHECK_SUBJECT", 32),
    ("HOSTFLAG_NO_WILDCARDS", 2), ("HOSTFLAG_NO_PARTIAL_WILDCARDS", 4), ("HOSTFLAG_MULTI_LABEL_WILDCARDS", 8),
    ("HOSTFLAG_SINGLE_LABEL_SUBDOMAINS", 16), ("ENCODING_PEM", 1), ("ENCODING_DER", 2),
    ("PROTO_MINIMUM_SUPPORTED", -2), ("PROTO_MAXIMUM_SUPPORTED", -1), ("PROTO_SSLv3", 768), ("PROTO_TLSv1", 769),
    ("PROTO_TLSv1_1", 770), ("PROTO_TLSv1_2", 771), ("PROTO_TLSv1_3", 772), ("ALERT_DESCRIPTION_CLOSE_NOTIFY", 0),
    ("ALERT_DESCRIPTION_UNEXPECTED_MESSAGE", 10), ("ALERT_DESCRIPTION_BAD_RECORD_MAC", 20),
    ("ALERT_DESCRIPTION_RECORD_OVERFLOW", 22), ("ALERT_DESCRIPTION_DECOMPRESSION_FAILURE", 30),
    ("ALERT_DESCRIPTION_HANDSHAKE_FAILURE", 40), ("ALERT_DESCRIPTION_BAD_CERTIFICATE", 42),
    ("ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE", 43), ("ALERT_DESCRIPTION_CERTIFICATE_REVOKED", 44),
    ("ALERT_DESCRIPTION_CERTIFICATE_EXPIRED", 45), ("ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN", 46),
    ("ALERT_DESCRIPTION_ILLEGAL_PARAMETER", 47), ("ALERT_DESCRIPTION_UNKNOWN_CA", 48),
    ("ALERT_DESCRIPTION_ACCESS_DENIED", 49), ("ALERT_DESCRIPTION_DECODE_ERROR", 50),
    ("ALERT_DESCRIPTION_DECRYPT_ERROR", 51), ("ALERT_DESCRIPTION_PROTOCOL_VERSION", 70),
    ("ALERT_DESCRIPTION_INSUFFICIENT_SECURITY", 71), ("ALERT_DESCRIPTION_INTERNAL_ERROR", 80),
    ("ALERT_DESCRIPTION_USER_CANCELLED", 90), ("ALERT_DESCRIPTION_NO_RENEGOTIATION", 100),
    ("ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION", 110), ("ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE", 111),
    ("ALERT_DESCRIPTION_UNRECOGNIZED_NAME", 112), ("ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE", 113),
    ("ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE", 114), ("ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY", 115),
  ]
  private static let switches: [(StaticString, Bool)] = [
    ("HAS_SNI", true), ("HAS_TLS_UNIQUE", true), ("HAS_ECDH", true), ("HAS_NPN", false), ("HAS_ALPN", true),
    ("HAS_SSLv2", false), ("HAS_SSLv3", false), ("HAS_TLSv1", true), ("HAS_TLSv1_1", true), ("HAS_TLSv1_2", true),
    ("HAS_TLSv1_3", true), ("HAS_PSK", true),
  ]

  static func add(to module: Ref) throws(PyError) {
    for (name, value) in numbers { try GilaCore.add(module, name, int: value) }
    for (name, value) in switches { try GilaCore.add(module, name, pyBool(value)) }
    try addText(module, "_DEFAULT_CIPHERS", TLSModule.defaultCiphers)
    let version = Int(OpenSSL_version_num())
    try GilaCore.add(module, "OPENSSL_VERSION_NUMBER", int: version)
    try addText(module, "OPENSSL_VERSION", OpenSSL_version(0))
    let loaded = try parts(version), built = try parts(Int(gila_tls_version_number()))
    try GilaCore.add(module, "OPENSSL_VERSION_INFO", loaded.ref)
    try GilaCore.add(module, "_OPENSSL_API_VERSION", built.ref)
  }
  /// A version number as (major, minor, fix, patch, status).
  private static func parts(_ v: Int) throws(PyError) -> Owned {
    let a = try int(v >> 28 & 15), b = try int(v >> 20 & 255), c = try int(v >> 12 & 255)
    let d = try int(v >> 4 & 255), e = try int(v & 15)
    return try tuple(a.ref, b.ref, c.ref, d.ref, e.ref)
  }
}
