#ifndef SIM_STS_H
#define SIM_STS_H

#include "sim/ctx.h"

/* Temporary credentials for a session of a role; they are in the key table from now on. */
struct key *sts_mint(struct sim *s, const struct role *role, struct str region, struct str session,
                     int64_t duration_s);

#endif
