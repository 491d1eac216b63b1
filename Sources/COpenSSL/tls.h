// Macros of OpenSSL's TLS and certificate interfaces as functions, and stacks as counts and items.
#pragma once
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <openssl/x509_vfy.h>

static inline uint64_t gila_tls_op_all(void) { return SSL_OP_ALL; }
static inline void gila_tls_set_mode(SSL_CTX *c, long mode) { SSL_CTX_set_mode(c, mode); }
static inline void gila_tls_ssl_mode(SSL *s, long mode) { SSL_set_mode(s, mode); }
static inline long gila_tls_mode_common(void) {
  return SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY;
}
static inline int gila_tls_set_min(SSL_CTX *c, int v) { return (int)SSL_CTX_set_min_proto_version(c, v); }
static inline int gila_tls_set_max(SSL_CTX *c, int v) { return (int)SSL_CTX_set_max_proto_version(c, v); }
static inline int gila_tls_get_min(SSL_CTX *c) { return (int)SSL_CTX_get_min_proto_version(c); }
static inline int gila_tls_get_max(SSL_CTX *c) { return (int)SSL_CTX_get_max_proto_version(c); }
static inline int gila_tls_set_groups(SSL_CTX *c, int nid) { return (int)SSL_CTX_set1_groups(c, &nid, 1); }
static inline int gila_tls_set_host_name(SSL *s, const char *name) { return (int)SSL_set_tlsext_host_name(s, name); }
static inline const unsigned char *gila_sid_context(void) { return (const unsigned char *)"Python"; }
static inline long gila_tls_stat(SSL_CTX *c, int which) { return SSL_CTX_ctrl(c, which, 0, 0); }
static inline int gila_tls_set_dh(SSL_CTX *c, DH *dh) { return (int)SSL_CTX_set_tmp_dh(c, dh); }
static inline void gila_tls_set_servername(SSL_CTX *c, int (*f)(SSL *, int *, void *), void *arg) {
  SSL_CTX_set_tlsext_servername_callback(c, f);
  SSL_CTX_set_tlsext_servername_arg(c, arg);
}
static inline int gila_tls_version_number(void) { return (int)OPENSSL_VERSION_NUMBER; }
static inline int gila_err_lib(unsigned long e) { return ERR_GET_LIB(e); }
static inline int gila_err_reason(unsigned long e) { return ERR_GET_REASON(e); }
static inline void gila_bio_set_nbio(BIO *b, int on) { if (b) BIO_set_nbio(b, on); }
static inline long gila_bio_mem(BIO *b, char **p) { return BIO_get_mem_data(b, p); }
static inline int gila_bio_eof(BIO *b) { return BIO_eof(b) ? 1 : 0; }
static inline void gila_bio_mem_return(BIO *b, int v) { BIO_set_mem_eof_return(b, v); BIO_set_retry_read(b); }
static inline void gila_bio_mem_end(BIO *b) { BIO_clear_retry_flags(b); BIO_set_mem_eof_return(b, 0); }
static inline int gila_x509_count(const STACK_OF(X509) *s) { return s ? sk_X509_num(s) : 0; }
static inline X509 *gila_x509_at(const STACK_OF(X509) *s, int i) { return sk_X509_value(s, i); }
static inline int gila_cipher_count(const STACK_OF(SSL_CIPHER) *s) { return s ? sk_SSL_CIPHER_num(s) : 0; }
static inline const SSL_CIPHER *gila_cipher_at(const STACK_OF(SSL_CIPHER) *s, int i) { return sk_SSL_CIPHER_value(s, i); }
static inline int gila_cipher_find(STACK_OF(SSL_CIPHER) *s, const SSL_CIPHER *c) { return s ? sk_SSL_CIPHER_find(s, (SSL_CIPHER *)c) : -1; }
static inline void gila_cipher_free(STACK_OF(SSL_CIPHER) *s) { sk_SSL_CIPHER_free(s); }
static inline int gila_objects_count(const STACK_OF(X509_OBJECT) *s) { return s ? sk_X509_OBJECT_num(s) : 0; }
static inline X509_OBJECT *gila_objects_at(const STACK_OF(X509_OBJECT) *s, int i) { return sk_X509_OBJECT_value(s, i); }
static inline int gila_names_count(const GENERAL_NAMES *s) { return s ? sk_GENERAL_NAME_num(s) : 0; }
static inline GENERAL_NAME *gila_names_at(const GENERAL_NAMES *s, int i) { return sk_GENERAL_NAME_value(s, i); }
static inline int gila_name_type(const GENERAL_NAME *n) { return n->type; }
static inline const ASN1_STRING *gila_name_string(const GENERAL_NAME *n) { return n->d.ia5; }
static inline X509_NAME *gila_name_directory(const GENERAL_NAME *n) { return n->d.directoryName; }
static inline const ASN1_OBJECT *gila_name_object(const GENERAL_NAME *n) { return n->d.registeredID; }
/// The URIs of a certificate's access descriptions of one kind: calls f for each.
static inline void gila_access_uris(X509 *x, int nid, void *context, void (*f)(void *, const char *, int)) {
  AUTHORITY_INFO_ACCESS *info = (AUTHORITY_INFO_ACCESS *)X509_get_ext_d2i(x, NID_info_access, 0, 0);
  if (!info) return;
  for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(info); i++) {
    ACCESS_DESCRIPTION *ad = sk_ACCESS_DESCRIPTION_value(info, i);
    if (OBJ_obj2nid(ad->method) != nid || ad->location->type != GEN_URI) continue;
    f(context, (const char *)ASN1_STRING_get0_data(ad->location->d.uniformResourceIdentifier),
      ASN1_STRING_length(ad->location->d.uniformResourceIdentifier));
  }
  AUTHORITY_INFO_ACCESS_free(info);
}
static inline void gila_crl_uris(X509 *x, void *context, void (*f)(void *, const char *, int)) {
  CRL_DIST_POINTS *points = (CRL_DIST_POINTS *)X509_get_ext_d2i(x, NID_crl_distribution_points, 0, 0);
  if (!points) return;
  for (int i = 0; i < sk_DIST_POINT_num(points); i++) {
    DIST_POINT *dp = sk_DIST_POINT_value(points, i);
    if (!dp->distpoint || dp->distpoint->type != 0) continue;
    GENERAL_NAMES *names = dp->distpoint->name.fullname;
    for (int j = 0; j < sk_GENERAL_NAME_num(names); j++) {
      GENERAL_NAME *n = sk_GENERAL_NAME_value(names, j);
      if (n->type != GEN_URI) continue;
      f(context, (const char *)ASN1_STRING_get0_data(n->d.uniformResourceIdentifier),
        ASN1_STRING_length(n->d.uniformResourceIdentifier));
    }
  }
  CRL_DIST_POINTS_free(points);
}
static inline GENERAL_NAMES *gila_alternative_names(X509 *x) {
  return (GENERAL_NAMES *)X509_get_ext_d2i(x, NID_subject_alt_name, 0, 0);
}
static inline int gila_last_error_is_end_of_pem(void) {
  unsigned long e = ERR_peek_last_error();
  return ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE;
}
static inline int gila_last_error_is_end_of_der(void) {
  unsigned long e = ERR_peek_last_error();
  return ERR_GET_LIB(e) == ERR_LIB_ASN1 && ERR_GET_REASON(e) == ASN1_R_HEADER_TOO_LONG;
}
static inline int gila_error_is_duplicate(void) {
  unsigned long e = ERR_peek_last_error();
  return ERR_GET_LIB(e) == ERR_LIB_X509 && ERR_GET_REASON(e) == X509_R_CERT_ALREADY_IN_HASH_TABLE;
}
static inline unsigned long gila_name_flags(void) { return XN_FLAG_RFC2253; }
static inline int gila_no_password(char *buffer, int size, int writing, void *context) {
  (void)buffer, (void)size, (void)writing, (void)context;
  return 0;
}
static inline X509 *gila_read_pem(BIO *b) { return PEM_read_bio_X509(b, 0, gila_no_password, 0); }
