"""One drill over two accounts and two regions, and what a wrong external id does to it.

The target account's role may be assumed with its external id alone, so every call that the
simulator has performed in that account was signed with credentials that the right id has earned.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))
from harness import BUILD, ROOT, Rig, Tap, request, wait_for  # noqa: E402

DRWAVE = str(BUILD / "drwave")
HUB, TARGET, EAST, WEST = "123456789012", "210987654321", "us-east-1", "us-west-2"
EXTERNAL_ID, ROLE = "drwave-external-id", "DRSOrchestrationRole"
QUICK = {"DRWAVE_WORKFLOW_POLL_MIN_MS": "50", "DRWAVE_WORKFLOW_POLL_MAX_MS": "200"}


def scenario():
    """The file's two accounts, and a region of the target account where two more servers are."""
    world = json.loads((ROOT / "sim/scenarios/two-accounts.json").read_text())
    there = {"account": TARGET, "region": WEST}
    world["regions"] = [{"account": HUB, "region": EAST}, {"account": TARGET, "region": EAST}, there]
    world["vpcs"].append({**there, "id": "vpc-00000000000000003", "cidr": "10.40.0.0/16", "default": True})
    world["subnets"].append({**there, "id": "subnet-00000000000000031", "vpc": "vpc-00000000000000003",
                             "cidr": "10.40.1.0/24", "zone": WEST + "a", "defaultForAz": True})
    world["servers"] += [{**there, "id": f"s-0000000000000ce0{i}", "hostname": f"pay-west-0{i}",
                          "tags": {"Name": f"pay-west-0{i}", "Tier": "west"}} for i in (1, 2)]
    return world


def know_account(data, external_id, **role):
    line = {"kind": "account", "id": TARGET, "name": "payments", "externalId": external_id,
            **(role or {"roleName": ROLE})}
    subprocess.run([BUILD / "tests/conformance/seed_store", str(data)], input=json.dumps(line) + "\n", text=True,
                   check=True)


def run(serve, *words, code=0):
    done = subprocess.run([DRWAVE, *words], env=serve.client_env(), capture_output=True, text=True, timeout=120)
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout if code == 0 else done.stderr


def make_group(serve, name, account, region, tier):
    return run(serve, "create-protection-group", "--name", name, "--account-id", account, "--region", region,
               "--server-selection-tags", f"Tier={tier}", "--query", "groupId", "--output", "text").strip()


def make_plan(serve, name, gate=2):
    """Waves in turn in the hub, in the target account, in its other region, and in both at once."""
    groups = [make_group(serve, f"{name}-{i}", *place) for i, place in enumerate((
        (HUB, EAST, "db"), (TARGET, EAST, "db"), (TARGET, WEST, "west"), (HUB, EAST, "web"), (TARGET, EAST, "web")))]
    waves = [{"waveNumber": i + 1, "name": f"wave {i + 1}", "protectionGroupId": group, "pauseBeforeWave": i + 1 == gate}
             for i, group in enumerate(groups[:3])]
    waves.append({"waveNumber": 4, "name": "both", "protectionGroupIds": groups[3:]})
    run(serve, "create-recovery-plan", "--name", name, "--waves", json.dumps(waves))


def start(serve, name):
    return run(serve, "execute", name, "--drill", "--query", "executionId", "--output", "text").strip()


def details(serve, execution):
    return json.loads(run(serve, "get-execution-details", "--execution-id", execution))


def await_status(serve, execution, *statuses):
    return wait_for(lambda: (now := details(serve, execution))["status"] in statuses and now, f"{statuses} of {execution}")


def calls(rig, **asked):
    return rig.sim_get("/_sim/calls?" + "&".join(f"{k}={v}" for k, v in asked.items()))["calls"]


def terminate(rig, serve, execution):
    run(serve, "terminate-recovery-instances", "--execution-id", execution)
    wait_for(lambda: rig.sim_get("/_sim/state")["drillInstances"] == 0, "the drill's instances to go")
    wait_for(lambda: rig.sim_get("/_sim/state")["activeJobs"] == 0, "the job that terminates to end")


def signers(rig, operation):
    """(account, region, who) of every call of DRS that took effect."""
    found = []
    for call in calls(rig, service="drs", op=operation, effect="true"):
        assert call["status"] in (200, 201, 202), call
        found.append((call["account"], call["region"], re.sub(r"/[^/]*$", "", call["principal"])))
    return sorted(found)


BASE = f"arn:aws:iam::{HUB}:user"
ASSUMED = f"arn:aws:sts::{TARGET}:assumed-role/{ROLE}"


