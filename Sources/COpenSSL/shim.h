#pragma once

/* SHA1_* of OpenSSL 3 is marked deprecated in favour of EVP; SRTP keeps HMAC midstates, which EVP cannot copy cheaply. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/time.h>

/* Macros and variadic functions that Swift cannot call. */

static inline EVP_PKEY *lk_EVP_EC_gen_P256(void) { return EVP_EC_gen("P-256"); }

static inline int lk_SSL_CTX_set_DTLS_1_2(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1
        && SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1;
}

/* RFC 8827 §6.5 asks for neither resumption, compression nor renegotiation; the MTU is ours to set. */
static inline void lk_SSL_CTX_set_WebRTC_options(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET
                                     | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(context, 16 * 1024);
}

static inline int lk_SSL_CTX_set_groups(SSL_CTX *context, const char *groups) {
    return SSL_CTX_set1_groups_list(context, groups) == 1;
}

static inline void lk_SSL_set_mtu(SSL *ssl, long mtu) { SSL_set_mtu(ssl, mtu); }

/* Microseconds until the retransmission timer, or -1 when none runs. */
static inline long long lk_DTLS_timeout_microseconds(SSL *ssl) {
    struct timeval left;
    if (DTLSv1_get_timeout(ssl, &left) != 1) return -1;
    return (long long)left.tv_sec * 1000000 + left.tv_usec;
}

static inline int lk_DTLS_handle_timeout(SSL *ssl) { return (int)DTLSv1_handle_timeout(ssl); }

static inline int lk_EVP_CIPHER_CTX_get_tag(EVP_CIPHER_CTX *context, int size, void *tag) {
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, size, tag);
}

/* TLS 1.2 and above for streams to a server that is named. */
static inline int lk_SSL_CTX_set_TLS_1_2(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;
}

/* A write may come back with its bytes elsewhere, and half done. */
static inline void lk_SSL_CTX_set_stream_options(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline int lk_SSL_set_server_name(SSL *ssl, const char *name) {
    return SSL_set_tlsext_host_name(ssl, name) == 1;
}

static const int lk_MBSTRING_UTF8 = MBSTRING_UTF8;
