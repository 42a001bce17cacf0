#ifndef EDGE_SECRETS_FILE_H
#define EDGE_SECRETS_FILE_H

#include "base/ports.h"

/*
 * The secrets port over a folder (mode 0700): one file of 32 bytes (mode 0600) for each name. One
 * that is replaced stays beside it as NAME.replaced-1 and so on. Thread-safe. Never NULL.
 */
struct secrets *secrets_file_new(struct str folder, struct entropy *entropy);
void secrets_file_free(struct secrets *s);

#endif
