"""What a group and its servers say of a launch is what is launched (S1, S4; contract 5 and 6)."""
import boto3

from calls import EXECUTION
from executions import Fault, details, ended, jobs_of, start, wave_of
from expect import check
from harness import HUB_KEYS, request
from world import ACCOUNT, REGION

CASES = []
SUBNET, GROUP = "subnet-00000000000000012", "sg-00000000000000012"
TOLD = ("UpdateLaunchConfiguration", "CreateLaunchTemplateVersion", "ModifyLaunchTemplate")


def case(function):
    CASES.append(function)
    return function


def asked(world, operation):
    return world.rig.sim_get(f"/_sim/calls?op={operation}&count=true")["count"]


def client(world, service):
    return boto3.client(service, region_name=REGION, endpoint_url=world.rig.sim,
                        aws_access_key_id=HUB_KEYS["AWS_ACCESS_KEY_ID"],
                        aws_secret_access_key=HUB_KEYS["AWS_SECRET_ACCESS_KEY"])


def instances_of(world, execution, wave=1):
    """EC2's word on what was launched, by source server."""
    ids = {s["instanceId"]: s["sourceServerId"] for s in wave_of(details(world, execution), wave)["servers"]}
    found = client(world, "ec2").describe_instances(InstanceIds=list(ids))["Reservations"]
    return {ids[i["InstanceId"]]: i for r in found for i in r["Instances"]}


@case
def a_group_and_a_server_decide_how_it_is_launched(world):
    world.group("shaped", "x40", "x41", launchConfiguration={
        "instanceType": "c5.large", "subnetId": SUBNET, "securityGroupIds": [GROUP], "instanceProfile": "recovered-server",
        "launchDisposition": "STOPPED"}, servers=[
            {"sourceServerId": "s-x41", "launchConfiguration": {"instanceType": "m5.large", "staticPrivateIp": "10.20.2.77",
                                                                "launchDisposition": "STARTED"}}])
    world.plan("shapes", {"protectionGroupId": "$shaped"})
    execution = ended(world, start(world, "$shapes"))
    check({"outcome": "SUCCEEDED", "waves": [{"servers": [
        {"launchConfig": {"instanceType": "c5.large", "subnet": SUBNET}, "launchConfiguration": {"launchDisposition": "STOPPED"}},
        {"launchConfig": {"instanceType": "m5.large", "subnet": SUBNET, "staticIp": "10.20.2.77"}}]}]}, execution)
    launched = instances_of(world, execution["executionId"])
    for server, kind, state in (("s-x40", "c5.large", "stopped"), ("s-x41", "m5.large", "running")):
        check({"InstanceType": kind, "SubnetId": SUBNET, "SecurityGroups": [{"GroupId": GROUP}],
               "IamInstanceProfile": {"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/recovered-server"},
               "State": {"Name": state}}, launched[server])
    assert launched["s-x41"]["PrivateIpAddress"] == "10.20.2.77", launched["s-x41"]


@case
def what_was_told_once_is_not_told_again(world):
    before = [asked(world, operation) for operation in TOLD]
    assert ended(world, start(world, "$shapes"))["outcome"] == "SUCCEEDED"
    assert [asked(world, operation) for operation in TOLD] == before


@case
def a_group_that_says_nothing_leaves_DRS_alone(world):
    before = asked(world, "GetLaunchConfiguration")
    world.group("plain", "x42")
    world.plan("plain plan", {"protectionGroupId": "$plain"})
    execution = ended(world, start(world, "$plain plan"))
    assert execution["outcome"] == "SUCCEEDED", execution
    assert "launchConfiguration" not in wave_of(execution, 1)["servers"][0], execution
    assert asked(world, "GetLaunchConfiguration") == before


@case
def a_server_that_cannot_be_launched_as_wanted_is_not_launched_otherwise(world):
    world.group("mixed", "x43", "x44", launchConfiguration={"instanceType": "c5.large"})
    world.plan("mixture", {"protectionGroupId": "$mixed"})
    with Fault(world, "AUTH", match={"op": "UpdateLaunchConfiguration", "resource": "s-x43"}):
        execution = ended(world, start(world, "$mixture"))
    check({"status": "FAILED", "outcome": "PARTIAL"}, execution)
    servers = {s["sourceServerId"]: s for s in wave_of(execution, 1)["servers"]}
    check({"status": "FAILED", "errorCode": "LAUNCH_CONFIG_FAILED", "errorMessage": lambda m: "UpdateLaunchConfiguration: AccessDenied" in m},
          servers["s-x43"])
    assert servers["s-x44"]["status"] == "LAUNCHED", servers
    assert [[s["server"] for s in j["servers"]] for j in jobs_of(world, execution["executionId"])] == [["s-x44"]]


