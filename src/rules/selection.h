#ifndef RULES_SELECTION_H
#define RULES_SELECTION_H

#include "model/group.h"

/* Which servers a group takes, and whether they are fit for it. */

/*
 * The mode of a group that is created: the one that is named, or the one that what is given stands
 * for. With a named mode what belongs to the other one is ignored (an exported tag group carries
 * the ids that its tags matched). On success group->selection_mode is set and what the mode does
 * not use is cleared. FAULT_MISSING_PARAMETER names what the mode needs.
 */
MUST_CHECK enum fault selection_infer(struct group *group, struct faults *faults);

/*
 * The same for an update, where an entity may come back as it was answered: what equals the stored
 * value says nothing. *changed: the servers have to be resolved again.
 */
MUST_CHECK enum fault selection_infer_update(const struct group *stored, struct group *in,
                                             struct faults *faults, bool *changed);

/* Keys 1 to 128 bytes, values up to 256: what AWS allows. All that are not are reported. */
MUST_CHECK enum fault selection_tags_check(const struct tags *tags, struct faults *faults);

/* Each id once, in the order given. */
struct strs selection_ids_unique(struct arena *a, struct strs ids);

/* Whether a server carries all of the wanted tags: keys and values as they are. None wanted: no. */
bool selection_tags_match(const struct tags *wanted, const struct tags *carried);

/* Whether both hold the same ids, in whatever order. Each id stands once in either. */
bool selection_ids_equal(struct strs a, struct strs b);

bool selection_tags_equal(const struct tags *a, const struct tags *b);

/*
 * Replication states as DRS names them (contract §6). A group may be saved while a server is still
 * syncing, not while it is DISCONNECTED, STOPPED or STALLED. A start wants CONTINUOUS; a caller who
 * accepts lagging replication may start in any state, since that of a source whose site is gone is
 * DISCONNECTED or STALLED, which is when recovery is needed most.
 */
bool replication_allows_save(struct str state);
bool replication_allows_start(struct str state, bool allow_lagging);

#endif
