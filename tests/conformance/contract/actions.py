"""The workflow's actions as somebody else's state machine calls them (contract 4; S3, S4): never wrapped."""
import copy

from calls import DATA, EXECUTION, QUERY
from executions import Fault, broken, details, ended, jobs_of, paused, servers_of, start
from expect import ABSENT, check, has
from harness import wait_for
from world import ACCOUNT, REGION

CASES = []


def case(function):
    CASES.append(function)
    return function


def state(execution, *waves, **more):
    waves = [{"waveNumber": i + 1, "waveName": f"Tier {i + 1}", "protectionGroupId": f"pg-elsewhere-{i}",
              "launchOrder": 1, "pauseBeforeWave": True, **w} for i, w in enumerate(waves)]
    return {"executionId": execution, "planId": "rp-elsewhere", "waves": waves, "currentWave": 7,
            "accountContext": {"accountId": ACCOUNT, "region": REGION, "roleName": "DRSOrchestrationRole"},
            "executionType": "DRILL", "initiatedBy": "user@example.com", "startTime": "2025-01-31T15:30:00Z",
            "somethingUnknown": {"kept": [1, None, "x"]}, **more}


def wave(*names, **more):
    return {"servers": [{"serverId": f"s-{n}", "hostname": n, "launchConfig": {"instanceType": "t3.large"}}
                        for n in names], **more}


def begin(world, given, number, function=EXECUTION, **more):
    return world.invoke(function, {"action": "start_wave_recovery", "state": given, "wave_number": number, **more})


def update(world, function=EXECUTION, **parameters):
    return world.invoke(function, {"action": "update_wave_completion_status", **parameters})


def idle(world):
    """Until no job of the region runs (those of the other one stall)."""
    wait_for(lambda: all(j["status"] == "COMPLETED" for j in world.rig.sim_get(f"/_sim/jobs?region={REGION}")["jobs"]),
             "DRS to be idle", 20)


@case
def a_wave_starts_from_the_state_alone(world):
    given = state("exec-outside", wave("x30", "x31"), wave("x32", dependsOnWaves=[1]))
    answer = begin(world, given, 1, "x-execution-handler")
    jobs = jobs_of(world, "exec-outside")
    assert len(jobs) == 1 and servers_of(jobs[0]) == ["s-x30", "s-x31"] and jobs[0]["drill"], jobs
    check({"WaveNumber": "1", "WaveName": "Tier 1", "PlanId": "rp-elsewhere", "ExecutionId": "exec-outside"},
          jobs[0]["tags"])
    check({**given, "waveNumber": 1, "waveName": "Tier 1", "drsJobId": jobs[0]["id"], "drsJobIds": [jobs[0]["id"]],
           "status": "STARTED", "serversLaunched": 2, "wave1JobId": jobs[0]["id"], "wave1Status": "STARTED",
           "execution_id": "exec-outside", "plan_id": "rp-elsewhere", "current_wave_number": 1,
           "statusCode": ABSENT, "body": ABSENT, "error": ABSENT}, answer)
    world.names["$outside"] = "exec-outside"
    world.states = {"exec-outside": answer}


@case
def the_execution_has_a_record_of_all_its_waves(world):
    check({"executionId": "exec-outside", "planId": "rp-elsewhere", "executionType": "DRILL", "status": "RUNNING",
           "initiatedBy": "user@example.com", "startedAt": has("2025-01-31T15:30:00"), "startTime": 1738337400,
           "waves": [{"waveNumber": 1, "waveName": "Tier 1", "progress": "IN_PROGRESS", "serverCount": 2,
                      "status": lambda s: s in ("INITIATED", "LAUNCHING", "STARTED")},
                     {"waveNumber": 2, "waveName": "Tier 2", "status": "PENDING", "servers": []}]},
          details(world, "exec-outside"))


@case
def a_repeated_call_finds_its_job(world):
    again = begin(world, world.states["exec-outside"], 1)
    assert again == world.states["exec-outside"], again
    assert len(jobs_of(world, "exec-outside")) == 1


