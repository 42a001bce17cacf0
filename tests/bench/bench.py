#!/usr/bin/env python3
"""Measures drwave beside a yardstick in the same run, so that the ratios mean something on any machine.

usage: bench.py [--check] [--seconds N] [--groups N]

  reads    get_protection_group by id over HTTP (1,000 groups, bearer token, audit on, 32 keep-alive
           connections) beside the same server with a handler that does nothing
  creates  durable create_protection_group over HTTP (2 explicit servers, claims, audit, snapshot warm, 32
           connections) beside raw SQLite group commits of 32 threads
  growth   the time of a create with 10, 1,000 and 100,000 groups present
  start    serve's start to its first answer, and one client round trip
  memory   private memory of an idle serve

What is compared is measured in turns, so that a machine which is busy with something else is so for both.

--check fails below 0.4 of the empty server, below 0.3 of the raw commits, or above 1.3 times the time of a
create at 10 groups. The absolute figures of docs/architecture.md are for a quiet machine.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))
from harness import BUILD, ROOT, Rig, request  # noqa: E402

CONNECTIONS = 32
SERVERS = 60000  # two for each group that a run can create in CREATE_SECONDS
CREATE_SECONDS = 5
ROUNDS = 3
REGION, ACCOUNT = "us-east-1", "123456789012"

READ_LUA = """
local ids = {%s}
local n = 0
request = function()
  n = n + 1
  return wrk.format("GET", "/protection-groups/" .. ids[n %% #ids + 1], {["Authorization"] = "Bearer %s"})
end
"""

CREATE_LUA = """
local n = %d
request = function()
  n = n + 1
  local body = string.format('{"name":"bench-%s-%%d","region":"us-east-1","sourceServerIds":["%%s","%%s"]}', n,
    string.format("s-%%017x", 2 * n), string.format("s-%%017x", 2 * n + 1))
  return wrk.format("POST", "/protection-groups", {["Authorization"] = "Bearer %s", ["Content-Type"] = "application/json"}, body)
end
response = function(status, headers, body)
  if status ~= 201 then bad = (bad or 0) + 1; if bad <= 3 then io.stderr:write(status .. " " .. body .. "\\n") end end
end
"""


def wrk(url, script, seconds, connections=CONNECTIONS):
    """Requests per second, p99 in ms, and how many answers were not 2xx."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as lua:
        lua.write(script)
        lua.flush()
        out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", lua.name, url],
                             check=True, capture_output=True, text=True)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out.stdout).group(1))
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out.stdout).groups()
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out.stdout)
    sys.stderr.write(out.stderr)
    return rate, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit], int(bad.group(1)) if bad else 0


def scenario(servers):
    base = json.loads((ROOT / "sim/scenarios/three-tier.json").read_text())
    base["servers"] = [{"id": f"s-{i:017x}", "hostname": f"h{i}"} for i in range(servers)]
    base["regions"] = [{"account": ACCOUNT, "region": REGION, "quotaServers": servers}]
    return base


def seed_groups(data, count):
    """Groups straight into the store: what stands there, not how it came."""
    lines = (json.dumps({"kind": "group", "id": f"pg-seeded-{i:06}", "name": f"seeded {i:06}", "region": REGION,
                         "accountId": ACCOUNT, "serverIds": [f"s-f{2 * i:016x}", f"s-f{2 * i + 1:016x}"]})
             for i in range(count))
    subprocess.run([BUILD / "tests/conformance/seed_store", str(data)], input="\n".join(lines) + "\n", text=True,
                   check=True)


def median(runs):
    """Of (rate, p99, refused): the median of each, but every refusal."""
    rates, p99s, refused = zip(*runs)
    return statistics.median(rates), statistics.median(p99s), sum(refused)


def warm(serve):
    """So that no create waits for a description of the servers."""
    answer = serve.rest("GET", "/drs/source-servers?region=us-east-1&limit=1")
    assert answer[0] == 200, answer


