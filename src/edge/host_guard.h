#ifndef EDGE_HOST_GUARD_H
#define EDGE_HOST_GUARD_H

#include "base/str.h"

/* An IP address, version 4 or 6, as text without a port. */
bool host_guard_is_address(struct str s);

/* An address that only this machine reaches: 127.0.0.0/8, ::1. Compared parsed, not as text. */
bool host_guard_is_loopback(struct str address);

/* Whether the host of an http(s) URL is this machine by its own word: localhost, 127.0.0.0/8, ::1.
 */
bool host_guard_is_local_url(struct str url);

/*
 * Whether a request on loopback may bear this Host header: localhost, an address of 127.0.0.0/8,
 * [::1], or one of `names` (separated by commas; what a proxy in front is called by), with any
 * port. A page in a browser whose name was made to point to 127.0.0.1 (DNS rebinding) bears its
 * own.
 */
bool host_guard_allows(struct str host, struct str names);

#endif
