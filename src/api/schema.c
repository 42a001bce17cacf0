#include "api/openapi.h"

static void put_type(struct json_writer *w, const struct field *f, enum schema_side side,
                     const char *type)
{
    json_name(w, STR("type"));
    if (side == SCHEMA_REQUEST || !(f->flags & FIELD_NULL)) {
        json_put_str(w, str_from_z(type));
        return;
    }
    json_begin_array(w);
    json_put_str(w, str_from_z(type));
    json_put_str(w, STR("null"));
    json_end_array(w);
}

static int64_t most(const struct field *f)
{
    return f->max ? f->max : FIELD_DEFAULT_MAX;
}

static void put_bounds(struct json_writer *w, const struct field *f, enum schema_side side,
                       const char *least_name, const char *most_name)
{
    if (side == SCHEMA_ANSWER)
        return;
    if (f->min)
        json_member_int(w, least_name, f->min);
    json_member_int(w, most_name, most(f));
}

static void put_string(struct json_writer *w, const struct field *f, enum schema_side side)
{
    put_type(w, f, side, "string");
    put_bounds(w, f, side, "minLength", "maxLength");
    if (side == SCHEMA_REQUEST && f->check && f->check->pattern)
        json_member_str(w, "pattern", str_from_z(f->check->pattern));
    if (f->flags & FIELD_SECRET)
        json_member_str(w, "format", STR("password"));
}

static void put_integer(struct json_writer *w, const struct field *f, enum schema_side side)
{
    put_type(w, f, side, "integer");
    if (side == SCHEMA_ANSWER)
        return;
    json_member_int(w, "minimum", f->min);
    if (f->max)
        json_member_int(w, "maximum", f->max);
}

static void put_enum(struct json_writer *w, const struct field *f, enum schema_side side)
{
    put_type(w, f, side, "string");
    json_name(w, STR("enum"));
    json_begin_array(w);
    for (size_t i = 1; f->names[i]; i++)
        json_put_str(w, str_from_z(f->names[i]));
    if (side == SCHEMA_ANSWER && (f->flags & FIELD_NULL))
        json_put_null(w);
    json_end_array(w);
}

static void put_array(struct json_writer *w, const struct field *f, enum schema_side side)
{
    put_type(w, f, side, "array");
    put_bounds(w, f, side, "minItems", "maxItems");
    json_name(w, STR("items"));
    if (f->kind == FIELD_LIST) {
        schema_object(w, &(struct schema_table){.fields = f->fields, .side = side});
        return;
    }
    json_begin_object(w);
    json_member_str(w, "type", f->kind == FIELD_INTS ? STR("integer") : STR("string"));
    if (side == SCHEMA_REQUEST && f->check && f->check->pattern)
        json_member_str(w, "pattern", str_from_z(f->check->pattern));
    json_end_object(w);
}

static void put_tags(struct json_writer *w, const struct field *f, enum schema_side side)
{
    put_type(w, f, side, "object");
    json_name(w, STR("additionalProperties"));
    json_begin_object(w);
    json_member_str(w, "type", STR("string"));
    json_end_object(w);
}

/* The recursion follows the tables, whose depth is fixed at compile time. */
static void put_members_of_value(struct json_writer *w, const struct field *f,
                                 enum schema_side side)
{
    switch (f->kind) {
    case FIELD_STR:
        put_string(w, f, side);
        break;
    case FIELD_BOOL:
        put_type(w, f, side, "boolean");
        break;
    case FIELD_INT:
        put_integer(w, f, side);
        break;
    case FIELD_REAL:
        put_type(w, f, side, "number");
        break;
    case FIELD_TIME:
        put_type(w, f, side, "string");
        json_member_str(w, "format", STR("date-time"));
        break;
    case FIELD_ENUM:
        put_enum(w, f, side);
        break;
    case FIELD_STRS:
    case FIELD_INTS:
    case FIELD_LIST:
        put_array(w, f, side);
        break;
    case FIELD_TAGS:
        put_tags(w, f, side);
        break;
    case FIELD_OBJECT:
        json_name(w, STR("allOf"));
        json_begin_array(w);
        schema_object(w, &(struct schema_table){.fields = f->fields, .side = side});
        json_end_array(w);
        break;
    case FIELD_JSON:
        break;
    }
}

