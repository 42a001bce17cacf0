#include <stdio.h>
#include <stdlib.h>

#include "aws/sigv4.h"
#include "base/json.h"

/* Signs one request for each line of JSON on stdin, and prints its Authorization header. */
static struct str text_of(const struct json *tree, const char *name)
{
    return json_str(json_get_z(tree, name));
}

static void sign_line(struct str line)
{
    struct arena *a = arena_new(0);
    const struct json *tree;
    const struct json *headers;
    struct sigv4_request r;
    struct str why;

    if (json_parse(a, line, &tree, &why)) {
        (void)printf("error: " STR_FMT "\n", STR_ARG(why));
        arena_free(a);
        return;
    }
    headers = json_get_z(tree, "headers");
    r = (struct sigv4_request){.method = text_of(tree, "method"),
                               .target = text_of(tree, "target"),
                               .payload_hash = sha256_hex(a, sha256_of(text_of(tree, "body")))};
    r.headers.items = arena_array_of(a, headers->len, struct header);
    for (size_t i = 0; i < headers->len; i++)
        r.headers.items[r.headers.len++] =
            (struct header){headers->items[i].items[0].string, headers->items[i].items[1].string};
    sigv4_sign(
        a,
        &(struct sigv4_key){text_of(tree, "id"), text_of(tree, "secret"), text_of(tree, "token")},
        &(struct sigv4_scope){text_of(tree, "date"), text_of(tree, "region"),
                              text_of(tree, "service")},
        &r);
    (void)printf(STR_FMT "\n", STR_ARG(headers_get(&r.headers, STR("Authorization"))));
    arena_free(a);
}

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    while ((n = getline(&line, &cap, stdin)) > 0)
        sign_line((struct str){line, (size_t)n});
    free(line);
    return 0;
}
