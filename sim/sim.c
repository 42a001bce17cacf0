#include "sim/load.h"

/* The world's beginning, its end, and what is kept of it. */

static const struct knobs usual = {
    .timestamps = STR_INIT("offset"),
    .signature = STR_INIT("strict"),
    .unknown_server = STR_INIT("notFound"),
    .not_launchable = STR_INIT("conflict"),
    .signature_window_s = 300,
    .page_size = 25,
    .jitter_percent = 15,
    .terminated_lingers_s = 120,
};

enum fault sim_new(const struct sim_options *options, struct arena *a, struct sim **out,
                   struct str *why)
{
    struct str text = str_present(options->state) ? options->state : options->scenario;
    struct arena *own = arena_new(0);
    struct sim *s = arena_new_of(own, struct sim);

    s->own = own;
    s->arena = arena_new(0);
    s->origin = str_present(text) ? arena_str(own, text) : STR("{}");
    s->seed = options->seed;
    s->speed = options->speed;
    s->wall_ms = options->wall_now_ms;
    s->now_ms = options->wall_now_ms;
    s->born_ms = options->wall_now_ms;
    s->knobs = usual;
    if (!load_world(s, arena_str(s->arena, s->origin), why)) {
        *why = arena_str(a, *why);
        sim_free(s);
        return FAULT_INVALID_PARAMETER;
    }
    *out = s;
    return FAULT_NONE;
}

void sim_free(struct sim *s)
{
    if (!s)
        return;
    arena_free(s->arena);
    arena_free(s->own);
}

bool world_replace(struct sim *s, struct arena *a, struct str text, struct str *why)
{
    const struct sim_options options = {.state = text, .wall_now_ms = s->wall_ms};
    struct sim *fresh;
    struct arena *own = s->own;
    struct str origin = s->origin;

    if (sim_new(&options, a, &fresh, why))
        return false;
    arena_free(s->arena);
    *s = *fresh;
    s->own = own;
    s->origin = origin;
    arena_free(fresh->own);
    s->version++;
    return true;
}

int64_t sim_now_ms(const struct sim *s, int64_t wall_now_ms)
{
    return (s->step ? s->frozen_ms : wall_now_ms) + s->offset_ms;
}

uint64_t sim_version(const struct sim *s)
{
    return s->version;
}

bool sim_wants_crash(const struct sim *s)
{
    return s->crash;
}

static void save_scalars(struct sim *s, struct arena *a, struct json_writer *w)
{
    json_member_str(w, "seed", arena_strf(a, "%llx", (unsigned long long)s->seed));
    json_member_str(w, "random", arena_strf(a, "%llx", (unsigned long long)s->random));
    json_name(w, STR("speed"));
    json_put_real(w, s->speed);
    json_member_int(w, "requests", (int64_t)s->requests);
    json_name(w, STR("clock"));
    json_begin_object(w);
    json_member_bool(w, "step", s->step);
    json_member_int(w, "offsetMs", s->offset_ms);
    json_member_int(w, "frozenMs", s->frozen_ms);
    json_member_int(w, "bornMs", s->born_ms);
    json_end_object(w);
    json_name(w, STR("home"));
    json_begin_object(w);
    json_member_str(w, "account", s->home_account);
    json_member_str(w, "region", s->home_region);
    json_end_object(w);
    json_name(w, STR("knobs"));
    field_encode(w, sim_knob_fields, &s->knobs, FIELD_VIEW_STORED);
}

struct str sim_save(struct sim *s, struct arena *a)
{
    struct buf b = buf_new(a, (size_t)1 << 30);
    struct json_writer w = json_writer_to(&b);

    json_begin_object(&w);
    save_scalars(s, a, &w);
    for (size_t k = 0; k < K_COUNT; k++) {
        json_name(&w, str_from_z(sim_kinds[k].name));
        json_begin_array(&w);
        for (size_t i = 0; i < s->all[k].len; i++)
            field_encode(&w, sim_kinds[k].fields, s->all[k].items[i], FIELD_VIEW_STORED);
        json_end_array(&w);
    }
    json_end_object(&w);
    return buf_str(&b);
}
