#ifndef SIM_REGIONS_H
#define SIM_REGIONS_H

#include "sim/ctx.h"

struct region_row {
    const char *name;
    bool opt_in;
};

extern const struct region_row sim_regions[];
extern const size_t sim_regions_len;

/*
 * The account in that region as a request finds it. One that no scenario mentions is not
 * initialised; an opt-in one of those is not even open.
 */
struct cell *region_cell(struct sim *s, struct str account, struct str region);

#endif
