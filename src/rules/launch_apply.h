#ifndef RULES_LAUNCH_APPLY_H
#define RULES_LAUNCH_APPLY_H

#include "aws/drs_read.h"
#include "aws/ec2_read.h"
#include "model/group.h"

/*
 * From what a group and its server say to what DRS and EC2 have to be told before a launch: what
 * DRS holds itself (its launch configuration), and the rest in the launch template that DRS keeps
 * for the server (aws-facts 2.11). What nobody speaks of is left as it is.
 */

/* What the group says of that server: its override over the group's own. NULL: neither speaks. */
struct launch_config *launch_config_of(struct arena *a, const struct group *group,
                                       struct str server_id);

/*
 * What DRS has to be told, into *change, where `now` differs from it; false: it does not. DRS would
 * pick an instance type of its own over the template's, so a type that is given turns that off.
 */
bool launch_drs_change(struct arena *a, const struct launch_config *wanted,
                       const struct drs_launch_configuration *now,
                       struct drs_launch_configuration *change);

/* Whether anything is said that stands in the launch template. */
bool launch_asks_template(const struct launch_config *wanted);

enum launch_template_verdict {
    LAUNCH_TEMPLATE_FITS,
    LAUNCH_TEMPLATE_DIFFERS, /* *change: what a new version after `now` has to say */
    LAUNCH_TEMPLATE_REFUSED, /* no version after `now` could be launched with what is wanted */
};

/* A list of interfaces replaces the one of the source version, so *change has all of them. */
enum launch_template_verdict launch_template_change(struct arena *a,
                                                    const struct launch_config *wanted,
                                                    const struct ec2_template_data *now,
                                                    struct ec2_template_data *change);

#endif
