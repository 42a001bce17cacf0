"""Executions as the contract has them (4, 5, 6): start, gates, order, failure, partial success, refusals."""
import json
import re
from concurrent.futures import ThreadPoolExecutor

import boto3
from calls import EXECUTION
from expect import ABSENT, ANY, both, check
from harness import HUB_KEYS, request, wait_for
from http_forms import send
from world import ACCOUNT, REGION, WEST, west

CASES = []
ENDS = ("COMPLETED", "FAILED", "CANCELLED")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z").fullmatch


def case(function):
    CASES.append(function)
    return function


# ---- helpers ----

def start(world, plan, **more):
    return world.call("execute_recovery_plan", **{"planId": plan, "executionType": "DRILL", **more})["executionId"]


def details(world, execution):
    return world.call("get_execution_details", executionId=execution)


def until(world, execution, what, condition):
    return wait_for(lambda: condition(e := details(world, execution)) and e, what, 30)


def ended(world, execution):
    return until(world, execution, f"{execution} to end", lambda e: e["status"] in ENDS)


def paused(world, execution):
    return until(world, execution, f"{execution} to wait", lambda e: e["status"] == "PAUSED")


def wave_of(execution, number):
    return next(w for w in execution["waves"] if w["waveNumber"] == number)


def jobs_of(world, execution):
    """Its DRS jobs as the simulator has them, the oldest first."""
    jobs = [j for j in world.rig.sim_get("/_sim/jobs")["jobs"] if j.get("tags", {}).get("ExecutionId") == execution]
    return sorted(jobs, key=lambda j: j["createdMs"])


def servers_of(job):
    return sorted(s["server"] for s in job["servers"])


class Fault:
    """A fault of the simulator while the block runs."""

    def __init__(self, world, effect, **rule):
        self.url, self.rule = world.rig.sim + "/_sim/faults", {"id": "contract", "effect": effect, **rule}

    def __enter__(self):
        status, answer, _ = request(self.url, "POST", self.rule)
        assert status == 201, answer

    def __exit__(self, *_):
        status, answer, _ = request(f"{self.url}/contract", "DELETE")
        assert status == 200, answer


# ---- start and read ----

@case
def a_start_answers_as_documented(world):
    world.group("one", "x10")
    world.group("two", "x11")
    world.plan("shop", {"protectionGroupId": "$one", "pauseBeforeWave": True}, {"protectionGroupId": "$two"})
    answer = world.invoke(EXECUTION, {"operation": "start_recovery", "body": {
        "planId": "$shop", "executionType": "DRILL", "initiatedBy": "somebody"}})
    execution = answer["body"]["executionId"]
    world.names["$run"] = execution
    assert re.fullmatch(r"exec-[0-9a-f-]{36}", execution), execution
    check({"statusCode": 202, "body": {"status": "PENDING", "statusUrl": f"/executions/{execution}", "planId": "$shop",
                                       "message": lambda m: m.endswith("operation: get_execution_details")}},
          world.fill(answer) | {"body": answer["body"] | {"planId": "$shop"}})


@case
def waves_are_shown_from_the_first_moment(world):
    waves = details(world, "$run")["waves"]
    assert [w["waveNumber"] for w in waves] == [1, 2], waves
    assert waves[0]["status"] in ("PENDING", "WAITING_APPROVAL") and waves[1]["status"] == "PENDING", waves


@case
def a_gate_holds_the_first_wave(world):
    execution = paused(world, "$run")
    check({"executionType": "DRILL", "planId": world.names["$shop"], "planName": "shop", "outcome": None,
           "initiatedBy": "somebody", "principal": str, "startTime": int, "startedAt": RFC3339, "endTime": None,
           "endedAt": None, "pausedBeforeWave": 1, "totalWaves": 2,
           "waves": [{"status": "WAITING_APPROVAL", "waitingFor": "approval", "waveName": "wave 1", "name": "wave 1",
                      "progress": lambda p: p is None, "servers": [{"sourceServerId": "s-x10", "status": "PENDING"}]},
                     {"status": "PENDING", "waitingFor": "wave 1 to complete", "dependsOnWaves": [1]}]}
          , execution | {"waves": [{"progress": None, **w} for w in execution["waves"]]})
    assert execution["principal"] != "somebody", execution
    assert jobs_of(world, world.names["$run"]) == [], "a job was started before the approval"


