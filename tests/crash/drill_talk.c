#include "tests/crash/drill_internal.h"

#include "base/panic.h"
#include "rules/roles.h"

static const struct json *parsed(struct drill *d, struct str text)
{
    const struct json *v = NULL;
    struct str why;

    if (json_parse(d->arena, arena_str(d->arena, text), &v, &why))
        panic("no JSON: " STR_FMT, STR_ARG(text));
    return v;
}

const struct json *drill_tell_sim(struct drill *d, const char *method, struct str path,
                                  struct str body)
{
    struct header host = {STR("Host"), STR("aws.test")};
    struct str target = path;
    struct http_request request = {
        .method = str_from_z(method),
        .target = target,
        .path = str_cut(&path, '?'),
        .query = path,
        .headers = {&host, 1},
        .body = body,
        .peer = STR("127.0.0.1:1"),
    };
    struct http_answer answer = {0};

    sim_handle(d->sim, d->arena, &request, clock_wall_ms(&d->aws_clock.clock), &answer);
    if (answer.status < 200 || answer.status > 299)
        panic("%s " STR_FMT ": " STR_FMT, method, STR_ARG(target), STR_ARG(answer.body));
    return parsed(d, answer.body);
}

const struct json *drill_ask_sim(struct drill *d, struct str path)
{
    return drill_tell_sim(d, "GET", path, (struct str){0});
}

const struct json *drill_invoke(struct drill *d, const char *function, struct str payload,
                                struct reply *reply)
{
    struct arena *a SCOPED(arena_scope_end) = arena_new(0);
    struct str role = STR(ROLE_ADMIN);
    struct api_event event = {
        .arena = a,
        .function_name = str_from_z(function),
        .payload = payload,
        .principal = {.arn = STR("arn:aws:iam::123456789012:user/tester"),
                      .via = STR("sigv4"),
                      .roles = {&role, 1}},
        .request_id = STR("request"),
    };

    *reply = (struct reply){0};
    api_invoke(&d->api, &event, reply);
    return parsed(d, reply->body);
}

const struct json *drill_must(struct drill *d, const char *function, const char *payload)
{
    struct reply reply;
    const struct json *v = drill_invoke(d, function, str_from_z(payload), &reply);

    if (reply.fault)
        panic("%s: " STR_FMT, payload, STR_ARG(json_text(d->arena, v)));
    return v;
}
