#include "sim/xml.h"

void xml_escape(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '&')
            buf_add_z(out, "&amp;");
        else if (c == '<')
            buf_add_z(out, "&lt;");
        else if (c == '>')
            buf_add_z(out, "&gt;");
        else if (c == '"')
            buf_add_z(out, "&quot;");
        else
            buf_add_char(out, (unsigned char)c < 0x20 && c != '\t' && c != '\n' ? '?' : c);
    }
}

void xml_open(struct xml *x, const char *name)
{
    buf_addf(x->out, "<%s>", name);
}

void xml_close(struct xml *x, const char *name)
{
    buf_addf(x->out, "</%s>", name);
}

void sim_xml_text(struct xml *x, const char *name, struct str text)
{
    if (!str_present(text))
        return;
    xml_open(x, name);
    xml_escape(x->out, text);
    xml_close(x, name);
}

void xml_z(struct xml *x, const char *name, const char *text)
{
    sim_xml_text(x, name, str_from_z(text));
}

void xml_int(struct xml *x, const char *name, int64_t n)
{
    buf_addf(x->out, "<%s>%lld</%s>", name, (long long)n, name);
}

void xml_bool(struct xml *x, const char *name, bool b)
{
    xml_z(x, name, b ? "true" : "false");
}

void xml_tag_set(struct xml *x, const struct tags *t)
{
    if (!t->len)
        return;
    xml_open(x, "tagSet");
    for (size_t i = 0; i < t->len; i++) {
        xml_open(x, "item");
        sim_xml_text(x, "key", t->items[i].key);
        sim_xml_text(x, "value", t->items[i].value);
        xml_close(x, "item");
    }
    xml_close(x, "tagSet");
}
