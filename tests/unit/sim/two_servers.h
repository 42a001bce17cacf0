#ifndef TESTS_UNIT_SIM_TWO_SERVERS_H
#define TESTS_UNIT_SIM_TWO_SERVERS_H

#include "tests/unit/sim/rig.h"

/* The least world in which one server of two may meet with something, for rig_new. */
static const char estate[] =
    "\"subnets\":[{\"id\":\"subnet-00000001\",\"vpc\":\"vpc-00000001\",\"cidr\":\"10.0.1.0/28\"}],"
    "\"vpcs\":[{\"id\":\"vpc-00000001\",\"cidr\":\"10.0.0.0/16\",\"default\":true}],"
    "\"servers\":[{\"id\":\"" SERVER(1) "\"},{\"id\":\"" SERVER(2) "\"}]";

/* The body of a StartRecovery of both. */
#define BOTH                                                                                \
    "{\"sourceServers\":[{\"sourceServerID\":\"" SERVER(1) "\"},"                           \
                                                           "{\"sourceServerID\":\"" SERVER( \
                                                               2) "\"}]}"

#endif
