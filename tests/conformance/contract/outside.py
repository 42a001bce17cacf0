"""What somebody else's state machine may not do to our servers, and how it learns what became of a wave (S3, S4)."""
from actions import begin, idle, own, state, wave
from calls import QUERY
from executions import Fault, details, ended, jobs_of
from expect import ABSENT, check, has
from harness import request
from world import REGION

CASES = []


def case(function):
    CASES.append(function)
    return function


@case
def a_drill_from_outside_does_not_replace_a_live_recovery(world):
    check({"status": "STARTED"}, begin(world, state("exec-live", wave("x40"), executionType="RECOVERY"), 1))
    idle(world)
    given = state("exec-over-live", wave("x40", "x41"))
    answer = begin(world, given, 1)
    check({"error": "SERVER_CONFLICT", "message": has("1 server(s)", "replaceRecoveryInstances"), "retryable": False,
           "recoveryInstances": [{"sourceServerId": "s-x40", "recoveryInstanceId": str}], "state": given,
           "statusCode": ABSENT}, answer)
    world.refused("get_execution", "NOT_FOUND", executionId="exec-over-live")
    check({"error": "INVALID_PARAMETER", "message": has("replaceRecoveryInstances")},
          begin(world, given | {"replaceRecoveryInstances": "perhaps"}, 1))
    for execution, spelling in (("exec-replacing1", "replaceRecoveryInstances"),
                                ("exec-replacing2", "replace_recovery_instances")):
        check({"status": "STARTED", spelling: True}, begin(world, given | {"executionId": execution, spelling: True}, 1))
        check({"replaceRecoveryInstances": True}, details(world, execution))
        idle(world)


@case
def nobody_else_starts_a_server_that_our_own_execution_holds(world):
    execution = own(world, "held", "x26")["executionId"]
    holder = {"conflictingExecutionId": execution, "conflictingPlanId": world.names["$held-plan"],
              "conflictingPlanName": "held-plan", "conflictingStatus": "PAUSED", "conflictSource": "execution"}
    for entry in (wave("x44", "x26"), {"protectionGroupId": "$held", "servers": []}):
        given = world.fill(state("exec-not-held", wave("x45"), entry))
        check({"error": "SERVER_CONFLICT", "retryable": False, "state": given, "conflictingExecutionId": execution,
               "conflicts": [{"sourceServerId": "s-x26", "waveNumber": 2, "waveName": "Tier 2", **holder}],
               "message": f"Source server 's-x26' is in use by execution {execution} of plan 'held-plan'"},
              begin(world, given, 2))
    world.refused("get_execution", "NOT_FOUND", executionId="exec-not-held")
    world.call("resume_execution", executionId=execution)
    assert ended(world, execution)["outcome"] == "SUCCEEDED"
    check({"status": "STARTED"}, begin(world, given, 2))
    idle(world)


# ---- what becomes of it ----

def poll(world, given, function=QUERY):
    return world.invoke(function, {"action": "poll_wave_status", "state": given})


def stalled(world):
    return Fault(world, "STALL", match={"region": REGION, "phase": "JOB"})


def finish(world, execution):
    """Its jobs stood still; now they end."""
    for job in jobs_of(world, execution):
        path = f"/_sim/jobs/{job['account']}/{job['region']}/{job['id']}"
        while world.rig.sim_get(path)["status"] != "COMPLETED":
            request(world.rig.sim + path + "/advance", "POST", {})


def record(world, execution):
    return {k: v for k, v in details(world, execution).items() if not k.startswith("duration")}


@case
def a_poll_says_what_drs_does_and_writes_nothing(world):
    given = state("exec-polled", wave("x44"), wave("x45"))
    with stalled(world):
        started = begin(world, given, 1)
        before = record(world, "exec-polled")
        check({**started, "status": "running", "wave1Status": "STARTED", "message": has(started["drsJobId"]),
               "statusCode": ABSENT, "error": ABSENT}, poll(world, started))
    finish(world, "exec-polled")
    said = poll(world, started, "x-query-handler")
    check({**started, "status": "completed", "wave1Status": "COMPLETED", "message": has("1 of 1")}, said)
    again = poll(world, said)
    assert again == said, again
    assert record(world, "exec-polled") == before, "a poll wrote"
    check({"execution_id": "exec-polled", "plan_id": "rp-elsewhere", "current_wave_number": 1, "status": "completed",
           "wave1Status": "COMPLETED"}, poll(world, {"execution_id": "exec-polled"}))
    check({"error": "INVALID_STATE", "message": has("Wave 2"), "retryable": False},
          poll(world, {**said, "current_wave_number": 2}))
    check({"error": "NOT_FOUND", "retryable": False}, poll(world, {"executionId": "exec-nowhere"}))


@case
def a_poll_decides_by_each_server_after_all_have_ended(world):
    for number, (broken, words) in enumerate(((("s-x44",), "1 of 2"), (("s-x44", "s-x45"), "0 of 2"))):
        execution = f"exec-broken{number}"
        with stalled(world):
            started = begin(world, state(execution, wave("x44", "x45")), 1)
            for server in broken:
                fault = {"id": server, "effect": "LAUNCH", "code": "InsufficientInstanceCapacity",
                         "message": "No capacity", "match": {"resource": server}}
                assert request(world.rig.sim + "/_sim/faults", "POST", fault)[0] == 201
            check({"status": "running", "wave1Status": "STARTED"}, poll(world, started))
        finish(world, execution)
        for server in broken:
            request(f"{world.rig.sim}/_sim/faults/{server}", "DELETE")
        check({**started, "status": "failed", "wave1Status": "FAILED", "message": has(words)}, poll(world, started))


@case
def a_poll_that_drs_does_not_answer_goes_on(world):
    started = begin(world, state("exec-unheard", wave("x44")), 1)
    idle(world)
    for effect, variant in (("THR", {}), ("AUTH", {"variant": "denied"})):
        with Fault(world, effect, match={"service": "drs", "op": "DescribeJobs"}, **variant):
            check({**started, "status": "running", "wave1Status": "STARTED", "message": has("DRS cannot be asked")},
                  poll(world, started))
    check({"status": "completed", "wave1Status": "COMPLETED"}, poll(world, started))
