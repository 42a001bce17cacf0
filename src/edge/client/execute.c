/* execute, watch, resume: the three commands that a person needs in a recovery. */
#include <stdio.h>

#include "edge/client/client_internal.h"
#include "rules/names.h"

/* Takes --name out of the words; whether it was there. */
static bool take_switch(struct words *words, const char *name)
{
    size_t kept = 0;
    bool found = false;

    for (size_t i = 0; i < words->len; i++) {
        if (strcmp(words->items[i], name) == 0)
            found = true;
        else
            words->items[kept++] = words->items[i];
    }
    words->len = kept;
    return found;
}

static bool same_name(struct arena *a, const struct json *plan, struct str name)
{
    return str_eq(name_fold(a, json_str(json_get_z(plan, "name"))), name_fold(a, name)) ||
           str_eq(json_str(json_get_z(plan, "planId")), name);
}

static const struct json *plan_in(struct arena *a, const struct json *page, struct str name)
{
    const struct json *plans = json_get_z(page, "recoveryPlans");

    for (size_t i = 0; json_is(plans, JS_ARRAY) && i < plans->len; i++)
        if (same_name(a, &plans->items[i], name))
            return &plans->items[i];
    return NULL;
}

/* The id of a plan that was given by id or by name. Names are unique, whatever their case. */
static int find_plan(struct client *c, struct str given, struct str *id)
{
    struct str token = {0};

    if (str_starts(given, STR("rp-")) && given.len == strlen("rp-") + 36) {
        *id = given;
        return 0;
    }
    do {
        const struct json *page;
        const struct json *plan;
        int code = connect_ask(c, "list_recovery_plans",
                               json_object_with(c->arena, "nextToken", token), &page);

        if (code)
            return code;
        plan = plan_in(c->arena, page, given);
        if (plan) {
            *id = json_str(json_get_z(plan, "planId"));
            return 0;
        }
        token = json_str(json_get_z(page, "nextToken"));
    } while (str_present(token));
    return client_complain(CLIENT_REFUSED, "there is no recovery plan '" STR_FMT "'",
                           STR_ARG(given));
}

/* The rest of the words as parameters of the operation, with plan and type put in. */
static int execution_params(struct client *c, struct words rest, struct str plan_id,
                            const char *type, const struct json **out)
{
    const struct operation *op = operation_find(c->operations, STR("execute_recovery_plan"));
    struct words all = {arena_array_of(c->arena, rest.len + 5, const char *), 0};
    const char *fixed[] = {"--plan-id", arena_z(c->arena, plan_id), "--execution-type", type};

    if (!op)
        return client_complain(CLIENT_ERROR, "this version cannot execute plans");
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        all.items[all.len++] = fixed[i];
    for (size_t i = 0; i < rest.len; i++)
        all.items[all.len++] = rest.items[i];
    return flags_parse(c, op, all, out);
}

static int started(struct client *c, const struct json *answer, bool watch, bool approve)
{
    const struct operation *op = operation_find(c->operations, STR("execute_recovery_plan"));
    struct watching w = {.execution_id =
                             arena_str(c->arena, json_str(json_get_z(answer, "executionId"))),
                         .approve = approve,
                         .reached = true};

    if (!watch)
        return output_answer(c, op, answer);
    (void)printf("execution " STR_FMT "\n", STR_ARG(w.execution_id));
    return watch_execution(c, &w);
}

int command_execute(struct client *c, struct words words)
{
    bool drill = take_switch(&words, "--drill");
    bool recovery = take_switch(&words, "--recovery");
    bool watch = take_switch(&words, "--watch");
    bool approve = take_switch(&words, "--approve-gates");
    const struct json *params = NULL;
    const struct json *answer = NULL;
    struct str plan_id = {0};
    int code;

    if (words.len == 0 || !words_name_one((struct words){words.items, 1}))
        return client_complain(CLIENT_USAGE, "execute PLAN --drill|--recovery: which plan?");
    if (drill == recovery)
        return client_complain(CLIENT_USAGE, "say one of --drill and --recovery");
    if (approve && !watch)
        return client_complain(CLIENT_USAGE, "--approve-gates goes with --watch");
    code = connect_settings(c);
    if (code)
        return code;
    code = find_plan(c, str_from_z(words.items[0]), &plan_id);
    if (code)
        return code;
    code = execution_params(c, (struct words){words.items + 1, words.len - 1}, plan_id,
                            drill ? "DRILL" : "RECOVERY", &params);
    if (code)
        return code;
    code = connect_ask(c, "execute_recovery_plan", params, &answer);
    return code ? code : started(c, answer, watch, approve);
}

int command_watch(struct client *c, struct words words)
{
    struct watching w = {.approve = take_switch(&words, "--approve-gates")};
    int code;

    if (!words_name_one(words))
        return client_complain(CLIENT_USAGE, "watch EXECUTION: which one?");
    w.execution_id = str_from_z(words.items[0]);
    code = connect_settings(c);
    return code ? code : watch_execution(c, &w);
}

int command_resume(struct client *c, struct words words)
{
    const struct operation *op = operation_find(c->operations, STR("resume_execution"));
    const struct json *answer;
    int code;

    if (!words_name_one(words))
        return client_complain(CLIENT_USAGE, "resume EXECUTION: which one?");
    if (!op)
        return client_complain(CLIENT_ERROR, "this version cannot resume executions");
    code = connect_settings(c);
    if (code)
        return code;
    code =
        connect_ask(c, "resume_execution",
                    json_object_with(c->arena, "executionId", str_from_z(words.items[0])), &answer);
    return code ? code : output_answer(c, op, answer);
}
