#!/usr/bin/env python3
"""Sends the documents' own examples by the real AWS CLI and boto3, unedited, and checks the answers.

Where ../shared is absent there are no documents to read: every case is left out and counted.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cases import CASES  # noqa: E402
from harness import BUILD, ROOT, SHARED, Rig, Tap, wait_for  # noqa: E402

ACCOUNT, REGION = "123456789012", "us-east-1"
PYTHON = "/usr/bin/python3"  # Debian's, whose boto3 is the peer
HANDLERS = {"S0": "data-management-handler", "S1": "aws-drs-orchestration-data-management-handler-test",
            "S2": "hrp-drs-tech-adapter-{}-handler-dev", "S4": "execution-handler"}

# Every server that the documents name, and some that their tag filters match.
NAMED = ("s-1234567890abcdef0 s-1234567890abcdef1 s-abcdef1234567890 s-abc s-def s-ghi s-db-01 s-app-01 "
         "s-fedcba0987654321").split()


def scenario():
    """The three tiers, and beside them whatever the documents name."""
    base = json.loads((ROOT / "sim/scenarios/three-tier.json").read_text())
    matched = ({"Environment": "production", "Tier": "web"}, {"Environment": "Production", "Tier": "Web"},
               {"Environment": "Production", "Application": "WebApp"})
    base["servers"] += [{"id": name, "hostname": f"host-{i:02}", "tags": {"Seed": "yes"}}
                        for i, name in enumerate(NAMED)]
    base["servers"] += [{"id": f"s-{i:017x}", "hostname": f"seed-web-{i:02}", "tags": tags}
                        for i, tags in enumerate(matched)]
    vpc = base["vpcs"][0]["id"]
    for i, (subnet, group) in enumerate((("subnet-0123456789abcdef0", "sg-0123456789abcdef0"), ("subnet-123", "sg-123"),
                                         ("subnet-abc123", "sg-xyz789"), ("subnet-db", "sg-db"))):
        base["subnets"].append({"id": subnet, "vpc": vpc, "cidr": f"10.20.{100 + i}.0/24", "zone": REGION + "a"})
        base["securityGroups"].append({"id": group, "vpc": vpc, "name": group, "description": group})
    base["knobs"] = {"anyIds": True}
    base["instanceProfiles"] += [{"id": "DB-Role", "roles": []}, {"id": "EC2-DRS-Role", "roles": []}]
    return base


def examples():
    """The documents' blocks by id, through the list that ships with them."""
    listed = subprocess.run([sys.executable, SHARED / "spec/seed_examples.py", SHARED / "spec/seeds", "--json"],
                            check=True, capture_output=True, text=True).stdout
    return {f"S{int(row['doc'])}:{row['line']}": row for row in json.loads(listed)}


def seed(data, needs):
    """Puts entities with the documents' own identifiers into the store before serve opens it."""
    lines = []
    for kind, identity, *rest in needs:
        item = {"kind": kind, "id": identity, "name": rest[0] if rest else f"Seeded {identity}"}
        if kind == "group":
            item.update(region=REGION, accountId=ACCOUNT, serverIds=[NAMED[(len(lines) + 3) % len(NAMED)]])
        else:
            item.update(groupId=rest[1] if len(rest) > 1 else "pg-database")
        lines.append(json.dumps(item))
    subprocess.run([BUILD / "tests/conformance/seed_store", str(data)], input="\n".join(lines) + "\n", text=True,
                   check=True)


def complete(text):
    """Fills what a document elides ([...] and {...}) with the least that makes sense in its place."""
    server = {"serverId": "s-app-01", "hostname": "app-01", "launchConfig": {"instanceType": "t3.large"}}
    waves = [{"waveNumber": 1, "waveName": "Database Tier", "servers": [dict(server, serverId="s-db-01")]},
             {"waveNumber": 2, "waveName": "App Tier", "servers": [server], "dependsOnWaves": [1]}]
    context = {"accountId": ACCOUNT, "region": REGION, "roleName": "DRSOrchestrationRole"}
    for key, elided, value in (("servers", r"\[\.\.\.\]", [server]), ("waves", r"\[\.\.\.\]", waves),
                               ("accountContext", r"\{\.\.\.\}", context)):
        text = re.sub(rf'"{key}":\s*{elided}', lambda _: f'"{key}": {json.dumps(value)}', text)
    return text


def function_for(doc, operation):
    kind = "execution" if "execut" in operation or "wave" in operation else "query" if operation.startswith("get_drs") \
        else "data-management"
    return HANDLERS[doc].format(kind)


