"""What real clients make of the failures: error classes, retries, credential chains, restarts."""

import datetime
import email.utils
import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest.mock

import botocore.exceptions

from rig import HUB_KEY, REGION, Sim, client, equal, new_session, refused, run, secret, test

ONE = "s-0000000000000db01"


def start(drs):
    return drs.start_recovery(sourceServers=[{"sourceServerID": ONE}])


@test
def errors_are_the_classes_of_the_model():
    with Sim() as sim:
        drs = client(sim, "drs")
        for effect, name, more in (
                ("THR", "ThrottlingException", {}), ("5XX", "InternalServerException", {}),
                ("UNINIT", "UninitializedAccountException", {}),
                ("QUOTA", "ServiceQuotaExceededException", {"code": "L-B827C881"}),
                ("CONFLICT", "ConflictException", {})):
            sim.fault(effect, id=effect, match={"count": 1, "op": "StartRecovery"}, **more)
            try:
                start(drs)
                raise AssertionError("%s was not raised" % name)
            except getattr(drs.exceptions, name):
                pass


@test
def retries_are_those_of_the_sdk():
    cases = (("THR", {}, 3), ("THR", {"variant": "suffix"}, 3), ("THR", {"variant": "empty"}, 1),
             ("5XX", {"value": 503}, 3), ("NET", {"variant": "reset"}, 3), ("QUOTA", {}, 1),
             ("CONFLICT", {}, 1), ("AUTH", {"variant": "expired"}, 1))
    for effect, more, wanted in cases:
        with Sim() as sim:
            drs = client(sim, "drs", retries={"total_max_attempts": 3, "mode": "standard"})
            sim.fault(effect, match={"op": "DescribeJobs"}, **more)
            try:
                drs.describe_jobs()
            except (botocore.exceptions.ClientError, botocore.exceptions.HTTPClientError):
                pass
            equal(len(sim.calls("DescribeJobs")), wanted, "attempts after %s %s" % (effect, more))


@test
def a_lost_answer_still_took_effect():
    with Sim("ambiguous-start", speed=1) as sim:
        drs = client(sim, "drs")
        sim.admin("clock", {"mode": "step"})
        try:
            start(drs)
            raise AssertionError("an answer came")
        except botocore.exceptions.HTTPClientError:
            pass
        calls = sim.calls("StartRecovery")
        equal((len(calls), calls[0]["effect"], calls[0]["servers"]), (1, True, [ONE]))
        sim.admin("clock/advance", {"seconds": 29})
        equal(drs.describe_jobs()["items"], [])
        sim.admin("clock/advance", {"seconds": 1})
        equal(len(drs.describe_jobs()["items"]), 1)


@test
def a_cut_body_arrives_cut():
    """This botocore does not compare lengths: it finds no list in what is left."""
    with Sim() as sim:
        sim.fault("TRUNC", match={"op": "DescribeSourceServers", "count": 1})
        drs = client(sim, "drs")
        equal("items" in drs.describe_source_servers(), False)
        equal(len(drs.describe_source_servers()["items"]), 8)


@test
def failing_servers_fail_as_their_scenario_says():
    with Sim("failing-servers") as sim:
        drs = client(sim, "drs")
        wanted = {"s-0000000000000a001": "LAUNCHED", "s-0000000000000a002": "FAILED",
                  "s-0000000000000a003": "FAILED", "s-0000000000000db02": "FAILED",
                  "s-0000000000000eb02": "PENDING"}
        job = drs.start_recovery(isDrill=True, sourceServers=[
            {"sourceServerID": s} for s in sorted(wanted)])["job"]["jobID"]
        for _ in range(300):
            found = drs.describe_jobs(filters={"jobIDs": [job]})["items"][0]
            if found["status"] == "COMPLETED":
                break
            time.sleep(0.05)
        equal({s["sourceServerID"]: s["launchStatus"] for s in found["participatingServers"]},
              wanted)
        log = drs.describe_job_log_items(jobID=job)["items"]
        raw = [i["eventData"]["rawError"] for i in log if i["event"] == "LAUNCH_FAILED"]
        equal(any("(InsufficientInstanceCapacity)" in r for r in raw), True)


