// OpenSSL's libcrypto: the functions that Gila calls.
#include "binding.h"

#define FUNCTIONS(F) \
  F(ASN1_OBJECT_free) F(ASN1_OCTET_STRING_free) F(ASN1_STRING_get0_data) F(ASN1_STRING_length) \
  F(ASN1_STRING_to_UTF8) F(ASN1_TIME_print) F(AUTHORITY_INFO_ACCESS_free) F(BIO_clear_flags) F(BIO_ctrl) \
  F(BIO_ctrl_pending) F(BIO_free) F(BIO_free_all) F(BIO_new) F(BIO_new_file) F(BIO_new_fp) F(BIO_new_mem_buf) \
  F(BIO_read) F(BIO_s_mem) F(BIO_set_flags) F(BIO_up_ref) F(BIO_write) F(CRL_DIST_POINTS_free) F(CRYPTO_free) \
  F(CRYPTO_memcmp) F(DH_free) F(ERR_clear_error) F(ERR_lib_error_string) F(ERR_peek_last_error) \
  F(ERR_reason_error_string) F(EVP_DigestFinalXOF) F(EVP_DigestFinal_ex) F(EVP_DigestInit_ex) F(EVP_DigestUpdate) \
  F(EVP_MD_CTX_copy_ex) F(EVP_MD_CTX_free) F(EVP_MD_CTX_get0_md) F(EVP_MD_CTX_new) F(EVP_MD_do_all_provided) \
  F(EVP_MD_fetch) F(EVP_MD_free) F(EVP_MD_get0_name) F(EVP_MD_get_block_size) F(EVP_MD_get_flags) \
  F(EVP_MD_get_size) F(EVP_MD_get_type) F(EVP_MD_is_a) F(EVP_PBE_scrypt) F(EVP_default_properties_is_fips_enabled) \
  F(GENERAL_NAMES_free) F(GENERAL_NAME_print) F(HMAC) F(HMAC_CTX_copy) F(HMAC_CTX_free) F(HMAC_CTX_get_md) \
  F(HMAC_CTX_new) F(HMAC_Final) F(HMAC_Init_ex) F(HMAC_Update) F(HMAC_size) F(OBJ_nid2ln) F(OBJ_nid2obj) \
  F(OBJ_nid2sn) F(OBJ_obj2nid) F(OBJ_obj2txt) F(OBJ_sn2nid) F(OBJ_txt2obj) F(OPENSSL_sk_find) F(OPENSSL_sk_num) \
  F(OPENSSL_sk_value) F(OpenSSL_version) F(OpenSSL_version_num) F(PEM_read_DHparams) F(PEM_read_bio_X509) \
  F(PEM_write_bio_X509) F(PKCS5_PBKDF2_HMAC) F(RAND_add) F(RAND_bytes) F(RAND_status) F(X509_NAME_ENTRY_get_data) \
  F(X509_NAME_ENTRY_get_object) F(X509_NAME_ENTRY_set) F(X509_NAME_entry_count) F(X509_NAME_get_entry) \
  F(X509_NAME_print_ex) F(X509_OBJECT_get0_X509) F(X509_OBJECT_get0_X509_CRL) F(X509_STORE_add_cert) \
  F(X509_STORE_get0_objects) F(X509_VERIFY_PARAM_clear_flags) F(X509_VERIFY_PARAM_get_flags) \
  F(X509_VERIFY_PARAM_set1_host) F(X509_VERIFY_PARAM_set1_ip) F(X509_VERIFY_PARAM_set_flags) \
  F(X509_VERIFY_PARAM_set_hostflags) F(X509_check_ca) F(X509_cmp) F(X509_free) F(X509_get0_notAfter) \
  F(X509_get0_notBefore) F(X509_get0_serialNumber) F(X509_get_default_cert_dir) F(X509_get_default_cert_dir_env) \
  F(X509_get_default_cert_file) F(X509_get_default_cert_file_env) F(X509_get_ext_d2i) F(X509_get_issuer_name) \
  F(X509_get_subject_name) F(X509_get_version) F(X509_subject_name_hash) F(X509_up_ref) \
  F(X509_verify_cert_error_string) F(a2i_IPADDRESS) F(d2i_X509_bio) F(i2a_ASN1_INTEGER) F(i2d_X509)

LIBRARY(gila_crypto, FUNCTIONS, "libcrypto.so.3")