@case
def a_wave_waits_for_what_it_depends_on(world):
    given = world.states["exec-outside"]
    answer = begin(world, given, 2)
    check({"error": "INVALID_STATE", "message": has("Wave 2", "wave 1"), "executionId": "exec-outside",
           "waveNumber": 2, "retryable": False, "state": given, "statusCode": ABSENT}, answer)
    idle(world)


@case
def a_wave_that_ended_is_recorded_in_either_spelling(world):
    before = world.states["exec-outside"]
    answer = update(world, executionId="exec-outside", planId="rp-elsewhere", waveNumber=1, status="COMPLETED",
                    waveData=before)
    kept = {k: v for k, v in before.items() if k != "status"}
    check({**kept, "status": "COMPLETED", "waveStatus": "COMPLETED", "executionStatus": "RUNNING",
           "statusCode": ABSENT, "error": ABSENT}, answer)
    again = update(world, execution_id="exec-outside", plan_id="rp-elsewhere", wave_number=1, status="COMPLETED",
                   wave_data=answer)
    check({**kept, "waveStatus": "COMPLETED", "somethingUnknown": {"kept": [1, None, "x"]}}, again)
    wave_one = details(world, "exec-outside")["waves"][0]
    assert (wave_one["status"], wave_one["outcome"]) == ("COMPLETED", "SUCCEEDED"), wave_one
    world.states["exec-outside"] = again


@case
def the_next_wave_starts_and_its_end_ends_the_execution(world):
    answer = begin(world, world.states["exec-outside"], 2, wave_number=2)
    check({"status": "STARTED", "waveNumber": 2, "wave2Status": "STARTED", "currentWave": 7, "serversLaunched": 1,
           "wave1JobId": str, "wave2JobId": str, "current_wave_number": 2}, answer)
    assert answer["wave1JobId"] != answer["wave2JobId"] == answer["drsJobId"], answer
    idle(world)
    check({"executionStatus": "COMPLETED", "waveStatus": "COMPLETED"},
          update(world, executionId="exec-outside", waveNumber=2, status="COMPLETED", waveData=answer))
    check({"status": "COMPLETED", "outcome": "SUCCEEDED", "endTime": int}, details(world, "exec-outside"))


@case
def an_end_is_never_overwritten(world):
    check({"executionStatus": "COMPLETED", "waveStatus": "COMPLETED"},
          update(world, executionId="exec-outside", waveNumber=2, status="FAILED", waveData={}))
    assert details(world, "exec-outside")["status"] == "COMPLETED"
    check({"error": "INVALID_STATE", "retryable": False}, begin(world, world.states["exec-outside"], 2))


@case
def a_failed_wave_fails_the_execution(world):
    given = state("exec-failing", wave("x33"), wave("x34"))
    with broken(world, "s-x33"):
        answer = begin(world, given, 1)
        idle(world)
    check({"executionStatus": "FAILED", "waveStatus": "FAILED", "status": "FAILED"},
          update(world, executionId="exec-failing", waveNumber=1, status="FAILED", waveData=answer))
    check({"status": "FAILED", "outcome": "FAILED"}, details(world, "exec-failing"))


@case
def entries_of_one_wave_start_together(world):
    given = state("exec-shared", wave("x30", waveNumber=4, waveName="Tier"), wave("x31", waveNumber=4, waveName="Tier"))
    answer = begin(world, given, 4)
    check({"status": "STARTED", "serversLaunched": 2, "wave4Status": "STARTED"}, answer)
    assert sorted(s for j in jobs_of(world, "exec-shared") for s in servers_of(j)) == ["s-x30", "s-x31"]
    assert len(details(world, "exec-shared")["waves"]) == 1
    idle(world)


@case
def a_group_that_is_known_gives_the_servers(world):
    world.group("given1", "x35")
    world.group("given2", "x36")
    for i, groups in enumerate(({"protectionGroupId": "$given1"}, {"protectionGroupIds": ["$given1", "$given2"]})):
        given = state(f"exec-groups{i}", {**groups, "servers": []})
        if i:
            del given["waves"][0]["protectionGroupId"]
        check({"status": "STARTED", "serversLaunched": i + 1}, begin(world, given, 1))
        idle(world)