@case
def whatever_is_not_over_is_in_progress(world):
    for words, count in (("IN_PROGRESS", 1), ("in_progress", 1), ("PAUSED", 1), ("RUNNING", 0), ("COMPLETED", 0)):
        answer = world.call("list_executions", status=words)
        assert answer["count"] == count, (words, answer)
    item = world.call("list_executions", status="IN_PROGRESS")["executions"][0]
    check([{"waveNumber": 1, "status": "WAITING_APPROVAL", "waitingFor": "approval"},
           {"waveNumber": 2, "status": "PENDING", "waitingFor": str}], item["waves"])


@case
def while_paused_nothing_of_it_may_be_changed(world):
    active = {"executionId": world.names["$run"], "executionStatus": "PAUSED"}
    for operation, body in (("update_recovery_plan", {"planId": "$shop", "version": 1}),
                            ("delete_recovery_plan", {"planId": "$shop"}),
                            ("update_protection_group", {"groupId": "$one", "version": 1}),
                            ("delete_protection_group", {"groupId": "$two"}),
                            ("execute_recovery_plan", {"planId": "$shop", "executionType": "DRILL"})):
        check(both("ACTIVE_EXECUTION", **active), world.refused(operation, "ACTIVE_EXECUTION", **body))
        status, _ = world.rest("DELETE", "/recovery-plans/$shop")
        assert status == 409, (operation, status)


@case
def a_server_of_a_running_execution_is_not_started_again(world):
    world.group("three", "x12")
    world.plan("twin", {"protectionGroupIds": ["$three", "$one"], "pauseBeforeWave": True}, {"protectionGroupId": "$two"})
    run = world.names["$run"]
    holder = {"conflictingExecutionId": run, "conflictingPlanId": world.names["$shop"], "conflictingPlanName": "shop",
              "conflictingStatus": "PAUSED", "conflictSource": "execution"}
    check(both("SERVER_CONFLICT", conflictingExecutionId=run,
               conflicts=[{"sourceServerId": f"s-{x}", "serverId": f"s-{x}", "hostname": x, "waveNumber": n,
                           "waveName": f"wave {n}", **holder} for x, n in (("x10", 1), ("x11", 2))])
          | {"message": f"Source server 's-x10' is in use by execution {run} of plan 'shop', and 1 more server(s)"},
          world.refused("execute_recovery_plan", "SERVER_CONFLICT", planId="$twin", executionType="DRILL"))


@case
def instances_are_not_terminated_before_the_end(world):
    check(both("INVALID_STATE", executionId=world.names["$run"], currentStatus="PAUSED"),
          world.refused("terminate_recovery_instances", "INVALID_STATE", executionId="$run"))


@case
def an_approval_lets_it_run_to_its_end(world):
    world.refused("resume_execution", "INVALID_STATE", executionId="$run", waveNumber=2)
    check({"executionId": world.names["$run"], "message": str, "waveNumber": 1, "status": str},
          world.call("resume_execution", executionId="$run"))
    execution = ended(world, "$run")
    check({"status": "COMPLETED", "outcome": "SUCCEEDED", "endTime": int, "endedAt": RFC3339, "completedWaves": 2},
          execution)
    for wave in execution["waves"]:
        check({"status": "COMPLETED", "outcome": "SUCCEEDED", "drsJobId": wave["jobId"], "drsJobIds": [wave["jobId"]],
               "serversLaunched": 1, "startTime": int, "startedAt": RFC3339, "endTime": int, "endedAt": RFC3339,
               "servers": [{"status": "LAUNCHED", "instanceId": str, "serverId": str, "sourceServerID": str}]}, wave)
        assert wave["servers"] == wave["serverStatuses"], wave
    assert execution["waves"][0]["approvedBy"] == execution["principal"], execution["waves"][0]
    world.refused("resume_execution", "INVALID_STATE", executionId="$run")


@case
def every_call_of_aws_is_in_the_log_with_its_request_id(world):
    logged = [json.loads(line) for line in world.serve.process.log.read_text().splitlines() if '"aws.call"' in line]
    made = world.rig.sim_get("/_sim/calls?op=StartRecovery")["calls"]
    assert made, made
    for call in made:
        told = [line for line in logged if line.get("awsRequest") == call["id"]]
        check([{"service": "drs", "op": "StartRecovery", "region": REGION, "status": 202}], told)


