#ifndef TESTS_FAKE_STORE_H
#define TESTS_FAKE_STORE_H

#include "store/store.h"

/*
 * A record keeper that does what the test says: refuses the next submits with a scripted fault and
 * keeps what was submitted. It stands in for the store at link time; what a real one does with a
 * write-set has its own tests.
 */
enum { FAKE_SCRIPT_MAX = 8, FAKE_AUDIT_MAX = 32 };

struct fake_script {
    enum fault fault;
    struct refusal why;
};

struct store *fake_store_new(struct arena *a);

/* The n-th submit from now on ends so; beyond the script all succeed. */
void fake_store_script(struct store *s, const struct fake_script *script, size_t n);

size_t fake_store_commits(const struct store *s);
size_t fake_store_attempts(const struct store *s);

/* Audit records in the order they came; `queued` tells store_audit_later from a submit. */
size_t fake_store_audits(const struct store *s);
struct str fake_store_audit(const struct store *s, size_t i, bool *queued);

/* How many of them came by store_audit_stranger. */
size_t fake_store_strangers(const struct store *s);

#endif
