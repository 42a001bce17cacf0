#include "aws/client.h"

#include <arpa/inet.h>

/*
 * Credentials that the place of work hands out: the container's endpoint and the instance's
 * metadata service (version 2, and 1 where there is no 2). Both are asked without a proxy.
 */
enum {
    CONTAINER_TIMEOUT_MS = 2000,
    CONTAINER_TRIES = 3,
    IMDS_TIMEOUT_MS = 1000,
    METADATA_MAX = 1 << 16,
};

struct metadata_request {
    const char *method;
    struct str url;
    struct header header; /* absent name: none */
    int timeout_ms;
};

static enum fault metadata_send(const struct credential_ask *ask, const struct metadata_request *m,
                                struct transport_answer *out)
{
    struct transport *t = ask->aws->options.metadata_transport;
    struct header header = m->header;
    struct transport_request request = {
        .method = str_from_z(m->method),
        .url = m->url,
        .headers = {&header, str_present(header.name)},
        .body = STR(""),
        .connect_timeout_ms = m->timeout_ms,
        .timeout_ms = m->timeout_ms,
        .answer_max = METADATA_MAX,
    };
    struct str why;

    *out = (struct transport_answer){0};
    return t->ops->send(t, ask->arena, &request, out, &why);
}

/* ---- container ---- */

/* Loopback, 169.254.170.2 and 169.254.170.23. */
static bool is_allowed_v4(const char *z)
{
    struct in_addr a;
    uint32_t host;

    if (inet_pton(AF_INET, z, &a) != 1)
        return false;
    host = ntohl(a.s_addr);
    return host >> 24 == 127 || host == 0xa9feaa02 || host == 0xa9feaa17;
}

/* ::1 and fd00:ec2::23. */
static bool is_allowed_v6(const char *z)
{
    static const unsigned char eks[16] = {0xfd, 0, 0x0e, 0xc2, [15] = 0x23};
    static const unsigned char loopback[16] = {[15] = 1};
    struct in6_addr a;

    return inet_pton(AF_INET6, z, &a) == 1 &&
           (memcmp(&a, eks, sizeof(eks)) == 0 || memcmp(&a, loopback, sizeof(loopback)) == 0);
}

/*
 * Where an authorisation may be sent: over TLS anywhere, in the clear to this machine and the
 * agents' own addresses alone. Addresses are compared as parsed, never as text.
 */
static bool is_allowed_url(struct arena *a, struct str url)
{
    bool tls = str_starts(url, STR("https://"));
    struct str rest = str_slice(url, tls ? 8 : 7, url.len);
    struct str host = str_cut(&rest, '/');

    if (str_find(host, '@') >= 0 || str_find(host, '?') >= 0 || str_find(host, '#') >= 0)
        return false;
    if (tls)
        return !str_empty(host);
    if (!str_starts(url, STR("http://")))
        return false;
    if (str_starts(host, STR("["))) {
        struct str port = str_slice(host, 1, host.len);
        struct str address = str_cut(&port, ']');

        return (str_empty(port) || port.ptr[0] == ':') && is_allowed_v6(arena_z(a, address));
    }
    host = str_cut(&host, ':');
    return str_eq_fold(host, STR("localhost")) || is_allowed_v4(arena_z(a, host));
}