@case
def one_job_for_each_launch_bears_its_tags(world):
    run = world.names["$run"]
    jobs = jobs_of(world, run)
    assert [servers_of(j) for j in jobs] == [["s-x10"], ["s-x11"]], jobs
    for i, job in enumerate(jobs):
        check({"ExecutionId": run, "PlanId": world.names["$shop"], "WaveNumber": str(i + 1), "WaveName": f"wave {i + 1}",
               "LaunchId": str}, job["tags"])
    assert jobs[0]["tags"]["LaunchId"] != jobs[1]["tags"]["LaunchId"]


@case
def both_functions_and_rest_read_it_alike(world):
    readings = [world.invoke(f, {"operation": o, "body": {"executionId": "$run"}}) for f in
                ("x-execution-handler", "x-query-handler") for o in ("get_execution", "get_execution_details")]
    readings.append(world.rest("GET", "/executions/$run")[1])
    readings.append(world.invoke(EXECUTION, {"operation": "get_execution", "parameters": {"executionId": "$run"}})["body"])
    assert all(r == readings[0] for r in readings), readings


@case
def the_plan_remembers_its_last_execution(world):
    plan = world.call("get_recovery_plan", planId="$shop")
    check({"lastExecutionId": world.names["$run"], "lastExecutionStatus": "COMPLETED", "lastStartedAt": RFC3339}, plan)
    names = [p["name"] for p in world.call("list_recovery_plans", status="COMPLETED")["recoveryPlans"]]
    assert names == ["shop"], names
    assert world.call("list_recovery_plans", status="paused")["count"] == 0


@case
def a_list_of_executions_is_filtered(world):
    run, plan = world.names["$run"], world.names["$shop"]
    for wanted, filters in ((1, {"status": "COMPLETED"}), (1, {"status": "completed"}), (0, {"status": "IN_PROGRESS"}),
                            (0, {"status": "RUNNING"}), (1, {"planId": plan}), (0, {"planId": "rp-none"}),
                            (1, {"executionType": "DRILL"}), (0, {"executionType": "RECOVERY"}),
                            (1, {"planId": plan, "status": "COMPLETED"}), (0, {"planId": plan, "status": "FAILED"}),
                            (1, {"accountId": ACCOUNT}), (0, {"accountId": "999999999999"}),
                            (0, {"startedBefore": 1}), (1, {"startedAfter": 1})):
        answer = world.call("list_executions", **filters)
        assert answer["count"] == len(answer["executions"]) == wanted, (filters, answer)
    item = answer["executions"][0]
    check({"executionId": run, "planId": plan, "planName": "shop", "status": "COMPLETED", "outcome": "SUCCEEDED",
           "startTime": int, "startedAt": RFC3339, "endTime": int, "endedAt": RFC3339, "executionType": "DRILL",
           "waves": [{"waveNumber": 1, "waveName": "wave 1", "name": "wave 1", "status": "COMPLETED",
                      "outcome": "SUCCEEDED", "serverCount": 1}, {"waveNumber": 2, "status": "COMPLETED"}]}, item)


@case
def what_was_launched_is_terminated(world):
    with Fault(world, "STALL", match={"resource": "s-x11", "phase": "CLEANUP"}):
        check({"executionId": world.names["$run"], "totalFound": 2, "noInstancesFound": False},
              world.call("terminate_recovery_instances", executionId="$run"))
        execution = until(world, "$run", "one of two to go", lambda e: e["termination"]["totalTerminated"] == 1)
        check({"status": "RUNNING", "totalFound": 2, "totalFailed": 0}, execution["termination"])
        for job in world.rig.sim_get("/_sim/jobs")["jobs"]:
            if job["type"] == "TERMINATE" and job["status"] != "COMPLETED":
                path = f"/_sim/jobs/{job['account']}/{job['region']}/{job['id']}"
                while world.rig.sim_get(path)["status"] != "COMPLETED":
                    request(world.rig.sim + path + "/advance", "POST", {})
    execution = until(world, "$run", "the instances to go",
                      lambda e: e["termination"]["status"] == "COMPLETED")
    assert [s["status"] for w in execution["waves"] for s in w["servers"]] == ["TERMINATED"] * 2, execution
    again = world.call("terminate_instances", executionId="$run")
    check({"alreadyTerminated": True, "instances": []}, again)
    assert execution["status"] == "COMPLETED", execution


