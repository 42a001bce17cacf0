#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

/*
 * One lifetime, many allocations, one release.
 *
 * Everything a request, a scheduler tick or a state-machine step needs comes from the arena it was
 * given; nothing is freed one by one. An arena is used by one thread at a time. Memory comes
 * zeroed, aligned for any type. Callers never test for NULL.
 *
 * The limit is where the owner wants to hear of it, not a wall: past it the arena goes on
 * serving (up to ARENA_GRACE times the limit) and arena_over_limit() turns true, which the
 * dispatcher reports as TOO_LARGE. Beyond the grace, or when the system is out of memory, the
 * process ends: every untrusted input is bounded before it gets here, so that is a programmer's
 * mistake.
 *
 * Under AddressSanitizer unused and reset memory is poisoned and allocations keep a red zone.
 */
struct arena;

enum { ARENA_GRACE = 4 };

/* limit_bytes 0: no limit (tests and process-lifetime arenas). Never NULL. */
struct arena *arena_new(size_t limit_bytes) __attribute__((returns_nonnull));

/* Runs the deferred calls, newest first, and keeps the first blocks (32 KiB at most) for reuse. */
void arena_reset(struct arena *a);

/* As arena_reset, then gives everything back. NULL is allowed. */
void arena_free(struct arena *a);

void *arena_alloc(struct arena *a, size_t size)
    __attribute__((malloc, alloc_size(2), returns_nonnull));

/* n * size with the multiplication checked. */
void *arena_calloc(struct arena *a, size_t n, size_t size) __attribute__((malloc, returns_nonnull));

#define arena_new_of(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define arena_array_of(a, n, type) ((type *)arena_calloc((a), (n), sizeof(type)))

/* By bytes handed out since the last reset, red zones not counted. */
bool arena_over_limit(const struct arena *a);

/* Copies; the copy is NUL-terminated after its len bytes. An absent str stays absent. */
struct str arena_str(struct arena *a, struct str s);
struct str arena_strf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct str arena_strvf(struct arena *a, const char *fmt, va_list args) PRINTF_LIKE(2, 0);

/* A NUL-terminated copy for libc borders. s must hold no NUL byte. */
const char *arena_z(struct arena *a, struct str s);

/* A copy in lower case (ASCII). */
struct str arena_str_lower(struct arena *a, struct str s);

/* Tie something that is not memory (a socket, a statement) to the arena's lifetime. */
void arena_defer(struct arena *a, void (*cleanup)(void *), void *arg);

/* For SCOPED(arena_scope_end): frees the arena when the variable leaves its scope. */
void arena_scope_end(struct arena **a);

#endif
