"""Every spelling in and out, and what was fetched sent back (contract 3)."""
from calls import DATA
from expect import check

CONFIG = {"subnetId": "subnet-00000000000000011", "securityGroupIds": ["sg-00000000000000011"],
          "iamInstanceProfileArn": "arn:aws:iam::123456789012:instance-profile/P", "staticPrivateIp": "10.20.1.77",
          "instanceType": "t3.large", "targetInstanceTypeRightSizingMethod": "CUSTOM", "copyTags": True}
SAME = {"subnetId": ["subnet"], "securityGroupIds": ["securityGroups"], "staticPrivateIp": ["staticIp"],
        "iamInstanceProfileArn": []}
GROUP_PAIRS = [("name", "groupName"), ("launchConfiguration", "launchConfig")]
PLAN_PAIRS = [("name", "planName"), ("totalWaves", "waveCount")]
SERVER_PAIRS = [("serverId", "sourceServerId"), ("serverId", "sourceServerID"),
                ("launchConfiguration", "launchConfig"), ("effectiveConfiguration", "effectiveConfig")]


def same(entity, pairs):
    for one, other in pairs:
        assert one in entity and entity[one] == entity[other], (one, other, entity)


def times(entity):
    from datetime import datetime
    for text, epoch in (("createdAt", "createdDate"), ("updatedAt", "lastModifiedDate")):
        assert entity[text].endswith("Z") and isinstance(entity[epoch], int), entity
        assert int(datetime.fromisoformat(entity[text].replace("Z", "+00:00")).timestamp()) == entity[epoch], entity


def a_group_carries_every_spelling(world):
    world.group("spelt", "x0", launchConfiguration={k: v for k, v in CONFIG.items() if k != "staticPrivateIp"},
                servers=[{"serverId": "s-x0", "launchConfiguration": CONFIG}])
    for function in ("x-data-management-handler", "x-query-handler"):
        group = world.invoke(function, {"operation": "get_protection_group", "body": {"groupId": "$spelt"}})
        same(group, GROUP_PAIRS)
        times(group)
        for server in group["servers"]:
            same(server, SERVER_PAIRS)
            config = server["effectiveConfiguration"]
            same(config, [(a, b) for a, others in SAME.items() for b in others])
            same(config, [("instanceProfile", "instanceProfileName")])
            assert config["instanceProfile"] == "P", config


def each_spelling_of_a_launch_configuration_is_taken(world):
    ways = [("subnetId", "subnet"), ("securityGroupIds", "securityGroups"), ("staticPrivateIp", "staticIp")]
    inputs = ["launchConfiguration", "launchConfig", "launchTemplate"]
    ids = ["serverId", "sourceServerId", "sourceServerID"]
    for i, key in enumerate(inputs):
        config = {(pair[i % 2]): CONFIG[pair[0]] for pair in ways}
        name = f"way{i}"
        world.group(name, f"x{i + 1}", servers=[{ids[i]: f"s-x{i + 1}", key: config}])
        server = world.call("get_protection_group", groupId="$" + name)["servers"][0]
        check({k: CONFIG[k] for k, _ in ways}, server["launchConfiguration"])
    for i, key in enumerate(("iamInstanceProfileArn", "instanceProfile", "instanceProfileName")):
        value = CONFIG[key] if i == 0 else "P"
        world.call("update_protection_group", groupId="$way0", version=i + 1, launchConfig={key: value})
        config = world.call("get_protection_group", groupId="$way0")["launchConfiguration"]
        assert config["instanceProfile"] == config["instanceProfileName"] == "P", config


def a_plan_carries_every_spelling(world):
    world.plan("spoken", {"protectionGroupId": "$spelt", "pauseBeforeWave": True})
    plan = world.call("get_recovery_plan", planId="$spoken")
    same(plan, PLAN_PAIRS)
    times(plan)
    same(plan["waves"][0], [("name", "waveName")])
    assert plan["waves"][0]["protectionGroupIds"] == [plan["waves"][0]["protectionGroupId"]], plan


def what_was_fetched_may_be_sent_back(world):
    for kind, identity in (("protection_group", "groupId"), ("recovery_plan", "planId")):
        entity = world.call(f"get_{kind}", **{identity: "$spelt" if kind == "protection_group" else "$spoken"})
        before = entity["version"]
        assert world.call(f"update_{kind}", **entity)["version"] == before + 1
        after = world.call(f"get_{kind}", **{identity: entity[identity]})
        volatile = ("version", "updatedAt", "lastModifiedDate")
        assert {k: v for k, v in after.items() if k not in volatile} == \
               {k: v for k, v in entity.items() if k not in volatile}, (entity, after)


def changed_in_one_spelling(world, kind, identity, key, value, *pairs):
    """Fetches, changes one spelling, sends everything back; every spelling then says the new value."""
    for one in pairs:
        entity = world.call(f"get_{kind}", **{identity: key})
        at = entity
        for step in one[:-1]:
            at = at[step]
        new = value(one[-1])
        at[one[-1]] = new
        world.call(f"update_{kind}", **entity)
        at = world.call(f"get_{kind}", **{identity: key})
        for step in one[:-1]:
            at = at[step]
        assert at[one[-1]] == new, (one, new, at)


