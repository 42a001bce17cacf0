#include "tests/unit/aws/rig.h"

static const struct variable plain_variables[] = {
    {"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
    {"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
    {"AWS_REGION", "us-west-2"},
    {NULL, NULL},
};

static const struct text_file no_files[] = {{NULL, NULL}};

static void check_header(const struct transport_request *req, const char *wanted, size_t i)
{
    struct str rest = str_from_z(wanted[0] == '!' ? wanted + 1 : wanted);
    struct str name = str_cut(&rest, ':');
    struct str value = headers_get(&req->headers, name);

    if (wanted[0] == '!' && str_present(value))
        fail_msg("request %zu has " STR_FMT ": " STR_FMT, i, STR_ARG(name), STR_ARG(value));
    if (wanted[0] == '!')
        return;
    if (!str_present(value) || (str_present(rest) && !str_eq(str_trim(rest), value)))
        fail_msg("request %zu: %s is wanted, " STR_FMT " was sent", i, wanted, STR_ARG(value));
}

static void check_request(const struct exchange *x, const struct transport_request *req, size_t i)
{
    if (!str_eq_z(req->method, x->method ? x->method : "POST") || !str_eq_z(req->url, x->url))
        fail_msg("request %zu is " STR_FMT " " STR_FMT ", not %s %s", i, STR_ARG(req->method),
                 STR_ARG(req->url), x->method ? x->method : "POST", x->url);
    if (x->body && !str_eq_z(req->body, x->body))
        fail_msg("request %zu has body\n" STR_FMT "\nnot\n%s", i, STR_ARG(req->body), x->body);
    for (size_t h = 0; h < ARRAY_LEN(x->headers) && x->headers[h]; h++)
        check_header(req, x->headers[h], i);
}

static void answer_headers(struct arena *a, const struct exchange *x, struct headers *out)
{
    out->items = arena_array_of(a, ARRAY_LEN(x->answer_headers), struct header);
    for (size_t i = 0; i < ARRAY_LEN(x->answer_headers) && x->answer_headers[i]; i++) {
        struct str value = str_from_z(x->answer_headers[i]);
        struct str name = str_cut(&value, ':');

        out->items[out->len++] = (struct header){name, str_trim(value)};
    }
}

static enum fault scripted_send(struct transport *t, struct arena *a,
                                const struct transport_request *req, struct transport_answer *out,
                                struct str *why)
{
    struct scripted *s = (struct scripted *)t;
    const struct exchange *x;

    if (s->done == s->len)
        fail_msg("one request too many: " STR_FMT " " STR_FMT " " STR_FMT, STR_ARG(req->method),
                 STR_ARG(req->url), STR_ARG(req->body));
    x = &s->items[s->done++];
    check_request(x, req, s->done);
    if (x->meanwhile)
        x->meanwhile(s->rig);
    clock_single_advance(&s->rig->clock, x->takes_ms);
    out->sent = x->sent || !x->fault;
    if (x->fault) {
        *why = STR("as the script says");
        return x->fault;
    }
    out->status = x->status ? x->status : 200;
    answer_headers(a, x, &out->headers);
    out->body = str_from_z(x->answer ? x->answer : "");
    return FAULT_NONE;
}

static const struct transport_ops scripted_ops = {.send = scripted_send};

static struct str lookup(void *context, const char *name)
{
    const struct rig *r = context;

    for (const struct variable *v = r->variables; v->name; v++)
        if (strcmp(v->name, name) == 0)
            return str_from_z(v->value);
    return (struct str){0};
}

static bool read_text(void *context, struct arena *a, struct str path, struct str *out)
{
    const struct rig *r = context;

    for (const struct text_file *f = r->files; f->path; f++) {
        if (str_eq_z(path, f->path)) {
            *out = arena_str(a, str_from_z(f->text));
            return true;
        }
    }
    return false;
}

static bool run_program(void *context, struct arena *a, struct str command, struct str *out)
{
    struct rig *r = context;

    (void)snprintf(r->program, sizeof(r->program), STR_FMT, STR_ARG(command));
    *out = arena_str(a, str_from_z(r->program_output ? r->program_output : "it said no"));
    return r->program_output != NULL;
}

static void keep(char *to, size_t n, struct str s)
{
    (void)snprintf(to, n, STR_FMT, STR_ARG(s));
}

static void observe(void *context, const struct aws_call_record *record)
{
    struct rig *r = context;
    struct seen_call *c;

    if (r->calls_len == RIG_CALLS_MAX)
        return;
    c = &r->calls[r->calls_len++];
    keep(c->operation, sizeof(c->operation), record->operation);
    keep(c->account, sizeof(c->account), record->account);
    keep(c->request_id, sizeof(c->request_id), record->request_id);
    keep(c->code, sizeof(c->code), record->code);
    c->status = record->status;
    c->attempts = record->attempts;
}

struct rig *rig_with(const struct variable *variables, const struct exchange *exchanges, size_t n)
{
    struct rig *r = calloc(1, sizeof(*r));

    assert_non_null(r);
    r->arena = arena_new(0);
    r->variables = variables;
    r->files = no_files;
    clock_single_init(&r->clock, (int64_t)RIG_NOW_S * 1000);
    entropy_single_init(&r->entropy, 7);
    run_single_init(&r->run, &r->clock);
    r->web = (struct scripted){{&scripted_ops}, exchanges, n, 0, r};
    r->metadata = (struct scripted){{&scripted_ops}, NULL, 0, 0, r};
    r->aws = aws_new(&(struct aws_options){
        .clock = &r->clock.clock,
        .entropy = &r->entropy.entropy,
        .transport = &r->web.transport,
        .metadata_transport = &r->metadata.transport,
        .run = &r->run.run,
        .environment = lookup,
        .environment_context = r,
        .system = {read_text, run_program, r},
        .observer = observe,
        .observer_context = r,
    });
    r->at = (struct aws_at){.arena = r->arena};
    return r;
}

struct rig *rig_new(const struct exchange *exchanges, size_t n)
{
    return rig_with(plain_variables, exchanges, n);
}

void rig_metadata(struct rig *r, const struct exchange *exchanges, size_t n)
{
    r->metadata.items = exchanges;
    r->metadata.len = n;
}

void signed_by(const struct rig *r, const char *id)
{
    struct aws_credentials c = {0};
    struct aws_error error = {0};

    if (!credentials_get(r->aws, r->arena, &r->at.target, &c, &error))
        fail_msg("no credentials: " STR_FMT, STR_ARG(error.message));
    assert_str(c.key.access_key_id, id);
}

void refused_with(const struct rig *r, const char *part, bool retryable)
{
    struct aws_credentials c = {0};
    struct aws_error error = {0};

    assert_false(credentials_get(r->aws, r->arena, &r->at.target, &c, &error));
    if (!str_contains(error.message, str_from_z(part)))
        fail_msg("'%s' is not in: " STR_FMT, part, STR_ARG(error.message));
    assert_str(error.code, "Credentials");
    assert_int_equal(error.retryable, retryable);
}

void rig_free(struct rig *r)
{
    if (r->web.done != r->web.len || r->metadata.done != r->metadata.len)
        fail_msg("%zu of %zu and %zu of %zu exchanges were asked for", r->web.done, r->web.len,
                 r->metadata.done, r->metadata.len);
    aws_free(r->aws);
    arena_free(r->arena);
    free(r);
}
