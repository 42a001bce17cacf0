#include "edge/trust.h"

#include "base/file.h"

enum { BUNDLE_MAX = 4 << 20 };

enum fault trust_file(struct str configured, const struct aws_options *options, struct arena *a,
                      struct str *out, struct str *why)
{
    bool ours = str_present(configured);
    struct str file = ours ? configured : aws_profile_ca_bundle(options, a);
    struct str pem, reason;
    enum fault f;

    *out = file;
    if (!str_present(file))
        return FAULT_NONE;
    f = file_read(a, file, BUNDLE_MAX, &pem, &reason);
    if (!f && !str_contains(pem, STR("-----BEGIN CERTIFICATE-----"))) {
        f = FAULT_INVALID_PARAMETER;
        reason = arena_strf(a, STR_FMT " holds no certificate in PEM", STR_ARG(file));
    }
    if (f)
        *why = arena_strf(a, "%s says whom to trust with https to AWS: " STR_FMT,
                          ours ? "aws.ca-bundle (AWS_CA_BUNDLE)" : "ca_bundle of the AWS profile",
                          STR_ARG(reason));
    return f;
}
