/* drwave-reference [--openapi]: docs/reference.md, or the OpenAPI document, on stdout. */
#include <stdio.h>

#include "api/openapi.h"

int main(int argc, char **argv)
{
    struct arena *a = arena_new(0);
    bool openapi = argc > 1 && strcmp(argv[1], "--openapi") == 0;
    struct str text = openapi ? openapi_text(a) : reference_of(operations_all(), a);
    bool written = fwrite(text.ptr, 1, text.len, stdout) == text.len && fflush(stdout) == 0;

    arena_free(a);
    return written ? 0 : 1;
}
