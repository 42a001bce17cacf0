"""All that is modelled, by clients that know nothing of the simulator: the command line of AWS calls every operation
that it knows, every paginator of botocore turns every page, and everything else is refused by name."""

import json
import os
import re
import subprocess

import botocore.exceptions

from rig import (HUB, HUB_KEY, REGION, STRICT, Sim, check_answer, client, equal, have_models, new_session, note, refused,
                 run, secret, test)

ONE, TWO = "s-0000000000000db01", "s-0000000000000db02"
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


class Answer:
    """As it came to the command, in the form in which the clients of the tests have theirs."""

    def __init__(self, status, headers, body):
        self.status_code, self.content = status, body.encode()
        self.headers = {name.lower(): value for name, value in headers.items()}


class Sweep:
    """The command performs operations; each answer is held against the model, and each success counted."""

    def __init__(self, sim):
        self.sim, self.shell, self.fine, self.unknown = sim, Shell(sim), set(), set()
        self.models = {name: new_session(newest=name == "drs" and have_models()).get_service_model(name)
                       for name in SERVICES}

    def __call__(self, service, operation, **given):
        words = [service, command_of(operation), *(["--cli-input-json", json.dumps(given)] if given else [])]
        status, out, error, answers = self.shell(*words)
        if operation in LATER and status == 252 and "Invalid choice" in error:
            self.unknown.add(operation)
            return None
        equal(status, 0, "%s %r: %s" % (operation, given, error))
        equal(len(answers) > 0, True, "%s: answers" % operation)
        model = self.models[service]
        if operation in model.operation_names:
            STRICT[0] = service != "drs" or have_models()
            for answer in answers:
                check_answer(model, model.operation_model(operation), Answer(*answer))
        self.fine.add(operation)
        return json.loads(out or "{}")

    def finish(self, job):
        """Every server of the job takes its steps, so that nothing is waited for."""
        path = "jobs/%s/%s/%s/advance" % (HUB, REGION, job["job"]["jobID"])
        for _ in range(20):
            if self.sim.admin(path, {})["status"] == "COMPLETED":
                return job["job"]["jobID"]
        raise AssertionError("the job does not end")


# AWS's command of Debian 12 is older than these.
LATER = {verb + "LaunchConfigurationTemplate" for verb in ("Create", "Update", "Delete")} | {
    "DescribeLaunchConfigurationTemplates"}


def sweep_settings(aws):
    aws("drs", "InitializeService")
    equal(len(aws("drs", "DescribeSourceServers")["items"]), 8)
    aws("drs", "TagResource", resourceArn=FIRST_ARN, tags={"a b": "c&d", "e": "f"})
    aws("drs", "UntagResource", resourceArn=FIRST_ARN, tagKeys=["e"])
    tags = aws("drs", "ListTagsForResource", resourceArn=FIRST_ARN)["tags"]
    equal((tags.get("a b"), "e" in tags), ("c&d", False))
    aws("drs", "GetLaunchConfiguration", sourceServerID=ONE)
    equal(aws("drs", "UpdateLaunchConfiguration", sourceServerID=ONE, copyPrivateIp=False, name="n")["name"], "n")
    policy = aws("drs", "GetReplicationConfiguration", sourceServerID=ONE)["pitPolicy"]
    equal(aws("drs", "UpdateReplicationConfiguration", sourceServerID=ONE, bandwidthThrottling=5)
          ["bandwidthThrottling"], 5)
    made = aws("drs", "CreateReplicationConfigurationTemplate", associateDefaultSecurityGroup=True,
               bandwidthThrottling=0, createPublicIP=False, dataPlaneRouting="PRIVATE_IP",
               defaultLargeStagingDiskType="GP3", ebsEncryption="DEFAULT", pitPolicy=policy,
               replicationServerInstanceType="t3.small", replicationServersSecurityGroupsIDs=[],
               stagingAreaSubnetId="subnet-00000000000000011", stagingAreaTags={"a": "b"},
               useDedicatedReplicationServer=False)
    one = {"replicationConfigurationTemplateID": made["replicationConfigurationTemplateID"]}
    aws("drs", "UpdateReplicationConfigurationTemplate", bandwidthThrottling=7, **one)
    found = aws("drs", "DescribeReplicationConfigurationTemplates")["items"]
    equal([t["bandwidthThrottling"] for t in found], [7])
    aws("drs", "DeleteReplicationConfigurationTemplate", **one)
    made = aws("drs", "CreateLaunchConfigurationTemplate", copyTags=True)
    name = made["launchConfigurationTemplate"]["launchConfigurationTemplateID"] if made else "lct-" + "0" * 17
    aws("drs", "UpdateLaunchConfigurationTemplate", launchConfigurationTemplateID=name, copyTags=False)
    found = aws("drs", "DescribeLaunchConfigurationTemplates")
    equal(found is None or [t["copyTags"] for t in found["items"]] == [False], True, str(found))
    aws("drs", "DeleteLaunchConfigurationTemplate", launchConfigurationTemplateID=name)


