#ifndef CRYPTO_TLS_PAIR_H
#define CRYPTO_TLS_PAIR_H

#include "base/str.h"

/* What a TLS library would not say: why a certificate and a key are of no use together. */
enum tls_pair {
    TLS_PAIR_FITS,
    TLS_PAIR_NO_CERTIFICATE, /* the first text holds none in PEM */
    TLS_PAIR_NO_KEY,         /* nor the second a private key that needs no passphrase */
    TLS_PAIR_FOREIGN_KEY,    /* of another certificate */
};

enum tls_pair tls_pair_check(struct str certificate_pem, struct str key_pem);

#endif
