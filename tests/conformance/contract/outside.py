"""What somebody else's state machine may not do to our servers, and how it learns what became of a wave (S3, S4)."""
from actions import begin, idle, own, state, update, wave
from calls import QUERY
from executions import Fault, details, ended, jobs_of
from expect import ABSENT, check, has
from harness import request, wait_for
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


def terminated(world, execution, found):
    check({"totalFound": found}, world.call("terminate_recovery_instances", executionId=execution))
    return wait_for(lambda: (t := details(world, execution).get("termination") or {"status": "COMPLETED"})["status"] ==
                    "COMPLETED" and t, "the termination", 20)


def told(world, execution, status, number=1, **more):
    return update(world, executionId=execution, waveNumber=number, status=status, **more)


def run(world, given, number=1):
    """S3's wiring, step by step, until the update's status is no longer that of a wave that runs."""
    now = begin(world, given, number)
    assert "error" not in now, now

    def step():
        nonlocal now
        now = poll(world, now)
        now = update(world, executionId=now["execution_id"], planId=now["plan_id"],
                     waveNumber=now["current_wave_number"], status=now["status"], waveData=now)
        assert "error" not in now, now
        return now["status"] != "running"

    wait_for(step, "the loop to end", 20)
    return now


@case
def the_documented_wiring_ends_and_what_it_launched_is_terminated(world):
    given = state("exec-wired", wave("x44"), wave("x45", dependsOnWaves=[1]))
    answer = run(world, given)
    check({"status": "completed", "waveStatus": "COMPLETED", "executionStatus": "RUNNING", "wave1Status": "COMPLETED"},
          answer)
    check({"status": "completed", "waveStatus": "COMPLETED", "executionStatus": "COMPLETED"}, run(world, answer, 2))
    execution = details(world, "exec-wired")
    check({"status": "COMPLETED", "outcome": "SUCCEEDED",
           "waves": [{"status": "COMPLETED", "outcome": "SUCCEEDED", "serversLaunched": 1, "serversFailed": 0,
                      "servers": [{"status": "LAUNCHED", "instanceId": has("i-")}]}] * 2}, execution)
    terminated(world, "exec-wired", 2)


@case
def an_end_is_recorded_by_what_drs_says_of_each_server(world):
    for number, (broken, words, status, outcome) in enumerate((
            ((), "FAILED", "COMPLETED", "SUCCEEDED"), (("s-x44",), "COMPLETED", "FAILED", "PARTIAL"),
            (("s-x44", "s-x45"), "completed", "FAILED", "FAILED"))):
        execution = f"exec-judged{number}"
        with stalled(world):
            begin(world, state(execution, wave("x44", "x45")), 1)
            for said in (words, words, "RUNNING", "in_progress"):
                check({"waveStatus": lambda s: s in ("LAUNCHING", "STARTED"), "executionStatus": "RUNNING",
                       "status": "RUNNING" if said == words.upper() else "running" if said == words else said,
                       "message": has("not over", words.upper()) if said == words else "Wave status recorded"},
                      told(world, execution, said))
            for server in broken:
                fault = {"id": server, "effect": "LAUNCH", "code": "InsufficientInstanceCapacity",
                         "message": "No capacity", "match": {"resource": server}}
                assert request(world.rig.sim + "/_sim/faults", "POST", fault)[0] == 201
        finish(world, execution)
        for server in broken:
            request(f"{world.rig.sim}/_sim/faults/{server}", "DELETE")
        answer = told(world, execution, words)
        check({"waveStatus": status, "executionStatus": status, "message": has("DRS"),
               "status": status.lower() if words.islower() else status}, answer)
        launched = 2 - len(broken)
        found = details(world, execution)
        check({"status": status, "outcome": outcome, "errorMessage": has("No capacity") if broken else ABSENT,
               "waves": [{"status": status, "outcome": outcome, "serversLaunched": launched,
                          "serversFailed": len(broken)}]}, found)
        assert sum(s["status"] == "LAUNCHED" and s["instanceId"] is not None
                   for s in found["waves"][0]["servers"]) == launched, found
        terminated(world, execution, launched)


@case
def an_update_that_overtakes_its_poll_leaves_the_end_to_the_next_poll(world):
    with stalled(world):
        started = begin(world, state("exec-overtaken", wave("x46")), 1)
        said = poll(world, started)
    finish(world, "exec-overtaken")
    check({"status": "running", "wave1Status": "STARTED", "waveStatus": "COMPLETED", "message": has("COMPLETED")},
          told(world, "exec-overtaken", said["status"], waveData=said))
    check({"status": "completed", "wave1Status": "COMPLETED"}, poll(world, said))


@case
def a_word_that_nobody_knows_is_refused(world):
    begin(world, state("exec-worded", wave("x46")), 1)
    before = record(world, "exec-worded")
    for word in ("BANANA", "COMPLETE", "PENDING"):
        check({"error": "INVALID_PARAMETER", "message": has(word, "RUNNING", "COMPLETED", "FAILED", "TIMEOUT"),
               "retryable": False}, told(world, "exec-worded", word))
    answer = update(world, executionId="exec-worded", status="COMPLETED", waveData={"a": 1})
    check({"error": "MISSING_PARAMETER", "message": has("waveNumber"), "waveNumber": lambda n: n is None}, answer)
    check({"error": "INVALID_PARAMETER", "message": has("Wave 9")}, told(world, "exec-worded", "COMPLETED", 9))
    assert record(world, "exec-worded")["waves"] == before["waves"]
    idle(world)