def whole_drill(rig, serve):
    make_plan(serve, "payments")
    request(rig.sim + "/_sim/calls", "DELETE")
    execution = start(serve, "payments")
    held = await_status(serve, execution, "PAUSED")
    assert [w["status"] for w in held["waves"]] == ["COMPLETED", "WAITING_APPROVAL", "PENDING", "PENDING"], held
    assert signers(rig, "StartRecovery") == [(HUB, EAST, BASE)]
    run(serve, "resume", execution)
    done = await_status(serve, execution, "COMPLETED", "FAILED")
    assert (done["status"], done["outcome"]) == ("COMPLETED", "SUCCEEDED"), done
    servers = {s["hostname"]: s for w in done["waves"] for s in w["servers"]}
    assert set(servers) == {"db-01", "db-02", "pay-db-01", "pay-west-01", "pay-west-02", "web-01", "web-02", "web-03-win",
                            "pay-web-01"}, servers
    assert all(s["status"] == "LAUNCHED" and s["instanceId"].startswith("i-") for s in servers.values()), servers
    assert signers(rig, "StartRecovery") == sorted([
        (HUB, EAST, BASE), (TARGET, EAST, ASSUMED), (TARGET, WEST, ASSUMED), (HUB, EAST, BASE), (TARGET, EAST, ASSUMED)])
    terminate(rig, serve, execution)
    assert {(account, region, who) for account, region, who in signers(rig, "TerminateRecoveryInstances")} == {
        (HUB, EAST, BASE), (TARGET, EAST, ASSUMED), (TARGET, WEST, ASSUMED)}
    # Nothing that drwave asked of the target account was asked with any other credentials, or refused.
    for call in calls(rig, account=TARGET):
        assert call["status"] < 300 and (call["service"] == "sts" or call["principal"].startswith(ASSUMED)), call
    assert EXTERNAL_ID not in json.dumps(done), "the external id is told to whoever looks"


def drill_with_a_role_arn(rig, serve, data):
    """The account is known by its role's ARN instead: the same drill, the same signatures."""
    assert serve.stop() == 0
    know_account(data, EXTERNAL_ID, roleArn=f"arn:aws:iam::{TARGET}:role/{ROLE}")
    after = rig.serve(data)
    request(rig.sim + "/_sim/calls", "DELETE")
    execution = start(after, "payments")
    await_status(after, execution, "PAUSED")
    run(after, "resume", execution)
    assert await_status(after, execution, "COMPLETED", "FAILED")["outcome"] == "SUCCEEDED"
    assert {who for account, _, who in signers(rig, "StartRecovery") if account == TARGET} == {ASSUMED}
    terminate(rig, after, execution)
    return after


def wrong_id_at_the_start(rig, serve, data):
    """Refused before anything starts, in words that name the account and never the id."""
    assert serve.stop() == 0
    know_account(data, "another-id")
    after = rig.serve(data)
    request(rig.sim + "/_sim/calls", "DELETE")
    told = run(after, "execute", "payments", "--drill", code=254)
    assert "ROLE_ASSUMPTION_FAILED, HTTP 403" in told and TARGET in told and "another-id" not in told, told
    told = run(after, "create-protection-group", "--name", "more", "--account-id", TARGET, "--region", EAST,
               "--server-selection-tags", "Tier=app", code=254)
    assert "ROLE_ASSUMPTION_FAILED" in told and "another-id" not in told, told
    # (An earlier drill's instances may still be looked after, with what was known when it started.)
    assert signers(rig, "StartRecovery") == [] == calls(rig, op="DescribeSourceServers", account=TARGET)
    assert after.stop() == 0
    know_account(data, EXTERNAL_ID, roleArn=f"arn:aws:iam::{TARGET}:role/{ROLE}")
    return rig.serve(data)