@case
def what_is_wrong_is_told_with_the_state(world):
    good = state("exec-bad", wave("x37"))

    def without(*path):
        bad = copy.deepcopy(good)
        at = bad
        for step in path[:-1]:
            at = at[step]
        del at[path[-1]]
        return bad

    for given, number, error, words in (
            (good, 9, "INVALID_PARAMETER", ("9",)), (without("executionId"), 1, "MISSING_PARAMETER", ("executionId",)),
            (without("waves"), 1, "MISSING_PARAMETER", ("waves",)),
            (without("accountContext"), 1, "MISSING_PARAMETER", ("accountContext",)),
            (without("accountContext", "region"), 1, "MISSING_PARAMETER", ("region",)),
            (without("waves", 0, "servers"), 1, "INVALID_PARAMETER", ("no servers",)),
            (state("exec-bad", wave("lagging")), 1, "DRS_API_ERROR", ("s-lagging", "READY_FOR_RECOVERY")),
            (state("exec-bad", wave("lagging"), allowLaggingReplication=True), 1, "DRS_API_ERROR", ("s-lagging",)),
            (state("exec-bad", wave("nowhere")), 1, "DRS_API_ERROR", ("s-nowhere",)),
            (state("exec-bad", wave(*(f"half{i:02}" for i in range(60)), *(f"other{i:02}" for i in range(41)))), 1,
             "WAVE_SIZE_LIMIT_EXCEEDED", ("101", "100"))):
        answer = begin(world, given, number)
        check({"error": error, "message": has(*words), "waveNumber": number, "retryable": False, "state": given,
               "executionId": given.get("executionId"), "statusCode": ABSENT}, answer)
    check({"error": "MISSING_PARAMETER", "message": has("wave_number")},
          world.invoke(EXECUTION, {"action": "start_wave_recovery", "state": good}))
    check({"error": "MISSING_PARAMETER", "message": has("state")},
          world.invoke(EXECUTION, {"action": "start_wave_recovery", "wave_number": 1}))
    assert world.invoke("x-execution-handler", {"operation": "get_execution", "body": {"executionId": "exec-bad"}})[
        "error"] == "NOT_FOUND", "a refused wave left a record"


@case
def a_role_that_cannot_be_assumed(world):
    given = state("exec-role", wave("x37"))
    given["accountContext"] |= {"accountId": "999999999999", "roleName": "Nobody"}
    check({"error": "CROSS_ACCOUNT_ERROR", "message": has("Failed to assume role Nobody in account 999999999999"),
           "executionId": "exec-role", "waveNumber": 1, "retryable": False}, begin(world, given, 1))


@case
def only_what_is_transient_may_be_tried_again(world):
    given = state("exec-storm", wave("x38"))
    with Fault(world, "THR", match={"service": "drs", "op": "DescribeSourceServers"}):
        check({"error": "DRS_API_ERROR", "retryable": True, "state": given}, begin(world, given, 1))
    check({"status": "STARTED"}, begin(world, given, 1))
    assert len(jobs_of(world, "exec-storm")) == 1
    idle(world)


@case
def what_drs_refuses_is_told_and_stays_on_record(world):
    given = state("exec-denied", wave("x39"))
    with Fault(world, "AUTH", match={"service": "drs", "op": "StartRecovery"}, variant="denied"):
        answer = begin(world, given, 1)
    check({"error": "DRS_API_ERROR", "message": has("Failed to start recovery"), "retryable": False, "state": given},
          answer)
    assert jobs_of(world, "exec-denied") == []
    execution = details(world, "exec-denied")
    assert (execution["status"], execution["waves"][0]["status"]) == ("FAILED", "FAILED"), execution


@case
def whether_it_is_a_drill_is_never_guessed(world):
    good = state("exec-typeless", wave("x37"))
    for said, error, words in (({}, "MISSING_PARAMETER", ("state.executionType",)),
                               ({"executionType": None}, "MISSING_PARAMETER", ("state.executionType",)),
                               ({"executionType": ""}, "INVALID_PARAMETER", ("DRILL or RECOVERY",)),
                               ({"executionType": "Test"}, "INVALID_PARAMETER", ("DRILL or RECOVERY", "Test")),
                               ({"execution_type": True}, "INVALID_PARAMETER", ("state.executionType",))):
        given = {k: v for k, v in good.items() if k != "executionType"} | said
        check({"error": error, "message": has(*words), "retryable": False, "state": given, "statusCode": ABSENT},
              begin(world, given, 1))
    assert jobs_of(world, "exec-typeless") == []
    world.refused("get_execution", "NOT_FOUND", executionId="exec-typeless")