def one_changed_spelling_of_a_group_wins(world):
    count = iter(range(100))

    def value(field):
        n = next(count)
        if field.startswith("subnet"):
            return f"subnet-{n:017x}"
        if field.startswith("securityGroup"):
            return [f"sg-{n:017x}"]
        if field.startswith("static"):
            return f"10.20.1.{100 + n}"
        return f"arn:aws:iam::123456789012:instance-profile/N{n}" if field.endswith("Arn") else f"N{n}"

    fields = ("subnetId", "subnet", "securityGroupIds", "securityGroups", "staticPrivateIp", "staticIp",
              "instanceProfile", "instanceProfileName", "iamInstanceProfileArn")
    changed_in_one_spelling(world, "protection_group", "groupId", "$spelt", value, ("name",), ("groupName",),
                            *((("servers", 0, config, f) for config in ("launchConfiguration", "launchConfig")
                               for f in fields)),
                            *((("launchConfig", f) for f in fields if not f.startswith("static"))))


def one_changed_spelling_of_a_plan_wins(world):
    count = iter(range(100))
    changed_in_one_spelling(world, "recovery_plan", "planId", "$spoken", lambda f: f"new name {next(count)}",
                            ("name",), ("planName",), ("waves", 0, "name"), ("waves", 0, "waveName"))
    changed_in_one_spelling(world, "recovery_plan", "planId", "$spoken", lambda f: world.names["$web"],
                            ("waves", 0, "protectionGroupId"))
    changed_in_one_spelling(world, "recovery_plan", "planId", "$spoken", lambda f: [world.names["$spelt"]],
                            ("waves", 0, "protectionGroupIds"))


def two_changed_spellings_are_a_conflict(world):
    group = world.call("get_protection_group", groupId="$spelt")
    answer = world.refused("update_protection_group", "INVALID_PARAMETER", **(group | {"name": "a", "groupName": "b"}))
    assert "two spellings" in answer["message"], answer


def the_version_rises_with_every_change(world):
    before = world.call("get_recovery_plan", planId="$spoken")["version"]
    world.call("update_recovery_plan", planId="$spoken", version=before, description="again")
    assert world.call("get_recovery_plan", planId="$spoken")["version"] == before + 1
    answer = world.invoke(DATA, {"operation": "update_recovery_plan", "body": {"planId": "$spoken", "description": "x"}})
    check({"statusCode": 200, "body": {"version": before + 2, "message": "Recovery plan updated successfully"}}, answer)


def a_resolution_and_a_listing_carry_every_spelling(world):
    found = world.call("resolve_protection_group_tags", region="us-east-1", serverSelectionTags={"Tier": "db"})
    same(found, [("servers", "matchedServers"), ("servers", "resolvedServers"), ("serverCount", "count")])
    listed = world.call("get_drs_source_servers", region="us-east-1")
    assert listed["serverCount"] == listed["totalCount"] == len(listed["servers"]) > 100, listed["serverCount"]
    for server in found["servers"] + listed["servers"]:
        same(server, [("sourceServerID", "sourceServerId"), ("sourceServerID", "serverId")])
        assert isinstance(server["hostname"], str) and server["hostname"], server
    states = {s["hostname"]: s["lifecycleState"] for s in listed["servers"]}
    assert states["db-01"] == "READY_FOR_LAUNCH" and states["stalled"] != "READY_FOR_LAUNCH", states


def pages_of_servers_are_walked_by_their_tokens(world):
    seen, token = [], None
    while True:
        page = world.call("get_drs_source_servers", region="us-east-1", limit=50, nextToken=token)
        assert page["serverCount"] == len(page["servers"]) <= 50 and page["totalCount"] > 100, page["totalCount"]
        seen += [s["serverId"] for s in page["servers"]]
        token = page["nextToken"]
        if not token:
            break
    assert len(seen) == len(set(seen)) == page["totalCount"], (len(seen), page["totalCount"])


def pages_of_a_resolution_are_walked_by_their_tokens(world):
    question, seen, token = {"region": "us-east-1", "serverSelectionTags": {"Half": "half"}}, [], None
    while True:
        page = world.call("resolve_protection_group_tags", limit=25, nextToken=token, **question)
        assert page["count"] == len(page["servers"]) <= 25 and page["totalCount"] == 60, page
        seen += [s["serverId"] for s in page["servers"]]
        token = page["nextToken"]
        if not token:
            break
        world.refused("resolve_protection_group_tags", "INVALID_PARAMETER", nextToken=token, region="us-east-1",
                      serverSelectionTags={"Half": "other"})
    assert len(seen) == len(set(seen)) == 60, seen
    whole = world.call("resolve_protection_group_tags", **question)
    assert [s["serverId"] for s in whole["servers"]] == seen and whole["nextToken"] is None, whole["nextToken"]
    assert world.call("resolve_protection_group_tags", nextToken="eyJsYXN0RXZhbHVhdGVkS2V5...", **question)["warnings"]


def pages_of_groups_are_walked_by_their_tokens(world):
    everything = [g["groupId"] for g in world.call("list_protection_groups", limit=1000)["protectionGroups"]]
    seen, token = [], None
    while True:
        page = world.call("list_protection_groups", limit=2, nextToken=token)
        same(page, [("protectionGroups", "groups")])
        seen += [g["groupId"] for g in page["groups"]]
        token = page["nextToken"]
        if not token:
            break
    assert seen == everything and len(seen) > 4, (seen, everything)


ROUNDTRIPS = [f for n, f in list(globals().items()) if callable(f) and getattr(f, "__module__", "") == __name__
              and n not in ("same", "times", "changed_in_one_spelling")]
