"""`./dev drill` as a person and as a machine runs it."""
import atexit
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))
from harness import BUILD, ROOT, Rig, Tap, request, wait_for  # noqa: E402
from terminal import Terminal  # noqa: E402

DRILL = [ROOT / "scripts/drill", BUILD]
SECONDS = 90  # what a drill may take


# Behind a company's proxy, on a machine where AWS and drwave are set up for something else.
ELSEWHERE = "http://127.0.0.1:9"
ENVIRONMENT = {
    "http_proxy": ELSEWHERE, "HTTPS_PROXY": ELSEWHERE, "AWS_ENDPOINT_URL_DRS": ELSEWHERE, "AWS_ENDPOINT_URL_STS": ELSEWHERE,
    "AWS_ENDPOINT_URL_EC2": ELSEWHERE, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_PROFILE": "production",
    "AWS_SESSION_TOKEN": "of-somebody", "DRWAVE_LOG_FORMAT": "no-such-format", "DRWAVE_HTTP_TLS_CERTIFICATE": "/nowhere",
    "DRWAVE_HTTP_TLS_KEY": "/nowhere", "DRWAVE_ENDPOINT": ELSEWHERE, "DRWAVE_TOKEN": "of-somebody", "CDPATH": ".:/tmp"}


def spawn():
    env = {**Rig.clean_env(), **ENVIRONMENT}
    return subprocess.Popen([str(c) for c in DRILL], env=env, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)


def finish(process, seconds=SECONDS):
    text, _ = process.communicate(timeout=seconds)
    return process.returncode, text


def addresses(text):
    """The simulator's and the service's, as the drill printed them."""
    return re.findall(r"^(?:simulator|drwave) +(http://127\.0\.0\.1:\d+)", text, re.MULTILINE)


def answers(url):
    import urllib.request
    try:
        urllib.request.urlopen(url + "/health", timeout=2)
    except OSError as error:
        return "refused" not in str(error)
    return True


def session(leader):
    """(pid, words) of every process of a session."""
    found = []
    for folder in pathlib.Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:  # it ended meanwhile
            continue
        if int(fields[3]) == leader:
            found.append((int(folder.name), words))
    return found


def check_text(text):
    for wanted in (r"wave 1 database: STARTED", r"wave 2 application: WAITING_APPROVAL", r"execution: PAUSED",
                   r"DRILL of three-tier: COMPLETED, SUCCEEDED in \d+ s",
                   r"wave 3 web +COMPLETED +3/3 launched  from 20\d\d-\d\d-\d\dT[\d:.]+Z  in \d+ s",
                   r"db-01 +LAUNCHED +i-[0-9a-f]{17}", r"the simulator has no drill instance left"):
        assert re.search(wanted, text), f"no {wanted!r} in:\n{text}"
    assert len(set(re.findall(r"LAUNCHED +(i-[0-9a-f]{17})", text))) == 8, text


def without_terminal():
    began = time.monotonic()
    status, text = finish(spawn())
    assert status == 0, (status, text)
    assert time.monotonic() - began < SECONDS
    check_text(text)
    assert "\x1b" not in text, "a terminal's codes where there is none"
    for url in addresses(text):
        assert not answers(url), f"{url} still answers"


def side_by_side():
    both = [spawn(), spawn()]
    results = [finish(process) for process in both]
    for status, text in results:
        assert status == 0, (status, text)
        check_text(text)
    assert len({url for _, text in results for url in addresses(text)}) == 4


def on_a_terminal():
    with Terminal(DRILL, Rig.clean_env()) as terminal:
        terminal.until(r"wave 2 waits for approval: +r resume", SECONDS)
        time.sleep(0.5)  # a person reads; the gate must still be there
        assert not re.search(r"wave 2 +application +(STARTED|COMPLETED)", terminal.text)
        terminal.keys("r")
        status = terminal.finish(SECONDS)
        assert status == 0, (status, terminal.text[-3000:])
        assert b"\x1b[" in terminal.raw
        assert re.search(r"\[##########\] 3/3", terminal.text), terminal.text[-3000:]
        assert "the simulator has no drill instance left" in terminal.text


def interrupted():
    """Ctrl-C ends it, and everything that it started."""
    with Terminal(DRILL, Rig.clean_env()) as terminal:
        terminal.until(r"wave 2 waits for approval", SECONDS)
        urls = addresses(terminal.text)
        assert len(urls) == 2 and all(answers(url) for url in urls), terminal.text
        terminal.keys("\x03")
        status = terminal.finish(20)
        assert status == 130, (status, terminal.text[-2000:])
        assert "serve.stop" not in terminal.text, "a log over the screen of a person who pressed Ctrl-C"
        wait_for(lambda: not any(answers(url) for url in urls), "both programs to end", 10)


