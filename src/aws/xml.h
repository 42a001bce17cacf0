#ifndef AWS_XML_H
#define AWS_XML_H

#include "base/arena.h"
#include "base/fault.h"

/*
 * An answer of a query service as a tree. Name spaces and attributes are dropped; a document type
 * declaration is refused, so entities cannot grow or fetch anything.
 */
enum { XML_DEPTH_MAX = 64, XML_NODES_MAX = 2000000 };

struct xml {
    struct str name; /* never empty */
    struct str text; /* of this element alone, as it stands */
    const struct xml *first;
    const struct xml *next;
};

MUST_CHECK enum fault xml_parse(struct arena *a, struct str text, const struct xml **out,
                                struct str *why);

/* The first child of that name; NULL when there is none, or no element. */
const struct xml *xml_child(const struct xml *element, struct str name);

/* Its text, or absent. */
struct str xml_text(const struct xml *element, struct str name);

#endif
