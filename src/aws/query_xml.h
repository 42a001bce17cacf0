#ifndef AWS_QUERY_XML_H
#define AWS_QUERY_XML_H

#include "aws/xml.h"
#include "base/field.h"

/*
 * The query protocols by field tables. A request is a form: `Name.1.Part=value`; an answer is XML,
 * where a list is a container whose children are the items, whatever they are called.
 */
enum { QUERY_BODY_MAX = 1 << 20 };

/* "Action=...&Version=..." in `a`, to be added to. */
struct buf query_begin(struct arena *a, const char *action, const char *version);
void query_add(struct buf *out, struct str name, struct str value);

/* Every present field of `in`, its name behind `prefix` and a dot (an absent prefix: bare). */
void query_add_fields(struct buf *out, struct str prefix, const struct field *table,
                      const void *in);

/*
 * Fills the zeroed `out` from the children of `element`; unknown ones are ignored. False when a
 * text is not what its field wants: *why names it. Strings are views into the tree.
 */
MUST_CHECK bool xml_decode(struct arena *a, const struct field *table, const struct xml *element,
                           void *out, struct str *why);

#endif
