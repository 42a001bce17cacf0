"""DRS as botocore sees it: every operation that a model knows is called or refused loudly."""

import time

import botocore.exceptions

from rig import (HUB, KNOWN, REGION, Sim, client, equal, have_models, new_session, note, refused,
                 run, sample, test)


def arn(kind, name):
    return "arn:aws:drs:%s:%s:%s/%s" % (REGION, HUB, kind, name)


def servers_of(drs):
    pages = drs.get_paginator("describe_source_servers").paginate()
    return [s for page in pages for s in page["items"]]


def finish(drs, job):
    for _ in range(600):
        jobs = drs.describe_jobs(filters={"jobIDs": [job["jobID"]]})["items"]
        if jobs and jobs[0]["status"] == "COMPLETED":
            return jobs[0]
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def launched(drs, servers, **more):
    asked = [{"sourceServerID": s} for s in servers]
    return finish(drs, drs.start_recovery(sourceServers=asked, **more)["job"])


@test
def pages_of_every_size_hold_every_server_once():
    with Sim("large-estate") as sim:
        drs = client(sim, "drs")
        for size in (7, 200):
            sim.admin("knobs", {"pageSize": size})
            ids = [s["sourceServerID"] for s in servers_of(drs)]
            equal(len(ids), 5000)
            equal(len(set(ids)), 5000)


@test
def an_empty_page_does_not_end_a_paginator():
    with Sim() as sim:
        sim.admin("knobs", {"emptyPages": True, "pageSize": 3})
        equal(len(servers_of(client(sim, "drs"))), 8)