void schema_value(struct json_writer *w, const struct field *f, enum schema_side side)
{
    json_begin_object(w);
    put_members_of_value(w, f, side);
    json_member_str(w, "description", str_from_z(f->help));
    json_end_object(w);
}

/* ---- objects ---- */

static void put_same_as(struct json_writer *w, const struct field *f, struct str spelling,
                        enum schema_side side)
{
    json_name(w, spelling);
    json_begin_object(w);
    put_members_of_value(w, f, side);
    json_member_str(w, "description",
                    arena_strf(w->out->arena, "Another spelling of %s.", f->name));
    json_end_object(w);
}

static void put_spellings(struct json_writer *w, const struct field *f, const char *spellings,
                          enum schema_side side)
{
    struct str rest = str_from_z(spellings);

    while (str_present(rest))
        put_same_as(w, f, str_cut(&rest, ' '), side);
}

static void put_property(struct json_writer *w, const struct field *f, enum schema_side side)
{
    json_name(w, str_from_z(f->name));
    schema_value(w, f, side);
    put_spellings(w, f, f->aliases, side);
    if (side == SCHEMA_REQUEST)
        put_spellings(w, f, f->input_aliases, side);
    if (f->epoch) {
        json_name(w, str_from_z(f->epoch));
        json_begin_object(w);
        put_type(w, f, side, "integer");
        json_member_str(
            w, "description",
            arena_strf(w->out->arena, "Another spelling of %s: seconds since 1970.", f->name));
        json_end_object(w);
    }
}

static bool in_words(const char *words, const char *word)
{
    struct str rest = str_from_z(words);

    while (str_present(rest))
        if (str_eq_z(str_cut(&rest, ' '), word))
            return true;
    return false;
}

static bool listed(const struct schema_table *t, const struct field *f)
{
    return !(f->flags & FIELD_INTERNAL) && !strs_have(t->leave_out, str_from_z(f->name));
}

static bool required(const struct schema_table *t, const struct field *f)
{
    return t->side == SCHEMA_REQUEST && listed(t, f) &&
           ((f->flags & FIELD_REQUIRED) || in_words(t->also_required, f->name));
}

static void put_required_spelling(struct json_writer *w, struct str spelling)
{
    json_begin_object(w);
    json_name(w, STR("required"));
    json_begin_array(w);
    json_put_str(w, spelling);
    json_end_array(w);
    json_end_object(w);
}

/* Under any one of its spellings. */
static void put_required(struct json_writer *w, const struct field *f)
{
    const char *const more[] = {f->aliases, f->input_aliases, f->epoch};

    json_begin_object(w);
    json_name(w, STR("anyOf"));
    json_begin_array(w);
    put_required_spelling(w, str_from_z(f->name));
    for (size_t i = 0; i < ARRAY_LEN(more); i++) {
        struct str rest = str_from_z(more[i]);

        while (str_present(rest))
            put_required_spelling(w, str_cut(&rest, ' '));
    }
    json_end_array(w);
    json_end_object(w);
}

static void put_all_required(struct json_writer *w, const struct schema_table *t)
{
    bool any = false;

    for (const struct field *f = t->fields; f->name; f++)
        any = any || required(t, f);
    if (!any)
        return;
    json_name(w, STR("allOf"));
    json_begin_array(w);
    for (const struct field *f = t->fields; f->name; f++)
        if (required(t, f))
            put_required(w, f);
    json_end_array(w);
}

void schema_object(struct json_writer *w, const struct schema_table *table)
{
    json_begin_object(w);
    json_member_str(w, "type", STR("object"));
    json_name(w, STR("properties"));
    json_begin_object(w);
    for (const struct field *f = table->fields; f && f->name; f++)
        if (listed(table, f))
            put_property(w, f, table->side);
    json_end_object(w);
    if (table->side == SCHEMA_REQUEST) {
        if (table->fields)
            put_all_required(w, table);
        json_member_bool(w, "additionalProperties", false);
    }
    json_end_object(w);
}
