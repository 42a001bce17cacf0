#ifndef EDGE_TRUST_H
#define EDGE_TRUST_H

#include "aws/aws.h"

/*
 * Whom to trust with TLS to AWS, as the SDKs decide it: the file that is configured, else the
 * profile's `ca_bundle`, else the system's (absent). A file that cannot be read, or holds no
 * certificate, is refused here: every call would fail for a reason that nobody sees.
 */
MUST_CHECK enum fault trust_file(struct str configured, const struct aws_options *options,
                                 struct arena *a, struct str *out, struct str *why);

#endif
