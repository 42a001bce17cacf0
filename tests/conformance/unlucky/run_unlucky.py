#!/usr/bin/env python3
"""What must hold on a bad day: AWS that takes every request and answers none."""
import json
import pathlib
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import ROOT, Rig, Tap, request, wait_for  # noqa: E402

WAITING = 80  # more than may wait for AWS at once: 4 for each of 16 AWS workers


class Silence:
    """An endpoint that accepts and never says a word."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        self.kept = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            self.kept.append(self.listener.accept()[0])


class Askers:
    """Clients that want something of DRS at the same time; `answers` grows as they hear."""

    def __init__(self, serve, count):
        self.serve, self.answers = serve, []
        for n in range(count):
            threading.Thread(target=self.ask, args=(n,), daemon=True).start()

    def ask(self, n):
        try:
            self.answers.append(request(f"{self.serve.url}/drs/source-servers?region=us-east-1&limit={n + 1}",
                                        headers={"Authorization": "Bearer " + self.serve.client["token"]}))
        except OSError:
            self.answers.append(None)  # ended without a word, by a server that stops


def slowest_read(serve, count=20):
    worst = 0
    for path in ["/protection-groups", "/health", "/recovery-plans"] * count:
        before = time.monotonic()
        status, body = serve.rest("GET", path)
        assert status == 200, (status, body)
        worst = max(worst, time.monotonic() - before)
    return worst


HANGING = 12  # more executions than the workflow has workers


def many_servers():
    base = json.loads((ROOT / "sim/scenarios/three-tier.json").read_text())
    base["servers"] += [{"id": f"s-{i:017x}", "hostname": f"h{i}"} for i in range(HANGING + 1)]
    return base


def make(serve, path, **body):
    status, answer = serve.rest("POST", path, body)
    assert status in (201, 202), (status, answer)
    return answer


def execute(serve, n, gate):
    group = make(serve, "/protection-groups", name=f"g{n}", region="us-east-1", sourceServerIds=[f"s-{n:017x}"])
    plan = make(serve, "/recovery-plans", name=f"p{n}", waves=[
        {"waveNumber": 1, "name": "w", "protectionGroupId": group["groupId"], "pauseBeforeWave": gate}])
    return make(serve, "/executions", planId=plan["planId"], executionType="DRILL")["executionId"]


def starts_that_never_end(tap):
    """DRS swallows every StartRecovery: those executions hang, and no other does."""
    with Rig(many_servers()) as rig:
        serve = rig.serve()
        fault = {"id": "hang", "effect": "NET", "variant": "blackhole", "value": 300, "match": {"op": "StartRecovery"}}
        assert request(rig.sim + "/_sim/faults", "POST", fault)[0] == 201

        def others_go_on():
            for n in range(HANGING):
                execute(serve, n, False)
            wait_for(lambda: rig.sim_get("/_sim/faults")["faults"][0]["hits"] == HANGING, "all to hang at once", 20)
            execution = execute(serve, HANGING, True)
            wait_for(lambda: serve.rest("GET", f"/executions/{execution}")[1]["status"] == "PAUSED",
                     "a gate that needs no AWS", 20)

        tap.case("executions whose AWS never answers hold up no other", others_go_on)
        tap.case("and SIGTERM does not wait for them", lambda: check_stop(serve))


def check_stop(serve):
    before = time.monotonic()
    assert serve.stop() == 0
    took = time.monotonic() - before
    assert took < 10, f"SIGTERM took {took:.1f} s"


def main():
    tap = Tap()
    starts_that_never_end(tap)
    with Rig(ROOT / "sim/scenarios/three-tier.json") as rig:
        silence = Silence()
        env = {"AWS_ENDPOINT_URL": silence.url, "DRWAVE_AWS_ACCOUNT_ID": "111122223333"}
        serve = rig.serve(env=env)
        askers = Askers(serve, WAITING)

        def refused():
            wait_for(lambda: len(askers.answers) >= WAITING - 64, "those beyond the limit to be refused", 20)
            for status, body, headers in list(askers.answers):
                assert status == 503, (status, body)
                assert body["retryable"] is True, body
                assert int(headers["Retry-After"]) > 0, headers

        def fast():
            worst = slowest_read(serve)
            assert worst < 10, f"a read that needs no AWS took {worst:.2f} s"  # AWS is waited for much longer

        tap.case("who would wait for a silent AWS beyond the limit is told to come back", refused)
        tap.case("requests that need no AWS are answered meanwhile", fast)
        tap.case("SIGTERM ends it within 10 s all the same", lambda: check_stop(serve))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
