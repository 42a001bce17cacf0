"""What each documented example needs beforehand, and what its answer must hold (contract §3, BF 11.8).

A case is named by document and line, as seed_examples.py lists them: S0:40 is line 40 of document 0.
"""

GROUP = ("groupId groupName name description region accountId serverSelectionMode sourceServerIds "
         "serverCount servers createdAt updatedAt createdDate version").split()
GROUP_CREATED = [k for k in GROUP if k != "description"] + ["message"]
PLAN = ("planId planName name waves waveCount totalWaves totalServers createdAt updatedAt createdDate "
        "version").split()
WAVE = ("waveNumber waveName name protectionGroupId serverCount launchOrder pauseBeforeWave "
        "dependsOnWaves").split()


class Case:
    def __init__(self, needs=(), status=200, keys=(), equal=None, error=None, wave_keys=(), check=None):
        self.needs, self.status, self.keys = needs, status, list(keys)
        self.equal, self.error, self.wave_keys, self.check = equal or {}, error, wave_keys, check


def echoes_launch_config(body):
    config = body["launchConfig"]
    assert config == body["launchConfiguration"], body
    assert config["subnet"] == config["subnetId"] and config["securityGroups"] == config["securityGroupIds"]


def has_server_override(body):
    echoes_launch_config(body)
    override = next(s for s in body["servers"] if s["serverId"] == "s-1234567890abcdef0")
    assert override["launchConfig"]["instanceType"] == "t3.large", override


def custom_sizing(body):
    override = next(s for s in body["servers"] if s["serverId"] == "s-1234567890abcdef0")
    config = override["launchConfiguration"]
    assert config["targetInstanceTypeRightSizingMethod"] == "CUSTOM", config
    assert config["instanceType"] == "r6i.2xlarge", config
    assert config["iamInstanceProfileArn"].endswith("instance-profile/DB-Role"), config


def first_page_with_warning(body):
    assert body["warnings"], body
    assert body["count"] == len(body["protectionGroups"]) == 1, body
    item = body["protectionGroups"][0]
    missing = [k for k in "groupId groupName name region accountId serverCount createdAt updatedAt version".split()
               if k not in item]
    assert not missing, missing


def page_of_plans(body):
    assert body["count"] == 1 and len(body["recoveryPlans"]) == 1, body
    assert body["recoveryPlans"][0]["waveCount"] == 1, body


def matched(body):
    assert body["count"] == body["serverCount"] == len(body["matchedServers"]) > 0, body
    assert body["servers"] == body["matchedServers"] == body["resolvedServers"], body
    for key in "serverId sourceServerID hostname tags replicationState".split():
        assert key in body["servers"][0], key


def numbered(*numbers):
    def check(body):
        assert [w["waveNumber"] for w in body["waves"]] == list(numbers), body["waves"]
        for i, wave in enumerate(body["waves"]):
            assert wave["dependsOnWaves"] == ([numbers[i - 1]] if i else []), wave
    return check


def listing(body):
    assert body["serverCount"] == len(body["servers"]) <= body["totalCount"], body
    for server in body["servers"]:
        assert isinstance(server["hostname"], str) and server["replicationState"], server
        assert server["lifecycleState"] == "READY_FOR_LAUNCH" or server["replicationState"] != "CONTINUOUS"
        assert {"totalCores", "ramGiB", "totalDiskGiB"} <= server["hardware"].keys(), server


def accepted(body):
    assert body["status"] == "PENDING", body
    assert body["message"].endswith("operation: get_execution_details"), body
    assert body["statusUrl"] == "/executions/" + body["executionId"], body


def execution_read(body):
    assert isinstance(body["startTime"], int) and body["executionType"] == "DRILL", body
    wave = body["waves"][0]
    for key in "waveNumber waveName status servers".split():
        assert key in wave, key


def started(body):
    wave = body["waveNumber"]
    assert body["status"] == "STARTED" and body["drsJobId"].startswith("drsjob-"), body
    assert body["serversLaunched"] >= 1 and body["drsJobIds"], body
    assert body[f"wave{wave}JobId"] == body["drsJobId"], body
    for camel, snake in (("executionId", "execution_id"), ("planId", "plan_id")):
        assert body[camel] == body[snake], body
    assert body["current_wave_number"] == wave, body
    assert "statusCode" not in body and "body" not in body, body


GROUP_EXAMPLE = ("group", "pg-a1b2c3d4-e5f6-7890-abcd-ef1234567890")
PLAN_EXAMPLE = ("plan", "rp-b2c3d4e5-f6a7-8901-bcde-f12345678901")
TIERS = [("group", "pg-database"), ("group", "pg-app"), ("group", "pg-web")]
S1_TIERS = [("group", "pg-database123"), ("group", "pg-app456"), ("group", "pg-web789")]
S2_TIERS = [("group", "a1b2c3d4-e5f6-7890-abcd-ef1234567890"), ("group", "b2c3d4e5-f6a7-8901-bcde-f12345678901"),
            ("group", "c3d4e5f6-a7b8-9012-cdef-123456789012")]
S2_PLAN = ("plan", "d4e5f6a7-b8c9-0123-def1-234567890123")

