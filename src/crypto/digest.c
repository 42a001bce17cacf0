#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>

#include "base/panic.h"

/* Fetched once: an implicit fetch costs more than the digest of a short text. */
static EVP_MD *md;
static EVP_MAC *mac;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t mac_key;

static void free_context(void *context)
{
    EVP_MAC_CTX_free(context);
}

static void fetch(void)
{
    md = EVP_MD_fetch(NULL, "SHA256", NULL);
    mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (!md || !mac || pthread_key_create(&mac_key, free_context))
        panic("OpenSSL offers no SHA-256 or no HMAC");
}

struct sha256 sha256_of(struct str data)
{
    struct sha256 out;

    (void)pthread_once(&once, fetch);
    if (!EVP_Digest(data.ptr, data.len, out.bytes, NULL, md, NULL))
        panic("SHA-256 failed");
    return out;
}

static EVP_MAC_CTX *context_of_thread(void)
{
    EVP_MAC_CTX *context = pthread_getspecific(mac_key);

    if (!context) {
        context = EVP_MAC_CTX_new(mac);
        if (!context || pthread_setspecific(mac_key, context))
            panic("out of memory: an HMAC context");
    }
    return context;
}

struct sha256 hmac_sha256(struct str key, struct str data)
{
    char name[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string("digest", name, 0),
        OSSL_PARAM_construct_end(),
    };
    static const unsigned char none[1];
    const unsigned char *key_bytes = key.len ? (const unsigned char *)key.ptr : none;
    struct sha256 out;
    EVP_MAC_CTX *context;
    size_t n;

    (void)pthread_once(&once, fetch);
    context = context_of_thread();
    if (!EVP_MAC_init(context, key_bytes, key.len, params) ||
        !EVP_MAC_update(context, (const unsigned char *)data.ptr, data.len) ||
        !EVP_MAC_final(context, out.bytes, &n, sizeof(out.bytes)))
        panic("HMAC-SHA-256 failed");
    return out;
}

struct str sha256_hex(struct arena *a, struct sha256 digest)
{
    struct buf out = buf_new(a, 2 * SHA256_SIZE);

    buf_add_hex(&out, digest.bytes, SHA256_SIZE);
    return buf_str(&out);
}

struct str sha1_hex(struct arena *a, struct str data)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    struct buf out = buf_new(a, 2 * EVP_MAX_MD_SIZE);
    unsigned n = 0;

    if (!EVP_Digest(data.ptr, data.len, bytes, &n, EVP_sha1(), NULL))
        panic("SHA-1 failed");
    buf_add_hex(&out, bytes, n);
    return buf_str(&out);
}

bool secret_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0);
}

void secret_wipe(void *p, size_t n)
{
    OPENSSL_cleanse(p, n);
}
