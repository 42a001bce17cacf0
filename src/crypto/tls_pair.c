#include "crypto/tls_pair.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

/* Nobody is asked for a passphrase: a service starts by itself. */
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static BIO *reader(struct str pem)
{
    return BIO_new_mem_buf(pem.ptr ? pem.ptr : "", pem.len < INT_MAX ? (int)pem.len : INT_MAX);
}

static enum tls_pair check(X509 *certificate, EVP_PKEY *key)
{
    if (!certificate)
        return TLS_PAIR_NO_CERTIFICATE;
    if (!key)
        return TLS_PAIR_NO_KEY;
    return X509_check_private_key(certificate, key) == 1 ? TLS_PAIR_FITS : TLS_PAIR_FOREIGN_KEY;
}

enum tls_pair tls_pair_check(struct str certificate_pem, struct str key_pem)
{
    BIO *certificate_in = reader(certificate_pem);
    BIO *key_in = reader(key_pem);
    X509 *certificate = PEM_read_bio_X509(certificate_in, NULL, no_passphrase, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(key_in, NULL, no_passphrase, NULL);
    enum tls_pair found = check(certificate, key);

    ERR_clear_error();
    EVP_PKEY_free(key);
    X509_free(certificate);
    BIO_free_all(key_in);
    BIO_free_all(certificate_in);
    return found;
}
