#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/panic.h"

/* Fetched once: an implicit fetch costs more than the digest of a short text. */
static EVP_MD *md;
static EVP_MAC *mac;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t mac_key;

enum { KEY_MAX = 64 };

/* Of one thread. One key is used many times in a row: setting it up costs as much as a short text.
 */
struct mac {
    EVP_MAC_CTX *context;
    unsigned char key[KEY_MAX];
    size_t key_len; /* 0: the context has no key, or a longer one */
};

static void free_mac(void *arg)
{
    struct mac *m = arg;

    EVP_MAC_CTX_free(m->context);
    OPENSSL_cleanse(m, sizeof(*m));
    free(m);
}

static void fetch(void)
{
    md = EVP_MD_fetch(NULL, "SHA256", NULL);
    mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (!md || !mac || pthread_key_create(&mac_key, free_mac))
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

static struct mac *mac_of_thread(void)
{
    struct mac *m = pthread_getspecific(mac_key);

    if (!m) {
        m = calloc(1, sizeof(*m));
        if (!m || !(m->context = EVP_MAC_CTX_new(mac)) || pthread_setspecific(mac_key, m))
            panic("out of memory: an HMAC context");
    }
    return m;
}

static bool mac_begin(struct mac *m, struct str key)
{
    char name[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string("digest", name, 0),
        OSSL_PARAM_construct_end(),
    };
    static const unsigned char none[1];
    const unsigned char *bytes = key.len ? (const unsigned char *)key.ptr : none;

    if (m->key_len && secret_eq(key, (struct str){(const char *)m->key, m->key_len}))
        return EVP_MAC_init(m->context, NULL, 0, NULL);
    m->key_len = key.len <= KEY_MAX ? key.len : 0;
    if (m->key_len)
        memcpy(m->key, key.ptr, key.len);
    return EVP_MAC_init(m->context, bytes, key.len, params);
}

struct sha256 hmac_sha256(struct str key, struct str data)
{
    struct sha256 out;
    struct mac *m;
    size_t n;

    (void)pthread_once(&once, fetch);
    m = mac_of_thread();
    if (!mac_begin(m, key) ||
        !EVP_MAC_update(m->context, (const unsigned char *)data.ptr, data.len) ||
        !EVP_MAC_final(m->context, out.bytes, &n, sizeof(out.bytes)))
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