@case
def what_executions_used_may_be_deleted_after_them(world):
    for name in ("$shop", "$twin"):
        world.call("delete_recovery_plan", planId=name)
    for name in ("$one", "$two", "$three"):
        world.call("delete_protection_group", groupId=name)
    assert details(world, "$run")["planName"] == "shop"


# ---- order ----

@case
def several_groups_of_one_wave_start_together(world):
    world.group("a", "x10")
    world.group("b", "x11")
    world.plan("together", {"protectionGroupIds": ["$a", "$b"]})
    execution = ended(world, start(world, "$together"))
    assert execution["outcome"] == "SUCCEEDED" and len(execution["waves"]) == 1, execution
    jobs = jobs_of(world, execution["executionId"])
    assert [servers_of(j) for j in jobs] == [["s-x10", "s-x11"]], jobs
    assert sorted(execution["waves"][0]["protectionGroupIds"]) == sorted([world.names["$a"], world.names["$b"]])


@case
def entries_of_one_wave_start_by_their_launch_order(world):
    world.plan("shared", {"waveNumber": 7, "protectionGroupId": "$a", "launchOrder": 2},
               {"waveNumber": 7, "protectionGroupId": "$b", "launchOrder": 1})
    execution = ended(world, start(world, "$shared"))
    assert [w["waveNumber"] for w in execution["waves"]] == [7] and execution["outcome"] == "SUCCEEDED", execution
    first, second = jobs_of(world, execution["executionId"])
    assert (servers_of(first), servers_of(second)) == (["s-x11"], ["s-x10"]), (first, second)
    assert second["createdMs"] >= first["endMs"], (first, second)
    assert execution["waves"][0]["drsJobIds"] == [first["id"], second["id"]], execution["waves"]
    assert execution["waves"][0]["drsJobId"] == first["id"], execution["waves"]


@case
def dependencies_decide_the_order_and_numbers_stay(world):
    world.plan("reversed", {"waveNumber": 10, "protectionGroupId": "$a", "dependsOnWaves": [30]},
               {"waveNumber": 30, "protectionGroupId": "$b", "dependsOnWaves": []})
    execution = ended(world, start(world, "$reversed"))
    assert [w["waveNumber"] for w in execution["waves"]] == [10, 30], execution
    first, second = jobs_of(world, execution["executionId"])
    assert (first["tags"]["WaveNumber"], second["tags"]["WaveNumber"]) == ("30", "10"), (first, second)
    assert second["createdMs"] >= first["endMs"], (first, second)


@case
def waves_run_one_at_a_time_unless_the_plan_says_otherwise(world):
    world.group("c", "x12")
    waves = ({"protectionGroupId": "$a"}, {"protectionGroupId": "$b", "dependsOnWaves": []},
             {"protectionGroupId": "$c", "dependsOnWaves": [1, 2]})
    for parallel in (False, True):
        name = f"parallel{parallel}"
        world.plan(name, *waves, parallelWaves=parallel)
        execution = ended(world, start(world, "$" + name))
        jobs = {j["tags"]["WaveNumber"]: j for j in jobs_of(world, execution["executionId"])}
        overlap = jobs["2"]["createdMs"] < jobs["1"]["endMs"]
        assert overlap == parallel, (parallel, jobs)
        assert jobs["3"]["createdMs"] >= max(jobs["1"]["endMs"], jobs["2"]["endMs"]), jobs
        assert execution["outcome"] == "SUCCEEDED", execution


@case
def of_racing_starts_of_one_plan_one_wins(world):
    world.plan("raced", {"protectionGroupIds": ["$a", "$b", "$c"], "pauseBeforeWave": True})
    event = {"operation": "execute_recovery_plan", "body": {"planId": "$raced", "executionType": "DRILL"}}
    for _ in range(3):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: world.invoke("x-execution-handler", event), range(8)))
        won = [a["executionId"] for a in answers if "error" not in a]
        assert len(won) == 1, answers
        for answer in (a for a in answers if "error" in a):
            check(both("ACTIVE_EXECUTION", executionId=won[0], executionStatus=str), answer)
        paused(world, won[0])
        world.call("resume_execution", executionId=won[0])
        ended(world, won[0])


