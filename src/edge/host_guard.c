#include "edge/host_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/str_ascii.h"

union address {
    struct in_addr v4;
    struct in6_addr v6;
};

/* 4, 6 or 0. */
static int parse(struct str s, union address *out)
{
    char text[INET6_ADDRSTRLEN];

    if (!s.len || s.len >= sizeof(text) || memchr(s.ptr, 0, s.len))
        return 0;
    memcpy(text, s.ptr, s.len);
    text[s.len] = 0;
    if (inet_pton(AF_INET, text, &out->v4) == 1)
        return 4;
    return inet_pton(AF_INET6, text, &out->v6) == 1 ? 6 : 0;
}

bool host_guard_is_address(struct str s)
{
    union address address;

    return parse(s, &address) != 0;
}

bool host_guard_is_loopback(struct str s)
{
    union address address;
    int version = parse(s, &address);

    if (version == 4)
        return ntohl(address.v4.s_addr) >> 24 == 127;
    return version == 6 && IN6_IS_ADDR_LOOPBACK(&address.v6);
}

bool host_guard_is_local_url(struct str url)
{
    struct str rest = url;
    struct str host;

    (void)str_cut(&rest, '/');
    (void)str_cut(&rest, '/');
    host = str_cut(&rest, '/');
    if (str_find(host, '@') >= 0)
        return false;
    if (host.len && host.ptr[0] == '[') {
        host = str_slice(host, 1, host.len);
        return host_guard_is_loopback(str_cut(&host, ']'));
    }
    host = str_cut(&host, ':');
    return str_eq_fold(host, STR("localhost")) || host_guard_is_loopback(host);
}

static bool is_port(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_is_digit(s.ptr[i]))
            return false;
    return s.len > 0 && s.len <= 5;
}

static bool is_named(struct str host, struct str name)
{
    struct str rest = str_slice(host, name.len, host.len);

    return name.len && str_eq_fold(str_slice(host, 0, name.len), name) &&
           (!rest.len || (rest.ptr[0] == ':' && is_port(str_slice(rest, 1, rest.len))));
}

/* A page in a browser has a name for its host, never an address of this machine. */
static bool is_own_address(struct str host)
{
    struct str name = host;

    if (host.len && host.ptr[0] == '[') {
        name = str_slice(host, 1, host.len);
        name = str_cut(&name, ']');
        return name.len + 2 <= host.len && is_named(host, str_slice(host, 0, name.len + 2)) &&
               host_guard_is_loopback(name);
    }
    name = str_cut(&name, ':');
    return is_named(host, name) && host_guard_is_loopback(name);
}

bool host_guard_allows(struct str host, struct str names)
{
    if (is_named(host, STR("localhost")) || is_own_address(host))
        return true;
    while (str_present(names))
        if (is_named(host, str_cut(&names, ',')))
            return true;
    return false;
}