@case
def the_type_is_read_in_any_case_and_stays(world):
    for execution, said, drill in (("exec-typed1", {"executionType": "drill"}, True),
                                   ("exec-typed2", {"execution_type": "Recovery"}, False)):
        given = {k: v for k, v in state(execution, wave("x42"), wave("x43")).items() if k != "executionType"}
        check({"status": "STARTED"}, begin(world, given | said, 1))
        assert [j["drill"] for j in jobs_of(world, execution)] == [drill], execution
        other = given | {"executionType": "RECOVERY" if drill else "DRILL"}
        check({"error": "INVALID_PARAMETER", "message": has("state.executionType", execution)}, begin(world, other, 2))
        assert len(jobs_of(world, execution)) == 1
        idle(world)


def own(world, name, server):
    """An execution of our own workflow that waits at its first gate."""
    world.group(name, server)
    world.plan(f"{name}-plan", {"protectionGroupId": f"${name}", "pauseBeforeWave": True})
    return paused(world, start(world, f"${name}-plan"))


@case
def nobody_else_starts_a_wave_of_our_own_workflow(world):
    execution = own(world, "own-start", "x21")["executionId"]
    for more in ({}, {"epoch": 1}, {"epoch": 2}, {"definition": ""}):
        for entry in (wave("x21"), wave("x22", waveNumber=2), wave("x23", waveNumber=3, dependsOnWaves=[])):
            given = state(execution, entry, **more)
            number = entry.get("waveNumber", 1)
            check({"error": "INVALID_STATE", "message": has(execution, "own workflow"), "retryable": False,
                   "executionId": execution, "waveNumber": number, "state": given, "statusCode": ABSENT},
                  begin(world, given, number))
    assert jobs_of(world, execution) == []
    check({"status": "PAUSED", "totalWaves": 1, "waves": [{"status": "WAITING_APPROVAL"}]}, details(world, execution))
    world.call("resume_execution", executionId=execution)
    assert ended(world, execution)["outcome"] == "SUCCEEDED"


@case
def a_wave_that_is_over_is_not_started_any_more(world):
    given = state("exec-over", wave("x24"), wave("x25"))
    with Fault(world, "THR", match={"service": "drs", "op": "StartRecovery"}):
        check({"error": "DRS_API_ERROR", "retryable": True}, begin(world, given, 1))
    check({"status": "RUNNING", "waveStatus": "INITIATED"},
          update(world, executionId="exec-over", waveNumber=1, status="COMPLETED"))
    check({"status": "FAILED", "waveStatus": "FAILED", "executionStatus": "FAILED"},
          update(world, executionId="exec-over", waveNumber=1, status="FAILED"))
    check({"errorMessage": has("said FAILED", "ThrottlingException")}, details(world, "exec-over"))
    check({"error": "INVALID_STATE", "retryable": False}, begin(world, state("exec-over", wave("x24"), wave("x25")), 1))
    assert jobs_of(world, "exec-over") == []


@case
def nobody_else_says_what_became_of_a_wave_of_our_own_workflow(world):
    execution = own(world, "own-update", "x22")["executionId"]

    def refused():
        for data in ({}, {"executionId": execution, "epoch": 1}, {"executionId": execution, "epoch": 9}):
            for status in ("COMPLETED", "SKIPPED", "FAILED"):
                check({"error": "INVALID_STATE", "message": has(execution, "own workflow"), "retryable": False,
                       "statusCode": ABSENT},
                      update(world, executionId=execution, waveNumber=1, status=status, waveData=data))

    refused()
    check({"status": "PAUSED", "waves": [{"status": "WAITING_APPROVAL"}]}, details(world, execution))
    world.call("resume_execution", executionId=execution)
    assert ended(world, execution)["outcome"] == "SUCCEEDED"
    refused()