def ended_now(world, job, region=REGION):
    """The job a step further, without waiting for the simulator's clock."""
    _, answer, _ = request(f"{world.rig.sim}/_sim/jobs/{ACCOUNT}/{region}/{job['id']}/advance", "POST", {})
    return answer


def drs_in(world, region):
    """DRS itself, for what happens there without us."""
    return boto3.client("drs", region_name=region, endpoint_url=world.rig.sim,
                        aws_access_key_id=HUB_KEYS["AWS_ACCESS_KEY_ID"],
                        aws_secret_access_key=HUB_KEYS["AWS_SECRET_ACCESS_KEY"])


# ---- failure ----

def broken(world, server):
    return Fault(world, "LAUNCH", match={"resource": server}, code="InsufficientInstanceCapacity", message="No capacity")


@case
def after_a_failed_wave_the_rest_stops(world):
    for policy, third in (("stop", "CANCELLED"), ("continue", "COMPLETED")):
        name = "failing-" + policy
        world.plan(name, {"protectionGroupId": "$a"}, {"protectionGroupId": "$b"},
                   {"protectionGroupId": "$c", "dependsOnWaves": []}, onWaveFailure=policy)
        with broken(world, "s-x10"):
            execution = ended(world, start(world, "$" + name))
        first, second, last = execution["waves"]
        assert execution["status"] == "FAILED", execution
        check({"status": "FAILED", "outcome": "FAILED", "errorMessage": str,
               "servers": [{"status": "FAILED", "errorMessage": str}]}, first)
        check({"status": "CANCELLED", "drsJobIds": [], "errorCode": "WAVE_NOT_STARTED", "servers": [{"status": "CANCELLED"}],
               "errorMessage": "Wave 1 failed, and the plan starts none after that" if policy == "stop" else
               "Wave 1, which it depends on, did not complete"}, second)
        assert (last["status"] == "COMPLETED") == (policy == "continue"), last
        assert execution["outcome"] == ("PARTIAL" if policy == "continue" else "FAILED"), execution


@case
def a_wave_with_one_failed_server_is_partial(world):
    with broken(world, "s-x11"):
        execution = ended(world, start(world, "$together"))
    wave = execution["waves"][0]
    check({"status": "FAILED", "outcome": "PARTIAL", "serversLaunched": 1, "serversFailed": 1}, wave)
    assert {s["serverId"]: s["status"] for s in wave["servers"]} == {"s-x10": "LAUNCHED", "s-x11": "FAILED"}, wave
    assert (execution["status"], execution["outcome"]) == ("FAILED", "PARTIAL"), execution
    assert jobs_of(world, execution["executionId"])[0]["status"] == "COMPLETED"
    answer = world.call("list_executions", status="PARTIAL", planId="$together")
    assert [e["executionId"] for e in answer["executions"]] == [execution["executionId"]], answer


@case
def a_running_wave_is_in_progress(world):
    with Fault(world, "STALL", match={"region": REGION}):
        execution = start(world, "$together")
        seen = until(world, execution, "its wave to run", lambda e: e["waves"][0]["drsJobId"])
        check({"status": "RUNNING", "outcome": None, "endTime": None, "currentWave": 1,
               "waves": [{"status": lambda s: s in ("INITIATED", "LAUNCHING", "STARTED"), "progress": "IN_PROGRESS",
                          "outcome": None, "drsJobId": str, "startTime": int,
                          "servers": lambda s: {x["status"] for x in s} <= {"PENDING", "LAUNCHING"}}]}, seen)
        world.refused("delete_protection_group", "ACTIVE_EXECUTION", groupId="$a")
        world.refused("resume_execution", "INVALID_STATE", executionId=execution)
    for job in jobs_of(world, execution):
        while ended_now(world, job)["status"] != "COMPLETED":
            pass
    assert ended(world, execution)["outcome"] == "SUCCEEDED"