CASES = {
    # ---- S0: the event dialect ----
    "S0:40": Case(status=201, keys=GROUP_CREATED, check=has_server_override,
                  equal={"message": "Protection group created successfully"}),
    "S0:92": Case(status=201, keys=GROUP_CREATED),
    "S0:108": Case(status=201, keys=GROUP_CREATED, check=echoes_launch_config),
    "S0:144": Case([GROUP_EXAMPLE], keys=["protectionGroups", "groups", "count", "nextToken"],
                   check=first_page_with_warning),
    "S0:188": Case([GROUP_EXAMPLE], keys=GROUP),
    "S0:238": Case([GROUP_EXAMPLE], keys=GROUP, equal={"message": "Protection group updated successfully",
                   "groupName": "Production Web Servers - Updated"}),
    "S0:286": Case([GROUP_EXAMPLE], equal={"message": "Protection group deleted successfully"}),
    "S0:320": Case(check=matched),
    "S0:369": Case([("group", "pg-database-tier"), ("group", "pg-app-tier")], status=201, keys=PLAN, wave_keys=WAVE,
                   check=numbered(1, 2), equal={"message": "Recovery plan created successfully"}),
    "S0:428": Case(TIERS, status=201, keys=PLAN, wave_keys=WAVE),
    "S0:455": Case(TIERS + [PLAN_EXAMPLE], check=page_of_plans),
    "S0:499": Case(TIERS + [PLAN_EXAMPLE], keys=PLAN, wave_keys=WAVE + ["protectionGroupName"]),
    "S0:545": Case(TIERS + [PLAN_EXAMPLE], keys=PLAN, equal={"message": "Recovery plan updated successfully",
                   "planName": "Production DR Plan - Updated"}),
    "S0:588": Case(TIERS + [PLAN_EXAMPLE], equal={"message": "Recovery plan deleted successfully"}),
    "S0:887": Case(status=400, error=("UNKNOWN_OPERATION", "Unknown operation: invalid_operation")),
    "S0:907": Case(status=400, error=("MISSING_PARAMETERS", "Missing required parameters: region, accountId")),
    "S0:930": Case([("group", "pg-existing", "Existing Group Name")], status=400, error=("VALIDATION_ERROR",
                   "Protection group with name 'Existing Group Name' already exists")),
    "S0:957": Case(status=201, keys=GROUP_CREATED + ["serverSelectionTags"]),
    "S0:994": Case(TIERS, status=201, keys=PLAN, wave_keys=WAVE, check=numbered(1, 2, 3)),
    # ---- S1: the api dialect ----
    "S1:106": Case(keys=GROUP + ["accountName"], equal={"version": 1, "name": "Production Web Servers"}),
    "S1:133": Case(keys=GROUP, check=custom_sizing),
    "S1:200": Case(keys=[k for k in GROUP if k != "description"]),
    "S1:219": Case(keys=[k for k in GROUP if k != "description"]),
    "S1:275": Case([("group", "pg-abc123def456")], keys=GROUP, equal={"version": 2, "description": "Updated description"}),
    "S1:304": Case([("group", "pg-abc123def456")], keys=GROUP, equal={"version": 2}),
    "S1:336": Case([("group", "pg-abc123def456")], equal={"message": "Protection Group deleted successfully",
                   "groupId": "pg-abc123def456"}),
    "S1:354": Case([("group", "pg-abc123def456")], equal={"groupId": "pg-abc123def456"}),
    "S1:656": Case(S1_TIERS, keys=PLAN, wave_keys=WAVE + ["protectionGroupName"], check=numbered(1, 2, 3),
                   equal={"totalWaves": 3, "version": 1}),
    "S1:737": Case(S1_TIERS, keys=PLAN, wave_keys=WAVE),
    "S1:758": Case(S1_TIERS, keys=PLAN, wave_keys=WAVE),
    "S1:823": Case(S1_TIERS + [("plan", "plan-xyz789abc", "P", "pg-database123")], keys=PLAN,
                   equal={"version": 2, "totalWaves": 1, "description": "Updated description"}),
    "S1:867": Case(S1_TIERS + [("plan", "plan-xyz789abc", "P", "pg-database123")], keys=PLAN, equal={"version": 2}),
    "S1:899": Case(S1_TIERS + [("plan", "plan-xyz789abc", "P", "pg-database123")],
                   equal={"message": "Recovery Plan deleted successfully", "planId": "plan-xyz789abc"}),
    "S1:917": Case(S1_TIERS + [("plan", "plan-xyz789abc", "P", "pg-database123")], equal={"planId": "plan-xyz789abc"}),
    "S1:1772": Case(),
    # ---- S2 ----
    "S2:288": Case(keys=GROUP, equal={"version": 1, "groupName": "Production Web Servers"}),
    "S2:318": Case(S2_TIERS, keys=PLAN, wave_keys=WAVE, check=numbered(1, 2, 3)),
    "S2:364": Case(keys=["servers", "serverCount", "totalCount", "region"], check=listing),
    "S2:400": Case(S2_TIERS[:1] + [S2_PLAN + ("P", S2_TIERS[0][1])], keys="executionId status message statusUrl".split(),
                   check=accepted),
    "S2:427": Case(S2_TIERS[:1] + [S2_PLAN + ("P", S2_TIERS[0][1])], keys=("executionId planId planName status "
                   "executionType startTime waves").split(), check=execution_read),
    "S2:475": Case(),
    "S2:601": Case(),
    # ---- S4: actions, never wrapped ----
    "S4:48": Case(check=started),
    "S4:375": Case(check=started),
    "S4:444": Case(check=started),
}
