#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/arena.h"

/* Times are milliseconds since 1970 in UTC, without leap seconds; years 1970 to 9999. */

/* "2026-01-31T12:00:00Z"; with ".123" before the Z when the milliseconds are not zero. */
struct str time_rfc3339(struct arena *a, int64_t ms);

/* RFC 3339 with any offset and 0 to 9 digits of fraction (more than 3 are cut). */
bool time_parse(struct str s, int64_t *ms);

/* "20260131T120000Z": X-Amz-Date. */
struct str time_basic(struct arena *a, int64_t ms);
bool time_parse_basic(struct str s, int64_t *ms);

/* "Sat, 31 Jan 2026 12:00:00 GMT": the HTTP Date header (RFC 9110 §5.6.7). */
struct str time_http(struct arena *a, int64_t ms);
bool time_parse_http(struct str s, int64_t *ms);

struct civil {
    int year;
    int month; /* 1 to 12 */
    int day;
    int hour;
    int minute;
    int second;
    int millisecond;
    int weekday; /* 0: Sunday */
};

struct civil time_to_civil(int64_t ms);
int64_t time_from_civil(const struct civil *c);

#endif
