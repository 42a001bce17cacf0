#!/usr/bin/env python3
"""What must hold on a bad day: AWS that takes every request and answers none."""
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


def main():
    tap = Tap()
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
            assert worst < 1, f"a read that needs no AWS took {worst:.2f} s"

        def stops():
            before = time.monotonic()
            assert serve.stop() == 0
            took = time.monotonic() - before
            assert took < 10, f"SIGTERM took {took:.1f} s"

        tap.case("who would wait for a silent AWS beyond the limit is told to come back", refused)
        tap.case("requests that need no AWS are answered meanwhile", fast)
        tap.case("SIGTERM ends it within 10 s all the same", stops)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