@case
def a_wave_of_which_no_server_can_be_configured_starts_no_job(world):
    world.group("refused", "x45", launchConfiguration={"instanceType": "c5.large"})
    world.plan("refusal", {"protectionGroupId": "$refused"})
    with Fault(world, "AUTH", match={"op": "CreateLaunchTemplateVersion"}):
        execution = ended(world, start(world, "$refusal"))
    check({"status": "FAILED", "outcome": "FAILED"}, execution)
    assert jobs_of(world, execution["executionId"]) == []


@case
def a_throttled_configuration_is_told_later(world):
    world.group("slow", "x46", launchConfiguration={"instanceType": "c5.xlarge"})
    world.plan("slowly", {"protectionGroupId": "$slow"})
    with Fault(world, "THR", match={"op": "ModifyLaunchTemplate", "count": 8}):
        execution = ended(world, start(world, "$slowly"))
    assert execution["outcome"] == "SUCCEEDED", execution
    assert instances_of(world, execution["executionId"])["s-x46"]["InstanceType"] == "c5.xlarge"


@case
def a_server_that_is_being_worked_on_is_told_later(world):
    world.group("busy", "x48", launchConfiguration={"launchDisposition": "STOPPED"})
    world.plan("busily", {"protectionGroupId": "$busy"})
    with Fault(world, "CONFLICT", match={"op": "UpdateLaunchConfiguration", "count": 2}):
        execution = ended(world, start(world, "$busily"))
    assert execution["outcome"] == "SUCCEEDED", execution


@case
def a_template_that_cannot_say_it_is_named(world):
    world.group("odd", "0000000000000db01", launchConfiguration={"subnetId": SUBNET})
    world.plan("oddity", {"protectionGroupId": "$odd"})
    ec2 = client(world, "ec2")
    template = client(world, "drs").get_launch_configuration(sourceServerID="s-0000000000000db01")["ec2LaunchTemplateID"]
    made = ec2.create_launch_template_version(LaunchTemplateId=template, SourceVersion="1",
                                              LaunchTemplateData={"SecurityGroupIds": [GROUP]})
    ec2.modify_launch_template(LaunchTemplateId=template,
                               DefaultVersion=str(made["LaunchTemplateVersion"]["VersionNumber"]))
    execution = ended(world, start(world, "$oddity"))
    check([{"errorCode": "LAUNCH_CONFIG_FAILED", "errorMessage": lambda m: "outside its network interfaces" in m}],
          wave_of(execution, 1)["servers"])


def wave_state(world, execution, server):
    return {"executionId": execution, "planId": "rp-somebody", "executionType": "DRILL", "currentWave": 1,
            "initiatedBy": "somebody", "startTime": "2026-01-31T15:30:00Z",
            "accountContext": {"accountId": ACCOUNT, "region": REGION},
            "waves": [{"waveNumber": 1, "waveName": "one", "protectionGroupId": "$shaped", "servers": [server]}]}


def started(world, state):
    return world.invoke(EXECUTION, {"action": "start_wave_recovery", "wave_number": 1, "state": state})


@case
def somebody_elses_workflow_lays_its_own_over_the_groups(world):
    state = wave_state(world, "exec-shaped-outside", {"serverId": "s-x40", "launchConfig": {
        "instanceType": "r5.xlarge", "subnet": SUBNET, "securityGroups": [GROUP]}})
    check({"status": "STARTED", "serversLaunched": 1}, started(world, state))
    assert jobs_of(world, "exec-shaped-outside"), "no job"
    check([{"launchConfiguration": {"instanceType": "r5.xlarge", "subnetId": SUBNET, "instanceProfile": "recovered-server",
                                    "launchDisposition": "STOPPED"}}],
          wave_of(details(world, "exec-shaped-outside"), 1)["servers"])


@case
def a_launch_configuration_that_is_none_is_refused_by_name(world):
    state = wave_state(world, "exec-shaped-wrong", {"serverId": "s-x47", "launchConfig": {"subnet": 7}})
    answer = started(world, state)
    assert answer["error"] == "INVALID_PARAMETER" and "subnet" in answer["message"], answer
    status, _, _ = request(world.rig.sim + "/_sim/health")
    assert status == 200 and jobs_of(world, "exec-shaped-wrong") == []
