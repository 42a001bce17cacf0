/* Answers of the query services: a tree no deeper than promised, or a fault. */
#include "aws/xml.h"
#include "tests/fuzz/fuzz.h"

static void walk(const struct xml *element, size_t depth)
{
    REQUIRE(depth <= XML_DEPTH_MAX);
    for (; element; element = element->next) {
        REQUIRE(element->name.len > 0);
        if (element->first)
            REQUIRE(xml_child(element, element->first->name) == element->first);
        walk(element->first, depth + 1);
    }
}

void fuzz_input(struct arena *a, struct str input)
{
    const struct xml *root;
    struct str why;

    if (xml_parse(a, input, &root, &why))
        return;
    REQUIRE(root);
    walk(root, 0);
}
