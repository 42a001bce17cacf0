#ifndef RULES_NAMES_H
#define RULES_NAMES_H

#include "base/arena.h"

/*
 * The form of a name in which two names are the same: letters folded to lower case (ASCII, Latin,
 * Greek, Cyrillic; one letter to one letter), everything else as it is. The claim on a name is made
 * on this form, so it must never change for a name that is stored.
 */
struct str name_fold(struct arena *a, struct str name);

#endif
