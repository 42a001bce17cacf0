"""Starts the real programs for a test: the simulator, `drwave serve`, and the real clients.

Everything runs on ports that the kernel chose, below one temporary folder; leaving the `with` block
stops and removes all of it.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

BUILD = pathlib.Path(os.environ["DRWAVE_BUILD"])
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"

# What a script runs in the background ignores Ctrl-C, and so would all that is started from here.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

HUB_KEYS = {"AWS_ACCESS_KEY_ID": "AKIADRWAVEHUB0000001",
            "AWS_SECRET_ACCESS_KEY": "test/AKIADRWAVEHUB0000001/not-a-secret-0"}


def wait_for(condition, what, seconds=60):
    """Polls until the condition gives something true; fails with what was waited for."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited {seconds} s for {what}")


def first_line(process, marker):
    """The rest of the first line of the process's output that holds the marker."""
    for line in process.stdout:
        if marker in line:
            return line.split(marker, 1)[1].strip()
    told = process.log.read_text() if hasattr(process, "log") else ""
    raise AssertionError(f"{process.args[0]} ended before it said '{marker}' (exit {process.wait()})\n{told[-2000:]}")


def request(url, method="GET", body=None, headers=None):
    """(status, parsed JSON or None, headers)."""
    data = json.dumps(body).encode() if body is not None else None
    req = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    if data is not None:
        req.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(req, timeout=60) as answer:
            text, status, got = answer.read(), answer.status, answer.headers
    except urllib.error.HTTPError as error:
        text, status, got = error.read(), error.code, error.headers
    return status, json.loads(text) if text else None, got


def sanitizer_reports(log):
    """The head of the first report in a process's log: one that was killed had no exit status to tell it by."""
    lines = log.read_text(errors="replace").splitlines()
    found = next((i for i, line in enumerate(lines) if "Sanitizer: " in line or "runtime error: " in line), None)
    return [] if found is None else lines[found:found + 30]


class Tap:
    """Counts and prints results as TAP; a case that cannot run here is left out and counted."""

    def __init__(self):
        self.lines, self.failed, self.left_out = [], 0, 0

    def case(self, name, check):
        try:
            check()
        except Exception as error:  # a case that breaks is a failed case, whatever broke it
            self.failed += 1
            self.lines.append(f"not ok {len(self.lines) + 1} - {name}")
            print(self.lines[-1], flush=True)
            for line in f"{type(error).__name__}: {error}".splitlines():
                print(f"# {line}", flush=True)
            return
        self.lines.append(f"ok {len(self.lines) + 1} - {name}")
        print(self.lines[-1], flush=True)

    def leave_out(self, count, why):
        self.left_out += count
        print(f"# left out: {count} cases, {why}", flush=True)

    def finish(self):
        if not self.lines:
            self.case("nothing to run here", lambda: None)
        print(f"1..{len(self.lines)}", flush=True)
        return 1 if self.failed else 0


class Rig:
    """One simulator and, on demand, one `drwave serve` after the other on one or many data folders."""

    def __init__(self, scenario, speed=600, settings=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="drwave-test-"))
        self.settings = dict(settings or {})
        self.processes = []
        self.sim = None
        self.scenario, self.speed = scenario, speed

    def __enter__(self):
        scenario = self.scenario
        if not isinstance(scenario, (str, pathlib.Path)):
            scenario = self.folder / "scenario.json"
            scenario.write_text(json.dumps(self.scenario))
        self.sim_process = self.spawn([BUILD / "sim/drwave-sim", "--listen", "127.0.0.1:0", "--scenario",
                                       str(scenario), "--speed", str(self.speed)], {})
        self.sim = first_line(self.sim_process, "listening on ")
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            process.stdout.close()
        reports = [line for process in self.processes for line in sanitizer_reports(process.log)]
        shutil.rmtree(self.folder, ignore_errors=True)
        assert not reports, "\n".join(reports)

    def spawn(self, command, env, **more):
        path = self.folder / f"{pathlib.Path(command[0]).name}-{len(self.processes)}.log"
        with open(path, "w") as log:
            process = subprocess.Popen([str(c) for c in command], env={**self.clean_env(), **env},
                                       stdout=subprocess.PIPE, stderr=log, text=True, **more)
        process.log = path
        self.processes.append(process)
        return process

    @staticmethod
    def clean_env():
        keep = ("PATH", "HOME", "LANG", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LD_LIBRARY_PATH")
        return {k: v for k, v in os.environ.items() if k in keep}

    def aws_env(self):
        return {**HUB_KEYS, "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": self.sim,
                "AWS_EC2_METADATA_DISABLED": "true"}

    def serve(self, data=None, env=None):
        """Starts serve on a data folder (a new one by default) and returns a Serve."""
        data = pathlib.Path(data) if data else pathlib.Path(tempfile.mkdtemp(dir=self.folder, prefix="data-"))
        process = self.spawn([BUILD / "drwave", "serve", "--data", data, "--listen", "127.0.0.1:0"],
                             {**self.aws_env(), **self.settings, **(env or {})})
        return Serve(self, process, data, first_line(process, "serving on "))

    def sim_get(self, path):
        return request(self.sim + path)[1]


class Serve:
    def __init__(self, rig, process, data, url):
        self.rig, self.process, self.data, self.url = rig, process, data, url
        self.client = json.loads((data / "client.json").read_text())

    def invoke(self, function, payload):
        """Over the Lambda Invoke API with the bearer token; the parsed answer."""
        status, body, _ = request(f"{self.url}/2015-03-31/functions/{function}/invocations", "POST", payload,
                                  {"Authorization": "Bearer " + self.client["token"]})
        assert status == 200, (status, body)
        return body

    def rest(self, method, path, body=None):
        status, answer, _ = request(self.url + path, method, body,
                                    {"Authorization": "Bearer " + self.client["token"]})
        return status, answer

    def profile(self):
        """The folder of `drwave aws-profile`, made once."""
        folder = self.data / "aws-profile"
        if not folder.exists():
            subprocess.run([BUILD / "drwave", "aws-profile", folder], check=True, stdout=subprocess.DEVNULL,
                           env=self.client_env())
        return folder

    def client_env(self):
        """For the `drwave` command."""
        return {**Rig.clean_env(), "DRWAVE_CLIENT_FILE": str(self.data / "client.json")}

    def profile_env(self):
        """What sourcing the profile's env file sets: the AWS CLI and boto3 then call drwave."""
        profile = self.profile()
        env = Rig.clean_env()
        return {**env, "AWS_CONFIG_FILE": str(profile / "config"),
                "AWS_SHARED_CREDENTIALS_FILE": str(profile / "credentials"), "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_EC2_METADATA_DISABLED": "true", "PYTHONPATH": str(profile / "python"),
                "PATH": f"{profile / 'bin'}:/usr/bin:/bin"}

    def stop(self, seconds=15):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=seconds)

    def kill(self):
        self.process.kill()
        self.process.wait()