class Bench:
    def __init__(self, seconds, groups):
        self.seconds, self.groups, self.rows, self.failures = seconds, groups, [], []

    def row(self, name, value, note=""):
        self.rows.append({"name": name, "value": value, "note": note})
        print(f"{name:<44} {value:>14}  {note}", flush=True)

    def demand(self, name, ratio, limit, at_least=True):
        fine = ratio >= limit if at_least else ratio <= limit
        self.row(name, f"{ratio:.2f}", f"{'at least' if at_least else 'at most'} {limit}{'' if fine else '  MISSED'}")
        if not fine:
            self.failures.append(name)

    def raw_commits(self):
        """Raw group commits per second with 32 threads; every figure of store_bench is printed."""
        ms = min(1500, 200 * self.seconds)
        out = subprocess.run([BUILD / "tests/bench/store_bench", str(ms)], check=True, capture_output=True,
                             text=True).stdout
        figures = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        for f in figures:
            self.row(f"  {f['what']}, {f['threads']} threads", f"{f['per_second']:,.0f}/s")
        return next(f["per_second"] for f in figures if f["what"] == "raw" and f["threads"] == 32)

    def reads(self, rig):
        data = pathlib.Path(tempfile.mkdtemp(dir=rig.folder))
        seed_groups(data, 1000)
        serve = rig.serve(data)
        ids = ",".join(f'"pg-seeded-{i:06}"' for i in range(1000))
        empty = subprocess.Popen([BUILD / "tests/bench/empty_server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 text=True)
        empty_url = empty.stdout.readline().split("listening on ")[1].strip()
        nothing, gets = [], []
        for _ in range(ROUNDS):
            nothing.append(wrk(empty_url, "", max(1, self.seconds // ROUNDS)))
            gets.append(wrk(serve.url, READ_LUA % (ids, serve.client["token"]), max(1, self.seconds // ROUNDS)))
        empty.stdin.close()
        empty.wait()
        (idle, idle_p99, _), (rate, p99, bad) = median(nothing), median(gets)
        self.row("empty handler", f"{idle:,.0f}/s", f"p99 {idle_p99:.1f} ms")
        self.row("get_protection_group", f"{rate:,.0f}/s", f"p99 {p99:.1f} ms, {bad} refused")
        self.demand("get_protection_group / empty handler", rate / idle, 0.4)
        if bad:
            self.failures.append("reads were refused")
        assert serve.stop() == 0

    def creates(self, rig):
        raw, creates = [self.raw_commits()], []
        for _ in range(ROUNDS - 1):
            serve = rig.serve()
            warm(serve)
            creates.append(wrk(serve.url, CREATE_LUA % (0, "a", serve.client["token"]),
                               min(self.seconds, CREATE_SECONDS)))
            assert serve.stop() == 0
            raw.append(self.raw_commits())
        rate, p99, bad = median(creates)
        self.row("raw SQLite group commits, 32 threads", f"{statistics.median(raw):,.0f}/s")
        self.row("create_protection_group", f"{rate:,.0f}/s", f"p99 {p99:.1f} ms, {bad} refused")
        self.demand("create / raw group commits", rate / statistics.median(raw), 0.3)
        if bad:
            self.failures.append("creates were refused")

    def growth(self, rig):
        serves, runs = {}, {}
        for present in (10, 1000, self.groups):
            data = pathlib.Path(tempfile.mkdtemp(dir=rig.folder))
            seed_groups(data, present)
            serves[present], runs[present] = rig.serve(data), []
        for n in range(ROUNDS):
            for present, serve in serves.items():
                warm(serve)
                runs[present].append(wrk(serve.url, CREATE_LUA % (n * SERVERS // 2 // ROUNDS, f"g{present}",
                                                                  serve.client["token"]), min(2, self.seconds), 1))
        for present, serve in serves.items():
            rate, p99, bad = median(runs[present])
            self.row(f"one create with {present:,} groups present", f"{1000 / rate:.2f} ms",
                     f"p99 {p99:.1f} ms, {bad} refused")
            assert serve.stop() == 0
            shutil.rmtree(serve.data)
        self.demand(f"create at {self.groups:,} / at 10 groups", median(runs[10])[0] / median(runs[self.groups])[0],
                    1.3, at_least=False)

    def start(self, rig):
        starts, trips = [], []
        data = None
        for _ in range(7):
            began = time.monotonic()
            serve = rig.serve(data)
            status, _, _ = request(serve.url + "/health")
            starts.append((time.monotonic() - began) * 1000)
            assert status == 200
            data = serve.data
            for _ in range(3):
                began = time.monotonic()
                subprocess.run([BUILD / "drwave", "list-protection-groups", "--output", "json"], check=True,
                               stdout=subprocess.DEVNULL, env=serve.client_env())
                trips.append((time.monotonic() - began) * 1000)
            self.idle_kb = private_kb(serve.process.pid)
            assert serve.stop() == 0
        self.row("serve, start to first answer", f"{statistics.median(starts):.0f} ms", "aim 30 ms")
        self.row("client round trip", f"{statistics.median(trips):.0f} ms", "aim 15 ms")
        self.row("private memory, idle", f"{self.idle_kb / 1024:.1f} MB", "aim 20 MB")


def private_kb(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(m) for m in re.findall(r"^Private_\w+:\s+(\d+) kB", text, re.M))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--check", action="store_true")
    options.add_argument("--seconds", type=int, default=8)
    options.add_argument("--groups", type=int, default=100000)
    options = options.parse_args()
    bench = Bench(options.seconds, options.groups)
    quiet = {"DRWAVE_LOG_LEVEL": "error"}
    print(f"# {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    with Rig(scenario(SERVERS), settings=quiet) as rig:
        bench.start(rig)
        bench.reads(rig)
        bench.creates(rig)
        bench.growth(rig)
    if options.check and bench.failures:
        print("MISSED: " + "; ".join(bench.failures))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
