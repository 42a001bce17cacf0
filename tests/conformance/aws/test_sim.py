"""Our AWS client against the simulator: every call, AssumeRole, and every fault that one call can meet.

Each case states what the caller is told (fault, code, retryable, ambiguous) and, from the simulator's
own log, how often AWS was asked.
"""
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

AWSCALL, SIM, ROOT = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
TARGET = {"role": "arn:aws:iam::210987654321:role/DRSOrchestrationRole", "externalId": "drwave-external-id"}
DB, APP, WEB = "s-0000000000000db01", "s-0000000000000a001", "s-0000000000000eb01"
PAYMENTS = "s-00000000000007db1"
count = failed = 0


class Sim:
    def __init__(self):
        scenario = ROOT / "sim/scenarios/two-accounts.json"
        self.process = subprocess.Popen(
            [SIM, "--listen", "127.0.0.1:0", "--scenario", str(scenario), "--speed", "5000"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            if "listening on " in line:
                self.url = line.split("listening on ", 1)[1].strip()
                return
        raise SystemExit("Bail out! the simulator does not start")

    def admin(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.url}/_sim/{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def fault(self, effect, op, **more):
        match = {"op": op, **more.pop("match", {})}
        self.admin("POST", "faults", {"id": "f", "effect": effect, "match": match, **more})

    def quiet(self):
        self.admin("DELETE", "faults")
        self.admin("DELETE", "calls")

    def asked(self, op):
        calls = self.admin("GET", "calls")
        return sum(call["op"] == op for call in calls["calls"])


class Desk:
    def __init__(self, url, **more):
        env = {"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1",
               "AWS_ACCESS_KEY_ID": "AKIADRWAVEHUB0000001",
               "AWS_SECRET_ACCESS_KEY": "test/AKIADRWAVEHUB0000001/not-a-secret-0", "HOME": "/nonexistent"}
        env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        env.update(more)
        self.process = subprocess.Popen([AWSCALL], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env={k: v for k, v in env.items() if v is not None})

    def ask(self, call, **order):
        self.process.stdin.write(json.dumps({"call": call, **order}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def items(self, call, **order):
        answer = self.ask(call, **order)
        assert answer["fault"] == "NONE", answer
        return answer["items"]

    def result(self, call, **order):
        answer = self.ask(call, **order)
        assert answer["fault"] == "NONE", answer
        return answer.get("result")

    def close(self):
        self.process.stdin.close()
        return self.process.wait(timeout=30)


def case(title):
    def run(fn):
        global count, failed
        count += 1
        try:
            SIM_SERVER.quiet()
            fn()
            print(f"ok {count} - {title}", flush=True)
        except Exception as error:  # whatever it is, it is this case's failure
            failed += 1
            print(f"not ok {count} - {title}\n# {type(error).__name__}: {error}", flush=True)
    return run


def eventually(fn, what):
    until = time.monotonic() + 30
    while time.monotonic() < until:
        value = fn()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"never: {what}")


def finished(desk, job_id, **target):
    def look():
        jobs = desk.items("describe_jobs", ids=[job_id], **target)
        return jobs and jobs[0]["status"] == "COMPLETED" and jobs[0]
    return eventually(look, f"{job_id} is completed")


def told(answer, fault, code, retryable, ambiguous=False):
    error = answer["error"]
    got = (answer["fault"], error["code"], error["retryable"], error["ambiguous"])
    assert got == (fault, code, retryable, ambiguous), answer


SIM_SERVER = Sim()
desk = Desk(SIM_SERVER.url)


# ---- every call ----

@case("who we are, and who the target is")
def _():
    assert desk.result("get_caller_identity")["Account"] == "123456789012"
    target = desk.result("get_caller_identity", **TARGET)
    assert target["Account"] == "210987654321", target
    assert target["Arn"].endswith(":assumed-role/DRSOrchestrationRole/drwave"), target


@case("source servers of both accounts, page by page, each account its own")
def _():
    hub = {s["sourceServerID"]: s for s in desk.items("describe_source_servers")}
    assert len(hub) == 8 and hub[DB]["sourceProperties"]["identificationHints"]["hostname"] == "db-01"
    assert hub[DB]["tags"]["Tier"] == "db" and hub[DB]["dataReplicationInfo"]["replicatedDisks"]
    target = [s["sourceServerID"] for s in desk.items("describe_source_servers", **TARGET)]
    assert PAYMENTS in target and DB not in target and len(target) == 4
    one = desk.items("describe_source_servers", ids=[DB])
    assert [s["sourceServerID"] for s in one] == [DB]


@case("a page limit of one changes nothing")
def _():
    SIM_SERVER.admin("POST", "knobs", {"pageSize": 1})
    assert len(desk.items("describe_source_servers")) == 8
    SIM_SERVER.admin("POST", "knobs", {"pageSize": 25})


@case("a drill from its start to its end, in the target's account")
def _():
    tags = {"drwave:ExecutionId": "exec-1", "a b": "c+d/é"}
    job = desk.result("start_recovery", ids=[PAYMENTS], drill=True, tags=tags, **TARGET)
    assert job["initiatedBy"] == "START_DRILL" and job["tags"] == tags, job
    done = finished(desk, job["jobID"], **TARGET)
    assert done["endDateTime"] and done["participatingServers"][0]["launchStatus"] == "LAUNCHED", done
    log = desk.items("describe_job_log_items", id=job["jobID"], **TARGET)
    events = [item["event"] for item in log]
    assert events[0] == "JOB_START" and events[-1] == "JOB_END" and "LAUNCH_END" in events, events
    times = [item["logDateTime"] for item in log]
    assert times == sorted(times)
    found = eventually(lambda: desk.items("describe_recovery_instances", ids=[PAYMENTS], **TARGET), "an instance")
    assert found[0]["isDrill"] and found[0]["jobID"] == job["jobID"], found
    instance = desk.items("describe_instances", ids=[found[0]["ec2InstanceID"]], **TARGET)
    assert instance[0]["instanceState"]["name"] == "running" and instance[0]["privateIpAddress"], instance
    ended = desk.result("terminate_recovery_instances", ids=[found[0]["recoveryInstanceID"]], **TARGET)
    assert ended["initiatedBy"] == "TERMINATE_RECOVERY_INSTANCES", ended
    finished(desk, ended["jobID"], **TARGET)


@case("jobs since a moment, and jobs that are none")
def _():
    since = desk.items("describe_jobs", **{"from": "2020-01-01T00:00:00Z"}, **TARGET)
    assert len(since) >= 2, since
    assert desk.items("describe_jobs", **{"from": "2100-01-01T00:00:00Z"}, **TARGET) == []
    assert desk.items("describe_jobs", ids=["drsjob-00000000000000000"]) == []
    assert desk.items("describe_jobs", ids=[]) == []


@case("configurations, snapshots and tags")
def _():
    launch = desk.result("get_launch_configuration", id=APP)
    assert launch["ec2LaunchTemplateID"].startswith("lt-"), launch
    changed = desk.result("update_launch_configuration",
                          launch={"sourceServerID": APP, "copyPrivateIp": True, "launchDisposition": "STOPPED",
                                  "licensing": {"osByol": True}})
    assert changed["copyPrivateIp"] is True and changed["launchDisposition"] == "STOPPED", changed
    assert changed["licensing"] == {"osByol": True} and changed["copyTags"] == launch["copyTags"], changed
    replication = desk.result("get_replication_configuration", id=APP)
    assert len(replication["pitPolicy"]) == 3 and replication["sourceServerID"] == APP, replication
    snapshots = desk.items("describe_recovery_snapshots", id=APP)
    taken = [s["timestamp"] for s in snapshots]
    assert taken and taken == sorted(taken, reverse=True), snapshots
    arn = desk.items("describe_source_servers", ids=[APP])[0]["arn"]
    assert desk.ask("tag_resource", id=arn, tags={"k 1": "v&=/", "x": ""})["fault"] == "NONE"
    assert desk.result("list_tags", id=arn)["tags"]["k 1"] == "v&=/"
    assert desk.ask("untag_resource", id=arn, names=["k 1", "x"])["fault"] == "NONE"
    assert "k 1" not in desk.result("list_tags", id=arn)["tags"]


@case("subnets, groups and templates of EC2")
def _():
    subnets = desk.items("describe_subnets", filter="tag:Tier", names=["a*", "db"])
    assert {s["cidrBlock"] for s in subnets} == {"10.20.1.0/24", "10.20.2.0/24"}, subnets
    groups = desk.items("describe_security_groups", ids=["sg-00000000000000013"])
    assert groups[0]["groupDescription"] == "Recovered web servers", groups
    assert desk.items("describe_subnets", filter="vpc-id", names=[]) == []
    template = desk.result("get_launch_configuration", id=WEB)["ec2LaunchTemplateID"]
    before = desk.items("describe_template_versions", id=template, names=["$Default"])[0]
    created = desk.result("copy_template_version", id=template, names=["$Default"])
    assert created["versionNumber"] == before["versionNumber"] + 1, created
    assert created["versionDescription"] == "by hand & heart", created
    assert created["launchTemplateData"] == before["launchTemplateData"], (before, created)
    moved = desk.result("modify_template", id=template, number=created["versionNumber"])
    assert moved["defaultVersionNumber"] == created["versionNumber"], moved


@case("what is not there is said so")
def _():
    told(desk.ask("describe_instances", ids=["i-0123456789abcdef0"]), "DRS_ERROR", "InvalidInstanceID.NotFound", False)
    told(desk.ask("get_launch_configuration", id="s-11111111111111111"), "DRS_ERROR", "ResourceNotFoundException", False)


# ---- credentials ----

@case("a wrong external id is a role that may not be assumed")
def _():
    answer = desk.ask("describe_jobs", role=TARGET["role"], externalId="another")
    told(answer, "ROLE_ASSUMPTION_FAILED", "AccessDenied", False)
    assert answer["error"]["assumingRole"]


@case("ten calls as the target assume its role once")
def _():
    fresh = Desk(SIM_SERVER.url)
    for _ in range(10):
        fresh.items("describe_jobs", **TARGET)
    assert SIM_SERVER.asked("AssumeRole") == 1, SIM_SERVER.asked("AssumeRole")
    assert fresh.close() == 0


@case("a session that AWS calls expired is renewed and the call replayed")
def _():
    desk.items("describe_jobs", **TARGET)
    SIM_SERVER.fault("AUTH", "DescribeJobs", variant="expired", match={"count": 1})
    SIM_SERVER.admin("DELETE", "calls")
    desk.items("describe_jobs", **TARGET)
    assert SIM_SERVER.asked("DescribeJobs") == 2 and SIM_SERVER.asked("AssumeRole") == 1


@case("a wrong secret is refused")
def _():
    other = Desk(SIM_SERVER.url, AWS_SECRET_ACCESS_KEY="wrong")
    told(other.ask("describe_jobs"), "DRS_ERROR", "InvalidSignatureException", False)
    assert other.close() == 0


@case("credentials of an instance and of a container")
def _():
    none = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    instance = Desk(SIM_SERVER.url, AWS_EC2_METADATA_SERVICE_ENDPOINT=SIM_SERVER.url, **none)
    assert instance.result("get_caller_identity")["Account"] == "123456789012"
    assert instance.close() == 0


# ---- faults ----

@case("throttling is waited out, and told when it stays")
def _():
    SIM_SERVER.fault("THR", "DescribeJobs", variant="suffix", match={"count": 2})
    desk.items("describe_jobs")
    assert SIM_SERVER.asked("DescribeJobs") == 3
    SIM_SERVER.quiet()
    SIM_SERVER.fault("THR", "DescribeJobs", variant="empty")
    told(desk.ask("describe_jobs"), "DRS_ERROR", "429", True)  # all that an empty answer says
    SIM_SERVER.quiet()
    SIM_SERVER.fault("THR", "DescribeSubnets", match={"count": 1})
    desk.items("describe_subnets")


@case("a start that was throttled is sent again")
def _():
    SIM_SERVER.fault("THR", "StartRecovery", match={"count": 1})
    job = desk.result("start_recovery", ids=[DB], drill=True)
    assert SIM_SERVER.asked("StartRecovery") == 2
    finished(desk, job["jobID"])


@case("5xx of the service and of a proxy")
def _():
    SIM_SERVER.fault("5XX", "DescribeJobs", value=503, match={"count": 2})
    desk.items("describe_jobs")
    SIM_SERVER.quiet()
    SIM_SERVER.fault("5XX", "DescribeInstances", match={"count": 1})
    desk.items("describe_instances", filter="tag:x", names=["y"])
    SIM_SERVER.quiet()
    SIM_SERVER.fault("5XX", "StartRecovery")
    told(desk.ask("start_recovery", ids=[DB]), "DRS_ERROR", "InternalServerException", True, True)
    assert SIM_SERVER.asked("StartRecovery") == 1


@case("a start that took effect before the connection dropped is never sent again")
def _():
    SIM_SERVER.fault("AMBIG", "StartRecovery")
    answer = desk.ask("start_recovery", ids=[APP], drill=True, tags={"LaunchId": "l-1"})
    told(answer, "DRS_ERROR", "Connection", True, True)
    assert SIM_SERVER.asked("StartRecovery") == 1
    mine = eventually(lambda: [j for j in desk.items("describe_jobs", **{"from": "2020-01-01T00:00:00Z"})
                               if j.get("tags", {}).get("LaunchId") == "l-1"], "the job can be adopted")
    assert len(mine) == 1
    finished(desk, mine[0]["jobID"])


@case("a connection that drops before anything happened")
def _():
    SIM_SERVER.fault("NET", "DescribeJobs", variant="reset", match={"count": 2})
    desk.items("describe_jobs")
    SIM_SERVER.quiet()
    SIM_SERVER.fault("NET", "StartRecovery", variant="reset")
    told(desk.ask("start_recovery", ids=[DB]), "DRS_ERROR", "Connection", True, True)


@case("silence ends at the caller's deadline")
def _():
    SIM_SERVER.fault("NET", "DescribeJobs", variant="blackhole", value=600)
    began = time.monotonic()
    told(desk.ask("describe_jobs", timeoutMs=500), "DRS_ERROR", "Timeout", True)
    assert time.monotonic() - began < 60  # and not the ten minutes of the silence


@case("a clock that is wrong is put right by the Date of the refusal")
def _():
    for skew in (600, -900):
        fresh = Desk(SIM_SERVER.url)
        SIM_SERVER.fault("AUTH", "DescribeJobs", variant="skew", value=skew)
        fresh.items("describe_jobs")
        assert SIM_SERVER.asked("DescribeJobs") == 2, SIM_SERVER.asked("DescribeJobs")
        fresh.items("describe_jobs")
        assert SIM_SERVER.asked("DescribeJobs") == 3, "the correction is kept"
        assert fresh.close() == 0
        SIM_SERVER.quiet()


@case("answers cut short, spoilt, and with members of tomorrow")
def _():
    for variant in ("", "garbage"):
        SIM_SERVER.quiet()
        SIM_SERVER.fault("TRUNC", "DescribeJobs", variant=variant, match={"count": 2})
        desk.items("describe_jobs")
        assert SIM_SERVER.asked("DescribeJobs") == 3, variant
    SIM_SERVER.quiet()
    SIM_SERVER.fault("TRUNC", "DescribeJobs", variant="extra")
    desk.items("describe_jobs")
    SIM_SERVER.quiet()
    SIM_SERVER.fault("TRUNC", "DescribeSubnets", variant="garbage", match={"count": 1})
    assert len(desk.items("describe_subnets")) == 3


@case("a service that is not initialised, a quota, a conflict, a permission")
def _():
    for effect, op, call, code in [
            ("UNINIT", "DescribeSourceServers", "describe_source_servers", "UninitializedAccountException"),
            ("QUOTA", "StartRecovery", "start_recovery", "ServiceQuotaExceededException"),
            ("CONFLICT", "StartRecovery", "start_recovery", "ConflictException"),
            ("AUTH", "StartRecovery", "start_recovery", "AccessDeniedException")]:
        SIM_SERVER.quiet()
        SIM_SERVER.fault(effect, op)
        told(desk.ask(call, ids=[DB]), "DRS_ERROR", code, False)
        assert SIM_SERVER.asked(op) == 1, op


@case("a role that is refused for a while")
def _():
    fresh = Desk(SIM_SERVER.url)
    SIM_SERVER.fault("ASSUME", "AssumeRole", match={"count": 1})
    told(fresh.ask("describe_jobs", **TARGET), "ROLE_ASSUMPTION_FAILED", "AccessDenied", False)
    eventually(lambda: fresh.ask("describe_jobs", **TARGET)["fault"] == "NONE", "the role is assumed")
    assert fresh.close() == 0


@case("pages that go round in a circle end")
def _():
    SIM_SERVER.admin("POST", "knobs", {"pageSize": 1})
    SIM_SERVER.fault("PAGE", "DescribeSourceServers", variant="repeat")
    answer = desk.ask("describe_source_servers")
    SIM_SERVER.admin("POST", "knobs", {"pageSize": 25})
    told(answer, "DRS_ERROR", "InvalidResponse", True)


@case("an empty page between two full ones")
def _():
    SIM_SERVER.admin("POST", "knobs", {"pageSize": 3})
    SIM_SERVER.fault("PAGE", "DescribeSourceServers", variant="empty", match={"count": 1})
    found = desk.items("describe_source_servers")
    SIM_SERVER.admin("POST", "knobs", {"pageSize": 25})
    assert len(found) == 8, found


@case("timestamps in every form")
def _():
    SIM_SERVER.fault("TIME", "DescribeJobs", variant="zulu")
    jobs = desk.items("describe_jobs", **{"from": "2020-01-01T00:00:00Z"})
    assert jobs and all(job["creationDateTime"] for job in jobs)


@case("the client ends as it should")
def _():
    assert desk.close() == 0


SIM_SERVER.process.terminate()
SIM_SERVER.process.wait()
print(f"1..{count}")
sys.exit(1 if failed else 0)
