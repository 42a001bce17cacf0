#ifndef TESTS_UNIT_NET_ACTOR_H
#define TESTS_UNIT_NET_ACTOR_H

#include "tests/unit/net/raw.h"

/*
 * A server whose handler does what the path says: /describe, /gate (waits until it is opened),
 * /delay?ms, /drop, /cut?bytes, /drip?ms, /odd (headers), /status?code, /large?bytes; any other
 * path is answered "0123456789".
 */
void actor(void *context, struct arena *a, const struct http_request *r,
           struct http_answer *answer);
struct http_server *start_actor(struct http_limits limits); /* the gate is shut */

void gate_set(bool open);
void gate_await(unsigned inside); /* until so many handlers stand at the gate */

void get(int fd, const char *target);
/* Requests that wait for a worker, are being answered, or whose answer has not left yet. */
void await_busy(struct http_server *s, unsigned n);

/* Bytes that request bodies claim of limits.bodies_max. */
void await_bodies(struct http_server *s, size_t n);
bool silent(int fd); /* nothing to read right now */
int64_t now_ms(void);

#endif
