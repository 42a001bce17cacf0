#ifndef EDGE_TLS_FILES_H
#define EDGE_TLS_FILES_H

#include "base/fault.h"
#include "edge/settings.h"

/* The files of http.tls-certificate and http.tls-key; both are absent, or neither is. */
struct tls_files {
    struct str certificate_pem;
    struct str key_pem;
};

MUST_CHECK enum fault tls_files_read(const struct settings *s, struct arena *a,
                                     struct tls_files *out, struct str *why);

/* After a server did not start with them: which of the two is wrong. Absent: neither is. */
struct str tls_files_wrong(const struct settings *s, struct arena *a,
                           const struct tls_files *files);

#endif
