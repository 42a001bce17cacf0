#include "edge/tls_files.h"

#include "base/file.h"
#include "crypto/tls_pair.h"

enum { PEM_MAX = 1 << 20 };

static enum fault read_pem(struct str path, struct arena *a, struct str *out, struct str *why)
{
    return str_present(path) ? file_read(a, path, PEM_MAX, out, why) : FAULT_NONE;
}

enum fault tls_files_read(const struct settings *s, struct arena *a, struct tls_files *out,
                          struct str *why)
{
    enum fault f;

    *out = (struct tls_files){0};
    f = read_pem(s->tls_certificate, a, &out->certificate_pem, why);
    return f ? f : read_pem(s->tls_key, a, &out->key_pem, why);
}

struct str tls_files_wrong(const struct settings *s, struct arena *a, const struct tls_files *files)
{
    enum tls_pair pair;

    if (!str_present(s->tls_certificate))
        return (struct str){0};
    pair = tls_pair_check(files->certificate_pem, files->key_pem);
    if (pair == TLS_PAIR_NO_CERTIFICATE)
        return arena_strf(a, "http.tls-certificate: " STR_FMT " holds no certificate in PEM",
                          STR_ARG(s->tls_certificate));
    if (pair == TLS_PAIR_NO_KEY)
        return arena_strf(a,
                          "http.tls-key: " STR_FMT " holds no private key in PEM, or one that "
                          "needs a passphrase",
                          STR_ARG(s->tls_key));
    if (pair == TLS_PAIR_FOREIGN_KEY)
        return arena_strf(a,
                          "http.tls-key: " STR_FMT " is not the key of the certificate in " STR_FMT,
                          STR_ARG(s->tls_key), STR_ARG(s->tls_certificate));
    return (struct str){0};
}
