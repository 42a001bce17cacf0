"""The simulated AWS of these tests, and the groups and plan that every table may name."""
import json

from harness import ROOT

ACCOUNT, REGION, WEST = "123456789012", "us-east-1", "us-west-2"


def server(name, **more):
    return {"id": f"s-{name}", "hostname": name, "tags": {"Name": name}, **more}


def west(i):
    """A server of the other region; its id is long enough for a client that checks it."""
    return f"s-{i:017x}"


def scenario():
    base = json.loads((ROOT / "sim/scenarios/three-tier.json").read_text())
    for name, state in (("stalled", "STALLED"), ("gone", "DISCONNECTED"), ("stopped", "STOPPED"),
                        ("lagging", "BACKLOG")):
        base["servers"].append(server(name, replication={"state": state}))
    base["servers"] += [server(n) for n in ("alone", "profile", *(f"x{i}" for i in range(60)))]
    base["servers"] += [server(f"{half}{i:02}") | {"tags": {"Half": half}} for half in ("half", "other") for i in range(60)]
    base["servers"] += [server(west(i)[2:], region=WEST) for i in range(24)]
    base["regions"] = [{"account": ACCOUNT, "region": REGION, "quotaServers": 1000},
                       {"account": ACCOUNT, "region": WEST, "quotaServers": 1000}]
    base["vpcs"].append({"id": "vpc-west", "region": WEST, "cidr": "10.30.0.0/16", "default": True})
    base["subnets"].append({"id": "subnet-west", "region": WEST, "vpc": "vpc-west", "cidr": "10.30.1.0/24",
                            "zone": WEST + "a", "defaultForAz": True})
    base["instanceProfiles"].append({"id": "P", "roles": []})
    base["knobs"] = {"anyIds": True}
    return base


class World:
    """Calls, with $names in them replaced by the ids of what was made."""

    def __init__(self, rig, serve):
        self.rig, self.serve = rig, serve
        self.names = {"$web1": "s-0000000000000eb01"}

    def fill(self, value):
        if isinstance(value, str):
            for name in sorted(self.names, key=len, reverse=True):
                value = value.replace(name, self.names[name])
            return value
        if isinstance(value, list):
            return [self.fill(v) for v in value]
        return {k: self.fill(v) for k, v in value.items()} if isinstance(value, dict) else value

    def invoke(self, function, event):
        return self.serve.invoke(function, self.fill(event))

    def rest(self, method, path, body=None):
        return self.serve.rest(method, self.fill(path), self.fill(body))

    def call(self, operation, **body):
        """One operation in the api dialect, which must succeed."""
        kind = ("execution" if "execut" in operation or "terminate" in operation else
                "query" if operation.startswith("get_drs") else "data-management")
        answer = self.invoke(f"x-{kind}-handler", {"operation": operation, "body": body})
        assert "error" not in answer, (operation, answer)
        return answer

    def refused(self, operation, code, **body):
        kind = "execution" if "execut" in operation or "terminate" in operation else "data-management"
        answer = self.invoke(f"x-{kind}-handler", {"operation": operation, "body": body})
        assert answer.get("error") == code, (operation, code, answer)
        return answer

    def group(self, name, *servers, **more):
        body = {"name": name, "region": REGION, **({"sourceServerIds": [f"s-{s}" for s in servers]} if servers else {}),
                **more}
        self.names["$" + name] = self.call("create_protection_group", **body)["groupId"]
        return self.names["$" + name]

    def plan(self, name, *waves, **more):
        waves = [{"waveNumber": i + 1, "name": f"wave {i + 1}", **w} for i, w in enumerate(waves)]
        self.names["$" + name] = self.call("create_recovery_plan", name=name, waves=waves, **more)["planId"]
        return self.names["$" + name]

    def populate(self):
        self.group("web", "0000000000000eb01", "0000000000000eb02")
        self.group("half", serverSelectionTags={"Half": "half"})
        self.group("other", serverSelectionTags={"Half": "other"})
        self.plan("plan", {"protectionGroupId": "$web"})
