#include "tests/unit/unit.h"

#include "tests/crash/drill_internal.h"

/*
 * The wall clock is set wrong by hours and back, again and again, in the middle of waits, those for
 * a job that is hidden for thirty seconds among them. The drill takes the course that it takes
 * without: every call of AWS and every change of the record at the same time by a clock that never
 * jumps, and the same record in the end. What only tells the wall's time may differ, and what DRS
 * and EC2 name by chance.
 */
enum { HOUR_MS = 3600000, EVERY_MS = 29003, JUMPS = 115 };

struct scene {
    const char *scenario;
    bool kills;
    int hours; /* of the first jump; 0: the clock is right all the time */
};

struct course {
    struct drill *drill;
    struct buf text;
    struct str rows; /* as the last step left them, and without what may differ */
    struct str record;
};

/* ---- without what may differ ---- */

/* The length of a value of that form at the start of the text; 0: it is something else. */
static size_t form_len(struct str text, const char *form)
{
    size_t n = strlen(form);

    if (text.len < n)
        return 0;
    for (size_t i = 0; i < n; i++) {
        char c = text.ptr[i];
        bool digit = c >= '0' && c <= '9';

        if (form[i] == '0'   ? !digit
            : form[i] == 'x' ? !digit && (c < 'a' || c > 'f')
                             : c != form[i])
            return 0;
    }
    return n;
}

static struct str plain(struct arena *a, struct str text)
{
    static const char *const forms[] = {
        "\"0000-00-00T00:00:00.000Z\"",
        "\"0000-00-00T00:00:00Z\"",
        "drsjob-xxxxxxxxxxxxxxxxx",
        "\"i-xxxxxxxxxxxxxxxxx\"",
    };
    struct buf out = buf_new(a, SIZE_MAX / 4);

    while (text.len) {
        size_t len = 0;

        for (size_t i = 0; i < ARRAY_LEN(forms) && !len; i++) {
            len = form_len(text, forms[i]);
            if (len)
                buf_add_z(&out, forms[i]);
        }
        if (!len)
            buf_add_char(&out, text.ptr[0]);
        text = str_slice(text, len ? len : 1, text.len);
    }
    return buf_str(&out);
}

/* ---- its course ---- */

static void note_change(void *context, const struct json *details)
{
    struct course *c = context;
    struct buf rows = buf_new(c->drill->arena, SIZE_MAX / 4);
    struct str record;

    (void)details;
    drill_dump_runs(c->drill, &rows);
    if (str_eq(buf_str(&rows), c->rows))
        return;
    c->rows = buf_str(&rows);
    record = plain(c->drill->arena, c->rows);
    if (str_eq(record, c->record))
        return;
    c->record = record;
    buf_addf(&c->text, "after %lld ms:\n" STR_FMT "\n", (long long)c->drill->clock.mono_ms,
             STR_ARG(record));
}

static bool is_of_the_clock(const struct json *call)
{
    struct str error = json_str(json_get_z(call, "error"));

    return str_eq_z(error, "InvalidSignatureException") || str_eq_z(error, "RequestExpired") ||
           str_eq_z(error, "AuthFailure") || str_eq_z(error, "SignatureDoesNotMatch");
}

/* AWS's time never jumps. What it refuses for its date is repeated on the spot. */
static long note_calls(struct course *c)
{
    const struct json *calls = json_get_z(drill_ask_sim(c->drill, STR("/_sim/calls")), "calls");
    int64_t first_ms = json_int(json_get_z(&calls->items[0], "simMs"), 0);
    long refused = 0;

    for (size_t i = 0; i < calls->len; i++) {
        const struct json *call = &calls->items[i];
        static const char *const told[] = {"service", "op",      "region", "status",
                                           "effect",  "servers", "tags"};

        if (is_of_the_clock(call)) {
            refused++;
            continue;
        }
        buf_addf(&c->text,
                 "after %lld ms:", (long long)(json_int(json_get_z(call, "simMs"), 0) - first_ms));
        for (size_t k = 0; k < ARRAY_LEN(told); k++) {
            const struct json *v = json_get_z(call, told[k]);

            buf_addf(&c->text, " " STR_FMT, STR_ARG(v ? json_text(c->drill->arena, v) : STR("-")));
        }
        buf_add_char(&c->text, '\n');
    }
    return refused;
}

/* How long a phase takes and which answer is lost must not hang on how often the simulator drew. */
static void take_chance_out(struct drill *d)
{
    (void)drill_tell_sim(d, "POST", STR("/_sim/knobs"), STR("{\"jitterPercent\":0}"));
    if (strcmp(d->options.scenario, "ambiguous-start.json") == 0)
        (void)drill_tell_sim(d, "DELETE", STR("/_sim/faults/terminate"), (struct str){0});
}

static struct str course_of(struct arena *a, const struct scene *s)
{
    static const int turns[] = {1, 1, -1, -1};
    struct drill_jump jumps[JUMPS];
    struct course c = {.text = buf_new(a, SIZE_MAX / 4)};
    long refused;

    for (int i = 0; i < JUMPS; i++)
        jumps[i] = (struct drill_jump){.at_ms = (int64_t)(i + 1) * EVERY_MS,
                                       .by_ms = (int64_t)turns[i % 4] * s->hours * HOUR_MS};
    c.drill = drill_new(&(struct drill_options){.scenario = s->scenario,
                                                .seed = 7,
                                                .lag = 3,
                                                .jumps = jumps,
                                                .jumps_len = JUMPS,
                                                .jump_kills = s->kills});
    take_chance_out(c.drill);
    drill_watch(c.drill, note_change, &c);
    drill_run(c.drill);
    refused = note_calls(&c);
    assert_int_equal(c.drill->jumped, JUMPS);
    assert_int_equal(drill_effective(c.drill, "StartRecovery"), 3);
    assert_true(s->hours ? refused > 0 : refused == 0);
    drill_free(c.drill);
    return buf_str(&c.text);
}

static void check_same(const struct scene *s, struct str expected, struct str got)
{
    size_t line = 1;

    while (expected.len && got.len) {
        struct str x = str_cut(&expected, '\n');
        struct str y = str_cut(&got, '\n');

        if (!str_eq(x, y))
            fail_msg("%s, %d h%s, line %zu:\nwithout: " STR_FMT "\nwith:    " STR_FMT, s->scenario,
                     s->hours, s->kills ? ", killed" : "", line, STR_ARG(x), STR_ARG(y));
        line++;
    }
    assert_int_equal(expected.len, got.len);
    print_message("# %zu lines\n", line);
    assert_true(line > 400);
}

static void check_jumps(const char *scenario, bool kills)
{
    struct arena *a = arena_new(0);
    struct str without = course_of(a, &(struct scene){scenario, kills, 0});

    for (int hours = -1; hours <= 1; hours += 2) {
        struct scene s = {scenario, kills, hours};

        check_same(&s, without, course_of(a, &s));
    }
    arena_free(a);
}

static void a_jump_of_the_wall_clock_changes_nothing(void **state)
{
    (void)state;
    check_jumps("three-tier.json", false);
}

static void nor_does_a_jump_while_a_job_is_looked_for(void **state)
{
    (void)state;
    check_jumps("ambiguous-start.json", false);
}

static void nor_does_a_jump_that_a_new_process_finds(void **state)
{
    (void)state;
    check_jumps("three-tier.json", true);
    check_jumps("ambiguous-start.json", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jump_of_the_wall_clock_changes_nothing),
        cmocka_unit_test(nor_does_a_jump_while_a_job_is_looked_for),
        cmocka_unit_test(nor_does_a_jump_that_a_new_process_finds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
