"""EC2, IAM and STS as botocore sees them: every operation that is modelled, filters, templates,
errors, and that what is not modelled is refused."""

import botocore.exceptions

from rig import (HUB, KNOWN, TARGET, Sim, client, equal, new_session, note, refused, run, sample,
                 test)

SUBNET, GROUP = "subnet-00000000000000011", "sg-00000000000000011"


def templates_of(sim):
    drs = client(sim, "drs")
    for server in drs.describe_source_servers(maxResults=3)["items"]:
        name = server["sourceServerID"]
        yield drs.get_launch_configuration(sourceServerID=name)["ec2LaunchTemplateID"]


@test
def networks_and_their_filters():
    with Sim() as sim:
        ec2 = client(sim, "ec2")
        equal(len(ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]),
              1)
        found = ec2.describe_subnets(Filters=[
            {"Name": "tag:Tier", "Values": ["d?", "we*"]},
            {"Name": "availability-zone", "Values": ["us-east-1a"]}])["Subnets"]
        equal([s["Tags"][0]["Value"] for s in found], ["recovery-db", "recovery-web"])
        equal(ec2.describe_subnets(Filters=[{"Name": "subnet-id",
                                             "Values": ["subnet-0badc0de"]}])["Subnets"], [])
        refused("InvalidSubnetID.NotFound", 400, ec2.describe_subnets,
                SubnetIds=["subnet-0badc0de"])
        refused("InvalidParameterValue", 400, ec2.describe_subnets,
                Filters=[{"Name": "colour", "Values": ["red"]}])
        refused("InvalidGroup.NotFound", 400, ec2.describe_security_groups,
                GroupIds=["sg-0badc0de"])
        equal(ec2.describe_security_groups(GroupNames=["recovery-db"])["SecurityGroups"][0]
              ["GroupId"], GROUP)
        refused("DryRunOperation", 412, ec2.describe_vpcs, DryRun=True)
        equal(ec2.describe_network_interfaces()["NetworkInterfaces"], [])
        equal(ec2.describe_addresses()["Addresses"], [])


@test
def an_address_in_use_is_seen():
    with Sim() as sim:
        ec2 = client(sim, "ec2")
        sim.admin("instances", {"id": "i-0000000000000beef", "subnet": SUBNET, "ip": "10.20.1.77",
                                "groups": [GROUP], "tags": {"Name": "busy"}})
        found = ec2.describe_network_interfaces(Filters=[
            {"Name": "subnet-id", "Values": [SUBNET]},
            {"Name": "addresses.private-ip-address", "Values": ["10.20.1.77"]}])
        equal(found["NetworkInterfaces"][0]["Attachment"]["InstanceId"], "i-0000000000000beef")
        equal(ec2.describe_subnets(SubnetIds=[SUBNET])["Subnets"][0]["AvailableIpAddressCount"],
              250)
        equal(len(ec2.describe_tags(Filters=[{"Name": "resource-id",
                                              "Values": ["i-0000000000000beef"]}])["Tags"]), 1)
        ec2.create_tags(Resources=["i-0000000000000beef"], Tags=[{"Key": "a", "Value": "<&>"}])
        one = ec2.describe_instances(Filters=[{"Name": "tag:a", "Values": ["<&>"]}])
        equal(len(one["Reservations"]), 1)
        ec2.delete_tags(Resources=["i-0000000000000beef"], Tags=[{"Key": "a"}])
        equal(ec2.describe_instances(Filters=[{"Name": "tag-key", "Values": ["a"]}])
              ["Reservations"], [])
        ec2.terminate_instances(InstanceIds=["i-0000000000000beef"])
        equal(ec2.describe_network_interfaces()["NetworkInterfaces"], [])
        refused("InvalidInstanceID.NotFound", 400, ec2.describe_instances,
                InstanceIds=["i-0badc0de"])


