#include "api/envelope.h"

static bool among(const char *const *names, struct str name)
{
    for (; *names; names++)
        if (str_eq_z(name, *names))
            return true;
    return false;
}

bool envelope_hides(const struct json *event, struct str name)
{
    static const char *const ours[] = {
        "operation",   "action",         "body",           "parameters",
        "queryParams", "pathParameters", "requestContext", "queryStringParameters",
        NULL,
    };
    static const char *const event_bridge[] = {
        "version", "id",     "detail-type", "source", "account",
        "time",    "region", "resources",   "detail", NULL,
    };

    bool bridged = json_get_z(event, "detail-type") || json_get_z(event, "source");

    return among(ours, name) || (bridged && among(event_bridge, name));
}

bool envelope_member(const struct json *event, struct str name)
{
    static const char *const names[] = {
        "state",
        "waveData",
        "details",
        "detail",
        "headers",
        "httpMethod",
        "path",
        "resource",
        "stageVariables",
        "isBase64Encoded",
        "multiValueHeaders",
        "multiValueQueryStringParameters",
        "synch_tags",
        "synch_instance_type",
        "worker",
        "clientToken",
        NULL,
    };

    return envelope_hides(event, name) || among(names, name);
}
