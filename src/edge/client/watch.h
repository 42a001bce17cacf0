#ifndef EDGE_CLIENT_WATCH_H
#define EDGE_CLIENT_WATCH_H

#include "base/json.h"

/* What a picture is drawn on. Pure text: no terminal, no clock. */
struct picture {
    struct arena *arena;
    struct buf *out;
    int64_t now_ms;
    size_t columns;
    size_t rows;
    size_t lines; /* drawn so far */
};

/* The whole of an execution, no line wider than the columns, no more lines than rows. */
void draw_execution(struct picture *p, const struct json *execution);

/* What is going on, and which keys there are: on one line where both fit. */
void draw_prompt(struct picture *p, struct str what, struct str keys);

/* A line for every status that is not what it was; `before` is NULL the first time. */
void draw_changes(struct picture *p, const struct json *before, const struct json *now);

/* What became of each wave and server, with instance ids and times. */
void draw_summary(struct picture *p, const struct json *execution);

/* What the process ends with when the execution has: enum client_exit. */
int watch_verdict(const struct json *execution);

/* "12 s", "3 min 05 s". */
struct str draw_duration(struct arena *a, int64_t ms);
struct str draw_elapsed(struct arena *a, const struct json *v, int64_t now_ms);

int64_t draw_launched(const struct json *wave);
int64_t draw_servers(const struct json *wave);

#endif
