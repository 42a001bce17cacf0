#include "base/encode.h"
#include "crypto/digest.h"
#include "sim/ctx.h"
#include "sim/fault.h"

/*
 * Tokens are opaque and sealed: they bind the operation, the place and the filter, so that a
 * client that changes the filter under way is refused, as AWS refuses it.
 */
static struct str seal(struct ctx *c, struct str filter, struct str plain)
{
    struct str key = arena_strf(c->a, "page-%llu", (unsigned long long)c->sim->seed);
    struct str text = arena_strf(c->a, STR_FMT "|%s|" STR_FMT "|" STR_FMT "|" STR_FMT "|" STR_FMT,
                                 STR_ARG(c->service), c->op->name, STR_ARG(c->account),
                                 STR_ARG(c->region), STR_ARG(filter), STR_ARG(plain));

    return str_slice(sha256_hex(c->a, hmac_sha256(key, text)), 0, 24);
}

static struct str token_for(struct ctx *c, struct str filter, size_t offset, bool after_empty)
{
    struct str plain = arena_strf(c->a, "%zu.%d", offset, after_empty);

    return base64url_encode(c->a, arena_strf(c->a, STR_FMT "." STR_FMT, STR_ARG(plain),
                                             STR_ARG(seal(c, filter, plain))));
}

/* The offset that a token stands for; false for one that was not made here for this. */
static bool token_read(struct ctx *c, struct str filter, struct str token, int64_t *offset,
                       bool *after_empty)
{
    struct str text, rest, number, flag;

    if (!base64url_decode(c->a, token, &text))
        return false;
    rest = text;
    number = str_cut(&rest, '.');
    flag = str_cut(&rest, '.');
    *after_empty = str_eq_z(flag, "1");
    return str_to_i64(number, offset) && *offset >= 0 &&
           str_eq(rest,
                  seal(c, filter,
                       arena_strf(c->a, STR_FMT "." STR_FMT, STR_ARG(number), STR_ARG(flag))));
}

static void refuse_token(struct ctx *c)
{
    if (c->protocol == P_REST)
        refuse_field(c, STR("nextToken"), "Invalid nextToken");
    else
        refuse(c, 400, c->protocol == P_EC2 ? "InvalidParameterValue" : "ValidationError",
               "Invalid value for the pagination token");
}

struct str page_filter(struct ctx *c)
{
    struct buf b = buf_new(c->a, (size_t)8 << 20);
    struct json_writer w = json_writer_to(&b);

    json_begin_object(&w);
    for (size_t i = 0; c->in && i < c->in->len; i++) {
        struct str name = c->in->members[i].name;

        if (str_eq_fold(name, STR("nextToken")) || str_eq_fold(name, STR("maxResults")) ||
            str_eq_z(name, "Marker") || str_eq_z(name, "MaxItems"))
            continue;
        json_name(&w, name);
        json_put(&w, &c->in->members[i].value);
    }
    json_end_object(&w);
    return buf_str(&b);
}

static const struct fault_rule *page_rule(struct ctx *c)
{
    return fault_of_call(c, "PAGE");
}

static size_t page_limit(const struct ctx *c)
{
    int64_t asked;

    if (c->protocol == P_REST) {
        asked = in_int(c, "maxResults", 0);
        return (size_t)(asked > 0 && asked < c->sim->knobs.page_size ? asked
                                                                     : c->sim->knobs.page_size);
    }
    asked = in_int(c, c->protocol == P_EC2 ? "MaxResults" : "MaxItems", 0);
    return asked > 0 ? (size_t)asked : SIZE_MAX;
}

bool page_open(struct ctx *c, size_t n, struct str filter, struct page *page)
{
    const char *name = c->protocol == P_REST ? "nextToken" : "NextToken";
    struct str token = in_str(c, c->protocol == P_QUERY ? "Marker" : name);
    const struct fault_rule *rule = page_rule(c);
    size_t limit = page_limit(c);
    bool after_empty = false;
    int64_t offset = 0;

    if (!str_empty(token) && (!token_read(c, filter, token, &offset, &after_empty) ||
                              (rule && str_eq_z(rule->variant, "expired")))) {
        refuse_token(c);
        return false;
    }
    page->from = (size_t)offset < n ? (size_t)offset : n;
    page->to = n - page->from > limit ? page->from + limit : n;
    page->next = (struct str){0};
    if ((rule && str_eq_z(rule->variant, "empty")) ||
        (c->sim->knobs.empty_pages && !after_empty && c->protocol == P_REST)) {
        page->to = page->from;
        page->next = token_for(c, filter, page->from, true);
        return true;
    }
    if (page->to < n)
        page->next = token_for(c, filter, page->to, false);
    if (rule && str_eq_z(rule->variant, "repeat"))
        page->next = str_empty(token) ? token_for(c, filter, page->from, false) : token;
    return true;
}

void page_write(struct ctx *c, const struct vec *list, void (*write)(struct ctx *c, void *thing))
{
    struct page page;

    if (!page_open(c, list->len, page_filter(c), &page))
        return;
    json_name(&c->w, STR("items"));
    json_begin_array(&c->w);
    for (size_t i = page.from; list->items && i < page.to; i++) {
        json_begin_object(&c->w);
        write(c, list->items[i]);
        json_end_object(&c->w);
    }
    json_end_array(&c->w);
    if (str_present(page.next))
        json_member_str(&c->w, "nextToken", page.next);
}
