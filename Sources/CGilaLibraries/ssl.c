// OpenSSL's libssl: the functions that Gila calls.
#include "binding.h"

#define FUNCTIONS(F) \
  F(SSL_CIPHER_description) F(SSL_CIPHER_get_auth_nid) F(SSL_CIPHER_get_bits) F(SSL_CIPHER_get_cipher_nid) \
  F(SSL_CIPHER_get_digest_nid) F(SSL_CIPHER_get_id) F(SSL_CIPHER_get_kx_nid) F(SSL_CIPHER_get_name) \
  F(SSL_CIPHER_get_version) F(SSL_CIPHER_is_aead) F(SSL_COMP_get_name) F(SSL_CTX_callback_ctrl) \
  F(SSL_CTX_check_private_key) F(SSL_CTX_clear_options) F(SSL_CTX_ctrl) F(SSL_CTX_free) F(SSL_CTX_get0_param) \
  F(SSL_CTX_get_cert_store) F(SSL_CTX_get_default_passwd_cb) F(SSL_CTX_get_default_passwd_cb_userdata) \
  F(SSL_CTX_get_num_tickets) F(SSL_CTX_get_options) F(SSL_CTX_get_security_level) F(SSL_CTX_get_verify_callback) \
  F(SSL_CTX_get_verify_mode) F(SSL_CTX_load_verify_locations) F(SSL_CTX_new) F(SSL_CTX_set_alpn_protos) \
  F(SSL_CTX_set_alpn_select_cb) F(SSL_CTX_set_cipher_list) F(SSL_CTX_set_default_passwd_cb) \
  F(SSL_CTX_set_default_passwd_cb_userdata) F(SSL_CTX_set_default_verify_paths) F(SSL_CTX_set_keylog_callback) \
  F(SSL_CTX_set_msg_callback) F(SSL_CTX_set_num_tickets) F(SSL_CTX_set_options) F(SSL_CTX_set_post_handshake_auth) \
  F(SSL_CTX_set_psk_client_callback) F(SSL_CTX_set_psk_server_callback) F(SSL_CTX_set_session_id_context) \
  F(SSL_CTX_set_verify) F(SSL_CTX_use_PrivateKey_file) F(SSL_CTX_use_certificate_chain_file) \
  F(SSL_CTX_use_psk_identity_hint) F(SSL_SESSION_dup) F(SSL_SESSION_free) F(SSL_SESSION_get_id) \
  F(SSL_SESSION_get_ticket_lifetime_hint) F(SSL_SESSION_get_time) F(SSL_SESSION_get_timeout) \
  F(SSL_SESSION_has_ticket) F(SSL_SESSION_is_resumable) F(SSL_ctrl) F(SSL_do_handshake) F(SSL_free) \
  F(SSL_get0_alpn_selected) F(SSL_get0_param) F(SSL_get0_verified_chain) F(SSL_get1_peer_certificate) \
  F(SSL_get1_session) F(SSL_get_SSL_CTX) F(SSL_get_ciphers) F(SSL_get_client_ciphers) F(SSL_get_current_cipher) \
  F(SSL_get_current_compression) F(SSL_get_error) F(SSL_get_ex_data) F(SSL_get_fd) F(SSL_get_finished) \
  F(SSL_get_peer_cert_chain) F(SSL_get_peer_finished) F(SSL_get_rbio) F(SSL_get_servername) F(SSL_get_shutdown) \
  F(SSL_get_verify_callback) F(SSL_get_verify_mode) F(SSL_get_verify_result) F(SSL_get_version) F(SSL_get_wbio) \
  F(SSL_is_init_finished) F(SSL_new) F(SSL_pending) F(SSL_read_ex) F(SSL_select_next_proto) F(SSL_session_reused) \
  F(SSL_set0_rbio) F(SSL_set0_wbio) F(SSL_set_SSL_CTX) F(SSL_set_accept_state) F(SSL_set_connect_state) \
  F(SSL_set_ex_data) F(SSL_set_fd) F(SSL_set_post_handshake_auth) F(SSL_set_read_ahead) F(SSL_set_session) \
  F(SSL_set_verify) F(SSL_shutdown) F(SSL_verify_client_post_handshake) F(SSL_write_ex) F(TLS_client_method) \
  F(TLS_method) F(TLS_server_method) F(TLSv1_1_method) F(TLSv1_2_method) F(TLSv1_method)

LIBRARY(gila_ssl, FUNCTIONS, "libssl.so.3")
