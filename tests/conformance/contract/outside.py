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