def told_time(sim, path="/_sim/health", head="GET %s HTTP/1.1"):
    """The one Date header of an answer, as bytes on a socket, in seconds from now."""
    host, port = sim.url[7:].rsplit(":", 1)
    with socket.create_connection((host, int(port)), 10) as wire:
        wire.sendall((head % path + "\r\nHost: h\r\nConnection: close\r\n\r\n").encode())
        said = b"".join(iter(lambda: wire.recv(65536), b"")).split(b"\r\n\r\n")[0]
    dates = [line for line in said.decode().split("\r\n") if line.lower().startswith("date:")]
    equal(len(dates), 1, "Date headers in %r" % said)
    return email.utils.parsedate_to_datetime(dates[0][5:].strip()).timestamp() - time.time()


def seconds_off(answer):
    date = answer["ResponseMetadata"]["HTTPHeaders"]["date"]
    return email.utils.parsedate_to_datetime(date).timestamp() - time.time()


def near(got, wanted, what):
    if abs(got - wanted) > 60:
        raise AssertionError("%s: %r, not about %r" % (what, got, wanted))


class Shifted(datetime.datetime):
    by, real = datetime.timedelta(), datetime.datetime

    @classmethod
    def utcnow(cls):
        return cls.real.utcnow() + cls.by


@test
def a_clock_that_goes_wrong_is_told_on_the_wire():
    with Sim() as sim:
        near(told_time(sim), 0, "a healthy clock")
        near(told_time(sim, "x", "GET %s"), 0, "a refusal of the server itself")
        sim.fault("TIME", variant="date", value=3600)
        near(seconds_off(client(sim, "drs").describe_jobs()), 3600, "a Date of tomorrow")
        sim.admin("faults", method="DELETE")
        sim.fault("TIME", variant="jump", value=-86400)
        told = start(client(sim, "drs"))
        near(seconds_off(told), -86400, "the Date after a jump")
        created = datetime.datetime.fromisoformat(told["job"]["creationDateTime"]).timestamp()
        near(created - time.time(), -86400, "a time in the answer after a jump")
        sim.admin("faults", method="DELETE")
        for service, call, code in (("drs", "describe_jobs", "InvalidSignatureException"),
                                    ("ec2", "describe_vpcs", "RequestExpired"),
                                    ("sts", "get_caller_identity", "SignatureDoesNotMatch")):
            for skew in (-600, 600):
                sim.fault("AUTH", id="clock", variant="skew", value=skew)
                asked = getattr(client(sim, service), call)
                error = refused(code, 400 if service == "ec2" else 403, asked)
                told = seconds_off(error.response)
                near(told, skew, "the Date of a refusal")
                Shifted.by = datetime.timedelta(seconds=told)
                with unittest.mock.patch("botocore.auth.datetime.datetime", Shifted):
                    asked()
                sim.admin("faults/clock", method="DELETE")
        sim.admin("clock", {"mode": "step"})
        sim.admin("clock/advance", {"seconds": 86400})
        near(told_time(sim), 86400, "the clock of step mode")


@test
def regions_that_are_not_there():
    with Sim() as sim:
        refused("UninitializedAccountException", 400,
                client(sim, "drs", region="eu-west-1").describe_source_servers)
        refused("UnrecognizedClientException", 403,
                client(sim, "drs", region="af-south-1").describe_source_servers)
        drs = client(sim, "drs", region="eu-west-1")
        drs.initialize_service()
        equal(drs.describe_source_servers()["items"], [])


