#include "base/time.h"

#include "base/str_ascii.h"

enum { MS_PER_DAY = 86400000 };

static const int64_t YEAR_9999_END_MS = 253402300799999;

static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* Days since 1970 of a civil date and back, by eras of 400 years counted from 1 March. */
static int64_t days_from_civil(int64_t y, int m, int d)
{
    int64_t era;
    int64_t year_of_era;
    int64_t day_of_year;

    y -= m <= 2;
    era = (y >= 0 ? y : y - 399) / 400;
    year_of_era = y - era * 400;
    day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static void civil_from_days(int64_t z, struct civil *c)
{
    int64_t era;
    int64_t day_of_era;
    int64_t year_of_era;
    int64_t day_of_year;
    int64_t mp;

    z += 719468;
    era = (z >= 0 ? z : z - 146096) / 146097;
    day_of_era = z - era * 146097;
    year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    mp = (5 * day_of_year + 2) / 153;
    c->day = (int)(day_of_year - (153 * mp + 2) / 5 + 1);
    c->month = (int)(mp < 10 ? mp + 3 : mp - 9);
    c->year = (int)(year_of_era + era * 400 + (c->month <= 2));
}

struct civil time_to_civil(int64_t ms)
{
    struct civil c = {0};
    int64_t day = ms / MS_PER_DAY;
    int64_t rest = ms % MS_PER_DAY;

    if (rest < 0) {
        rest += MS_PER_DAY;
        day--;
    }
    civil_from_days(day, &c);
    c.weekday = (int)(((day % 7) + 11) % 7);
    c.hour = (int)(rest / 3600000);
    c.minute = (int)(rest / 60000 % 60);
    c.second = (int)(rest / 1000 % 60);
    c.millisecond = (int)(rest % 1000);
    return c;
}

int64_t time_from_civil(const struct civil *c)
{
    int64_t day = days_from_civil(c->year, c->month, c->day);

    return day * MS_PER_DAY + c->hour * INT64_C(3600000) + c->minute * INT64_C(60000) +
           c->second * INT64_C(1000) + c->millisecond;
}

/* `n` digits and what follows them; printf costs twenty times as much. */
static char *put_digits(char *to, int value, int n, char behind)
{
    for (int i = n - 1; i >= 0; i--) {
        to[i] = (char)('0' + value % 10);
        value /= 10;
    }
    to[n] = behind;
    return to + n + 1;
}

struct str time_rfc3339(struct arena *a, int64_t ms)
{
    struct civil c = time_to_civil(ms);
    char text[sizeof("2026-01-31T12:00:00.123Z")];
    char *to = put_digits(text, c.year, 4, '-');

    to = put_digits(to, c.month, 2, '-');
    to = put_digits(to, c.day, 2, 'T');
    to = put_digits(to, c.hour, 2, ':');
    to = put_digits(to, c.minute, 2, ':');
    to = put_digits(to, c.second, 2, c.millisecond ? '.' : 'Z');
    if (c.millisecond)
        to = put_digits(to, c.millisecond, 3, 'Z');
    return arena_str(a, (struct str){text, (size_t)(to - text)});
}

struct str time_basic(struct arena *a, int64_t ms)
{
    struct civil c = time_to_civil(ms);

    return arena_strf(a, "%04d%02d%02dT%02d%02d%02dZ", c.year, c.month, c.day, c.hour, c.minute,
                      c.second);
}

struct str time_http(struct arena *a, int64_t ms)
{
    struct civil c = time_to_civil(ms);

    return arena_strf(a, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[c.weekday], c.day,
                      months[c.month - 1], c.year, c.hour, c.minute, c.second);
}

/* ---- parsing: a cursor that remembers whether everything so far matched ---- */

struct cursor {
    struct str s;
    size_t at;
    bool ok;
};

static int digits(struct cursor *c, int n)
{
    int value = 0;

    for (int i = 0; i < n; i++) {
        if (c->at >= c->s.len || !ascii_is_digit(c->s.ptr[c->at])) {
            c->ok = false;
            return 0;
        }
        value = value * 10 + (c->s.ptr[c->at++] - '0');
    }
    return value;
}

static bool take(struct cursor *c, char wanted)
{
    if (c->at < c->s.len && c->s.ptr[c->at] == wanted) {
        c->at++;
        return true;
    }
    return false;
}

static void expect(struct cursor *c, char wanted)
{
    if (!take(c, wanted))
        c->ok = false;
}

static bool civil_valid(const struct civil *c)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;

    if (c->year < 1970 || c->month < 1 || c->month > 12 || c->day < 1)
        return false;
    if (c->day > lengths[c->month - 1] + (leap && c->month == 2))
        return false;
    return c->hour < 24 && c->minute < 60 && c->second < 60;
}

