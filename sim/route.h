#ifndef SIM_ROUTE_H
#define SIM_ROUTE_H

#include "sim/ctx.h"

/*
 * Finds what a request asks for (aws-facts S-02): the service by credential scope, else by what the
 * form says, else by the path; then the row. Fills service, protocol, region, op, in. A request
 * that nobody offers is refused loudly, and then c->op is NULL.
 */
void route(struct ctx *c, struct str scope_service, struct str scope_region);

/* Parses the body and holds it against the operation's members; refuses and returns false. */
bool route_decode(struct ctx *c);

/* Every operation, in the order of the tables. */
void route_each(void (*fn)(void *arg, const struct op *op), void *arg);

#endif
