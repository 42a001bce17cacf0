#!/usr/bin/env python3
"""The programs on a machine as they are: folders of others, closed streams, two profiles at once."""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))
from harness import BUILD, ROOT, Rig, Tap, first_line  # noqa: E402

DRWAVE = BUILD / "drwave"


def client(serve, *words, env=None):
    return subprocess.run([str(w) for w in (DRWAVE, *words)], env={**serve.client_env(), **(env or {})},
                          capture_output=True, text=True, timeout=120)


def somebodys_profile(rig, serve):
    """~/.aws holds keys that nobody has twice."""
    folder = rig.folder / "home/.aws"
    folder.mkdir(parents=True)
    (folder / "credentials").write_text("[default]\naws_access_key_id = REAL\n")
    done = client(serve, "aws-profile", folder)
    assert done.returncode == 252 and "did not write" in done.stderr, done
    assert [p.name for p in folder.iterdir()] == ["credentials"]
    assert (folder / "credentials").read_text() == "[default]\naws_access_key_id = REAL\n"


def own_profile(rig, serve):
    folder = rig.folder / "a profile's"
    for _ in range(2):
        done = client(serve, "aws-profile", folder)
        assert done.returncode == 0, done.stderr
    code = f"{done.stdout.strip()} && echo $AWS_CONFIG_FILE"
    out = subprocess.run(["sh", "-c", code], capture_output=True, text=True, env=Rig.clean_env(), check=True)
    assert out.stdout.strip() == str(folder / "config"), out


def two_profiles(rig, serve):
    """Each wrapper looks for the AWS CLI, and neither is it."""
    for name in ("one", "two"):
        assert client(serve, "aws-profile", rig.folder / name).returncode == 0
    path = ":".join(str(rig.folder / name / "bin") for name in ("one", "two")) + ":/usr/bin:/bin"
    done = subprocess.run(["aws", "--version"], env={**Rig.clean_env(), "PATH": path}, capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 0 and "aws-cli" in done.stdout, done


def serve_on(rig, data, **more):
    return rig.spawn([DRWAVE, "serve", "--data", data, "--listen", "127.0.0.1:0"], {**rig.aws_env(), **rig.settings}, **more)


def folder_of_others(rig):
    """Such a folder may be /tmp."""
    folder = rig.folder / "shared"
    folder.mkdir()
    folder.chmod(0o777)
    (folder / "of-somebody").write_text("x")
    process = serve_on(rig, folder)
    assert process.wait(20) == 1
    assert folder.stat().st_mode & 0o777 == 0o777 and [p.name for p in folder.iterdir()] == ["of-somebody"]


def empty_folder(rig):
    folder = rig.folder / "empty"
    folder.mkdir()
    folder.chmod(0o755)
    process = serve_on(rig, folder)
    first_line(process, "serving on ")
    assert folder.stat().st_mode & 0o777 == 0o700
    process.terminate()
    assert process.wait(20) == 0


def closed_streams(rig):
    """What is written to a closed stream goes nowhere, and not into the first file that was opened."""
    folder = rig.folder / "closed"
    command = f"exec {DRWAVE} serve --data {folder} --listen 127.0.0.1:0 2>&- <&-"
    process = rig.spawn(["/bin/sh", "-c", command], {**rig.aws_env(), **rig.settings})
    first_line(process, "serving on ")
    process.terminate()
    assert process.wait(20) == 0
    for path in folder.rglob("*"):
        assert not path.is_file() or b"serve.ready" not in path.read_bytes(), path
    assert os.stat(folder / "drwave.db.lock").st_size == 0


def main():
    tap = Tap()
    with Rig(ROOT / "sim/scenarios/three-tier.json") as rig:
        serve = rig.serve()
        tap.case("aws-profile leaves somebody's folder alone", lambda: somebodys_profile(rig, serve))
        tap.case("aws-profile writes its own again, whatever it is called", lambda: own_profile(rig, serve))
        tap.case("two profiles on one path do not call each other for ever", lambda: two_profiles(rig, serve))
        tap.case("a data folder that others use is refused and left as it was", lambda: folder_of_others(rig))
        tap.case("an empty one is made private", lambda: empty_folder(rig))
        tap.case("nothing is written to files in the place of closed streams", lambda: closed_streams(rig))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