@test
def a_drill_from_start_to_terminate():
    with Sim() as sim:
        drs, ec2 = client(sim, "drs"), client(sim, "ec2")
        ids = [s["sourceServerID"] for s in servers_of(drs)]
        job = launched(drs, ids, isDrill=True, tags={"ExecutionId": "e-1"})
        equal({s["launchStatus"] for s in job["participatingServers"]}, {"LAUNCHED"})
        equal(job["initiatedBy"], "START_DRILL")
        pages = drs.get_paginator("describe_job_log_items").paginate(jobID=job["jobID"])
        log = [i for page in pages for i in page["logItems" if "logItems" in page else "items"]]
        times = [i["logDateTime"] for i in log]
        equal(times, sorted(times))
        found = drs.get_paginator("describe_recovery_instances").paginate().build_full_result()
        equal(len(found["items"]), 8)
        instances = [i["ec2InstanceID"] for i in found["items"]]
        ec2.get_waiter("instance_running").wait(InstanceIds=instances,
                                                WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        tags = ec2.describe_instances(InstanceIds=instances[:1])["Reservations"][0]["Instances"][0]
        names = {t["Key"] for t in tags["Tags"]}
        equal("drs.amazonaws.com-job" in names and "Tier" in names, True)
        finish(drs, drs.terminate_recovery_instances(recoveryInstanceIDs=instances)["job"])
        equal(sim.admin("state")["drillInstances"], 0)


@test
def the_lifecycle_of_a_server():
    with Sim() as sim:
        drs = client(sim, "drs")
        one = servers_of(drs)[0]["sourceServerID"]
        launched(drs, [one])
        refused("ConflictException", 409, drs.disconnect_source_server, sourceServerID=one)
        instance = drs.describe_recovery_instances(
            filters={"sourceServerIDs": [one]})["items"][0]["recoveryInstanceID"]
        refused("ConflictException", 409, drs.delete_recovery_instance,
                recoveryInstanceID=instance)
        drs.disconnect_recovery_instance(recoveryInstanceID=instance)
        drs.delete_recovery_instance(recoveryInstanceID=instance)
        equal(len(drs.describe_recovery_snapshots(sourceServerID=one, order="DESC")["items"]), 25)
        equal(drs.stop_replication(sourceServerID=one)["sourceServer"]["dataReplicationInfo"]
              ["dataReplicationState"], "STOPPED")
        equal(drs.describe_recovery_snapshots(sourceServerID=one)["items"], [])
        refused("ConflictException", 409, drs.start_recovery,
                sourceServers=[{"sourceServerID": one}])
        equal(drs.start_replication(sourceServerID=one)["sourceServer"]["dataReplicationInfo"]
              ["dataReplicationState"], "INITIATING")
        refused("ConflictException", 409, drs.delete_source_server, sourceServerID=one)
        drs.disconnect_source_server(sourceServerID=one)
        drs.delete_source_server(sourceServerID=one)
        equal(len(servers_of(drs)), 7)


@test
def replication_that_stalls_is_tried_again():
    with Sim() as sim:
        drs = client(sim, "drs")
        one = servers_of(drs)[0]["sourceServerID"]
        config = drs.get_replication_configuration(sourceServerID=one)
        equal((config["sourceServerID"], len(config["pitPolicy"])), (one, 3))
        changed = drs.update_replication_configuration(sourceServerID=one, bandwidthThrottling=9)
        equal(drs.get_replication_configuration(sourceServerID=one)["bandwidthThrottling"], 9)
        equal({k for k in changed if changed[k] != config[k]} - {"ResponseMetadata"}, {"bandwidthThrottling"})
        sim.admin("servers/%s/%s/%s" % (HUB, REGION, one), {"replication": {
            "state": "STALLED", "error": "NOT_CONVERGING"}}, method="PATCH")
        info = servers_of(drs)[0]["dataReplicationInfo"]
        equal((info["dataReplicationState"], info["dataReplicationError"]["error"]), ("STALLED", "NOT_CONVERGING"))
        tried = drs.retry_data_replication(sourceServerID=one)
        equal((tried["sourceServerID"], tried["dataReplicationInfo"]["dataReplicationState"]), (one, "INITIATING"))
        refused("ResourceNotFoundException", 404, drs.retry_data_replication, sourceServerID="s-" + "0" * 17)


@test
def a_job_is_deleted_when_it_is_over():
    with Sim() as sim:
        drs = client(sim, "drs")
        one = servers_of(drs)[0]["sourceServerID"]
        job = drs.start_recovery(sourceServers=[{"sourceServerID": one}])["job"]
        refused("ConflictException", 409, drs.delete_job, jobID=job["jobID"])
        finish(drs, job)
        drs.delete_job(jobID=job["jobID"])
        equal(drs.describe_jobs()["items"], [])
        refused("ResourceNotFoundException", 404, drs.delete_job, jobID=job["jobID"])


@test
def a_chosen_point_in_time_is_used():
    with Sim() as sim:
        drs = client(sim, "drs")
        one, two = [s["sourceServerID"] for s in servers_of(drs)[:2]]
        point = drs.describe_recovery_snapshots(sourceServerID=one)["items"][3]
        refused("ValidationException", 400, drs.start_recovery, sourceServers=[
            {"sourceServerID": two, "recoverySnapshotID": point["snapshotID"]}])
        job = finish(drs, drs.start_recovery(sourceServers=[
            {"sourceServerID": one, "recoverySnapshotID": point["snapshotID"]}])["job"])
        log = drs.describe_job_log_items(jobID=job["jobID"])["items"]
        equal([i for i in log if i["event"].startswith("SNAPSHOT")], [])
        found = drs.describe_recovery_instances()["items"][0]
        equal(found["pointInTimeSnapshotDateTime"], point["timestamp"])


@test
def settings_and_templates():
    with Sim() as sim:
        drs, ec2 = client(sim, "drs"), client(sim, "ec2")
        one = servers_of(drs)[0]["sourceServerID"]
        before = drs.get_launch_configuration(sourceServerID=one)
        after = drs.update_launch_configuration(
            sourceServerID=one, copyPrivateIp=True, launchDisposition="STOPPED",
            targetInstanceTypeRightSizingMethod="NONE", licensing={"osByol": True})
        equal((after["copyPrivateIp"], after["launchDisposition"]), (True, "STOPPED"))
        template = ec2.describe_launch_templates(
            LaunchTemplateIds=[before["ec2LaunchTemplateID"]])["LaunchTemplates"][0]
        equal(template["DefaultVersionNumber"], 2)
        ec2.delete_launch_template(LaunchTemplateId=before["ec2LaunchTemplateID"])
        again = drs.get_launch_configuration(sourceServerID=one)["ec2LaunchTemplateID"]
        equal(again != before["ec2LaunchTemplateID"], True)
        config = drs.update_replication_configuration(sourceServerID=one, bandwidthThrottling=80)
        equal(config["bandwidthThrottling"], 80)
        made = drs.create_replication_configuration_template(
            associateDefaultSecurityGroup=True, bandwidthThrottling=0, createPublicIP=False,
            dataPlaneRouting="PRIVATE_IP", defaultLargeStagingDiskType="GP3",
            ebsEncryption="DEFAULT", pitPolicy=config["pitPolicy"],
            replicationServerInstanceType="t3.small", stagingAreaTags={"a": "b"},
            replicationServersSecurityGroupsIDs=["sg-00000000000000011"],
            stagingAreaSubnetId="subnet-00000000000000011", useDedicatedReplicationServer=False)
        name = made["replicationConfigurationTemplateID"]
        drs.update_replication_configuration_template(replicationConfigurationTemplateID=name,
                                                      bandwidthThrottling=5)
        found = drs.describe_replication_configuration_templates(
            replicationConfigurationTemplateIDs=[name])["items"]
        equal(found[0]["bandwidthThrottling"], 5)
        drs.tag_resource(resourceArn=made["arn"], tags={"a b": "c&d"})
        equal(drs.list_tags_for_resource(resourceArn=made["arn"])["tags"], {"a b": "c&d"})
        drs.delete_replication_configuration_template(replicationConfigurationTemplateID=name)


@test
def tags_travel_through_encoded_paths():
    with Sim() as sim:
        drs = client(sim, "drs")
        name = servers_of(drs)[0]["arn"]
        drs.tag_resource(resourceArn=name, tags={"a b": "1", "c/d=e&f": "\u00fc"})
        drs.untag_resource(resourceArn=name, tagKeys=["a b", "Tier"])
        equal(drs.list_tags_for_resource(resourceArn=name)["tags"],
              {"Environment": "Production", "Name": "db-01", "c/d=e&f": "\u00fc"})
        refused("ResourceNotFoundException", 404, drs.tag_resource,
                resourceArn=arn("source-server", "s-00000000000000000"), tags={"a": "b"})


def call_everything(session, title):
    """Each operation with an input as large as the model allows: what is modelled must know all
    of its members, what is not must say so."""
    with Sim() as sim:
        offered = {o["name"] for o in sim.admin("operations")["operations"]
                   if o["service"] == "drs"}
        drs = client(sim, "drs", session=session, check=False)
        model = drs.meta.service_model
        KNOWN.update(resourceArn=arn("source-server", "s-0000000000000db01"))
        for name in model.operation_names:
            op = model.operation_model(name)
            given = sample(op.input_shape) if op.input_shape is not None else {}
            given.pop("nextToken", None)
            try:
                drs._make_api_call(name, given)
                code = None
            except botocore.exceptions.ClientError as error:
                code = error.response["Error"]["Code"]
                text = error.response["Error"]["Message"]
            if name not in offered:
                equal(code, "UnknownOperationException", name)
            elif code in ("SerializationException", "UnknownOperationException") or \
                    (code == "ValidationException" and "failed to satisfy" in text):
                raise AssertionError("%s: %s %s" % (name, code, text))
        note("%s: %d operations, of which %d are modelled" %
             (title, len(model.operation_names), len(offered & set(model.operation_names))))
        equal(offered - set(model.operation_names) <= {
            "CreateLaunchConfigurationTemplate", "UpdateLaunchConfigurationTemplate",
            "DeleteLaunchConfigurationTemplate", "DescribeLaunchConfigurationTemplates"}, True)


@test
def every_operation_of_the_packaged_model():
    call_everything(new_session(), "packaged model")


@test
def every_operation_of_the_newest_model():
    if have_models():
        call_everything(new_session(newest=True), "newest model")
    else:
        note("the newest model is not here: 50 operations left out")


@test
def launch_configuration_templates_of_the_newest_model():
    if not have_models():
        note("the newest model is not here: 4 operations left out")
        return
    with Sim() as sim:
        drs = client(sim, "drs", session=new_session(newest=True))
        made = drs.create_launch_configuration_template(copyTags=True, tags={"a": "b"})
        name = made["launchConfigurationTemplate"]["launchConfigurationTemplateID"]
        refused("ServiceQuotaExceededException", 402, drs.create_launch_configuration_template)
        changed = drs.update_launch_configuration_template(launchConfigurationTemplateID=name,
                                                           launchDisposition="STOPPED")
        equal(changed["launchConfigurationTemplate"]["launchDisposition"], "STOPPED")
        equal(len(drs.describe_launch_configuration_templates()["items"]), 1)
        drs.delete_launch_configuration_template(launchConfigurationTemplateID=name)


if __name__ == "__main__":
    run()
