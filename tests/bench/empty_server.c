/*
 * The yardstick of the HTTP figures: the same server, the same threads, and a handler that does
 * nothing. usage: empty_server; prints "listening on URL" and runs until its standard input ends.
 */
#include <stdio.h>
#include <unistd.h>

#include "net/http_server.h"

static void answer_nothing(void *context, struct arena *a, const struct http_request *request,
                           struct http_answer *answer)
{
    (void)context;
    (void)a;
    (void)request;
    answer->status = 200;
    answer->body = STR("{}");
}

int main(void)
{
    struct http_server_options options = {
        .address = STR("127.0.0.1"),
        .handler = answer_nothing,
    };
    struct arena *a = arena_new(0);
    struct http_server *server;
    struct str why;
    char c;

    if (http_server_start(&options, a, &server, &why)) {
        (void)fprintf(stderr, "empty_server: " STR_FMT "\n", STR_ARG(why));
        return 1;
    }
    (void)printf("listening on http://127.0.0.1:%d\n", http_server_port(server));
    (void)fflush(stdout);
    while (read(0, &c, 1) > 0)
        ;
    (void)http_server_stop(server, 1000);
    arena_free(a);
    return 0;
}
