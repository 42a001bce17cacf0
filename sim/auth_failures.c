#include "sim/auth.h"

/* The same failure has another name and status in each protocol (aws-facts 7.3). */
struct wire {
    int status;
    const char *code;
};

static const struct {
    struct wire by[3]; /* P_REST, P_EC2, P_QUERY */
    const char *message;
} failures[AUTH_FAILURES] = {
    [AUTH_MISSING] = {{{403, "MissingAuthenticationTokenException"},
                       {401, "AuthFailure"},
                       {403, "MissingAuthenticationToken"}},
                      "Request is missing Authentication Token"},
    [AUTH_INCOMPLETE] = {{{403, "IncompleteSignatureException"},
                          {400, "IncompleteSignature"},
                          {400, "IncompleteSignature"}},
                         "The request signature does not conform to AWS standards"},
    [AUTH_UNKNOWN_KEY] = {{{403, "UnrecognizedClientException"},
                           {401, "AuthFailure"},
                           {403, "InvalidClientTokenId"}},
                          "The security token included in the request is invalid"},
    [AUTH_BAD_TOKEN] = {{{403, "UnrecognizedClientException"},
                         {401, "AuthFailure"},
                         {403, "InvalidClientTokenId"}},
                        "The security token included in the request is invalid"},
    [AUTH_EXPIRED_TOKEN] = {{{403, "ExpiredTokenException"},
                             {400, "RequestExpired"},
                             {403, "ExpiredToken"}},
                            "The security token included in the request is expired"},
    [AUTH_BAD_SIGNATURE] = {{{403, "InvalidSignatureException"},
                             {401, "AuthFailure"},
                             {403, "SignatureDoesNotMatch"}},
                            "The request signature we calculated does not match the signature you "
                            "provided. Check your AWS Secret Access Key and signing method"},
    [AUTH_EXPIRED_SIGNATURE] = {{{403, "InvalidSignatureException"},
                                 {400, "RequestExpired"},
                                 {403, "SignatureDoesNotMatch"}},
                                "Signature expired"},
    [AUTH_FUTURE_SIGNATURE] = {{{403, "InvalidSignatureException"},
                                {400, "RequestExpired"},
                                {403, "SignatureDoesNotMatch"}},
                               "Signature not yet current"},
    [AUTH_SCOPE] = {{{403, "InvalidSignatureException"},
                     {401, "AuthFailure"},
                     {403, "SignatureDoesNotMatch"}},
                    "Credential should be scoped to a valid region and to the correct service"},
};

/* The canonical request goes out in a header of its own: it holds no secret and saves an hour. */
void auth_refuse(struct ctx *c, enum auth_failure what, struct str detail)
{
    const struct wire *w = &failures[what].by[c->protocol];

    if (what == AUTH_BAD_SIGNATURE && !str_empty(detail)) {
        refuse(c, w->status, w->code,
               "%s. The Canonical String for this request should have been\n'" STR_FMT "'",
               failures[what].message, STR_ARG(detail));
        return;
    }
    if (str_empty(detail))
        refuse(c, w->status, w->code, "%s", failures[what].message);
    else
        refuse(c, w->status, w->code, "%s: " STR_FMT, failures[what].message, STR_ARG(detail));
}
