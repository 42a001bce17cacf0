#ifndef API_ENVELOPE_H
#define API_ENVELOPE_H

#include "base/json.h"

/*
 * What stands at the top level of an event and is no parameter: how the event is wrapped by us, by
 * EventBridge and by API Gateway.
 */

/* Never a parameter, whatever the operation. */
bool envelope_hides(const struct json *event, struct str name);

/* Tolerated where the operation has no such parameter. */
bool envelope_member(const struct json *event, struct str name);

#endif