@case
def a_wave_of_as_many_servers_as_a_job_may_have(world):
    names = [*(f"half{i:02}" for i in range(60)), *(f"other{i:02}" for i in range(40))]
    given = state("exec-hundred", {"servers": [{"serverId": f"s-{n}"} for n in names]})
    check({"status": "STARTED", "serversLaunched": 100}, begin(world, given, 1))
    assert [len(j["servers"]) for j in jobs_of(world, "exec-hundred")] == [100]
    check({"status": "RUNNING", "waves": [{"serverCount": 100}]}, details(world, "exec-hundred"))
    idle(world)
    given = state("exec-more", {"servers": [{"serverId": f"s-{n}"} for n in [*names, "x37"]]})
    check({"error": "WAVE_SIZE_LIMIT_EXCEEDED", "message": has("101", "100")}, begin(world, given, 1))
    world.refused("get_execution", "NOT_FOUND", executionId="exec-more")


@case
def a_wave_without_a_name_goes_by_its_number(world):
    given = state("exec-nameless", wave("x37"), wave("x38"))
    del given["waves"][0]["waveName"]
    given["waves"][1]["waveName"] = ""
    check({"status": "STARTED", "waveName": "Wave 1"}, begin(world, given, 1))
    assert [j["tags"]["WaveName"] for j in jobs_of(world, "exec-nameless")] == ["Wave 1"]
    check([{"waveName": "Wave 1"}, {"waveName": "Wave 2"}], details(world, "exec-nameless")["waves"])
    idle(world)
    given = {k: v for k, v in state("exec-planless", wave("x37")).items() if k != "planId"}
    check({"status": "STARTED"}, begin(world, given, 1))
    check({"ExecutionId": "exec-planless", "PlanId": ABSENT}, jobs_of(world, "exec-planless")[0]["tags"])
    idle(world)


@case
def a_server_is_named_once_in_a_wave(world):
    world.group("twice", "x23")
    entry = wave("x23", waveNumber=1)
    for waves in ([wave("x24", "x23", "x24", "x25")], [wave("x24"), wave("x24", waveNumber=1)],
                  [{"servers": [], "protectionGroupId": "$twice"}, entry],
                  [{"protectionGroupIds": ["$twice", "$twice"]}]):
        named = "s-x24" if "servers" in waves[0] and waves[0]["servers"] else "s-x23"
        check({"error": "INVALID_PARAMETER", "message": has(named, "twice"), "retryable": False, "statusCode": ABSENT},
              begin(world, state("exec-twice", *waves), 1))
    world.refused("get_execution", "NOT_FOUND", executionId="exec-twice")


@case
def an_unknown_action_is_no_operation(world):
    for function in (EXECUTION, DATA, QUERY, "x-query-handler"):
        check({"error": "INVALID_OPERATION", "message": "Unknown operation: nonsense", "retryable": False,
               "statusCode": ABSENT}, world.invoke(function, {"action": "nonsense", "state": {"executionId": "e"}}))


@case
def an_action_may_stand_under_operation(world):
    for function in (EXECUTION, "x-execution-handler"):
        answer = world.invoke(function, {"operation": "update_wave_completion_status", "executionId": "exec-outside",
                                         "waveNumber": 2, "status": "COMPLETED", "waveData": {"mine": 1}})
        check({"mine": 1, "executionStatus": "COMPLETED", "statusCode": ABSENT}, answer)


@case
def an_update_of_nothing_is_not_found(world):
    check({"error": "NOT_FOUND", "executionId": "exec-none", "waveNumber": 1, "retryable": False},
          update(world, executionId="exec-none", waveNumber=1, status="COMPLETED", waveData={}))
    check({"error": "MISSING_PARAMETER", "message": has("executionId", "status")}, update(world))


@case
def an_execution_of_the_store_is_polled_by_the_query_function(world):
    given = {"executionId": "exec-outside", "execution_id": "exec-outside", "mine": {"a": 1}}
    answer = world.invoke(QUERY, {"action": "poll_wave_status", "state": given})
    check({**given, "statusCode": ABSENT, "error": ABSENT}, answer)
