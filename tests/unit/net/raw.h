#ifndef TESTS_UNIT_NET_RAW_H
#define TESTS_UNIT_NET_RAW_H

#include "base/buf.h"
#include "net/http_server.h"

/* A client that sends exactly the bytes it is told to. */

int raw_connect(uint16_t port);
void raw_send(int fd, struct str bytes);
void raw_send_z(int fd, const char *bytes);

struct raw_reader {
    int fd;
    char bytes[1 << 16];
    size_t len;
};

struct raw_answer {
    int status;
    struct str head;
    struct str body;
    bool whole; /* as many bytes of body as announced */
};

/* The next answer on the connection; false when the connection ended without one. */
bool raw_next(struct raw_reader *r, struct arena *a, struct raw_answer *out);

/* Everything until the other side closes. */
struct str raw_until_closed(int fd, struct arena *a);

/* One request on a connection of its own: the status, or 0 when there was no answer. */
int raw_status(uint16_t port, struct str request);

/* A server on a free port of 127.0.0.1; fails the test when it does not start. */
struct http_server *serve(http_handler_fn *handler, void *context, struct http_limits limits);

#endif