@test
def a_reader_may_not_write():
    with Sim() as sim:
        reader = client(sim, "drs", key="AKIADRWAVEREAD000001")
        equal(len(reader.describe_source_servers()["items"]), 8)
        refused("AccessDeniedException", 403, reader.start_recovery,
                sourceServers=[{"sourceServerID": ONE}])
        refused("UnauthorizedOperation", 403,
                client(sim, "ec2", key="AKIADRWAVEREAD000001").terminate_instances,
                InstanceIds=["i-00000000000000000"])


def with_environment(sim, **variables):
    old = dict(os.environ)
    os.environ.update(variables)
    try:
        session = new_session()
        sts = session.create_client("sts", endpoint_url=sim.url, region_name=REGION)
        return sts.get_caller_identity()["Arn"]
    finally:
        os.environ.clear()
        os.environ.update(old)


@test
def credentials_of_containers_and_instances():
    with Sim() as sim:
        arn = with_environment(sim, AWS_CONTAINER_CREDENTIALS_FULL_URI=sim.url +
                               "/v2/credentials/DRSOrchestrationRole")
        equal(arn, "arn:aws:sts::123456789012:assumed-role/DRSOrchestrationRole/container")
        arn = with_environment(sim, AWS_EC2_METADATA_SERVICE_ENDPOINT=sim.url + "/")
        equal(arn.split("/")[1], "RecoveredServerRole")


@test
def a_killed_simulator_goes_on():
    state = os.path.join(tempfile.mkdtemp(prefix="drwave-sim-"), "state.json")
    with Sim(state=state, speed=60) as sim:
        drs = client(sim, "drs")
        job = start(drs)["job"]["jobID"]
        for _ in range(3):
            sim.process.send_signal(signal.SIGKILL)
            sim.process.wait()
            sim.start()
            drs = client(sim, "drs")
            equal(drs.describe_jobs(filters={"jobIDs": [job]})["items"][0]["jobID"], job)
        equal([c["jobId"] for c in sim.calls("StartRecovery")], [job])
        sim.fault("CRASH", match={"op": "TagResource", "count": 1})
        try:
            drs.tag_resource(resourceArn=drs.describe_source_servers()["items"][0]["arn"],
                             tags={"after": "the crash"})
        except botocore.exceptions.HTTPClientError:
            pass
        equal(sim.process.wait(10), 137)
        sim.start()
        tags = client(sim, "drs").describe_source_servers()["items"][0]["tags"]
        equal(tags.get("after"), "the crash")


def aws(sim, *arguments, key=HUB_KEY):
    environment = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret(key),
                   "AWS_DEFAULT_REGION": REGION, "PATH": "/usr/bin:/bin", "AWS_PAGER": "",
                   "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    done = subprocess.run(["/usr/bin/aws", "--endpoint-url", sim.url, "--output", "text",
                           *arguments], env=environment, capture_output=True, text=True,
                          timeout=60)
    return done.returncode, done.stdout.strip(), done.stderr.strip()


@test
def the_command_line_of_aws():
    with Sim() as sim:
        equal(aws(sim, "sts", "get-caller-identity", "--query", "Account")[:2],
              (0, "123456789012"))
        equal(aws(sim, "drs", "describe-source-servers", "--page-size", "3", "--query",
                  "length(items)")[:2], (0, "3\n3\n2"))
        status, job, _ = aws(sim, "drs", "start-recovery", "--is-drill", "--source-servers",
                             "sourceServerID=" + ONE, "--query", "job.jobID")
        equal((status, job[:7]), (0, "drsjob-"))
        equal(aws(sim, "ec2", "describe-subnets", "--filters", "Name=tag:Tier,Values=db",
                  "--query", "Subnets[].CidrBlock")[:2], (0, "10.20.1.0/24"))
        equal(aws(sim, "iam", "list-account-aliases", "--query", "AccountAliases")[:2],
              (0, "example-hub"))
        status, _, said = aws(sim, "drs", "describe-source-servers", key="AKIANOBODYNOBODY0001")
        equal((status, "UnrecognizedClientException" in said), (254, True))


if __name__ == "__main__":
    run()