class Runner:
    def __init__(self, rig, tap):
        self.rig, self.tap, self.examples = rig, tap, examples()

    def run(self, case_id):
        case, example = CASES[case_id], self.examples[case_id]
        data = pathlib.Path(tempfile.mkdtemp(dir=self.rig.folder, prefix="data-"))
        wait_for(lambda: self.rig.sim_get("/_sim/state")["activeJobs"] == 0, "the case before to leave DRS alone")
        if case.needs:
            seed(data, case.needs)
        serve = self.rig.serve(data)
        try:
            if case_id == "S2:427":
                self.execution_exists(serve)
            self.check(case_id, case, self.send(case_id, example, serve))
        finally:
            code = serve.stop()
        assert code == 0, f"serve ended with {code}"

    def execution_exists(self, serve):
        """S2:427 reads an execution by an id of the document's: it gets a real one under that id's place."""
        answer = serve.invoke("execution-handler", {"operation": "execute_recovery_plan", "body": {
            "planId": "d4e5f6a7-b8c9-0123-def1-234567890123", "executionType": "DRILL", "initiatedBy": "test"}})
        assert answer["statusCode"] == 202, answer
        self.execution_id = answer["body"]["executionId"]

    def send(self, case_id, example, serve):
        kind, text = example["kind"], example["text"]
        if case_id == "S2:427":
            text = text.replace("e5f6a7b8-c9d0-1234-ef12-345678901234", self.execution_id)
        if kind in ("event", "action"):
            payload = json.loads(complete(text))
            operation = payload.get("operation") or payload["action"]
            return serve.invoke(function_for(case_id[:2], operation), payload)
        with tempfile.TemporaryDirectory(dir=self.rig.folder) as work:
            if kind == "cli" or text.lstrip().startswith("#!/bin/bash"):
                return self.shell(serve, work, text, kind)
            return self.python(serve, work, text)

    def environment(self, serve, shims):
        env = serve.profile_env()
        env["PATH"] = f"{shims}:{env['PATH']}"
        env["PYTHONPATH"] = f"{shims}:{env['PYTHONPATH']}"
        return env

    def shims(self, work):
        """The scripts poll every 30 s; here a poll is half a second, by a `sleep` that is as short."""
        folder = pathlib.Path(work) / "shims"
        folder.mkdir()
        (folder / "sleep").write_text("#!/bin/sh\nexec /bin/sleep 0.5\n")
        (folder / "sleep").chmod(0o755)
        (folder / "usercustomize.py").write_text("import time\n_sleep = time.sleep\ntime.sleep = lambda s: _sleep(min(s, 0.5))\n")
        return folder

    def shell(self, serve, work, text, kind):
        body = re.split(r"^# Response", text, flags=re.M)[0] if kind == "cli" else text
        done = subprocess.run(["bash", "-c", body], cwd=work, env=self.environment(serve, self.shims(work)),
                              capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        if kind != "cli":
            assert "Execution finished with status: COMPLETED" in done.stdout, done.stdout
            return None
        return json.loads((pathlib.Path(work) / "response.json").read_text())

    def python(self, serve, work, text):
        script = pathlib.Path(work) / "example.py"
        if "boto3.client" not in text:
            text = "import boto3\nimport json\nlambda_client = boto3.client('lambda')\n" + text
        script.write_text(text + "\nimport json as _json\nif isinstance(globals().get('result'), dict):\n"
                          "    open('response.json', 'w').write(_json.dumps(result))\n")
        done = subprocess.run([PYTHON, "example.py"], cwd=work, env=self.environment(serve, self.shims(work)),
                              input="yes\n" * 5, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        if "Polling execution status" in text:
            assert "Execution finished with status: COMPLETED" in done.stdout, done.stdout
            return None
        answer = pathlib.Path(work) / "response.json"
        if not answer.exists():
            assert "created successfully" in done.stdout, done.stdout
            return None
        return json.loads(answer.read_text())

    def check(self, case_id, case, answer):
        if answer is None:
            return
        body = answer
        if case_id.startswith("S0"):
            assert set(answer) == {"statusCode", "body"}, answer
            assert answer["statusCode"] == case.status, answer
            body = answer["body"]
        if case.error:
            assert (body["error"], body["message"]) == case.error, body
            return
        assert "error" not in body, body
        missing = [key for key in case.keys if key not in body]
        assert not missing, f"missing {missing} in {body}"
        for key, value in case.equal.items():
            assert body[key] == value, (key, body[key])
        for wave in body.get("waves", []) if case.wave_keys else []:
            gone = [key for key in case.wave_keys if key not in wave]
            assert not gone, f"missing {gone} in {wave}"
        if case.check:
            case.check(body)


def main():
    tap = Tap()
    if not (SHARED / "spec/seeds").is_dir():
        tap.leave_out(len(CASES), "the documents are not beside this checkout")
        return tap.finish()
    only = sys.argv[1:]
    with Rig(scenario(), speed=2000, settings={"DRWAVE_WORKFLOW_POLL_MIN_MS": "50"}) as rig:
        runner = Runner(rig, tap)
        for case_id in CASES:
            if not only or case_id in only:
                tap.case(case_id, lambda case_id=case_id: runner.run(case_id))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