def sweep_recovery(aws):
    equal(len(aws("drs", "DescribeRecoverySnapshots", sourceServerID=ONE)["items"]) > 0, True)
    job = aws.finish(aws("drs", "StartRecovery", isDrill=True, tags={"a": "b"}, sourceServers=[
        {"sourceServerID": s} for s in (ONE, TWO)]))
    equal(len(aws("drs", "DescribeJobs", filters={"jobIDs": [job]})["items"]), 1)
    equal(len(aws("drs", "DescribeJobLogItems", jobID=job)["items"]) > 10, True)
    found = {i["sourceServerID"]: i["recoveryInstanceID"]
             for i in aws("drs", "DescribeRecoveryInstances")["items"]}
    one, two = found[ONE], found[TWO]
    equal(len(aws("ec2", "DescribeInstances", InstanceIds=[one, two])["Reservations"]), 2)
    equal(len(aws("ec2", "DescribeNetworkInterfaces")["NetworkInterfaces"]), 2)
    aws("ec2", "CreateTags", Resources=[one], Tags=[{"Key": "k", "Value": "<&>"}])
    mine = [{"Name": "resource-id", "Values": [one]}, {"Name": "key", "Values": ["k"]}]
    equal([t["Value"] for t in aws("ec2", "DescribeTags", Filters=mine)["Tags"]], ["<&>"])
    aws("ec2", "DeleteTags", Resources=[one], Tags=[{"Key": "k"}])
    equal(aws("ec2", "DescribeTags", Filters=mine)["Tags"], [])
    aws.finish(aws("drs", "TerminateRecoveryInstances", recoveryInstanceIDs=[one]))
    aws("drs", "DisconnectRecoveryInstance", recoveryInstanceID=two)
    aws("drs", "DeleteRecoveryInstance", recoveryInstanceID=two)
    aws("ec2", "TerminateInstances", InstanceIds=[two])
    equal(aws.sim.admin("state")["drillInstances"], 0)
    aws("drs", "DeleteJob", jobID=job)


def sweep_servers(aws):
    aws("drs", "StopReplication", sourceServerID=TWO)
    aws("drs", "StartReplication", sourceServerID=TWO)
    aws.sim.admin("servers/%s/%s/%s" % (HUB, REGION, TWO), {"replication": {"state": "STALLED"}}, method="PATCH")
    tried = aws("drs", "RetryDataReplication", sourceServerID=TWO)
    equal(tried["dataReplicationInfo"]["dataReplicationState"], "INITIATING")
    aws("drs", "DisconnectSourceServer", sourceServerID=TWO)
    aws("drs", "DeleteSourceServer", sourceServerID=TWO)
    equal(len(aws("drs", "DescribeSourceServers")["items"]), 7)


def sweep_network(aws):
    aws.sim.admin("addresses", {"account": HUB, "region": REGION, "publicIp": "198.51.100.7"})
    for name, wanted in (("Subnets", 3), ("SecurityGroups", 3), ("Vpcs", 1), ("Addresses", 1), ("Regions", 1),
                         ("AvailabilityZones", 3), ("InstanceTypes", 20), ("InstanceTypeOfferings", 20)):
        found = aws("ec2", "Describe" + name)[name]
        equal(len(found) >= wanted, True, "%d %s" % (len(found), name))


def sweep_templates(aws):
    one = {"LaunchTemplateId": aws("drs", "GetLaunchConfiguration", sourceServerID=ONE)["ec2LaunchTemplateID"]}
    made = aws("ec2", "CreateLaunchTemplateVersion", SourceVersion="1",
               LaunchTemplateData={"InstanceType": "m5.large"}, **one)["LaunchTemplateVersion"]
    number = made["VersionNumber"]
    aws("ec2", "ModifyLaunchTemplate", DefaultVersion=str(number), **one)
    found = aws("ec2", "DescribeLaunchTemplates", LaunchTemplateIds=list(one.values()))["LaunchTemplates"]
    equal([t["DefaultVersionNumber"] for t in found], [number])
    found = aws("ec2", "DescribeLaunchTemplateVersions", Versions=["$Default"], **one)["LaunchTemplateVersions"]
    equal([v["LaunchTemplateData"]["InstanceType"] for v in found], ["m5.large"])
    aws("ec2", "DeleteLaunchTemplate", **one)


def sweep_identities(aws):
    equal(aws("sts", "GetCallerIdentity")["Account"], HUB)
    role = "arn:aws:iam::%s:role/" % HUB
    for operation, more in (("AssumeRole", {"RoleArn": role + "DRSOrchestrationRole"}),
                            ("AssumeRoleWithWebIdentity", {"RoleArn": role + "RecoveredServerRole",
                                                           "WebIdentityToken": "a-token"})):
        keys = aws("sts", operation, RoleSessionName="sweep", **more)["Credentials"]
        equal(keys["AccessKeyId"].startswith("ASIA"), True)
    equal([p["InstanceProfileName"] for p in aws("iam", "ListInstanceProfiles")["InstanceProfiles"]],
          ["recovered-server"])
    aws("iam", "GetInstanceProfile", InstanceProfileName="recovered-server")
    equal(aws("iam", "ListAccountAliases")["AccountAliases"], ["example-hub"])


def sweep_attributes(aws):
    """Last: this command leaves handlers behind over which others stumble in the same process."""
    one = aws.sim.admin("instances", {"account": HUB, "region": REGION, "subnet": "subnet-00000000000000011"})["id"]
    aws("ec2", "ModifyInstanceAttribute", InstanceId=one, DisableApiTermination={"Value": True})
    found = {i["id"]: i for i in aws.sim.admin("instances")["instances"]}
    equal(found[one]["protected"], True)


@test
def the_command_line_performs_every_operation():
    """One story in which each of them makes sense: a failure of any is a failure here."""
    with Sim() as sim:
        aws = Sweep(sim)
        for part in (sweep_settings, sweep_recovery, sweep_servers, sweep_network, sweep_templates, sweep_identities,
                     sweep_attributes):
            part(aws)
        aws.shell.end()
        everything = {name for service in SERVICES for name in offered(sim, service)}
        equal(everything - aws.fine - aws.unknown, set(), "operations that were not performed")
    note("%d performed; not known to the command: %s" % (len(aws.fine), " ".join(sorted(aws.unknown)) or "none"))


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
