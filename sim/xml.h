#ifndef SIM_XML_H
#define SIM_XML_H

#include "base/field.h"

/* Elements in the order of the calls; balance is the caller's business. Absent text: nothing. */
struct xml {
    struct buf *out;
};

void xml_open(struct xml *x, const char *name);
void xml_close(struct xml *x, const char *name);
void sim_xml_text(struct xml *x, const char *name, struct str text);
void xml_z(struct xml *x, const char *name, const char *text);
void xml_int(struct xml *x, const char *name, int64_t n);
void xml_bool(struct xml *x, const char *name, bool b);
void xml_tag_set(struct xml *x, const struct tags *t);
void xml_escape(struct buf *out, struct str text);

#endif
