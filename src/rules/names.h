#ifndef RULES_NAMES_H
#define RULES_NAMES_H

#include "base/arena.h"
#include "base/fault.h"

/*
 * The form of a name in which two names are the same: Unicode's NFKC_Casefold, so whatever the
 * case, the alphabet and the composition, and without what nobody sees. The claim on a name is made
 * on this form. A newer Unicode may fold a letter that it did not have before: what is stored with
 * an entity, and not the form that its name would have now, is what its claim is called.
 */
struct str name_fold(struct arena *a, struct str name);

/*
 * That of a name which is to be stored. FAULT_INVALID_PARAMETER where nothing visible is left, or
 * more than a claim's key can hold.
 */
MUST_CHECK enum fault name_settle(struct arena *a, struct str name, struct faults *faults,
                                  struct str *fold);

#endif
