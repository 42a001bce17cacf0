#include "aws/xml.h"

#include <expat.h>

#include "base/buf.h"

/* The recursion of the document is a stack of its own: depth is bounded before the tree is. */
struct open_element {
    struct xml *element;
    struct xml *last; /* child */
    struct buf text;
};

struct builder {
    struct arena *arena;
    XML_Parser parser;
    struct open_element stack[XML_DEPTH_MAX];
    size_t depth;
    size_t nodes;
    size_t text_max;
    struct xml *root;
    const char *refused;
};

static void refuse(struct builder *b, const char *why)
{
    b->refused = why;
    (void)XML_StopParser(b->parser, XML_FALSE);
}

static struct str local_name(struct str name)
{
    ptrdiff_t colon = str_find(name, ':');

    return colon < 0 ? name : str_slice(name, (size_t)colon + 1, name.len);
}

static void on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct builder *b = data;
    struct str local = local_name(str_from_z(name));
    struct xml *element;

    (void)attributes;
    if (str_empty(local)) {
        refuse(b, "has an element without a name");
        return;
    }
    if (b->depth == XML_DEPTH_MAX || b->nodes == XML_NODES_MAX) {
        refuse(b, "is nested too deeply or has too many elements");
        return;
    }
    element = arena_new_of(b->arena, struct xml);
    element->name = arena_str(b->arena, local);
    b->nodes++;
    if (b->depth == 0) {
        b->root = element;
    } else {
        struct open_element *parent = &b->stack[b->depth - 1];

        if (parent->last)
            parent->last->next = element;
        else
            parent->element->first = element;
        parent->last = element;
    }
    b->stack[b->depth++] =
        (struct open_element){.element = element, .text = buf_new(b->arena, b->text_max)};
}

static void on_end(void *data, const XML_Char *name)
{
    struct builder *b = data;
    struct open_element *top;

    (void)name;
    if (b->refused) /* the parser may still close the element at which it was stopped */
        return;
    top = &b->stack[--b->depth];
    top->element->text = buf_str(&top->text);
}

static void on_text(void *data, const XML_Char *text, int n)
{
    struct builder *b = data;
    struct str s = {text, (size_t)n};
    struct open_element *top;

    if (b->refused)
        return;
    top = &b->stack[b->depth - 1];
    if (top->element->first && str_empty(str_trim(s)))
        return; /* the line breaks between children */
    buf_add(&top->text, s);
}

static void on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
                       const XML_Char *public_id, int internal)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)internal;
    refuse(data, "has a document type declaration");
}

enum fault xml_parse(struct arena *a, struct str text, const struct xml **out, struct str *why)
{
    struct builder b = {.arena = a, .text_max = text.len + 1};
    enum XML_Status status;

    if (text.len > INT32_MAX / 2) {
        *why = STR("XML is too large");
        return FAULT_TOO_LARGE;
    }
    b.parser = XML_ParserCreate("UTF-8");
    if (!b.parser)
        return FAULT_INTERNAL_ERROR;
    XML_SetUserData(b.parser, &b);
    XML_SetElementHandler(b.parser, on_start, on_end);
    XML_SetCharacterDataHandler(b.parser, on_text);
    XML_SetStartDoctypeDeclHandler(b.parser, on_doctype);
    status = XML_Parse(b.parser, text.ptr ? text.ptr : "", (int)text.len, XML_TRUE);
    if (status != XML_STATUS_OK)
        *why = arena_strf(a, "XML %s",
                          b.refused ? b.refused : XML_ErrorString(XML_GetErrorCode(b.parser)));
    XML_ParserFree(b.parser);
    if (status != XML_STATUS_OK)
        return FAULT_INVALID_PARAMETER;
    *out = b.root;
    return FAULT_NONE;
}

const struct xml *xml_child(const struct xml *element, struct str name)
{
    if (!element)
        return NULL;
    for (const struct xml *child = element->first; child; child = child->next)
        if (str_eq(child->name, name))
            return child;
    return NULL;
}

struct str xml_text(const struct xml *element, struct str name)
{
    const struct xml *child = xml_child(element, name);

    return child ? child->text : (struct str){0};
}
