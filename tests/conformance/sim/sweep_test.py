"""All that is modelled, by clients that know nothing of the simulator: the command line of AWS calls every operation
that it knows, every paginator of botocore turns every page, and everything else is refused by name."""

import json
import os
import re
import subprocess

import botocore.exceptions

from rig import (HUB, HUB_KEY, KNOWN, REGION, Sim, client, equal, have_models, new_session, note, refused, run, sample,
                 secret, test)

ONE = "s-0000000000000db01"
FIRST_ARN = "arn:aws:drs:%s:%s:source-server/%s" % (REGION, HUB, ONE)
SERVICES = ("drs", "ec2", "sts", "iam")


def offered(sim, service):
    return [o["name"] for o in sim.admin("operations")["operations"] if o["service"] == service]


class Shell:
    def __init__(self, sim):
        quiet = {"AWS_ACCESS_KEY_ID": HUB_KEY, "AWS_SECRET_ACCESS_KEY": secret(HUB_KEY), "AWS_PAGER": "",
                 "AWS_DEFAULT_REGION": REGION, "AWS_CONFIG_FILE": os.devnull, "AWS_MAX_ATTEMPTS": "1",
                 "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "PATH": "/usr/bin:/bin"}
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "aws_shell.py")
        self.url = sim.url
        self.process = subprocess.Popen(["/usr/bin/python3", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=quiet, text=True)

    def __call__(self, *words):
        self.process.stdin.write(json.dumps(["--endpoint-url", self.url, "--output", "json", *words]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        equal(self.process.wait(20), 0, "the aws command")


def command_of(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


@test
def the_command_line_calls_every_operation_that_it_knows():
    KNOWN.update(resourceArn=FIRST_ARN, DryRun=False, sourceServerID=ONE, InstanceType="t3.micro",
                 RoleArn="arn:aws:iam::%s:role/DRSOrchestrationRole" % HUB, LaunchTemplateData={"ImageId": "ami-1"})
    fine, unknown = set(), set()
    with Sim() as sim:
        shell = Shell(sim)
        for service in SERVICES:
            model = new_session().get_service_model(service)
            for name in [n for n in offered(sim, service) if n in model.operation_names]:
                shape = model.operation_model(name).input_shape
                given = {n: sample(s, n) for n, s in shape.members.items() if n in shape.required_members} \
                    if shape is not None else {}
                words = [service, command_of(name), *(["--cli-input-json", json.dumps(given)] if given else [])]
                status, out, error = shell(*words)
                if status == 252 and "Invalid choice" in error:
                    unknown.add(name)
                elif status == 0:
                    fine.add(name)
                    json.loads(out or "{}")
                elif status != 254 or re.search(r"\((Unknown|InvalidAction|Serialization|[45]\d\d)", error):
                    raise AssertionError("%s: %r %s" % (name, status, error))
        shell.end()
    note("%d performed; not known to the command: %s" % (len(fine), " ".join(sorted(unknown)) or "none"))
    wanted = {"DescribeSourceServers", "ListTagsForResource", "DescribeInstances", "AssumeRole", "GetCallerIdentity",
              "ListInstanceProfiles", "DescribeRegions", "GetLaunchConfiguration", "DescribeJobs", "TagResource",
              "DescribeInstanceTypeOfferings"}
    equal(wanted - fine, set(), "operations that should have been performed")
    equal(unknown <= {"CreateLaunchConfigurationTemplate", "UpdateLaunchConfigurationTemplate", "StartReplication",
                      "DeleteLaunchConfigurationTemplate", "DescribeLaunchConfigurationTemplates", "StopReplication"},
          True, str(unknown))


def grown(sim):
    """More of everything than one page of the smallest size has."""
    sim.admin("knobs", {"pageSize": 2})
    place = {"account": HUB, "region": REGION}
    for n in range(7):
        vpc = sim.admin("vpcs", dict(place, cidr="10.%d.0.0/16" % (50 + n), tags={"n": str(n)}))["id"]
        sim.admin("subnets", dict(place, vpc=vpc, cidr="10.%d.1.0/24" % (50 + n)))
        sim.admin("securityGroups", dict(place, vpc=vpc, name="g%d" % n))
        sim.admin("instances", dict(place, subnet="subnet-00000000000000011"))
        sim.admin("instanceProfiles", {"account": HUB, "id": "p%d" % n})
    drs = client(sim, "drs")
    for server in [s["id"] for s in sim.admin("servers")["servers"]]:
        drs.get_launch_configuration(sourceServerID=server)
        job = drs.start_recovery(sourceServers=[{"sourceServerID": server}])["job"]["jobID"]
    sim.admin("clock/advance", {"seconds": 3600})
    return job


SPECIAL = {"DescribeLaunchTemplateVersions": "LaunchTemplateId", "DescribeJobLogItems": "jobID",
           "DescribeRecoverySnapshots": "sourceServerID"}
FEW = {"DescribeReplicationConfigurationTemplates", "DescribeLaunchConfigurationTemplates",
       "DescribeLaunchTemplateVersions", "ListAccountAliases"}


@test
def every_paginator_turns_every_page():
    with Sim(speed=1) as sim:
        sim.admin("clock", {"mode": "step"})
        sim.admin("knobs", {"signature": "lenient"})  # these clients' clocks do not follow the simulator's
        job = grown(sim)
        for service in ("drs", "ec2", "iam"):
            made = client(sim, service, session=new_session())
            turned = 0
            for name in offered(sim, service):
                method = re.sub("-", "_", command_of(name))
                if not hasattr(made, method) or not made.can_paginate(method):
                    continue
                given = {SPECIAL[name]: {"jobID": job, "sourceServerID": ONE}.get(
                    SPECIAL[name], None) or sim.admin("launchTemplates")["launchTemplates"][0]["id"]} \
                    if name in SPECIAL else {}
                paginator = made.get_paginator(method)
                key = paginator.result_keys[0].expression
                limit = getattr(paginator, "_limit_key", None)
                size = 5 if service == "ec2" and "Template" not in name else 2
                pages = [len(page.get(key, [])) for page in paginator.paginate(
                    **given, **({"PaginationConfig": {"PageSize": size}} if limit else {}))]
                sim.admin("knobs", {"pageSize": 1000})
                whole = len(getattr(made, method)(**given).get(key, []))
                sim.admin("knobs", {"pageSize": 2})
                equal(sum(pages), whole, name)
                equal(len(pages) > 1 or name in FEW or not limit, True, "%s: %r pages" % (name, pages))
                turned += 1
            note("%s: %d paginators" % (service, turned))


@test
def every_waiter_of_instances():
    with Sim(speed=1) as sim:
        ec2 = client(sim, "ec2")
        sim.admin("clock", {"mode": "step"})
        ids = [sim.admin("instances", {"account": HUB, "region": REGION, "state": "running",
                                       "subnet": "subnet-00000000000000011"})["id"]]
        quick = {"Delay": 0, "MaxAttempts": 1}
        ec2.get_waiter("instance_exists").wait(InstanceIds=ids, WaiterConfig=quick)
        ec2.get_waiter("instance_running").wait(InstanceIds=ids, WaiterConfig=quick)
        ec2.terminate_instances(InstanceIds=ids)
        sim.admin("clock/advance", {"seconds": 45})
        ec2.get_waiter("instance_terminated").wait(InstanceIds=ids, WaiterConfig=quick)


@test
def every_error_is_a_class_of_the_model():
    """By the name that a program catches it with, and no wider one."""
    cases = (("THR", {}, "ThrottlingException"), ("5XX", {}, "InternalServerException"),
             ("UNINIT", {}, "UninitializedAccountException"), ("AUTH", {}, "AccessDeniedException"),
             ("QUOTA", {}, "ServiceQuotaExceededException"), ("CONFLICT", {}, "ConflictException"))
    with Sim() as sim:
        drs = client(sim, "drs", session=new_session(newest=have_models()))
        for effect, more, name in cases:
            sim.fault(effect, id="one", **more)
            try:
                drs.describe_jobs()
                raise AssertionError("%s is not raised" % name)
            except getattr(drs.exceptions, name) as error:
                equal(type(error).__name__, name)
            sim.admin("faults/one", method="DELETE")
        for call, given, name in ((drs.get_launch_configuration, {"sourceServerID": "s-" + "1" * 17},
                                   "ResourceNotFoundException"),
                                  (drs.describe_jobs, {"nextToken": "forged"}, "ValidationException")):
            try:
                call(**given)
                raise AssertionError("%s is not raised" % name)
            except getattr(drs.exceptions, name) as error:
                equal(type(error).__name__, name)
        sim.fault("NET", id="one", variant="reset")
        try:
            drs.describe_jobs()
            raise AssertionError("an answer came")
        except botocore.exceptions.ConnectionClosedError:
            pass


@test
def every_other_service_is_refused_by_name():
    with Sim() as sim:
        for service, method, code, status in (
                ("dynamodb", "list_tables", "UnknownOperationException", 404),
                ("stepfunctions", "list_state_machines", "UnknownOperationException", 404),
                ("events", "list_rules", "UnknownOperationException", 404),
                ("lambda", "list_functions", "UnknownOperationException", 404),
                ("sns", "list_topics", "InvalidAction", 400),
                ("cloudwatch", "list_metrics", "InvalidAction", 400),
                ("s3", "list_buckets", "404", 404)):
            made = client(sim, service) if service != "s3" else None
            if made is not None:
                refused(code, status, getattr(made, method))


if __name__ == "__main__":
    run()