def id_that_changes_at_the_gate(rig, serve):
    """The role's trust is changed while the execution waits: its wave fails with CROSS_ACCOUNT_ERROR, no job of
    DRS was started for it, and the same plan works again when the trust is back."""
    execution = start(serve, "payments")
    await_status(serve, execution, "PAUSED")
    assert serve.stop() == 0  # credentials that were assumed before would be good for an hour
    role = f"{rig.sim}/_sim/roles/{TARGET}/-/{ROLE}"
    assert request(role, "PATCH", {"externalId": "changed"})[0] == 200
    after = rig.serve(serve.data)
    request(rig.sim + "/_sim/calls", "DELETE")
    run(after, "resume", execution)
    done = await_status(after, execution, "COMPLETED", "FAILED")
    assert done["status"] == "FAILED", done
    first, second, third, _ = done["waves"]
    assert first["status"] == "COMPLETED" and second["status"] == "FAILED", done
    assert third["status"] != "FAILED" and not third.get("drsJobId"), third
    for s in second["servers"]:
        assert s["errorCode"] == "CROSS_ACCOUNT_ERROR", s
        assert s["errorMessage"] == f"Failed to assume role {ROLE} in account {TARGET}", s
    assert signers(rig, "StartRecovery") == []
    assert EXTERNAL_ID not in json.dumps(done) and "another" not in json.dumps(done)
    assert request(role, "PATCH", {"externalId": EXTERNAL_ID})[0] == 200
    terminate(rig, after, execution)

    def start_again():  # a role that was refused is not asked for again at once
        answer = after.rest("POST", "/executions", {"planId": done["planId"], "executionType": "DRILL"})
        return answer[0] == 202 and answer[1]["executionId"]

    execution = wait_for(start_again, "the role to be assumed again")
    await_status(after, execution, "PAUSED")
    run(after, "resume", execution)
    assert await_status(after, execution, "COMPLETED", "FAILED")["outcome"] == "SUCCEEDED"
    terminate(rig, after, execution)
    return after


def state(execution, **context):
    return {"executionId": execution, "planId": "rp-elsewhere", "executionType": "DRILL", "currentWave": 1,
            "accountContext": {"accountId": TARGET, "region": EAST, **context},
            "waves": [{"waveNumber": 1, "waveName": "app", "protectionGroupId": "pg-elsewhere", "launchOrder": 1,
                       "servers": [{"serverId": "s-00000000000007a01", "hostname": "pay-app-01",
                                    "launchConfig": {"instanceType": "t3.large"}}]}]}


def wave(serve, given):
    return serve.invoke("execution-handler", {"action": "start_wave_recovery", "wave_number": 1, "state": given})


def workflow_of_somebody_else(rig, serve):
    """The action takes role and external id from its state; a wrong one is CROSS_ACCOUNT_ERROR and nothing else."""
    refused = {"error": "CROSS_ACCOUNT_ERROR", "message": f"Failed to assume role {ROLE} in account {TARGET}",
               "waveNumber": 1, "retryable": False}
    answer = wave(serve, state("exec-wrong", roleName=ROLE, externalId="wrong"))
    assert {k: answer[k] for k in refused} == refused and "wrong" not in json.dumps(answer["message"]), answer
    request(rig.sim + "/_sim/calls", "DELETE")
    for number, context in enumerate(({"roleName": ROLE, "externalId": EXTERNAL_ID},
                                      {"roleName": ROLE}, {})):  # what is not said is known of the account
        execution = f"exec-elsewhere-{number}"
        answer = wave(serve, state(execution, **context))
        assert answer.get("status") == "STARTED" and answer["drsJobId"].startswith("drsjob-"), answer
        assert signers(rig, "StartRecovery") == [(TARGET, EAST, ASSUMED)]
        wait_for(lambda: rig.sim_get("/_sim/state")["activeJobs"] == 0, "the job to end")
        update = {"action": "update_wave_completion_status", "executionId": execution, "waveNumber": 1, "status": "COMPLETED"}
        serve.invoke("execution-handler", update)
        request(rig.sim + "/_sim/calls", "DELETE")


def an_account_that_nobody_knows(rig, serve):
    """Never with the credentials of the hub: its servers are not that account's."""
    given = state("exec-unknown")
    given["accountContext"]["accountId"] = "333333333333"
    request(rig.sim + "/_sim/calls", "DELETE")
    answer = wave(serve, given)
    assert "333333333333" in answer["message"] and answer["error"] and not answer["retryable"], answer
    assert calls(rig, service="drs") == []


def main():
    tap = Tap()
    with Rig(scenario(), 600, QUICK) as rig:
        data = pathlib.Path(tempfile.mkdtemp(dir=rig.folder, prefix="data-"))
        know_account(data, EXTERNAL_ID)
        serves = [rig.serve(data)]

        def case(name, check, *more):
            tap.case(name, lambda: serves.append(check(rig, serves[-1], *more) or serves[-1]))

        case("waves in two accounts and two regions, each with the credentials of its account", whole_drill)
        case("a target account that is known by its role's ARN", drill_with_a_role_arn, data)
        case("a wrong external id is refused before anything starts", wrong_id_at_the_start, data)
        case("a trust that ends at the gate fails the wave, and no server in DRS", id_that_changes_at_the_gate)
        case("a wave of somebody else's workflow, in the other account", workflow_of_somebody_else)
        case("an account that is not known is refused", an_account_that_nobody_knows)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
