#!/usr/bin/env python3
"""Kills `drwave serve` at random points of drills and shows that nothing is lost and nothing done twice.

usage: kill_serve.py [--kills N] [--seed N]

Each drill (three waves, a gate) is interrupted 10 to 20 times by SIGKILL while the simulator hides new jobs
and performs some StartRecovery calls without answering them: it drops the connection at once, or holds it for
a second in which the process dies most of the time. At the end of each drill the execution has COMPLETED, and
the simulator's call log holds one StartRecovery for every launch, which took effect, and none that was refused.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))
from harness import ROOT, Rig, Tap, request, wait_for  # noqa: E402

# DRS hides a new job for 30 s, and serve looks for 90 s before it calls again: 2/3 s and 2 s here. Jobs
# are faster by far, but this is not: a process that died has to be there again while its job is hidden.
VISIBILITY_S = 2
HIDDEN_S = VISIBILITY_S * 30 / 90
SPEED = 250
SETTINGS = {"DRWAVE_WORKFLOW_POLL_MIN_MS": "20", "DRWAVE_WORKFLOW_POLL_MAX_MS": "40",
            "DRWAVE_DRS_VISIBILITY_S": str(VISIBILITY_S), "DRWAVE_LOG_LEVEL": "error"}
KILLING_S = 4  # the pauses between the kills of a drill, together: they reach its last wave
ENOUGH = 200  # kills after which it cannot be chance that nothing was looked for
TERMINAL = ("COMPLETED", "FAILED", "CANCELLED")


def scenario(seed):
    text = json.loads((ROOT / "sim/scenarios/three-tier.json").read_text())
    text["seed"] = seed
    text["knobs"] = {"jobVisibleS": HIDDEN_S * SPEED}
    lost = {"effect": "AMBIG", "match": {"service": "drs", "op": "StartRecovery", "percentage": 30}}
    text["faults"] = [{"id": "lost-late", "value": 1, **lost}, {"id": "lost", **lost}]
    for server in text["servers"]:  # Windows takes three times as long, and all of that is waiting
        server["os"] = text["servers"][0]["os"]
    return text


def prepare(serve):
    """Three groups by tags and a plan of three waves with a gate before the second."""
    groups = []
    for tier in ("db", "app", "web"):
        status, body = serve.rest("POST", "/protection-groups", {
            "name": tier, "region": "us-east-1", "serverSelectionTags": {"Tier": tier}})
        assert status == 201, (status, body)
        groups.append(body["groupId"])
    status, body = serve.rest("POST", "/recovery-plans", {"name": "three tiers", "waves": [
        {"waveNumber": n + 1, "name": f"wave {n + 1}", "protectionGroupId": g, "pauseBeforeWave": n == 1}
        for n, g in enumerate(groups)]})
    assert status == 201, (status, body)
    return body["planId"]


class Drill:
    def __init__(self, rig, data, plan, chance):
        self.rig, self.data, self.plan, self.chance, self.kills = rig, data, plan, chance, 0
        self.token = f"drill-{chance.getrandbits(64):x}"
        self.execution = None

    def start(self, serve):
        """The same client token every time: however often it is sent, there is one execution."""
        status, body = serve.rest("POST", "/executions", {
            "planId": self.plan, "executionType": "DRILL", "initiatedBy": "kill_serve", "clientToken": self.token})
        assert status == 202, (status, body)
        self.execution = body["executionId"]

    def step(self, serve):
        """One look; approves the gate. True once the execution has ended."""
        status, body = serve.rest("GET", f"/executions/{self.execution}")
        assert status == 200, (status, body)
        if body["status"] == "PAUSED":
            status, answer = serve.rest("POST", f"/executions/{self.execution}/resume", {})
            assert status in (200, 202, 409), (status, answer)
        self.last = body
        return body["status"] in TERMINAL

    def life(self, serve, until):
        """What a client does until the process dies under it. True once the execution has ended."""
        try:
            if not self.execution:
                self.start(serve)
            while time.monotonic() < until:
                if self.step(serve):
                    return True
                time.sleep(0.01)
        except OSError:
            pass
        return False

    def run(self, kills_wanted):
        wanted = self.chance.randint(10, 20)
        while True:
            serve = self.rig.serve(self.data)
            last = self.kills >= wanted or kills_wanted <= self.kills
            pause = 120 if last else self.chance.uniform(0.01, 2 * KILLING_S / wanted)
            ended = self.life(serve, time.monotonic() + pause)
            if ended:
                assert serve.stop() == 0
                return
            assert not last, f"the drill did not end: {self.last}"
            serve.kill()
            self.kills += 1


def check(rig, drill):
    """Of every StartRecovery since the log was emptied, refused ones too; returns looks at hidden jobs."""
    assert drill.last["status"] == "COMPLETED", drill.last
    assert drill.last["outcome"] == "SUCCEEDED", drill.last
    starts = rig.sim_get("/_sim/calls?service=drs&op=StartRecovery")["calls"]
    refused = [(call["status"], call["tags"]["LaunchId"]) for call in starts if not call["effect"]]
    assert not refused, f"called again before it could know that there is no job, and refused by DRS: {refused}"
    assert {call["tags"]["ExecutionId"] for call in starts} == {drill.execution}, starts
    launches = collections.Counter(call["tags"]["LaunchId"] for call in starts)
    assert len(launches) == 3, launches
    assert set(launches.values()) == {1}, f"started more than once: {launches}"
    looks = rig.sim_get("/_sim/calls?service=drs&op=DescribeJobs")["calls"]
    lost = [call["simMs"] for call in starts if call.get("fault")]
    return sum(ms < look["simMs"] < ms + HIDDEN_S * 1000 for ms in lost for look in looks)


def clean_up(rig, drill):
    """The next drill launches the same servers: its own instances replace these."""
    serve = rig.serve(drill.data)
    status, body = serve.rest("POST", f"/executions/{drill.execution}/terminate", {})
    assert status in (200, 202), (status, body)
    wait_for(lambda: not rig.sim_get("/_sim/state")["drillInstances"], "the drill's instances to be gone")
    assert serve.stop() == 0
    assert request(rig.sim + "/_sim/calls", "DELETE")[0] == 200


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--kills", type=int, default=1000 if os.environ.get("DRWAVE_TEST_LONG") else 300)
    options.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    options = options.parse_args()
    print(f"# seed {options.seed}, {options.kills} kills", flush=True)
    chance, tap, killed, looks = random.Random(options.seed), Tap(), 0, []
    with Rig(scenario(options.seed), speed=SPEED, settings=SETTINGS) as rig:
        first = rig.serve()
        plan = prepare(first)
        assert first.stop() == 0
        while killed < options.kills:
            drill = Drill(rig, first.data, plan, chance)

            def one(drill=drill):
                drill.run(options.kills - killed)
                looks.append(check(rig, drill))
                clean_up(rig, drill)

            tap.case(f"drill {len(tap.lines) + 1}: one effective start for each launch, whatever was killed", one)
            killed += drill.kills
            print(f"# {killed} kills so far", flush=True)
            if tap.failed:
                print(f"# seed {options.seed}", flush=True)
                break
        print(f"# {sum(looks)} looks at jobs whose start was not answered and that were hidden", flush=True)

        def looked():
            assert sum(looks) > 0

        if killed >= ENOUGH:
            tap.case("jobs were looked for while DRS hid them", looked)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