@case
def a_transient_error_fails_nothing(world):
    for effect, more in (("THR", {}), ("5XX", {"value": 503}), ("NET", {"variant": "reset"})):
        with Fault(world, effect, match={"service": "drs", "op": "StartRecovery", "count": 4}, **more):
            execution = ended(world, start(world, "$together"))
        assert execution["outcome"] == "SUCCEEDED", (effect, execution)
        assert len(jobs_of(world, execution["executionId"])) == 1, effect
    with Fault(world, "THR", match={"service": "drs", "op": "Describe*", "percentage": 40}):
        status = world.invoke(EXECUTION, {"operation": "execute_recovery_plan", "body": {
            "planId": "$together", "executionType": "DRILL"}})["statusCode"]
        assert status in (202, 503), status
        execution = ended(world, world.call("list_executions", planId="$together", limit=1)["executions"][0][
            "executionId"])
    assert execution["outcome"] == "SUCCEEDED", execution


# ---- refusals of a start ----

@case
def lagging_servers_are_started_by_permission_alone(world):
    world.group("lag", "lagging")
    world.plan("late", {"protectionGroupId": "$lag"})
    check(both("INVALID_REPLICATION_STATE", invalidServers=[
        {"serverId": "s-lagging", "hostname": "lagging", "replicationState": "BACKLOG"}]),
        world.refused("execute_recovery_plan", "INVALID_REPLICATION_STATE", planId="$late", executionType="DRILL"))
    execution = start(world, "$late", allowLaggingReplication=True)
    assert ended(world, execution)["allowLaggingReplication"] is True


@case
def too_large_a_wave_is_refused_at_the_start(world):
    world.plan("grown", {"protectionGroupId": "$half"})
    for i in range(60):
        status, answer, _ = request(world.rig.sim + "/_sim/servers", "POST", {
            "id": f"s-grown{i:02}", "hostname": f"grown{i:02}", "tags": {"Half": "half"}})
        assert status == 201, answer
    check(both("WAVE_SIZE_LIMIT_EXCEEDED", limit=100, errors=[{"waveNumber": 1, "serverCount": 120}])
          | {"message": "Wave 1 has 120 servers, max is 100"},
          world.refused("execute_recovery_plan", "WAVE_SIZE_LIMIT_EXCEEDED", planId="$grown", executionType="DRILL"))


@case
def a_drill_does_not_replace_a_live_recovery(world):
    world.group("live", "x20")
    world.plan("lived", {"protectionGroupId": "$live"})
    recovery = ended(world, start(world, "$lived", executionType="RECOVERY"))
    assert (recovery["outcome"], recovery["executionType"]) == ("SUCCEEDED", "RECOVERY"), recovery
    answer = world.refused("execute_recovery_plan", "SERVER_CONFLICT", planId="$lived", executionType="DRILL")
    assert "replaceRecoveryInstances" in answer["message"], answer
    check([{"sourceServerId": "s-x20", "recoveryInstanceId": str}], answer["recoveryInstances"])
    drill = ended(world, start(world, "$lived", replaceRecoveryInstances=True))
    assert drill["outcome"] == "SUCCEEDED" and drill["replaceRecoveryInstances"] is True, drill


@case
def a_launch_that_was_postponed_does_not_wait_for_the_others(world):
    world.group("near", "x38")
    world.group("away", region=WEST, sourceServerIds=[west(20)], launchConfiguration={"instanceType": "c5.large"})
    world.plan("both", {"protectionGroupIds": ["$near", "$away"]})
    with Fault(world, "STALL", match={"region": REGION, "phase": "JOB"}):
        refused = {"id": "later", "effect": "THR", "match": {"op": "GetLaunchConfiguration", "region": WEST, "count": 12}}
        assert request(world.rig.sim + "/_sim/faults", "POST", refused)[0] == 201
        execution = start(world, "$both")
        wait_for(lambda: len(jobs_of(world, execution)) == 2, "the second job, while the first stands still", 30)
        assert details(world, execution)["status"] == "RUNNING"
        assert request(world.rig.sim + "/_sim/faults/later", "DELETE")[1]["hits"] == 12
    for job in jobs_of(world, execution):
        while job["status"] != "COMPLETED":
            path = f"/_sim/jobs/{job['account']}/{job['region']}/{job['id']}"
            request(world.rig.sim + path + "/advance", "POST", {})
            job = world.rig.sim_get(path)
    assert ended(world, execution)["outcome"] == "SUCCEEDED"


