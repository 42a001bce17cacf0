#include "tests/unit/sim/rig.h"

#include "base/time.h"
#include "sim/auth.h"

static const char world[] =
    "{\"home\":{\"account\":\"111122223333\",\"region\":\"us-west-2\"},"
    "\"accounts\":[{\"id\":\"111122223333\",\"alias\":\"alias-of-it\"}],"
    "\"keys\":[{\"id\":\"" RIG_KEY "\",\"account\":\"111122223333\",\"secret\":\"" RIG_SECRET
    "\"}],\"regions\":[{\"account\":\"111122223333\",\"region\":\"us-west-2\"}]%s%s}";

struct rig *rig_new(const char *members)
{
    struct arena *a = arena_new(0);
    struct rig *r = arena_new_of(a, struct rig);
    struct sim_options options = {.seed = 7, .wall_now_ms = INT64_C(1710506096000)};
    struct str why = {0};

    options.scenario = arena_strf(a, world, *members ? "," : "", members);
    r->arena = a;
    r->wall_ms = options.wall_now_ms;
    r->key = RIG_KEY;
    r->secret = RIG_SECRET;
    r->region = "us-west-2";
    if (sim_new(&options, a, &r->sim, &why))
        fail_msg(STR_FMT, STR_ARG(why));
    return r;
}

void rig_free(struct rig *r)
{
    sim_free(r->sim);
    arena_free(r->arena);
}

static void add(struct headers *h, const char *name, struct str value)
{
    if (str_present(value))
        h->items[h->len++] = (struct header){str_from_z(name), value};
}

static void sign(struct rig *r, const char *service, struct http_request *request)
{
    static struct str names[] = {STR_INIT("content-type"), STR_INIT("host"), STR_INIT("x-amz-date"),
                                 STR_INIT("x-amz-security-token")};
    struct str date = r->shift ? str_from_z(r->shift) : time_basic(r->arena, r->wall_ms);
    struct authorization auth = {.key_id = str_from_z(r->key),
                                 .date = str_slice(date, 0, 8),
                                 .region = str_from_z(r->region),
                                 .service = str_from_z(service),
                                 .signed_headers = {names, r->token ? 4 : 3}};
    struct str canonical;

    add(&request->headers, "X-Amz-Date", date);
    if (r->token)
        add(&request->headers, "X-Amz-Security-Token", str_from_z(r->token));
    canonical = auth_canonical(r->arena, request, auth.signed_headers, true);
    auth.signature = auth_signature(r->arena, &auth, date, canonical, str_from_z(r->secret));
    add(&request->headers, "Authorization",
        arena_strf(r->arena,
                   "AWS4-HMAC-SHA256 Credential=%s/" STR_FMT "/%s/%s/aws4_request, "
                   "SignedHeaders=content-type;host;x-amz-date%s, Signature=" STR_FMT,
                   r->key, STR_ARG(auth.date), r->region, service,
                   r->token ? ";x-amz-security-token" : "", STR_ARG(auth.signature)));
}

struct http_answer rig_send(struct rig *r, const char *service, const char *method,
                            const char *target, const char *body)
{
    struct http_request request = {.method = str_from_z(method), .target = str_from_z(target)};
    struct str rest = request.target;
    struct http_answer answer;

    request.path = str_cut(&rest, '?');
    request.query = rest;
    request.body = str_from_z(body ? body : "");
    request.headers.items = arena_array_of(r->arena, 8, struct header);
    add(&request.headers, "Host", STR("127.0.0.1:1"));
    add(&request.headers, "Content-Type",
        service && strcmp(service, "drs") != 0 ? STR("application/x-www-form-urlencoded")
                                               : STR("application/json"));
    if (service)
        sign(r, service, &request);
    sim_handle(r->sim, r->arena, &request, r->wall_ms, &answer);
    return answer;
}

static const struct json *parse(struct rig *r, struct str text)
{
    const struct json *v = NULL;
    struct str why;

    if (!str_empty(text) && json_parse(r->arena, text, &v, &why))
        fail_msg("not JSON: " STR_FMT, STR_ARG(text));
    return v;
}

const struct json *rig_drs(struct rig *r, const char *op, const char *body, int *status)
{
    struct str target = arena_strf(r->arena, "/%s", op);
    struct http_answer answer = rig_send(r, "drs", "POST", target.ptr, body);

    *status = answer.status;
    return parse(r, answer.body);
}

struct str rig_form(struct rig *r, const char *service, const char *form, int *status)
{
    const char *version = strcmp(service, "ec2") == 0   ? "2016-11-15"
                          : strcmp(service, "sts") == 0 ? "2011-06-15"
                                                        : "2010-05-08";
    struct str body = arena_strf(r->arena, "Version=%s&%s", version, form);
    struct http_answer answer = rig_send(r, service, "POST", "/", body.ptr);

    *status = answer.status;
    return answer.body;
}

const struct json *rig_admin(struct rig *r, const char *method, const char *path, const char *body)
{
    struct str target = arena_strf(r->arena, "/_sim/%s", path);

    return parse(r, rig_send(r, NULL, method, target.ptr, body).body);
}

struct str xml_find(struct str xml, const char *element)
{
    size_t n = strlen(element);

    for (size_t i = 0; i + n + 2 <= xml.len; i++) {
        struct str rest = str_slice(xml, i + n + 2, xml.len);

        if (xml.ptr[i] == '<' && memcmp(xml.ptr + i + 1, element, n) == 0 &&
            xml.ptr[i + n + 1] == '>')
            return str_cut(&rest, '<');
    }
    return (struct str){0};
}

void rig_run(struct rig *r, int64_t ms)
{
    int64_t end = r->wall_ms + ms;
    int64_t next;

    while ((next = sim_next_ms(r->sim)) >= 0 && next <= end) {
        r->wall_ms = next > r->wall_ms ? next : r->wall_ms;
        (void)rig_admin(r, "GET", "health", NULL);
    }
    r->wall_ms = end;
}
