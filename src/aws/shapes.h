#ifndef AWS_SHAPES_H
#define AWS_SHAPES_H

#include "base/field.h"

/*
 * The rows of AWS's answers: nothing is required and no text is checked. A file that uses them says
 * how long a text and a list may be: TEXT_MAX, ITEMS_MAX.
 */
#define TEXT(T, m, n)               F_STR(T, m, n, .max = TEXT_MAX)
#define NUMBER(T, m, n)             F_INT(T, m, n, .min = INT64_MIN)
#define TRUTH(T, m, n)              F_BOOL(T, m, n, .max = 0)
#define WHEN(T, m, n)               F_TIME(T, m, n, .max = 0)
#define TEXTS(T, m, n)              F_STRS(T, m, n, .max = ITEMS_MAX)
#define TAGS(T, m, n)               F_TAGS(T, m, n, .max = ITEMS_MAX)
#define PART(T, m, n, type, table)  F_OBJECT(T, m, n, type, table, .max = 0)
#define PARTS(T, m, n, type, table) F_LIST(T, m, n, type, table, .max = ITEMS_MAX)

#endif
