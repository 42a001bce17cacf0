#include "sim/metadata.h"
#include "sim/sts.h"

/* Which role an instance, or a container, has: that of the first instance profile, or by name. */

static const char token_text[] = "AQAEAdrwavesimmetadatatoken0000000000000000000000000000==";

bool metadata_is(const struct http_request *r)
{
    return str_starts(r->path, STR("/latest/")) || str_starts(r->path, STR("/v2/credentials/"));
}

static const struct role *role_named(struct sim *s, struct str name)
{
    for (size_t i = 0; i < s->all[K_ROLE].len; i++) {
        const struct role *role = s->all[K_ROLE].items[i];

        if (str_eq(role->at.id, name))
            return role;
    }
    return NULL;
}

static struct str first_role(struct sim *s)
{
    const struct profile *p = s->all[K_PROFILE].len ? s->all[K_PROFILE].items[0] : NULL;

    return p && p->roles.len ? p->roles.items[0] : (struct str){0};
}

static void answer_text(struct arena *a, struct http_answer *answer, int status, struct str body,
                        const char *type)
{
    struct header *h = arena_new_of(a, struct header);

    *h = (struct header){STR("Content-Type"), str_from_z(type)};
    answer->status = status;
    answer->headers = (struct headers){h, 1};
    answer->body = body;
}

static void credentials(struct sim *s, struct arena *a, struct str name, bool container,
                        struct http_answer *answer)
{
    const struct role *role = role_named(s, name);
    struct buf b = buf_new(a, 8192);
    struct json_writer w = json_writer_to(&b);
    const struct key *k;

    if (!role) {
        answer_text(a, answer, 404, STR("404 - Not Found"), "text/plain");
        return;
    }
    k = sts_mint(s, role, s->home_region, container ? STR("container") : STR("i-0123456789abcdef0"),
                 6 * 3600);
    json_begin_object(&w);
    if (!container) {
        json_member_str(&w, "Code", STR("Success"));
        json_member_str(&w, "Type", STR("AWS-HMAC"));
        json_member_str(&w, "LastUpdated", world_time_z(a, s->now_ms, false));
    } else {
        json_member_str(&w, "RoleArn",
                        world_arn_global(a, "iam", s->home_region, role->at.account,
                                         arena_strf(a, "role/" STR_FMT, STR_ARG(name))));
    }
    json_member_str(&w, "AccessKeyId", k->at.id);
    json_member_str(&w, "SecretAccessKey", k->secret);
    json_member_str(&w, "Token", k->token);
    json_member_str(&w, "Expiration", world_time_z(a, k->expires_ms, false));
    json_end_object(&w);
    answer_text(a, answer, 200, buf_str(&b), "application/json");
}

static void put_token(struct arena *a, const struct http_request *r, struct http_answer *answer)
{
    struct str ttl = headers_get(&r->headers, STR("x-aws-ec2-metadata-token-ttl-seconds"));
    int64_t seconds;

    if (!str_to_i64(ttl, &seconds) || seconds < 1 || seconds > 21600)
        answer_text(a, answer, 400, STR("400 - Bad Request"), "text/plain");
    else
        answer_text(a, answer, 200, str_from_z(token_text), "text/plain");
}

void metadata_handle(struct sim *s, struct arena *a, const struct http_request *r,
                     struct http_answer *answer)
{
    static const struct str base = STR_INIT("/latest/meta-data/iam/security-credentials/");
    struct str token = headers_get(&r->headers, STR("x-aws-ec2-metadata-token"));

    if (str_starts(r->path, STR("/v2/credentials/"))) {
        credentials(s, a, str_slice(r->path, 16, r->path.len), true, answer);
        return;
    }
    if (str_eq_z(r->method, "PUT") && str_eq_z(r->path, "/latest/api/token")) {
        put_token(a, r, answer);
        return;
    }
    if (!str_eq_z(token, token_text)) {
        answer_text(a, answer, 401, STR("401 - Unauthorized"), "text/plain");
        return;
    }
    if (str_eq_z(r->path, "/latest/meta-data/placement/region"))
        answer_text(a, answer, 200, s->home_region, "text/plain");
    else if (str_eq(r->path, base) || str_eq(r->path, str_slice(base, 0, base.len - 1)))
        answer_text(a, answer, 200, first_role(s), "text/plain");
    else if (str_starts(r->path, base))
        credentials(s, a, str_slice(r->path, base.len, r->path.len), false, answer);
    else
        answer_text(a, answer, 404, STR("404 - Not Found"), "text/plain");
}
