#ifndef SIM_EC2_H
#define SIM_EC2_H

#include "sim/ctx.h"

/* ---- addresses (IPv4) ---- */

bool ip_parse(struct str s, uint32_t *out);
bool cidr_parse(struct str s, uint32_t *base, uint32_t *size);

/* Inside the subnet and not one of the five addresses that AWS keeps. */
bool subnet_usable(const struct subnet *n, struct str ip);
int64_t subnet_free(struct sim *s, const struct subnet *n);

/* The interface that holds the address in that subnet, or NULL. */
struct eni *subnet_holder(struct sim *s, const struct subnet *n, struct str ip);
struct str subnet_next_free(struct sim *s, const struct subnet *n);

/* ---- instances ---- */

struct instance_wish {
    struct subnet *subnet;
    struct str ip;
    struct str type;
    struct str image;
    struct str profile;
    struct strs groups;
    struct tags tags;
    bool windows;
    bool stopped;
};

struct instance *instance_run(struct sim *s, struct str account, struct str region,
                              const struct instance_wish *wish);

/* Its interface and address are free from now on. */
void instance_terminate(struct sim *s, struct instance *i);

/* The state change that was due at i->next_ms. */
void instance_step(struct sim *s, struct instance *i);
bool instance_listed(const struct sim *s, const struct instance *i);
bool instance_type_known(struct str type);

/* ---- launch templates ---- */

struct template *template_new(struct sim *s, struct str account, struct str region,
                              struct str name);
struct template_version *template_add_version(struct sim *s, struct template *t,
                                              const struct json *data, struct str description,
                                              struct str by);

/* "$Default", "$Latest" or a number; NULL when there is none such. */
struct template_version *template_find(const struct template *t, struct str version);

/* ---- filters ---- */

/* The values that a thing has under a filter's name; false: no such filter. */
typedef bool filter_values_fn(struct ctx *c, const void *thing, struct str name, struct strs *out);

/*
 * The things of that kind which the request names: by the ids under `id_member` (an unknown one
 * refuses with `not_found`), and by its filters. false: refused.
 */
void refuse_filter(struct ctx *c, struct str name);

struct ec2_query {
    enum kind kind;
    const char *id_member;
    const char *not_found;
    filter_values_fn *values;
    bool (*listed)(const struct sim *s, const void *thing);
};

bool ec2_select(struct ctx *c, const struct ec2_query *q, struct vec *out);

/* A table of filters: a name and where the string is. What is absent matches nothing. */
struct filter_row {
    const char *name;
    size_t offset; /* of a struct str */
};

bool filter_by_rows(struct ctx *c, const struct filter_row *rows, const void *thing,
                    struct str name, struct strs *out);
struct strs one_value(struct ctx *c, struct str value);

/* tag:KEY, tag-key, tag-value. */
bool filter_by_tags(struct ctx *c, const struct tags *tags, struct str name, struct strs *out);

/* Refuses with DryRunOperation when only that was asked; true: stop here. */
bool ec2_dry_run(struct ctx *c);

/* The page of the list that was asked for, in that element, and the token of the next. */
void page_set(struct ctx *c, const struct vec *list, const char *element,
              void (*write)(struct ctx *c, const void *thing));

#endif