/* Absent: there is none. false: it is there and unusable. */
static bool container_authorization(const struct credential_ask *ask, struct str *out)
{
    struct str file = aws_env(ask->aws, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");

    *out = aws_env(ask->aws, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (str_present(file)) {
        *out = aws_read_file(ask->aws, ask->arena, file);
        if (!str_present(*out))
            return false;
    }
    return str_find(*out, '\r') < 0 && str_find(*out, '\n') < 0;
}

static struct str container_url(const struct credential_ask *ask)
{
    struct str relative = aws_env(ask->aws, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");

    return str_present(relative)
               ? arena_strf(ask->arena, "http://169.254.170.2" STR_FMT, STR_ARG(relative))
               : aws_env(ask->aws, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
}

static enum credential_found ask_container(const struct credential_ask *ask,
                                           const struct metadata_request *m)
{
    struct transport_answer answer;
    enum fault f = FAULT_NONE;

    for (int i = 0; i < CONTAINER_TRIES; i++) {
        f = metadata_send(ask, m, &answer);
        if (!f && answer.status == 200)
            return credentials_from_json(ask, answer.body, "the container's endpoint");
        if (!f && answer.status < 500)
            break;
    }
    if (f)
        return credentials_fail(ask, true, "the container's endpoint does not answer");
    return credentials_fail(ask, true, "the container's endpoint answers %d", answer.status);
}

enum credential_found credentials_from_container(const struct credential_ask *ask)
{
    struct metadata_request m = {
        .method = "GET", .url = container_url(ask), .timeout_ms = CONTAINER_TIMEOUT_MS};
    struct str authorization;

    if (!str_present(m.url))
        return CREDENTIALS_NONE;
    if (!is_allowed_url(ask->arena, m.url))
        return credentials_fail(ask, false,
                                "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor the "
                                "address of this machine or its agent");
    if (!container_authorization(ask, &authorization))
        return credentials_fail(ask, false,
                                "the container's authorization token cannot be read, or has a "
                                "line break");
    if (str_present(authorization))
        m.header = (struct header){STR("Authorization"), authorization};
    return ask_container(ask, &m);
}

/* ---- instance ---- */

struct imds {
    const struct credential_ask *ask;
    struct str origin;
    struct str token; /* absent: version 1 */
};

static bool is_on(const struct credential_ask *ask, const char *variable)
{
    bool truth;

    return str_to_bool(aws_env(ask->aws, variable), &truth) && truth;
}

static struct str imds_origin(const struct credential_ask *ask)
{
    struct str origin = aws_env(ask->aws, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    struct str mode = aws_env(ask->aws, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");

    if (!str_present(origin))
        return str_eq_fold(mode, STR("ipv6")) ? STR("http://[fd00:ec2::254]")
                                              : STR("http://169.254.169.254");
    while (str_ends(origin, STR("/")))
        origin.len--;
    return origin;
}

/* Version 1 is for services that refuse the PUT, or never answer it, where nobody forbids it. */
static enum credential_found imds_token(struct imds *s)
{
    struct metadata_request m = {
        .method = "PUT",
        .url = arena_strf(s->ask->arena, STR_FMT "/latest/api/token", STR_ARG(s->origin)),
        .header = {STR("X-aws-ec2-metadata-token-ttl-seconds"), STR("21600")},
        .timeout_ms = IMDS_TIMEOUT_MS,
    };
    struct transport_answer answer;
    enum fault f = metadata_send(s->ask, &m, &answer);

    s->token = (struct str){0};
    if (!f && answer.status == 200) {
        s->token = str_trim(answer.body);
        return CREDENTIALS_FOUND;
    }
    if (!f && answer.status == 400)
        return credentials_fail(s->ask, false, "the instance metadata service refuses a token");
    if (is_on(s->ask, "AWS_EC2_METADATA_V1_DISABLED"))
        return CREDENTIALS_NONE;
    return !f && answer.status >= 500 ? CREDENTIALS_NONE : CREDENTIALS_FOUND;
}

static enum fault imds_get(const struct imds *s, struct str name, struct transport_answer *out)
{
    struct metadata_request m = {
        .method = "GET",
        .url =
            arena_strf(s->ask->arena, STR_FMT "/latest/meta-data/iam/security-credentials/" STR_FMT,
                       STR_ARG(s->origin), STR_ARG(name)),
        .timeout_ms = IMDS_TIMEOUT_MS,
    };

    if (str_present(s->token))
        m.header = (struct header){STR("X-aws-ec2-metadata-token"), s->token};
    return metadata_send(s->ask, &m, out);
}

/* A token may have run out between two calls: then with a new one, once. */
static enum fault imds_get_again(struct imds *s, struct str name, struct transport_answer *out)
{
    enum fault f = imds_get(s, name, out);

    if (f || out->status != 401 || imds_token(s) != CREDENTIALS_FOUND)
        return f;
    return imds_get(s, name, out);
}

enum credential_found credentials_from_imds(const struct credential_ask *ask)
{
    struct imds s = {.ask = ask, .origin = imds_origin(ask)};
    enum credential_found found;
    struct transport_answer answer;
    struct str role;

    if (is_on(ask, "AWS_EC2_METADATA_DISABLED"))
        return CREDENTIALS_NONE;
    found = imds_token(&s);
    if (found != CREDENTIALS_FOUND)
        return found;
    if (imds_get_again(&s, STR(""), &answer) || answer.status != 200)
        return CREDENTIALS_NONE;
    role = str_trim(str_cut(&answer.body, '\n'));
    if (str_empty(role))
        return CREDENTIALS_NONE;
    if (imds_get_again(&s, role, &answer) || answer.status != 200)
        return credentials_fail(ask, true,
                                "the instance metadata service names the role '" STR_FMT
                                "' and hands out no credentials of it",
                                STR_ARG(role));
    return credentials_from_json(ask, answer.body, "the instance metadata service");
}
