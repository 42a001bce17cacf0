#include "rules/selection.h"

static const struct str need_tags = STR_INIT("serverSelectionTags");
static const struct str need_ids = STR_INIT("sourceServerIds");
static const struct str need_either = STR_INIT("sourceServerIds or serverSelectionTags");

static enum fault missing(struct faults *faults, struct str what)
{
    return faults_add(faults, FAULT_MISSING_PARAMETER, what, "'" STR_FMT "' is required",
                      STR_ARG(what));
}

static enum fault ambiguous(struct faults *faults)
{
    return faults_add(faults, FAULT_INVALID_PARAMETER, STR("serverSelectionMode"),
                      "'serverSelectionTags' and 'sourceServerIds' are both given: say by "
                      "'serverSelectionMode' (tags or explicit) which of them selects the servers");
}

/* Drops what the mode does not use; refuses when what it needs is not there. */
static enum fault settle(struct group *group, int mode, struct faults *faults)
{
    bool tags = mode == SELECTION_TAGS;

    if (tags ? group->selection_tags.len == 0 : group->server_ids.len == 0)
        return missing(faults, tags ? need_tags : need_ids);
    group->selection_mode = mode;
    if (tags)
        group->server_ids = (struct strs){0};
    else
        group->selection_tags = (struct tags){0};
    return FAULT_NONE;
}

enum fault selection_infer(struct group *group, struct faults *faults)
{
    bool tags = group->selection_tags.len > 0;
    bool ids = group->server_ids.len > 0;

    if (group->selection_mode)
        return settle(group, group->selection_mode, faults);
    if (tags && ids)
        return ambiguous(faults);
    if (!tags && !ids)
        return missing(faults, need_either);
    return settle(group, tags ? SELECTION_TAGS : SELECTION_EXPLICIT, faults);
}

enum fault selection_infer_update(const struct group *stored, struct group *in,
                                  struct faults *faults, bool *changed)
{
    bool tags = in->selection_tags.items &&
                !selection_tags_equal(&in->selection_tags, &stored->selection_tags);
    bool ids = in->server_ids.items && !selection_ids_equal(in->server_ids, stored->server_ids);
    bool both = tags && ids;
    bool other_mode = in->selection_mode && in->selection_mode != stored->selection_mode;
    int mode = in->selection_mode;

    if (both && !mode)
        return ambiguous(faults);
    if (!both && !other_mode)
        mode = tags ? SELECTION_TAGS : ids ? SELECTION_EXPLICIT : stored->selection_mode;
    *changed = tags || ids || mode != stored->selection_mode;
    if (*changed)
        return settle(in, mode, faults);
    in->selection_mode = mode;
    in->selection_tags = stored->selection_tags;
    in->server_ids = stored->server_ids;
    return FAULT_NONE;
}

enum fault selection_tags_check(const struct tags *tags, struct faults *faults)
{
    enum fault first = FAULT_NONE;

    for (size_t i = 0; i < tags->len; i++) {
        struct tag t = tags->items[i];

        if (t.key.len >= 1 && t.key.len <= TAG_KEY_MAX && t.value.len <= TAG_VALUE_MAX)
            continue;
        first = faults_add(faults, FAULT_INVALID_PARAMETER, need_tags,
                           "'serverSelectionTags': the tag '" STR_FMT
                           "' must have a key of 1 to %d bytes and a value of at most %d",
                           STR_ARG(str_slice(t.key, 0, 100)), TAG_KEY_MAX, TAG_VALUE_MAX);
    }
    return first;
}

struct strs selection_ids_unique(struct arena *a, struct strs ids)
{
    struct strs out = {arena_array_of(a, ids.len, struct str), 0};

    for (size_t i = 0; i < ids.len; i++)
        if (!strs_have(out, ids.items[i]))
            out.items[out.len++] = ids.items[i];
    return out;
}

bool selection_tags_match(const struct tags *wanted, const struct tags *carried)
{
    for (size_t i = 0; i < wanted->len; i++) {
        struct str value = tags_get(carried, wanted->items[i].key);

        if (!str_present(value) || !str_eq(value, wanted->items[i].value))
            return false;
    }
    return wanted->len > 0;
}

bool selection_ids_equal(struct strs a, struct strs b)
{
    for (size_t i = 0; i < a.len; i++)
        if (!strs_have(b, a.items[i]))
            return false;
    return a.len == b.len;
}

bool selection_tags_equal(const struct tags *a, const struct tags *b)
{
    if (a->len != b->len)
        return false;
    for (size_t i = 0; i < a->len; i++)
        if (!str_eq(a->items[i].key, b->items[i].key) ||
            !str_eq(a->items[i].value, b->items[i].value))
            return false;
    return true;
}

bool replication_allows_save(struct str state)
{
    return !str_eq(state, STR("DISCONNECTED")) && !str_eq(state, STR("STOPPED")) &&
           !str_eq(state, STR("STALLED"));
}

bool replication_allows_start(struct str state, bool allow_lagging)
{
    return allow_lagging || str_eq(state, STR("CONTINUOUS"));
}