def left_early():
    """q at the gate: it does not end well, says so, and leaves nothing running."""
    with Terminal(DRILL, Rig.clean_env()) as terminal:
        terminal.until(r"wave 2 waits for approval", SECONDS)
        urls = addresses(terminal.text)
        terminal.keys("q")
        status = terminal.finish(20)
        assert status == 1, (status, terminal.text[-2000:])
        assert "watching ended while the drill was PAUSED" in terminal.text, terminal.text[-2000:]
        wait_for(lambda: not any(answers(url) for url in urls), "both programs to end", 10)


def terminated():
    """SIGTERM to the drill alone is heeded at once, not when the drill is over."""
    process = spawn()
    text = ""
    for line in process.stdout:
        text += line
        if "wave 1 database: STARTED" in line:
            break
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    status, _ = finish(process)
    assert status == 143, status
    assert time.monotonic() - began < 10, "SIGTERM was not heeded"
    wait_for(lambda: not session(process.pid), "everything that it started to end", 10)


def terminated_on_a_terminal():
    """The same at the gate, where it waits for a person's key."""
    with Terminal(DRILL, {**Rig.clean_env(), "TMPDIR": folder_of_its_own()}) as terminal:
        terminal.until(r"wave 2 waits for approval", SECONDS)
        os.kill(terminal.process.pid, signal.SIGTERM)
        status = terminal.finish(10)
        assert status == 143, (status, terminal.text[-2000:])
        wait_for(lambda: not session(terminal.process.pid), "everything that it started to end", 10)


def interrupted_twice():
    """A second Ctrl-C does not stop the cleaning up: the folder holds a token and keys."""
    folder = folder_of_its_own()
    with Terminal(DRILL, {**Rig.clean_env(), "TMPDIR": folder}) as terminal:
        terminal.until(r"wave 2 waits for approval", SECONDS)
        assert os.listdir(folder)
        for _ in range(5):
            terminal.keys("\x03")
        assert terminal.finish(20) == 130
        wait_for(lambda: not session(terminal.process.pid), "everything that it started to end", 10)
    assert os.listdir(folder) == []


def folder_of_its_own():
    folder = tempfile.mkdtemp(prefix="drwave e2e'")  # with a blank and a quote
    atexit.register(shutil.rmtree, folder, True)
    return folder


def red_when_it_fails():
    """A drill whose service dies in the middle must not end well."""
    process = spawn()
    text = ""
    for line in process.stdout:
        text += line
        if "execution: RUNNING" in line or "STARTED" in line:
            break
    serve = [pid for pid, words in session(process.pid) if "serve" in words[1:2]]
    assert len(serve) == 1, session(process.pid)
    os.kill(serve[0], signal.SIGKILL)
    status, text = finish(process)
    assert status == 1 and "a program that the drill needs has ended" in text, (status, text)


def red_when_an_instance_is_left():
    """The execution went well and was terminated, as drwave says: it is the simulator that decides."""
    process = spawn()
    simulator = re.search(r"http://\S+", next(line for line in process.stdout if line.startswith("simulator "))).group()
    rule = {"id": "left", "effect": "CLEAN", "match": {"op": "TerminateRecoveryInstances"}}
    assert request(simulator + "/_sim/faults", "POST", rule)[0] == 201
    status, text = finish(process, SECONDS + 60)
    assert status == 1 and "COMPLETED, SUCCEEDED" in text and "the termination: not within its time" in text, (status, text)
    assert "no drill instance left" not in text, text


def main():
    tap = Tap()
    tap.case("without a terminal it opens the gate itself and prints lines", without_terminal)
    tap.case("two run side by side", side_by_side)
    tap.case("on a terminal it draws, and waits at the gate for a key", on_a_terminal)
    tap.case("Ctrl-C stops what it started", interrupted)
    tap.case("q stops what it started, and is no success", left_early)
    tap.case("SIGTERM stops what it started, at once", terminated)
    tap.case("SIGTERM at the gate on a terminal too", terminated_on_a_terminal)
    tap.case("pressing Ctrl-C again leaves nothing behind", interrupted_twice)
    tap.case("it is red when the drill did not succeed", red_when_it_fails)
    tap.case("it is red when the simulator still has an instance", red_when_an_instance_is_left)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