@case
def a_wave_that_nobody_waits_for_is_given_up_by_a_timeout(world):
    with stalled(world):
        begin(world, state("exec-late", wave("x46")), 1)
        check({"status": "TIMEOUT", "waveStatus": "FAILED", "executionStatus": "FAILED"},
              told(world, "exec-late", "TIMEOUT"))
        check({"status": "FAILED", "outcome": "TIMED_OUT", "waves": [{"servers": [{"errorCode": "OUTCOME_UNKNOWN"}]}]},
              details(world, "exec-late"))
    finish(world, "exec-late")
    check({"totalTerminated": 1}, terminated(world, "exec-late", 0))


@case
def a_wave_that_never_started_ends_only_without_success(world):
    for number, (word, status) in enumerate((("FAILED", "FAILED"), ("TIMEOUT", "FAILED"), ("SKIPPED", "COMPLETED"),
                                             ("CANCELLED", "FAILED"))):
        execution = f"exec-unstarted{number}"
        run(world, state(execution, wave("x46"), wave("x47")))
        for said in ("COMPLETED", "RUNNING"):
            check({"error": "INVALID_STATE", "message": has("Wave 2 has not been started")},
                  told(world, execution, said, 2))
        check({"status": word, "waveStatus": word.replace("TIMEOUT", "FAILED"), "executionStatus": status,
               "message": "Wave status recorded"}, told(world, execution, word, 2))
        check({"error": "INVALID_STATE"}, begin(world, state(execution, wave("x46"), wave("x47")), 2))


@case
def a_repeated_start_is_the_same_call_only_with_the_same_servers(world):
    started = begin(world, state("exec-repeated", wave("x44", "x45")), 1)
    job = started["drsJobId"]
    check({"status": "STARTED", "drsJobId": job, "serversLaunched": 2},
          begin(world, state("exec-repeated", wave("x45", "x44")), 1))
    for names, words in ((("x46",), ("s-x46",)), (("x44", "x46", "x47", "x45"), ("s-x46", "s-x47"))):
        given = state("exec-repeated", wave(*names))
        answer = begin(world, given, 1)
        check({"error": "INVALID_PARAMETER", "message": has("Wave 1", *words), "retryable": False, "state": given},
              answer)
        assert "s-x44" not in answer["message"], answer
    assert len(jobs_of(world, "exec-repeated")) == 1
    idle(world)
    check({"waveStatus": "COMPLETED"}, told(world, "exec-repeated", "COMPLETED"))


@case
def a_group_that_was_changed_since_does_not_matter_to_a_repeated_start(world):
    world.group("grown", "x56")
    given = world.fill(state("exec-grown", {"protectionGroupId": "$grown", "servers": []}, wave("x47")))
    job = begin(world, given, 1)["drsJobId"]
    version = world.call("get_protection_group", groupId="$grown")["version"]
    world.call("update_protection_group", groupId="$grown", version=version, sourceServerIds=["s-x56", "s-x57"])
    check({"status": "STARTED", "drsJobId": job, "serversLaunched": 1}, begin(world, given, 1))
    idle(world)
    told(world, "exec-grown", "COMPLETED")
    assert told(world, "exec-grown", "FAILED", number=2)["executionStatus"] == "FAILED"


@case
def a_wave_that_goes_on_is_no_news_of_the_execution(world):
    with stalled(world):
        begin(world, state("exec-quiet", wave("x44"), wave("x45")), 1)
        before = details(world, "exec-quiet")["updatedAt"]
        check({"waveStatus": "LAUNCHING", "status": "running"}, told(world, "exec-quiet", "running"))
        assert details(world, "exec-quiet")["updatedAt"] == before
        finish(world, "exec-quiet")
    check({"waveStatus": "COMPLETED"}, told(world, "exec-quiet", "COMPLETED"))
    check({"executionStatus": "FAILED"}, told(world, "exec-quiet", "FAILED", number=2))
    idle(world)


@case
def a_wave_that_an_execution_never_came_to_says_so(world):
    with Fault(world, "LAUNCH", match={"resource": "s-x44"}, code="InsufficientInstanceCapacity", message="none"):
        begin(world, state("exec-short", wave("x44"), wave("x45")), 1)
        idle(world)
    check({"executionStatus": "FAILED"}, told(world, "exec-short", "FAILED"))
    check({"status": "CANCELLED", "errorCode": "WAVE_NOT_STARTED", "errorMessage": "The execution ended before it started"},
          details(world, "exec-short")["waves"][1])


@case
def a_start_that_drs_does_not_take_up_says_why(world):
    with stalled(world):
        begin(world, state("exec-first", wave("x46")), 1)
        check({"error": "DRS_API_ERROR", "message": has("ConflictException", "call again"), "retryable": True},
              begin(world, state("exec-second", wave("x46")), 1))
        check({"status": "RUNNING", "errorCode": "ConflictException", "errorMessage": has("Wave 1 (Tier 1)"),
               "waves": [{"status": "INITIATED", "errorCode": "ConflictException"}]}, details(world, "exec-second"))
    finish(world, "exec-first")
    wait_for(lambda: begin(world, state("exec-second", wave("x46")), 1).get("status") == "STARTED", "the job", 20)
    check({"errorCode": ABSENT, "waves": [{"errorCode": ABSENT}]}, details(world, "exec-second"))
    idle(world)
