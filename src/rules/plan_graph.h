#ifndef RULES_PLAN_GRAPH_H
#define RULES_PLAN_GRAPH_H

#include "model/plan.h"
#include "model/refusal.h"

/*
 * The waves of a plan as it is saved. Entries that share a wave number are one wave: it depends on
 * what any of them names, and its groups start by launchOrder. Numbers are kept as given.
 */

/*
 * What is required and absent: wave numbers (given for none of the entries they follow the order,
 * 1, 2, ...) and groups. Reports all as FAULT_MISSING_PARAMETER.
 */
MUST_CHECK enum fault plan_waves_complete(plan_wave_list *waves, struct faults *faults);

/*
 * Fills in what has a default and checks the rest: groups under both spellings, each group once in
 * the plan; launchOrder; dependencies (absent in all entries of a wave: the wave with the next
 * lower number), which must name other waves of the plan and form no circle. `before` (may be
 * NULL): the stored waves that an update changes; of protectionGroupId and protectionGroupIds that
 * disagree, the one that is stored already yields. All faults are reported.
 */
MUST_CHECK enum fault plan_waves_resolve(struct arena *a, plan_wave_list *waves,
                                         const plan_wave_list *before, struct faults *faults);

/* The distinct wave numbers, ascending. */
struct ints plan_wave_numbers(struct arena *a, const plan_wave_list *waves);

/* What the wave with that number depends on, ascending: of its resolved entries. */
struct ints plan_wave_dependencies(struct arena *a, const plan_wave_list *waves, int64_t number);

/* All groups that the plan names, each once. */
struct strs plan_group_ids(struct arena *a, const plan_wave_list *waves);

/* One size for each wave number, ascending, from the server_count of the entries. */
wave_size_list plan_wave_sizes(struct arena *a, const plan_wave_list *waves);

/* Those above the limit. */
wave_size_list plan_waves_too_large(struct arena *a, const wave_size_list *sizes, int64_t limit);

/* "Wave 1 has 150 servers, max is 100", one after the other. */
struct str plan_waves_too_large_text(struct arena *a, const wave_size_list *too_large,
                                     int64_t limit);

#endif
