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

MAY_WAIT = 64  # requests that may want something of AWS at once: 4 for each of 16 AWS workers
WAITING = MAY_WAIT + 16
REGIONS = [f"{place}-{n}" for place in ("us-east", "us-west", "eu-west", "eu-central", "eu-south", "ap-south",
                                        "ap-southeast", "ap-northeast") for n in (1, 2)]
READS = 300


class Silence:
    """An endpoint that takes every call and says nothing; let_go ends them all, and those that follow."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        self.lock, self.held, self.silent = threading.Lock(), [], True
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            threading.Thread(target=self.hear, args=(self.listener.accept()[0],), daemon=True).start()

    def hear(self, connection):
        if not connection.recv(1):
            return
        with self.lock:
            if self.silent:
                self.held.append(connection)
            else:
                connection.close()

    def let_go(self):
        with self.lock:
            self.silent = False
            for connection in self.held:
                connection.close()
            self.held = []

    def fall_silent(self):
        with self.lock:
            self.silent = True


class Askers:
    """Clients that want something of DRS at the same time, of all regions; `answers` grows as they hear."""

    def __init__(self, serve, count):
        self.serve, self.answers = serve, []
        for n in range(count):
            threading.Thread(target=self.ask, args=(n,), daemon=True).start()

    def ask(self, n):
        try:
            region = REGIONS[n % len(REGIONS)]  # who asks for the same at the same time shares one call
            self.answers.append(request(f"{self.serve.url}/drs/source-servers?region={region}",
                                        headers={"Authorization": "Bearer " + self.serve.client["token"]}))
        except OSError:
            self.answers.append(None)  # ended without a word, by a server that stops


def read(serve, count):
    for n in range(count):
        path = ("/protection-groups", "/health", "/recovery-plans")[n % 3]
        status, body = serve.rest("GET", path)
        assert status == 200, (path, status, body)


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
            wait_for(lambda: len(askers.answers) >= WAITING - MAY_WAIT, "those beyond the limit to be refused", 20)
            for status, body, headers in list(askers.answers):
                assert status == 503, (status, body)
                assert body["retryable"] is True, body
                assert int(headers["Retry-After"]) > 0, headers

        def answered():
            """However fast this machine is: all of it comes to an end before any of that does."""
            wait_for(lambda: len(silence.held) >= len(REGIONS), "a call to every region to hang", 20)
            read(serve, READS)
            assert len(silence.held) >= len(REGIONS), f"{len(silence.held)} calls hang"
            ended = len(askers.answers) - (WAITING - MAY_WAIT)
            assert ended == 0, f"{READS} reads took so long that {ended} requests gave AWS up"

        def let_go():
            silence.let_go()
            wait_for(lambda: len(askers.answers) == WAITING, "those that waited for AWS to hear", 50)
            for answer in askers.answers[WAITING - MAY_WAIT:]:
                assert answer and answer[0] >= 500, answer

        def stopped():
            silence.fall_silent()
            Askers(serve, WAITING)
            wait_for(lambda: len(silence.held) >= len(REGIONS), "a call to every region to hang again", 20)
            check_stop(serve)

        tap.case("who would wait for a silent AWS beyond the limit is told to come back", refused)
        tap.case("requests that need no AWS are answered while calls to every region hang", answered)
        tap.case("who waited hears of it once AWS hangs up", let_go)
        tap.case("SIGTERM ends it within 10 s all the same", stopped)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
