"""What somebody else's state machine may not do to our servers, and how it learns what became of a wave (S3, S4)."""
from actions import begin, idle, own, state, wave
from executions import details, ended, jobs_of
from expect import ABSENT, check, has

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