@test
def attributes_of_an_instance():
    with Sim() as sim:
        ec2 = client(sim, "ec2")
        one = sim.admin("instances", {"subnet": SUBNET, "groups": [GROUP]})["id"]
        ec2.modify_instance_attribute(InstanceId=one, DisableApiTermination={"Value": True})
        refused("OperationNotPermitted", 400, ec2.terminate_instances, InstanceIds=[one])
        ec2.modify_instance_attribute(InstanceId=one, DisableApiTermination={"Value": False})
        ec2.modify_instance_attribute(InstanceId=one, Groups=["sg-00000000000000012"])
        found = ec2.describe_instances(InstanceIds=[one])["Reservations"][0]["Instances"][0]
        equal([g["GroupId"] for g in found["SecurityGroups"]], ["sg-00000000000000012"])
        refused("InvalidParameterCombination", 400, ec2.modify_instance_attribute, InstanceId=one)
        ec2.terminate_instances(InstanceIds=[one])


@test
def launch_template_versions():
    with Sim() as sim:
        ec2 = client(sim, "ec2")
        name = next(templates_of(sim))
        data = {"InstanceType": "m5.large", "ImageId": "ami-1", "KeyName": "k", "UserData": "dQ==",
                "EbsOptimized": True, "DisableApiTermination": True,
                "IamInstanceProfile": {"Name": "recovered-server"},
                "Monitoring": {"Enabled": True}, "Placement": {"Tenancy": "default"},
                "SecurityGroupIds": [GROUP], "MetadataOptions": {"HttpTokens": "required"},
                "LicenseSpecifications": [{"LicenseConfigurationArn": "arn:aws:x"}],
                "TagSpecifications": [{"ResourceType": "volume",
                                       "Tags": [{"Key": "k", "Value": "v"}]}],
                "NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": SUBNET, "Groups": [GROUP],
                                       "PrivateIpAddresses": [{"Primary": True,
                                                               "PrivateIpAddress": "10.20.1.9"}]}]}
        made = ec2.create_launch_template_version(
            LaunchTemplateId=name, LaunchTemplateData=data,
            VersionDescription="all")["LaunchTemplateVersion"]
        equal(made["LaunchTemplateData"], data)
        merged = ec2.create_launch_template_version(
            LaunchTemplateId=name, SourceVersion="$Latest",
            LaunchTemplateData={"InstanceType": "c5.large"})["LaunchTemplateVersion"]
        equal(merged["LaunchTemplateData"], dict(data, InstanceType="c5.large"))
        equal((merged["VersionNumber"], merged["DefaultVersion"]), (3, False))
        refused("InvalidLaunchTemplateId.VersionNotFound", 400, ec2.modify_launch_template,
                LaunchTemplateId=name, DefaultVersion="9")
        ec2.modify_launch_template(LaunchTemplateId=name, DefaultVersion="3")
        got = ec2.describe_launch_template_versions(LaunchTemplateId=name,
                                                    Versions=["$Default", "$Latest", "1"])
        equal([v["VersionNumber"] for v in got["LaunchTemplateVersions"]], [3, 3, 1])
        pages = ec2.get_paginator("describe_launch_template_versions").paginate(
            LaunchTemplateId=name, PaginationConfig={"PageSize": 2})
        equal([v["VersionNumber"] for p in pages for v in p["LaunchTemplateVersions"]], [3, 2, 1])
        refused("InvalidLaunchTemplateId.NotFound", 400, ec2.describe_launch_template_versions,
                LaunchTemplateId="lt-00000000000000000")
        equal(len(list(templates_of(sim))), 3)
        pages = ec2.get_paginator("describe_launch_templates").paginate(
            PaginationConfig={"PageSize": 1})
        equal(len([t for p in pages for t in p["LaunchTemplates"]]), 3)


@test
def regions_zones_and_types():
    with Sim() as sim:
        ec2 = client(sim, "ec2")
        usual = {r["RegionName"] for r in ec2.describe_regions()["Regions"]}
        every = {r["RegionName"] for r in ec2.describe_regions(AllRegions=True)["Regions"]}
        equal("us-east-1" in usual and "af-south-1" not in usual, True)
        equal(len(every), 34)
        equal(len(ec2.describe_availability_zones()["AvailabilityZones"]), 3)
        pages = ec2.get_paginator("describe_instance_types").paginate(
            PaginationConfig={"PageSize": 5})
        equal(len([t for p in pages for t in p["InstanceTypes"]]), 20)
        refused("InvalidInstanceType", 400, ec2.describe_instance_types,
                InstanceTypes=["x9.huge"])
        found = ec2.describe_instance_type_offerings(
            LocationType="availability-zone",
            Filters=[{"Name": "instance-type", "Values": ["m5.*"]},
                     {"Name": "location", "Values": ["us-east-1b"]}])
        equal(len(found["InstanceTypeOfferings"]), 4)


