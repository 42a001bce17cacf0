#include "sim/regions.h"

/* Where DRS is offered (aws-facts 4). */
const struct region_row sim_regions[] = {
    {"af-south-1", true},      {"ap-east-1", true},       {"ap-east-2", true},
    {"ap-northeast-1", false}, {"ap-northeast-2", false}, {"ap-northeast-3", false},
    {"ap-south-1", false},     {"ap-south-2", true},      {"ap-southeast-1", false},
    {"ap-southeast-2", false}, {"ap-southeast-3", true},  {"ap-southeast-4", true},
    {"ap-southeast-5", true},  {"ap-southeast-6", true},  {"ap-southeast-7", true},
    {"ca-central-1", false},   {"ca-west-1", true},       {"eu-central-1", false},
    {"eu-central-2", true},    {"eu-north-1", false},     {"eu-south-1", true},
    {"eu-south-2", true},      {"eu-west-1", false},      {"eu-west-2", false},
    {"eu-west-3", false},      {"il-central-1", true},    {"me-central-1", true},
    {"me-south-1", true},      {"mx-central-1", true},    {"sa-east-1", false},
    {"us-east-1", false},      {"us-east-2", false},      {"us-west-1", false},
    {"us-west-2", false},      {"us-gov-east-1", false},  {"us-gov-west-1", false},
    {"eusc-de-east-1", false},
};
const size_t sim_regions_len = ARRAY_LEN(sim_regions);

static bool is_opt_in(struct str region)
{
    for (size_t i = 0; i < sim_regions_len; i++)
        if (str_eq_z(region, sim_regions[i].name))
            return sim_regions[i].opt_in;
    return false;
}

struct cell *region_cell(struct sim *s, struct str account, struct str region)
{
    struct cell *cell = world_get(s, K_CELL, account, region, STR("cell"));

    if (cell)
        return cell;
    cell = world_cell(s, account, region);
    cell->drs = is_opt_in(region) ? STR("NOT_OPTED_IN") : STR("UNINITIALIZED");
    cell->opt_in = is_opt_in(region) ? STR("not-opted-in") : STR("opt-in-not-required");
    return cell;
}
