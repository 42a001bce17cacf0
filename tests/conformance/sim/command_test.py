"""drwave-sim as somebody meets it for the first time: its help, mistakes on its command line and in its
files, its end. And every scenario that it ships with."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time

import botocore.exceptions

from rig import BINARY, ROOT, TARGET, Sim, client, equal, run, secret, test

SCENARIOS = os.path.join(ROOT, "sim", "scenarios")


def call(*arguments):
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout, done.stderr


def says(arguments, status, *parts):
    got, out, error = call(*arguments)
    equal(got, status, " ".join(arguments))
    for part in parts:
        if part not in (out if status == 0 else error):
            raise AssertionError("%s does not say %r: %r" % (arguments, part, out + error))


def written(text):
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        file.write(text)
    return file.name


@test
def help_says_how_to_begin():
    says(["--help"], 0, "usage: drwave-sim", "--scenario", "--state", "--endpoint-url")
    says(["--version"], 0, "drwave-sim ")
    text = call("--help")[1]
    key = re.search(r"AWS_ACCESS_KEY_ID=(\S+)", text).group(1)
    equal(re.search(r"AWS_SECRET_ACCESS_KEY=(\S+)", text).group(1), secret(key), "its example")
    scenario = re.search(r"sim/scenarios/(\S+)\.json", text).group(1)
    with Sim(scenario) as sim:
        equal(len(client(sim, "drs", key=key).describe_source_servers()["items"]), 8)


@test
def wrong_words_are_told():
    for words in (["--bogus"], ["--speed"], ["--speed", "fast"], ["--speed", "0"],
                  ["--speed", "inf"], ["--speed", "nan"], ["--seed", "0"], ["--seed", "1.5"],
                  ["--seed", "99999999999999999999"]):
        says(words, 2, words[-1].lstrip("-"), "drwave-sim --help")
    says(["extra"], 2, "'extra'", "drwave-sim --help")
    for address in ("nowhere", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:-1", ":"):
        says(["--listen", address], 2, address, "ADDRESS:PORT")
    says(["--listen", "localhost:0"], 1, "'localhost' is not an IP address", "--listen")


@test
def a_busy_port_is_told():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = "127.0.0.1:%d" % other.getsockname()[1]
        says(["--listen", address], 1, "Address already in use", address)


@test
def files_that_cannot_be_used_are_told():
    says(["--scenario", "/nowhere/x.json"], 1, "/nowhere/x.json", "No such file")
    says(["--scenario", "/tmp"], 1, "/tmp", "Is a directory")
    says(["--state", "/nowhere/state"], 1, "/nowhere/state", "No such file")
    for text, part in (("{\"servers\": [", "line 1"), ("{\"serverz\": []}", "'serverz'"),
                       ("{\"servers\": [{\"colour\": 1}]}", "servers[0]"), ("", "line 1")):
        path = written(text)
        says(["--scenario", path], 1, path, part)
        says(["--state", path], 1, path, part)
        with open(path) as file:
            equal(file.read(), text, "a state that cannot be read stays as it is")
        os.unlink(path)


@test
def signals_end_it_cleanly():
    for number in (signal.SIGINT, signal.SIGTERM):
        for busy in (False, True):
            with Sim() as sim:
                wire = socket.create_connection(("127.0.0.1", int(sim.url.rsplit(":", 1)[1])), 10)
                if busy:
                    sim.admin("knobs", {"signature": "off"})
                    sim.fault("NET", variant="blackhole", value=600)
                    wire.sendall(b"POST /DescribeJobs HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}")
                    while not sim.calls("DescribeJobs"):
                        time.sleep(0.01)
                sim.process.send_signal(number)
                equal(sim.process.wait(10), 0, "status after %s" % number.name)
                wire.close()


@test
def the_state_is_kept_and_goes_on():
    path = written("")
    os.unlink(path)
    with Sim(state=path) as sim:
        with open(path) as file:
            equal(len(json.load(file)["servers"]), 8, "kept from the first moment")
        equal(os.stat(path).st_mode & 0o777, 0o600, "it holds keys")
        client(sim, "drs").start_recovery(sourceServers=[{"sourceServerID": "s-0000000000000db01"}])
        job = sim.admin("jobs")["jobs"][0]["id"]
    with Sim(state=path) as sim:
        equal([j["id"] for j in sim.admin("jobs")["jobs"]], [job])
    os.unlink(path)


@test
def every_scenario_is_valid_and_tells_what_it_is():
    names = sorted(name[:-5] for name in os.listdir(SCENARIOS))
    equal(names, ["ambiguous-start", "failing-servers", "large-estate", "three-tier",
                  "throttling-storm", "two-accounts"])
    for name in names:
        with open(os.path.join(SCENARIOS, name + ".json")) as file:
            text = json.load(file)
        equal((text["name"], len(text["description"]) > 30), (name, True))
        with Sim(name) as sim:
            state = sim.admin("state")
            equal(state["servers"], {"large-estate": 5000, "two-accounts": 12,
                                    "failing-servers": 11}.get(name, 8), name)
            equal(len(sim.admin("faults")["faults"]), len(text.get("faults", [])))


@test
def two_accounts_have_each_their_own_region_and_servers():
    with Sim("two-accounts") as sim:
        places = {(s["account"], s["region"]) for s in sim.admin("servers")["servers"]}
        equal(len(places) > 1 and len({a for a, _ in places}) == 2, True, str(places))
        there = [s for s in sim.admin("servers?account=" + TARGET)["servers"]]
        equal(len(there), 4)


@test
def a_storm_throttles_what_comes_too_fast_and_lets_the_patient_through():
    """At the clock's hands: at one moment five calls of an operation pass, one second later five more."""
    with Sim("throttling-storm", speed=1) as sim:
        for rule in ("drs-500", "drs-503", "reset"):
            sim.admin("faults/" + rule, method="DELETE")
        sim.admin("clock", {"mode": "step"})
        drs = client(sim, "drs")
        for _ in range(2):
            codes = []
            for _ in range(9):
                try:
                    drs.describe_jobs()
                    codes.append("fine")
                except botocore.exceptions.ClientError as error:
                    codes.append(error.response["Error"]["Code"])
            equal(codes, ["fine"] * 5 + ["ThrottlingException"] * 4)
            drs.describe_source_servers()  # another operation has tokens of its own
            sim.admin("clock/advance", {"seconds": 1})
        storm = [r for r in sim.admin("faults")["faults"] if r["id"] == "drs-describe"][0]
        equal(storm["hits"], 8)
        patient = client(sim, "ec2", retries={"total_max_attempts": 20, "mode": "standard"})
        equal(len(patient.describe_subnets()["Subnets"]), 3)


if __name__ == "__main__":
    run()
