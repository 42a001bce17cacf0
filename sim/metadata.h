#ifndef SIM_METADATA_H
#define SIM_METADATA_H

#include "sim/world.h"

/*
 * The instance metadata service (version 2, and 1 where a test wants it) and the container
 * credentials endpoint: /latest/ and /v2/credentials/ROLE, so that the provider chain of a client
 * can be tried end to end. The credentials are those of the role, minted on each call.
 */
bool metadata_is(const struct http_request *request);
void metadata_handle(struct sim *s, struct arena *a, const struct http_request *request,
                     struct http_answer *answer);

#endif