@test
def profiles_and_aliases():
    with Sim() as sim:
        iam = client(sim, "iam")
        for i in range(7):
            sim.admin("instanceProfiles", {"id": "extra-%d" % i, "path": "/x/"})
        pages = iam.get_paginator("list_instance_profiles").paginate(
            PaginationConfig={"PageSize": 3})
        equal(len([p for page in pages for p in page["InstanceProfiles"]]), 8)
        equal(len(iam.list_instance_profiles(PathPrefix="/x/")["InstanceProfiles"]), 7)
        one = iam.get_instance_profile(InstanceProfileName="recovered-server")["InstanceProfile"]
        equal(one["Roles"][0]["RoleName"], "RecoveredServerRole")
        refused("NoSuchEntity", 404, iam.get_instance_profile, InstanceProfileName="nobody")
        equal(iam.list_account_aliases()["AccountAliases"], ["example-hub"])


@test
def roles_across_accounts():
    with Sim("two-accounts") as sim:
        sts = client(sim, "sts")
        arn = "arn:aws:iam::%s:role/DRSOrchestrationRole" % TARGET
        refused("AccessDenied", 403, sts.assume_role, RoleArn=arn, RoleSessionName="se")
        got = sts.assume_role(RoleArn=arn, RoleSessionName="se", ExternalId="drwave-external-id",
                              Tags=[{"Key": "k", "Value": "v"}])
        keys = got["Credentials"]
        there = dict(key=keys["AccessKeyId"], given_secret=keys["SecretAccessKey"],
                     token=keys["SessionToken"])
        equal(client(sim, "sts", **there).get_caller_identity()["Account"], TARGET)
        servers = client(sim, "drs", **there).describe_source_servers()["items"]
        equal(len(servers), 4)
        equal(len(client(sim, "drs").describe_source_servers()["items"]), 8)
        refused("AccessDenied", 403, client(sim, "sts", **there).assume_role,
                RoleArn="arn:aws:iam::%s:role/nobody" % HUB, RoleSessionName="se")
        web = sts.assume_role_with_web_identity(
            RoleArn="arn:aws:iam::%s:role/RecoveredServerRole" % TARGET, RoleSessionName="se",
            WebIdentityToken="a-token")
        equal(web["Credentials"]["AccessKeyId"].startswith("ASIA"), True)


@test
def every_operation_and_all_of_its_members():
    """An input as large as the model allows: members that the simulator does not know must be
    few, stated here, and refused; everything else must get past the parser."""
    limits = {"CreateLaunchTemplateVersion", "ModifyInstanceAttribute", "DescribeInstanceTypes",
              "DescribeLaunchTemplateVersions", "DescribeAddresses", "DescribeAvailabilityZones"}
    with Sim() as sim:
        offered = sim.admin("operations")["operations"]
        KNOWN.update(DryRun=True)
        for service in ("ec2", "sts", "iam"):
            made = client(sim, service, session=new_session(), check=False)
            names = [o["name"] for o in offered if o["service"] == service]
            for name in names:
                shape = made.meta.service_model.operation_model(name).input_shape
                given = sample(shape) if shape is not None else {}
                for token in ("NextToken", "Marker", "ProvidedContexts"):
                    given.pop(token, None)
                try:
                    made._make_api_call(name, given)
                except botocore.exceptions.ClientError as error:
                    code = error.response["Error"]["Code"]
                    if code == "InvalidAction" or \
                            (code == "UnknownParameter" and name not in limits):
                        raise AssertionError("%s: %s" % (name, error))
            note("%s: %d of %d operations are modelled" %
                 (service, len(names), len(made.meta.service_model.operation_names)))


@test
def what_is_not_modelled_is_refused():
    with Sim() as sim:
        refused("InvalidAction", 400, client(sim, "ec2").describe_volumes)
        refused("InvalidAction", 400, client(sim, "iam").list_users)
        refused("InvalidAction", 400, client(sim, "sts").get_session_token)
        refused("UnknownOperationException", 404, client(sim, "dynamodb").list_tables)


if __name__ == "__main__":
    run()