@case
def a_termination_that_drs_ends_half_done_counts_each_instance(world):
    world.group("sticky", "x54", "x55")
    world.plan("clinging", {"protectionGroupId": "$sticky"})
    execution = ended(world, start(world, "$clinging"))["executionId"]
    with Fault(world, "CLEAN", match={"resource": "s-x55"}):
        world.call("terminate_recovery_instances", executionId=execution)
        over = until(world, execution, "the termination", lambda e: e["termination"]["status"] != "RUNNING")
    check({"status": "FAILED", "totalFound": 2, "totalTerminated": 1, "totalFailed": 1}, over["termination"])
    check({"totalFound": 1}, world.call("terminate_recovery_instances", executionId=execution))
    until(world, execution, "the other", lambda e: e["termination"]["status"] == "COMPLETED")


@case
def a_server_that_a_job_of_drs_works_on_is_not_started(world):
    world.group("used", region=WEST, sourceServerIds=[west(i) for i in (13, 14, 15)])
    world.plan("worked", {"protectionGroupId": "$used"})
    with Fault(world, "STALL", match={"region": WEST}):
        jobs = [drs_in(world, WEST).start_recovery(isDrill=True, sourceServers=[{"sourceServerID": west(i)}])["job"]["jobID"]
                for i in (13, 15)]
        answer = world.refused("execute_recovery_plan", "SERVER_CONFLICT", planId="$worked", executionType="DRILL")
    conflicts = sorted(answer["conflicts"], key=lambda c: c["sourceServerId"])
    check([{"sourceServerId": west(i), "hostname": west(i)[2:], "waveNumber": 1, "waveName": "wave 1",
            "conflictingJobId": job, "conflictingJobStatus": str, "conflictSource": "drs_job", "conflictingExecutionId": ABSENT} for i, job in zip((13, 15), jobs)], conflicts)
    first = answer["conflicts"][0]
    check(both("SERVER_CONFLICT", conflictingJobId=first["conflictingJobId"], conflicts=answer["conflicts"])
          | {"message": f"Source server '{first['sourceServerId']}' is being processed by DRS job "
                        f"{first['conflictingJobId']}, and 1 more server(s)"}, answer)
    for job in jobs:
        while ended_now(world, {"id": job}, WEST)["status"] != "COMPLETED":
            pass


@case
def every_server_that_is_gone_from_drs_is_named(world):
    world.group("leaving", region=WEST, sourceServerIds=[west(i) for i in (21, 22, 23)])
    world.group("staying", "x49")
    world.plan("left", {"protectionGroupId": "$leaving"}, {"protectionGroupId": "$staying"})
    for i in (21, 23):
        drs_in(world, WEST).disconnect_source_server(sourceServerID=west(i))
        drs_in(world, WEST).delete_source_server(sourceServerID=west(i))
    answer = world.refused("execute_recovery_plan", "INVALID_PARAMETER", planId="$left", executionType="DRILL")
    check([{"field": "planId", "error": "INVALID_PARAMETER",
            "message": f"Source server '{west(i)}' of group 'leaving' does not exist in DRS any more"} for i in (21, 23)],
          answer["errors"])


@case
def every_server_of_two_groups_and_every_empty_wave_is_named(world):
    world.group("tagged", region=REGION, serverSelectionTags={"Twice": "yes"})
    world.group("empty", region=REGION, serverSelectionTags={"Twice": "never"})
    world.group("listed", "x50", "x51", "x52")
    world.plan("double", {"protectionGroupId": "$listed"}, {"protectionGroupId": "$tagged"})
    world.plan("void", {"protectionGroupId": "$empty"}, {"protectionGroupId": "$listed"}, {"protectionGroupId": "$tagged"})
    answer = world.refused("execute_recovery_plan", "INVALID_PARAMETER", planId="$void", executionType="DRILL")
    assert [e["message"] for e in answer["errors"]] == [f"Wave {n} has no servers" for n in (1, 3)], answer
    drs = drs_in(world, REGION)
    for name in ("x50", "x52"):
        drs.tag_resource(resourceArn=f"arn:aws:drs:{REGION}:{ACCOUNT}:source-server/s-{name}", tags={"Twice": "yes"})
    answer = world.refused("execute_recovery_plan", "SERVER_CONFLICT", planId="$double", executionType="DRILL")
    groups = f"by groups '{world.names['$listed']}' and '{world.names['$tagged']}'"
    assert [e["message"] for e in answer["errors"]] == [f"Source server 's-{n}' is in the plan twice: {groups}"
                                                         for n in ("x50", "x52")], answer


