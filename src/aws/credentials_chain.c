#include "aws/client.h"

/* The order of the SDKs: the first source that is configured decides, also when it fails. */
enum credential_found credentials_from_chain(const struct credential_ask *ask)
{
    static enum credential_found (*const sources[])(const struct credential_ask *) = {
        credentials_from_environment,
    };

    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        enum credential_found found = sources[i](ask);

        if (found != CREDENTIALS_NONE)
            return found;
    }
    return credentials_fail(ask, false, "no AWS credentials are configured");
}

enum credential_found credentials_from_environment(const struct credential_ask *ask)
{
    struct str id = aws_env(ask->aws, "AWS_ACCESS_KEY_ID");
    struct str secret = aws_env(ask->aws, "AWS_SECRET_ACCESS_KEY");

    if (!str_present(id))
        return CREDENTIALS_NONE;
    if (!str_present(secret))
        return credentials_fail(ask, false,
                                "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not");
    *ask->out = (struct aws_credentials){
        .key = {id, secret, aws_env(ask->aws, "AWS_SESSION_TOKEN")},
        .account = aws_env(ask->aws, "AWS_ACCOUNT_ID"),
    };
    return CREDENTIALS_FOUND;
}
