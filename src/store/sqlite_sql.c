/* SQL, made from the collection table: no statement names a column of its own. */
#include "store/sqlite_internal.h"

enum { SQL_MAX = 8192 };

struct str sql_table_name(struct arena *a, const struct collection *c)
{
    size_t len = strlen(c->name);
    char *name = arena_alloc(a, len + 1);

    for (size_t i = 0; i < len; i++)
        name[i] = c->name[i];
    for (size_t i = 0; i < len; i++)
        if (name[i] == '-')
            name[i] = '_';
    return (struct str){name, len};
}

static struct str column(struct arena *a, const struct layout *l, int slot)
{
    if (slot == SLOT_PARTITION)
        return STR("pk");
    if (slot == SLOT_SORT)
        return STR("sk");
    return arena_strf(a, "\"%s\"", l->attributes[slot]->name);
}

static void add_attributes(struct buf *b, struct arena *a, const struct layout *l)
{
    for (size_t i = 0; i < l->attributes_len; i++) {
        buf_add(b, STR(", "));
        buf_add(b, column(a, l, (int)i));
    }
}

struct str sql_create_table(struct arena *a, const struct layout *l)
{
    struct buf b = buf_new(a, SQL_MAX);

    buf_addf(&b, "CREATE TABLE " STR_FMT " (pk TEXT NOT NULL, sk TEXT NOT NULL",
             STR_ARG(sql_table_name(a, l->collection)));
    for (size_t i = 0; i < l->attributes_len; i++)
        buf_addf(&b, ", " STR_FMT " %s", STR_ARG(column(a, l, (int)i)),
                 layout_is_int(l, i) ? "INTEGER" : "TEXT");
    buf_add_z(&b, ", doc TEXT NOT NULL, PRIMARY KEY (pk, sk)) STRICT, WITHOUT ROWID");
    return buf_str(&b);
}

struct str sql_create_index(struct arena *a, const struct layout *l,
                            const struct layout_index *index)
{
    struct str table = sql_table_name(a, l->collection);
    struct buf b = buf_new(a, SQL_MAX);
    const char *comma = "";

    buf_addf(&b, "CREATE INDEX \"" STR_FMT ".%s\" ON " STR_FMT " (", STR_ARG(table), index->name,
             STR_ARG(table));
    if (index->partition != SLOT_NONE) {
        buf_add(&b, column(a, l, index->partition));
        comma = ", ";
    }
    if (index->sort != SLOT_NONE)
        buf_addf(&b, "%s" STR_FMT, comma, STR_ARG(column(a, l, index->sort)));
    buf_add_char(&b, ')');
    /* Sparse, as DynamoDB's are: an item that lacks what the index is by is not in it. */
    comma = " WHERE";
    if (index->partition != SLOT_NONE) {
        buf_addf(&b, "%s " STR_FMT " IS NOT NULL", comma, STR_ARG(column(a, l, index->partition)));
        comma = " AND";
    }
    if (index->sort != SLOT_NONE)
        buf_addf(&b, "%s " STR_FMT " IS NOT NULL", comma, STR_ARG(column(a, l, index->sort)));
    return buf_str(&b);
}

static void add_select(struct buf *b, struct arena *a, const struct layout *l)
{
    buf_add_z(b, "SELECT pk, sk");
    add_attributes(b, a, l);
    buf_addf(b, ", doc FROM " STR_FMT, STR_ARG(sql_table_name(a, l->collection)));
}

struct str sql_get(struct arena *a, const struct layout *l)
{
    struct buf b = buf_new(a, SQL_MAX);

    add_select(&b, a, l);
    buf_add_z(&b, " WHERE pk = ?1 AND sk = ?2");
    return buf_str(&b);
}

struct str sql_put(struct arena *a, const struct layout *l)
{
    struct buf b = buf_new(a, SQL_MAX);

    buf_addf(&b, "INSERT OR REPLACE INTO " STR_FMT " (pk, sk",
             STR_ARG(sql_table_name(a, l->collection)));
    add_attributes(&b, a, l);
    buf_add_z(&b, ", doc) VALUES (?1, ?2");
    for (size_t i = 0; i < l->attributes_len + 1; i++)
        buf_addf(&b, ", ?%zu", i + 3);
    buf_add_char(&b, ')');
    return buf_str(&b);
}

struct str sql_delete(struct arena *a, const struct layout *l)
{
    return arena_strf(a, "DELETE FROM " STR_FMT " WHERE pk = ?1 AND sk = ?2",
                      STR_ARG(sql_table_name(a, l->collection)));
}

struct str sql_expire(struct arena *a, const struct layout *l)
{
    struct str table = sql_table_name(a, l->collection);
    struct str at = column(a, l, (int)layout_attribute(l, l->collection->expiry));

    return arena_strf(a,
                      "DELETE FROM " STR_FMT " WHERE (pk, sk) IN (SELECT pk, sk FROM " STR_FMT
                      " WHERE " STR_FMT " <= ?1 ORDER BY " STR_FMT " LIMIT 100)",
                      STR_ARG(table), STR_ARG(table), STR_ARG(at), STR_ARG(at));
}

/*
 * ?1 partition, ?2 and ?3 the bounds of a prefix, ?4 ?5 ?6 where the page before ended (sort,
 * partition key, sort key), ?7 the limit.
 */
static void add_order(struct buf *b, struct str sort, unsigned variant)
{
    const char *down = variant & SCAN_DESCENDING ? " DESC" : "";
    char after = variant & SCAN_DESCENDING ? '<' : '>';

    if (str_empty(sort)) {
        if (variant & SCAN_RESUMES)
            buf_addf(b, " AND (pk, sk) %c (?5, ?6)", after);
        buf_addf(b, " ORDER BY pk%s, sk%s LIMIT ?7", down, down);
        return;
    }
    if (variant & SCAN_RESUMES)
        buf_addf(b, " AND (" STR_FMT ", pk, sk) %c (?4, ?5, ?6)", STR_ARG(sort), after);
    buf_addf(b, " ORDER BY " STR_FMT "%s, pk%s, sk%s LIMIT ?7", STR_ARG(sort), down, down, down);
}

static void add_key_order(struct buf *b, unsigned variant)
{
    bool down = variant & SCAN_DESCENDING;

    if (variant & SCAN_RESUMES)
        buf_addf(b, " AND sk %c ?6", down ? '<' : '>');
    buf_addf(b, " ORDER BY sk%s LIMIT ?7", down ? " DESC" : "");
}

struct str sql_scan(struct arena *a, const struct layout *l, const struct layout_index *index,
                    unsigned variant)
{
    struct str sort = index ? STR("") : STR("sk");
    struct buf b = buf_new(a, SQL_MAX);

    add_select(&b, a, l);
    if (index && index->sort != SLOT_NONE)
        sort = column(a, l, index->sort);
    if (index && index->partition == SLOT_NONE)
        buf_add_z(&b, " WHERE 1");
    else
        buf_addf(&b, " WHERE " STR_FMT " = ?1",
                 STR_ARG(column(a, l, index ? index->partition : SLOT_PARTITION)));
    if (index && !str_empty(sort))
        buf_addf(&b, " AND " STR_FMT " IS NOT NULL", STR_ARG(sort));
    if (variant & SCAN_PREFIX)
        buf_addf(&b, " AND " STR_FMT " >= ?2 AND " STR_FMT " < ?3", STR_ARG(sort), STR_ARG(sort));
    if (index)
        add_order(&b, sort, variant);
    else
        add_key_order(&b, variant);
    return buf_str(&b);
}
