#ifndef NET_HTTP_CLIENT_H
#define NET_HTTP_CLIENT_H

#include "base/ports.h"

/*
 * The transport port over the HTTP client library: a pool of handles with their kept connections,
 * for use from any number of threads. Redirects are never followed, only http and https are
 * spoken, the path is sent as given, proxies are taken from the environment as the AWS SDKs do.
 */
struct http_client_options {
    struct str ca_file;   /* PEM of whom to trust, and nobody else; absent: the system's */
    unsigned handles_max; /* idle ones kept; 0: 32 */
    bool no_proxy;        /* never use one (metadata endpoints, tests) */
};

/*
 * Ends what is being sent, within about a second: FAULT_CONNECTION, and so is every later call.
 */
void http_client_stop(struct transport *t);

/* Never NULL. Free with http_client_free once no call is running. */
struct transport *http_client_new(const struct http_client_options *options);
void http_client_free(struct transport *t);

#endif