/* ".123456" after the seconds: up to nine digits, the first three count. */
static int fraction_ms(struct cursor *c)
{
    int value = 0;
    int n = 0;

    for (; c->at < c->s.len && ascii_is_digit(c->s.ptr[c->at]); c->at++, n++)
        if (n < 3)
            value = value * 10 + (c->s.ptr[c->at] - '0');
    if (n == 0 || n > 9)
        c->ok = false;
    for (; n < 3; n++)
        value *= 10;
    return value;
}

static int64_t offset_ms(struct cursor *c)
{
    bool minus = false;
    int hours;
    int minutes;

    if (take(c, 'Z') || take(c, 'z'))
        return 0;
    minus = take(c, '-');
    if (!minus)
        expect(c, '+');
    hours = digits(c, 2);
    expect(c, ':');
    minutes = digits(c, 2);
    if (hours > 23 || minutes > 59)
        c->ok = false;
    return (minus ? -1 : 1) * (hours * INT64_C(3600000) + minutes * INT64_C(60000));
}

bool time_parse(struct str s, int64_t *ms)
{
    struct cursor in = {.s = s, .ok = true};
    struct civil c = {0};
    int64_t offset, at;

    c.year = digits(&in, 4);
    expect(&in, '-');
    c.month = digits(&in, 2);
    expect(&in, '-');
    c.day = digits(&in, 2);
    if (!take(&in, 'T') && !take(&in, 't'))
        expect(&in, ' ');
    c.hour = digits(&in, 2);
    expect(&in, ':');
    c.minute = digits(&in, 2);
    expect(&in, ':');
    c.second = digits(&in, 2);
    if (take(&in, '.'))
        c.millisecond = fraction_ms(&in);
    offset = offset_ms(&in);
    if (!in.ok || in.at != s.len || !civil_valid(&c))
        return false;
    at = time_from_civil(&c) - offset;
    if (at < 0 || at > YEAR_9999_END_MS)
        return false; /* the offset leads out of the years that there are */
    *ms = at;
    return true;
}

bool time_parse_basic(struct str s, int64_t *ms)
{
    struct cursor in = {.s = s, .ok = true};
    struct civil c = {0};

    c.year = digits(&in, 4);
    c.month = digits(&in, 2);
    c.day = digits(&in, 2);
    expect(&in, 'T');
    c.hour = digits(&in, 2);
    c.minute = digits(&in, 2);
    c.second = digits(&in, 2);
    expect(&in, 'Z');
    if (!in.ok || in.at != s.len || !civil_valid(&c))
        return false;
    *ms = time_from_civil(&c);
    return true;
}

static int name_index(struct cursor *c, const char (*names)[4], int n)
{
    struct str word = str_slice(c->s, c->at, c->at + 3);

    for (int i = 0; i < n; i++) {
        if (str_eq_z(word, names[i])) {
            c->at += 3;
            return i;
        }
    }
    c->ok = false;
    return 0;
}

bool time_parse_http(struct str s, int64_t *ms)
{
    struct cursor in = {.s = s, .ok = true};
    struct civil c = {0};

    (void)name_index(&in, days, 7);
    expect(&in, ',');
    expect(&in, ' ');
    c.day = digits(&in, 2);
    expect(&in, ' ');
    c.month = name_index(&in, months, 12) + 1;
    expect(&in, ' ');
    c.year = digits(&in, 4);
    expect(&in, ' ');
    c.hour = digits(&in, 2);
    expect(&in, ':');
    c.minute = digits(&in, 2);
    expect(&in, ':');
    c.second = digits(&in, 2);
    if (!in.ok || !str_eq(str_slice(s, in.at, s.len), STR(" GMT")) || !civil_valid(&c))
        return false;
    *ms = time_from_civil(&c);
    return true;
}
