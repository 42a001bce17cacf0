"""The command line against a running service: names, forms of answers, exit codes, the real AWS clients."""
import json
import os
import pathlib
import re
import resource
import select
import shlex
import shutil
import signal
import subprocess
import sys
import termios
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))
from harness import BUILD, ROOT, Rig, Serve, Tap, first_line, wait_for  # noqa: E402
from terminal import Terminal, heed_hangups  # noqa: E402

DRWAVE = str(BUILD / "drwave")


def run(serve, *words, code=0, env=None, limits=None):
    """Standard output; the exit code is checked."""
    def limit():
        for name, value in (limits or {}).items():
            resource.setrlimit(name, (value, value))

    done = subprocess.run([DRWAVE, *words], env={**serve.client_env(), **(env or {})}, preexec_fn=limit,
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout if code == 0 else done.stderr


def make_group(serve, name, tier):
    return run(serve, "create-protection-group", "--name", name, "--region", "us-east-1",
               "--server-selection-tags", f"Tier={tier}", "--query", "groupId", "--output", "text").strip()


def forms(serve):
    group = make_group(serve, "forms", "web")
    assert re.fullmatch(r"pg-[0-9a-f-]{36}", group), group
    answer = json.loads(run(serve, "get-protection-group", "--group-id", group))
    assert answer["groupId"] == group and answer["serverCount"] == 3
    assert json.loads(run(serve, "get_protection_group", f"--groupId={group}", "--output", "json")) == answer
    table = run(serve, "list-protection-groups", "--output", "table")
    assert re.search(rf"^{group}  forms +us-east-1", table, re.MULTILINE), table
    assert "protectionGroups (1)" in table and "groupName" not in table
    assert f"PROTECTION-GROUPS\t{group}\tforms\t" in run(serve, "list-protection-groups", "--output", "text")
    names = run(serve, "list-protection-groups", "--query", "protectionGroups[].name", "--output", "text")
    assert names == "forms\n", names
    run(serve, "delete-protection-group", "--group-id", group)


def input_json(serve):
    path = serve.data / "group.json"
    path.write_text(json.dumps({"groupName": "old", "region": "us-east-1", "serverSelectionTags": {"Tier": "app"}}))
    answer = json.loads(run(serve, "create-protection-group", "--cli-input-json", f"file://{path}",
                            "--name", "new"))
    assert answer["name"] == "new" and answer["serverCount"] == 3
    run(serve, "delete-protection-group", "--group-id", answer["groupId"])


def exit_codes(serve):
    assert "there is no command" in run(serve, "list-protection-group", code=252)
    assert "did you mean list-protection-groups?" in run(serve, "list-protection-group", code=252)
    assert "did you mean execute?" in run(serve, "exceute", "shop", code=252)
    assert "did you mean restore?" in run(serve, "restor", "x", code=252)
    assert "there is no option --bogus" in run(serve, "--bogus", code=252)
    assert "--nam" in run(serve, "create-protection-group", "--nam", "x", code=252)
    assert "required: --name, --region" in run(serve, "create-protection-group", code=252)
    for words, told in ((("delete-recovery-plan", "--plan-id", ""), "delete-recovery-plan: --plan-id is empty"),
                        (("watch", ""), "watch EXECUTION: which one?"), (("resume", ""), "resume EXECUTION: which one?"),
                        (("execute", "", "--drill"), "which plan?"), (("aws-profile", ""), "which folder?")):
        assert told in run(serve, *words, code=252), words
    for endpoint in ("http://user:s3cret@127.0.0.1:1/", "user:s3cret@127.0.0.1:1", "http://s3cret@127.0.0.1:1?@"):
        for command in (["list-protection-groups"], ["aws-profile", str(serve.data / "none")]):
            told = run(serve, *command, code=252, env={"DRWAVE_ENDPOINT": endpoint})
            assert "user name or password before its '@'" in told and "s3cret" not in told, told
    assert "cannot reach" in run(serve, "list-protection-groups", "--endpoint", "http://127.0.0.1:1/?a@b", code=255)
    assert "NOT_FOUND, HTTP 404" in run(serve, "get-protection-group", "--group-id", "pg-none", code=254)
    assert "UNAUTHENTICATED" in run(serve, "list-protection-groups", "--token", "wrong", code=254)
    assert "cannot reach" in run(serve, "list-protection-groups", "--endpoint", "http://127.0.0.1:1", code=255)
    assert "start `drwave serve`" in run(serve, "list-protection-groups", code=253,
                                         env={"DRWAVE_CLIENT_FILE": "/nowhere/client.json"})
    told = subprocess.run([DRWAVE, "create-protection-group", "--name", b"a\xff", "--region", "us-east-1"],
                          env=serve.client_env(), capture_output=True, text=True)
    assert told.returncode == 252 and "not UTF-8" in told.stderr, told
    for words in (["--help"], ["--version"], ["list-protection-groups"], ["man"]):
        with open("/dev/full", "w") as full:
            got = subprocess.run([DRWAVE, *words], env=serve.client_env(), stdout=full, stderr=subprocess.PIPE, text=True)
        assert got.returncode == 255 and "cannot write the answer" in got.stderr, (words, got)
    # Nothing is done before the words are known to be sound.
    told = run(serve, "create-protection-group", "--name", "unasked", "--region", "us-east-1", "--server-selection-tags",
               "Tier=web", "--query", "groupId[].x..y", code=252)
    assert "--query takes a path" in told and json.loads(run(serve, "list-protection-groups"))["count"] == 0
    # By environment alone, without the file.
    env = {"DRWAVE_CLIENT_FILE": "/nowhere/client.json", "DRWAVE_ENDPOINT": serve.client["endpoint"],
           "DRWAVE_TOKEN": serve.client["token"]}
    assert json.loads(run(serve, "list-protection-groups", env=env))["count"] == 0
    assert re.fullmatch(r"drwave \d+\.\d+\.\d+\n", run(serve, "--version"))


def workflow_actions(serve):
    """They have no route of REST, and are commands all the same; their refusals come with HTTP 200."""
    told = run(serve, "start-wave-recovery", "--state", '{"executionId": "exec-1"}', code=254)
    assert "(MISSING_PARAMETER) when calling start_wave_recovery" in told and "wave_number" in told, told
    told = run(serve, "update-wave-completion-status", "--execution-id", "exec-1", "--wave-number", "1", "--status",
               "COMPLETED", code=254)
    assert "(NOT_FOUND) when calling update_wave_completion_status" in told, told
    assert "exec-1" in run(serve, "poll-wave-status", "--state", '{"executionId": "exec-1"}', code=254)
    assert "HTTP 401" in run(serve, "poll-wave-status", "--token", "wrong", code=254)
    assert "there is no command" in run(serve, "initiate-wave", code=252)
    assert complete(run(serve, "completion", "bash"), "poll-wave") == ["poll-wave-status"]


def client_file(serve):
    """What is wrong with the file is said, and nothing is read from one that others may read."""
    path = serve.data / "other.json"
    env = {"DRWAVE_CLIENT_FILE": str(path)}
    path.write_text('{"endpoint": ')
    path.chmod(0o600)
    assert f"{path}: not valid JSON" in run(serve, "list-protection-groups", code=253, env=env)
    assert f"{path}: not valid JSON" in run(serve, "aws-profile", str(serve.data / "none"), code=253, env=env)
    path.write_text(json.dumps(serve.client))
    run(serve, "list-protection-groups", env=env)
    path.chmod(0o640)
    for words in (("list-protection-groups",), ("aws-profile", str(serve.data / "none"))):
        assert f"{path} may be read by others" in run(serve, *words, code=253, env=env)
    path.unlink()
    path.mkdir()
    assert str(path) in run(serve, "list-protection-groups", code=253, env=env)


def help_of_everything(serve):
    commands = re.findall(r"^  ([a-z][a-z-]+)(?: |$)", run(serve, "--help"), re.MULTILINE)
    assert len(commands) > 15 and "serve" in commands and "restore" in commands, commands
    assert "--http-tls-certificate" in run(serve, "serve", "--help")
    for command in commands:
        text = run(serve, command, "--help")
        assert re.search(rf"^\n?example:\n\n  drwave {command}", text, re.MULTILINE), (command, text)
        assert not re.search(r"[^\n]\nexample:| $", text, re.MULTILINE), (command, text)


def examples(serve):
    """What help shows as an example is a call that parses: it fails for want of a service, never for its words."""
    env = {**Rig.clean_env(), "DRWAVE_ENDPOINT": "http://127.0.0.1:1", "DRWAVE_TOKEN": "t",
           "DRWAVE_CLIENT_FILE": "/nowhere/client.json", "DRWAVE_DATA": str(serve.data / "nothing-here"),
           "HOME": str(serve.data)}
    commands = re.findall(r"^  ([a-z][a-z-]+)(?: |$)", run(serve, "--help"), re.MULTILINE)
    for command in commands:
        line = re.search(r"^example:\n\n  (.*)\n", run(serve, command, "--help"), re.MULTILINE).group(1)
        words = shlex.split(re.split(r"[>|]|&&", line)[0])[1:]
        if command == "serve":
            words[words.index("--data") + 1] = str(serve.data / "nothing-here")
            words.append("--print-config")
        done = subprocess.run([DRWAVE, *words], env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode in (0, 253, 255), (line, done.returncode, done.stderr)
        assert command not in ("create-recovery-plan", "execute", "watch") or "cannot reach" in done.stderr, done.stderr


def complete(script, *words):
    ask = 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _drwave; echo "${COMPREPLY[@]}"'
    return subprocess.run(["bash", "-uc", f"{script}\n{ask}", "bash", "drwave", *words], capture_output=True, text=True,
                          check=True).stdout.split()


def flags_in(text):
    return set(re.findall(r"^  --([a-z][a-z-]*)", text, re.MULTILINE))


def completion(serve):
    script = run(serve, "completion", "bash")
    assert complete(script, "create-prot") == ["create-protection-group"]
    assert complete(script, "create-protection-group", "--reg") == ["--region"]
    assert complete(script, "list-protection-groups", "--output", "t") == ["table", "text"]
    assert complete(script, "execute-recovery-plan", "--execution-type", "") == ["DRILL", "RECOVERY"]
    assert complete(script, "serve", "--log-level", "") == ["error", "warn", "info", "debug"]
    assert complete(script, "serve", "--data", "") == [] == complete(script, "backup", "")
    assert complete(script, "credential", "r") == ["rotate"] and complete(script, "completion", "b") == ["bash"]
    assert complete(script, "--v") == ["--version"]
    # Every flag that help knows, and no other: both come from one table.
    options = flags_in(run(serve, "--help").split("options of every command:")[1])
    commands = re.findall(r"^  ([a-z][a-z-]+)(?: |$)", run(serve, "--help"), re.MULTILINE)
    for command in commands:
        offered = {word[2:] for word in complete(script, command, "--")} - options - {"help"}
        assert offered == flags_in(run(serve, command, "--help")) - options, (command, offered)
    assert {"listen", "config", "print-config", "drs-visibility-s"} <= flags_in(run(serve, "serve", "--help"))
    # In a shell that a person types in.
    (serve.data / "drwave.bash").write_text(script)
    with Terminal(["bash", "--norc", "-i"], {**Rig.clean_env(), "TERM": "dumb", "PATH": f"{BUILD}:/usr/bin:/bin",
                                             "PS1": "ready$ "}) as shell:
        shell.until("ready")
        shell.keys(f". {serve.data}/drwave.bash; bind 'set bell-style none'\r")
        shell.keys("drwave serve --drs-v\t0 --print-c\t | grep visibility\r")
        shell.until(r"drs.visibility-s = 0")


def manual(serve):
    page = run(serve, "man")
    done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-"], input=page, text=True,
                          capture_output=True, env={**Rig.clean_env(), "LC_ALL": "C"}, check=True)
    assert done.stderr == "", done.stderr
    text = re.sub(r".\x08", "", done.stdout)
    for word in ("create-protection-group", "execute PLAN", "EXIT STATUS", "new-keys"):
        assert word in text, word
    codes = re.findall(r"^ +(\d+) ", text.split("EXIT STATUS")[1].split("FILES")[0], re.MULTILINE)
    assert codes == ["0", "1", "2", "130", "252", "253", "254", "255"], codes
    for command in ("serve", "restore", "watch"):
        for flag in flags_in(run(serve, command, "--help")):
            assert f"--{flag}" in text, (command, flag)


def aws_cli(serve):
    real = shutil.which("aws", path="/usr/bin:/bin")
    assert real, "the AWS CLI is not installed"
    out = serve.data / "out.json"
    subprocess.run(["aws", "lambda", "invoke", "--function-name", "data-management-handler", "--payload",
                    '{"operation": "list_protection_groups"}', str(out)], env=serve.profile_env(), check=True,
                   capture_output=True, timeout=120)
    assert json.loads(out.read_text())["statusCode"] == 200


def boto3(serve):
    code = ("import boto3, json\n"
            "r = boto3.client('lambda').invoke(FunctionName='query-handler',\n"
            "    Payload=json.dumps({'operation': 'list_recovery_plans'}))\n"
            "print(json.loads(r['Payload'].read())['statusCode'])\n"
            "print(boto3.client('sts', 'eu-west-1').meta.endpoint_url)\n")
    out = subprocess.run(["/usr/bin/python3", "-c", code], env=serve.profile_env(), capture_output=True, text=True,
                         timeout=120)
    assert out.returncode == 0, out.stderr
    lines = out.stdout.split()
    assert lines[0] == "200" and "amazonaws.com" in lines[1], lines


def beyond_loopback(rig):
    """A serve on every address, with a certificate of nobody's authority: client.json serves as it is."""
    pem = (ROOT / "tests/unit/net/tls_pem.h").read_text()
    for name in ("key", "certificate"):
        lines = re.search(rf'tls_test_{name}\[\] =((?:\s+".*\\n")+);', pem).group(1)
        (rig.folder / name).write_text("\n".join(re.findall(r'"(.*)\\n"', lines)) + "\n")
    certificate, data = str(rig.folder / "certificate"), rig.folder / "every-address"
    process = rig.spawn([DRWAVE, "serve", "--data", data, "--listen", "0.0.0.0:0", "--http-tls-certificate",
                         certificate, "--http-tls-key", rig.folder / "key"], {**rig.aws_env(), **rig.settings})
    serve = Serve(rig, process, data, first_line(process, "serving on "))
    assert serve.url.startswith("https://0.0.0.0:")
    assert serve.client["endpoint"] == serve.url.replace("0.0.0.0", "127.0.0.1")
    assert "certificate" in run(serve, "list-protection-groups", code=255)
    run(serve, "list-protection-groups", "--ca-bundle", certificate)
    run(serve, "list-protection-groups", env={"DRWAVE_CA_BUNDLE": certificate})
    aws_clients_over_tls(serve, certificate)
    assert serve.stop() == 0
    tls = ("serve", "--data", str(data), "--listen", "127.0.0.1:0", "--http-tls-certificate", certificate)
    told = run(serve, *tls, "--http-tls-key", certificate, code=1)
    assert f"http.tls-key: {certificate} holds no private key" in told, told
    # The record needs a few of them first.
    assert any("too few file descriptors" in run(serve, *tls, "--http-tls-key", str(rig.folder / "key"), code=1,
                                                 limits={resource.RLIMIT_NOFILE: most}) for most in range(8, 20))


def aws_clients_over_tls(serve, certificate):
    """They trust the certificate where they call drwave, and whom they trusted before where they call AWS."""
    # As somebody types it, from the folder of the file.
    subprocess.run([DRWAVE, "aws-profile", serve.data / "aws-profile"], check=True, stdout=subprocess.DEVNULL,
                   cwd=pathlib.Path(certificate).parent,
                   env={**serve.client_env(), "DRWAVE_CA_BUNDLE": pathlib.Path(certificate).name})
    aws_cli(serve)
    boto3(serve)
    aws = ["aws", "--endpoint-url", serve.url.replace("0.0.0.0", "127.0.0.1"), "--region", "us-east-1"]
    for command in (["sts", "get-caller-identity"], ["lambda", "list-functions"]):
        told = subprocess.run([*aws, *command], env=serve.profile_env(), capture_output=True, text=True, timeout=120)
        assert "CERTIFICATE_VERIFY_FAILED" in told.stderr, told
    out = subprocess.run(["/usr/bin/python3", "-c", "import boto3; print(boto3.client('sts')._endpoint.http_session._verify)"],
                         env=serve.profile_env(), capture_output=True, text=True, timeout=120)
    assert out.stdout == "True\n", out
    assert "whom to trust" in run(serve, "aws-profile", str(serve.data / "none"), "--ca-bundle", "/nowhere", code=253)


def settings_that_are_none(rig):
    """A misspelt variable is told of, with the one that may be meant, and does not keep it from starting."""
    serve = rig.serve(env={"DRWAVE_WORKRS": "3", "DRWAVE_CLIENT_FILE": "/x", "DRWAVE_EMPTY": ""})
    told = [json.loads(line) for line in serve.process.log.read_text().splitlines() if "serve.settings" in line]
    assert [(t["level"], t["variable"], t["nearest"]) for t in told] == [("warn", "DRWAVE_WORKRS", "DRWAVE_WORKERS")], told
    assert serve.stop() == 0


def not_a_folder(rig):
    path = rig.folder / "a-file"
    path.write_text("mine")
    path.chmod(0o644)
    done = subprocess.run([DRWAVE, "serve", "--data", path, "--listen", "127.0.0.1:0"], env=Rig.clean_env(),
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and f"cannot make the folder {path}: Not a directory" in done.stderr, done
    assert path.read_text() == "mine" and path.stat().st_mode & 0o777 == 0o644


def backup_and_restore(rig, serve):
    kept, lost = make_group(serve, "kept", "app"), serve.data / "record.db"
    data = ("--data", str(serve.data))
    run(serve, "backup", str(lost), *data)
    assert lost.stat().st_mode & 0o777 == 0o600
    assert "exists already" in run(serve, "backup", str(lost), *data, code=255)
    run(serve, "delete-protection-group", "--group-id", kept)
    run(serve, "restore", str(lost), *data, code=255)  # it is being served
    assert serve.stop() == 0
    run(serve, "restore", str(lost), *data)
    after = rig.serve(serve.data)
    assert json.loads(run(after, "get-protection-group", "--group-id", kept))["name"] == "kept"
    old = after.client["token"]
    run(after, "credential", "rotate", *data)
    wait_for(lambda: subprocess.run([DRWAVE, "list-protection-groups", "--token", old], env=after.client_env(),
                                    capture_output=True).returncode == 254, "the old token to be refused", 10)
    run(after, "list-protection-groups")
    many = [subprocess.Popen([DRWAVE, "credential", "rotate", *data], env=after.client_env(), stdout=subprocess.DEVNULL)
            for _ in range(8)]
    assert [one.wait(60) for one in many] == [0] * 8
    wait_for(lambda: subprocess.run([DRWAVE, "list-protection-groups"], env=after.client_env(),
                                    capture_output=True).returncode == 0, "the last token to be taken", 10)
    assert after.stop() == 0


def lost_keys(rig, serve):
    """keys/ is deleted while it serves: a backup tells, the next start refuses, and there is a way on."""
    data, keys, first = ("--data", str(serve.data)), serve.data / "keys", rig.folder / "first.db"
    group = make_group(serve, "before", "web")
    run(serve, "backup", str(first), *data)
    kept = shutil.copytree(keys, rig.folder / "kept-keys")
    shutil.rmtree(keys)
    told = run(serve, "backup", str(rig.folder / "second.db"), *data, code=255)
    assert "second.db is written, but" in told and "'page-token'" in told, told
    run(serve, "new-keys", *data, code=255)  # it is being served
    assert not keys.exists() and serve.stop() == 0

    def refused(*words):
        serve_again = subprocess.run([DRWAVE, "serve", *data, "--listen", "127.0.0.1:0"], capture_output=True, text=True,
                                     env=rig.clean_env(), timeout=60)
        assert serve_again.returncode == 1, serve_again
        for word in (*words, "drwave new-keys", "put its keys/ folder back"):
            assert word in serve_again.stderr, serve_again.stderr

    refused("drwave.db is there, but its key 'page-token' is not")
    assert not keys.exists()
    assert "'page-token'" in run(serve, "restore", str(first), *data, code=255)
    keys.mkdir(mode=0o700)
    for name in ("page-token", "audit-hmac"):  # another installation's
        (keys / name).write_bytes(os.urandom(32))
    refused("was not written with the keys of the data folder")
    assert "was not written with the keys" in run(serve, "restore", str(first), *data, code=255)
    shutil.rmtree(keys)
    shutil.copytree(kept, keys)
    for damaged in (b"", b"f" * 31, (kept / "page-token").read_bytes() + b"\n"):
        (keys / "page-token").write_bytes(damaged)
        refused("its key 'page-token' is damaged")
    (keys / "page-token").write_bytes((kept / "page-token").read_bytes())
    assert rig.serve(serve.data).stop() == 0
    assert "nothing was changed" in run(serve, "new-keys", *data)
    (keys / "audit-hmac").write_bytes(b"f" * 32)
    assert "New keys are in" in run(serve, "new-keys", *data)
    assert (keys / "audit-hmac.replaced-1").read_bytes() == b"f" * 32 != (keys / "audit-hmac").read_bytes()
    assert (keys / "audit-hmac").stat().st_mode & 0o777 == 0o600
    after = rig.serve(serve.data)
    assert json.loads(run(after, "get-protection-group", "--group-id", group))["name"] == "before"
    assert after.stop() == 0 and "the record is not there" not in after.process.log.read_text()
    (serve.data / "drwave.db").unlink()
    empty = rig.serve(serve.data)
    assert "the record is not there" in empty.process.log.read_text()
    assert empty.stop() == 0


def restore_for_a_service(rig, serve):
    """Root restores into the folder of a service that runs as somebody else: all of it is theirs."""
    backup, folder = rig.folder / "for-a-service.db", rig.folder / "of-a-service"
    run(serve, "backup", str(backup), "--data", str(serve.data))
    folder.mkdir(mode=0o700)
    os.chown(folder, 65534, 65534)
    for more in (["--new-keys"], []):  # into an empty folder, and over what is there
        run(serve, "restore", str(backup), "--data", str(folder), *more)
    found = {str(path.relative_to(folder)): path.stat().st_uid for path in folder.rglob("*")}
    assert {"drwave.db", "drwave.db.lock", "keys"} <= found.keys(), found
    assert set(found.values()) == {65534}, found
    roots_own, lock = rig.folder / "roots-own", folder / "drwave.db.lock"
    roots_own.write_text("secret")
    for place in (os.symlink, os.link):  # what the service puts there for root to give away
        lock.unlink()
        place(roots_own, lock)
        told = run(serve, "restore", str(backup), "--data", str(folder), code=255)
        assert "drwave.db" in told and roots_own.stat().st_uid == 0, (place, told)
    lock.unlink()
    keys, elsewhere = folder / "keys", rig.folder / "elsewhere"
    shutil.rmtree(keys)
    elsewhere.mkdir()
    keys.symlink_to(elsewhere)
    run(serve, "restore", str(backup), "--data", str(folder), "--new-keys", code=255)
    assert not list(elsewhere.iterdir()) and lock.stat().st_uid == 65534
    keys.unlink()
    # What leads to the folder is the administrator's, and may be a link.
    (rig.folder / "by-a-link").symlink_to(folder)
    run(serve, "restore", str(backup), "--data", str(rig.folder / "by-a-link"), "--new-keys")
    assert {path.stat().st_uid for path in folder.rglob("*")} == {65534}


def make_plan(serve, name, pause):
    db, web = make_group(serve, name + "-db", "db"), make_group(serve, name + "-web", "web")
    run(serve, "create-recovery-plan", "--name", name, "--waves", f"waveNumber=1,name=db,protectionGroupId={db}",
        f"waveNumber=2,name=web,protectionGroupId={web},dependsOnWaves=[1],pauseBeforeWave={pause}")


def execute_by_name(serve):
    make_plan(serve, "shop", "true")
    out = run(serve, "execute", "SHOP", "--drill", "--watch", "--approve-gates")
    assert "COMPLETED, SUCCEEDED" in out and out.count("LAUNCHED") >= 10, out
    execution = re.match(r"execution (exec-[0-9a-f-]+)\n", out).group(1)
    again = run(serve, "watch", execution)
    assert "COMPLETED, SUCCEEDED" in again, again
    assert "there is no recovery plan" in run(serve, "execute", "none", "--drill", code=254)
    assert "one of --drill and --recovery" in run(serve, "execute", "shop", code=252)
    run(serve, "watch", "exec-none", code=254)
    run(serve, "terminate-recovery-instances", "--execution-id", execution)
    wait_for(lambda: serve.rig.sim_get("/_sim/state")["drillInstances"] == 0, "the drill's instances to go")
    wait_for(lambda: serve.rig.sim_get("/_sim/state")["activeJobs"] == 0, "the job that terminates to end")


def suspended(serve, execution):
    """Ctrl-Z gives the terminal back as it was; brought back, it draws anew. Ctrl-\\ does not leave it spoiled either."""
    with Terminal([DRWAVE, "watch", execution], serve.client_env()) as terminal:
        def echoes():
            return bool(termios.tcgetattr(terminal.master)[3] & termios.ECHO)

        terminal.until("waits for approval")
        assert not echoes()
        terminal.keys("\x1a")
        assert os.WIFSTOPPED(os.waitpid(terminal.process.pid, os.WUNTRACED)[1])
        assert echoes()
        while terminal.read():
            if not select.select([terminal.master], [], [], 0.2)[0]:
                break
        seen = len(terminal.raw)
        terminal.process.send_signal(signal.SIGCONT)
        wait_for(lambda: terminal.read() and b"waits for approval" in terminal.raw[seen:], "the picture to come back")
        assert not echoes() and b"A\r\x1b[J" not in terminal.raw[seen:].split(b"waits for approval")[0]
        terminal.keys("\x1c")
        assert terminal.finish(20) == 130 and echoes()


def hung_up(serve, execution):
    """`nohup drwave watch` goes on when its terminal goes; without nohup it ends as interrupted."""
    for before, code in (([], 130), (["nohup"], -signal.SIGKILL)):
        with subprocess.Popen([*before, DRWAVE, "watch", execution], env=serve.client_env(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=heed_hangups) as process:
            assert b"\n" in process.stdout.readline()
            process.send_signal(signal.SIGHUP)
            if before:
                process.send_signal(signal.SIGKILL)
            try:
                assert process.wait(20) == code, (before, process.returncode)
            finally:
                process.kill()


def narrow_terminal(rig, serve):
    """Forty columns, a terminal that changes its size, and Ctrl-C while the service hangs."""
    with Terminal([DRWAVE, "list-recovery-plans"], serve.client_env(), columns=40) as terminal:
        assert terminal.finish() == 0
        assert "recoveryPlans (" in terminal.text and "(not shown: " in terminal.text, terminal.text
    execution = run(serve, "execute", "shop", "--drill", "--replace-recovery-instances", "--query", "executionId",
                    "--output", "text").strip()
    suspended(serve, execution)
    hung_up(serve, execution)
    with Terminal([DRWAVE, "watch", execution], serve.client_env(), columns=40) as terminal:
        terminal.until(r"wave 2 waits for approval:\nr resume   q stop watching\n")
        pictures = terminal.text
        assert max(map(len, pictures.splitlines())) < 40, pictures
        terminal.resize(columns=90)
        terminal.until(r"wave 2 waits for approval:   r resume   q stop watching\n")
        assert b"\x1b[2J\x1b[H" in terminal.raw
        serve.process.send_signal(signal.SIGSTOP)
        try:
            time.sleep(0.5)  # it is in a call that nobody answers, as a rule; either way it must end
            terminal.keys("\x03")
            assert terminal.finish(20) == 130
        finally:
            serve.process.send_signal(signal.SIGCONT)
        assert f"it goes on: drwave watch {execution}" in terminal.text
        assert termios.tcgetattr(terminal.master)[3] & termios.ECHO, "the terminal is left without echo"
    run(serve, "resume", execution)
    assert "COMPLETED, SUCCEEDED" in run(serve, "watch", execution)


def watch_survives_a_restart(rig, serve):
    """The service is killed and started again on the same data while somebody watches."""
    execution = run(serve, "execute", "shop", "--drill", "--replace-recovery-instances", "--query", "executionId",
                    "--output", "text").strip()
    with Terminal([DRWAVE, "watch", execution], serve.client_env()) as terminal:
        terminal.until(r"wave 2 waits for approval")
        serve.kill()
        terminal.until(r"does not answer; trying again")
        address = serve.client["endpoint"].removeprefix("http://")
        process = rig.spawn([DRWAVE, "serve", "--data", serve.data, "--listen", address],
                            {**rig.aws_env(), **rig.settings})
        after = Serve(rig, process, serve.data, first_line(process, "serving on "))
        seen = len(terminal.text)
        wait_for(lambda: terminal.read() and "waits for approval" in terminal.text[seen:], "the picture to go on")
        terminal.keys("q")
        assert terminal.finish() == 0
        assert f"it goes on: drwave watch {execution}" in terminal.text
    run(after, "resume", execution)
    assert "COMPLETED, SUCCEEDED" in run(after, "watch", execution)


def watch_survives_rotation(rig):
    """Unattended gates open after the credential of client.json was changed, whenever that was, and as often."""
    serve = rig.serve()
    make_plan(serve, "turned", "true")

    def rotate_beneath(process):
        assert process.stdout.readline()
        process.send_signal(signal.SIGSTOP)
        for _ in range(2):
            old = json.loads((serve.data / "client.json").read_text())["token"]
            run(serve, "credential", "rotate", "--data", str(serve.data))
            wait_for(lambda: "401" in subprocess.run([DRWAVE, "list-protection-groups", "--token", old],
                                                     env=serve.client_env(), capture_output=True, text=True).stderr,
                     "the old token to be refused", 10)
        process.send_signal(signal.SIGCONT)
        return process.communicate(timeout=60)

    with subprocess.Popen([DRWAVE, "execute", "turned", "--drill", "--replace-recovery-instances", "--watch",
                           "--approve-gates"], env=serve.client_env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as process:
        out, told = rotate_beneath(process)
        assert process.returncode == 0 and "COMPLETED, SUCCEEDED" in out, (process.returncode, out, told)
    execution = run(serve, "execute", "turned", "--drill", "--replace-recovery-instances", "--query", "executionId",
                    "--output", "text").strip()
    token = json.loads((serve.data / "client.json").read_text())["token"]
    with subprocess.Popen([DRWAVE, "watch", execution, "--token", token], env=serve.client_env(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        out, told = rotate_beneath(process)
        assert process.returncode == 254 and "HTTP 401" in told, (process.returncode, out, told)
    out = run(serve, "watch", execution, "--approve-gates")
    assert "COMPLETED, SUCCEEDED" in out, out
    assert serve.stop() == 0


def main():
    tap = Tap()
    with Rig(ROOT / "sim/scenarios/three-tier.json", 600,
             {"DRWAVE_WORKFLOW_POLL_MIN_MS": "50", "DRWAVE_WORKFLOW_POLL_MAX_MS": "200"}) as rig:
        serve = rig.serve()
        for name, check in (
                ("answers come as JSON, table and text, whole or in part", forms),
                ("parameters come from a file, flags replace them", input_json),
                ("exit codes are those of the AWS CLI", exit_codes),
                ("workflow actions are commands too", workflow_actions),
                ("a client.json that cannot be used is named, and why", client_file),
                ("every command has help with an example", help_of_everything),
                ("every example is a call that parses", examples),
                ("bash completes commands, flags and values", completion),
                ("the manual formats without a warning", manual),
                ("an unchanged aws lambda invoke calls the service", aws_cli),
                ("an unchanged boto3 calls the service", boto3),
                ("a plan is executed by name and watched to its end", execute_by_name)):
            tap.case(name, lambda check=check: check(serve))
        tap.case("a narrow terminal, another size, Ctrl-Z and Ctrl-C at any time",
                 lambda: narrow_terminal(rig, serve))
        tap.case("watching outlives a restart of the service",
                 lambda: watch_survives_a_restart(rig, serve))
        tap.case("watching outlives a change of the credential in client.json",
                 lambda: watch_survives_rotation(rig))
        tap.case("beyond loopback it speaks TLS, and the client can be told whom to trust",
                 lambda: beyond_loopback(rig))
        tap.case("a misspelt variable is told of", lambda: settings_that_are_none(rig))
        tap.case("a data folder that is a file is refused and left alone", lambda: not_a_folder(rig))
        if os.geteuid() == 0:
            tap.case("what root restores for a service is the service's",
                     lambda: restore_for_a_service(rig, rig.serve()))
        else:
            tap.leave_out(1, "only root can restore for another user")
        tap.case("a backup is taken while it serves and restored while it does not; credentials rotate",
                 lambda: backup_and_restore(rig, rig.serve()))
        tap.case("lost or foreign keys are noticed, and there is a way on",
                 lambda: lost_keys(rig, rig.serve()))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