@case
def a_start_that_makes_no_sense_is_refused(world):
    world.group("idle", "x53")
    world.plan("resting", {"protectionGroupId": "$idle"}, status="INACTIVE")
    answer = world.refused("execute_recovery_plan", "INVALID_STATE", planId="$resting", executionType="DRILL")
    assert answer["message"] == "Recovery Plan 'resting' is INACTIVE: update its status to ACTIVE before", answer
    version = world.call("get_recovery_plan", planId="$resting")["version"]
    world.call("update_recovery_plan", planId="$resting", version=version, status="ACTIVE")
    answer = world.refused("execute_recovery_plan", "INVALID_PARAMETER", planId="$resting", executionType="DRILL",
                           pointInTime="2999-01-01T00:00:00Z")
    assert answer["message"] == "'pointInTime' lies ahead", answer
    assert ended(world, start(world, "$resting"))["outcome"] == "SUCCEEDED"


@case
def a_full_quota_of_jobs_says_when_to_come_back(world):
    world.group("west", region=WEST, sourceServerIds=[west(0)])
    world.plan("far", {"protectionGroupId": "$west"})
    drs = drs_in(world, WEST)
    with Fault(world, "STALL", match={"region": WEST}):
        for i in range(1, 21):
            drs.start_recovery(isDrill=True, sourceServers=[{"sourceServerID": west(i)}])
        answer = world.refused("execute_recovery_plan", "DRS_LIMIT_EXCEEDED", planId="$far", executionType="DRILL")
        check({"retryable": True, "retryAfter": int, "message": str}, answer)
        status, headers, body = send(world, "POST", "/executions", json.dumps(
            {"planId": world.names["$far"], "executionType": "DRILL"}).encode(), Content_Type="application/json")
        assert (status, headers["Retry-After"]) == (429, str(body["retryAfter"])), (status, headers, body)


@case
def a_point_in_time_without_a_snapshot_is_refused(world):
    def refused(plan, *servers):
        answer = world.refused("execute_recovery_plan", "INVALID_PARAMETER", planId=plan, executionType="DRILL",
                               pointInTime="2001-01-01T00:00:00Z")
        faults = [f"Source server 's-{s}' has no recovery snapshot from before 2001-01-01T00:00:00Z" for s in servers]
        assert answer["message"] == "; ".join(faults), answer
        return answer, [{"error": "INVALID_PARAMETER", "field": "pointInTime", "message": m} for m in faults]

    world.plan("early", {"protectionGroupId": "$a"})
    check({"details": {"field": "pointInTime"}}, refused("$early", "x10")[0])
    answer, errors = refused("$together", "x10", "x11")
    check(errors, answer["errors"])


@case
def pages_of_executions_are_walked_by_their_tokens(world):
    everything = [e["executionId"] for e in world.call("list_executions", limit=1000)["executions"]]
    starts = [e["startTime"] for e in world.call("list_executions", limit=1000)["executions"]]
    assert starts == sorted(starts, reverse=True), starts
    seen, token = [], None
    while True:
        page = world.call("list_executions", limit=3, nextToken=token)
        seen += [e["executionId"] for e in page["executions"]]
        token = page["nextToken"]
        if not token:
            break
    assert seen == everything and len(seen) > 6, (seen, everything)
    filtered = world.call("list_executions", status="FAILED", limit=1)
    assert filtered["count"] == 1 and filtered["nextToken"], filtered
    rest = world.call("list_executions", status="FAILED", limit=100, nextToken=filtered["nextToken"])
    ids = [e["executionId"] for e in filtered["executions"] + rest["executions"]]
    assert len(ids) == len(set(ids)) == world.call("list_executions", status="FAILED")["count"], ids
