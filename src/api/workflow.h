#ifndef API_WORKFLOW_H
#define API_WORKFLOW_H

#include "api/dispatch.h"
#include "flow/flow.h"

/*
 * The workflow's tasks in `serve`: its function calls go through the dispatcher like everybody's,
 * so that each is audited. Lives in `a`; `api` must outlive it. Thread-safe.
 */
struct flow_tasks *api_workflow_tasks(struct arena *a, struct api *api);

#endif
