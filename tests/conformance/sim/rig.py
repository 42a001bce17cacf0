"""What every conformance test of the simulator starts with: a running drwave-sim, clients of
botocore whose raw answers are held against AWS's own model, and TAP on standard output."""

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
import urllib.request
import xml.etree.ElementTree

import botocore.config
import botocore.session
import botocore.utils

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
SHARED = os.environ.get("SHARED", os.path.join(ROOT, "..", "shared"))
MODELS = os.path.join(SHARED, "vectors", "models")
BINARY = os.environ.get("DRWAVE_SIM", os.path.join(ROOT, "build", "sim", "drwave-sim"))

HUB, HUB_KEY = "123456789012", "AKIADRWAVEHUB0000001"
TARGET = "210987654321"
REGION = "us-east-1"


def secret(key_id):
    return ("test/%s/not-a-secret-000000" % key_id + "0" * 40)[:40]


class Sim:
    """A simulator of its own on a free port; dies with the block."""

    def __init__(self, scenario="three-tier", speed=600, state=None, extra=()):
        path = os.path.join(ROOT, "sim", "scenarios", scenario + ".json")
        self.command = [BINARY, "--listen", "127.0.0.1:0", "--scenario", path,
                        "--speed", str(speed), "--seed", "7", *extra]
        if state:
            self.command += ["--state", state]
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("drwave-sim listening on http://"):
            raise RuntimeError("drwave-sim said: %r" % line)
        self.url = line.split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(10)

    def admin(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + "/_sim/" + path, data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def fault(self, effect, **rule):
        match = rule.pop("match", {})
        return self.admin("faults", dict(rule, effect=effect, match=match))

    def calls(self, op):
        return self.admin("calls?op=" + op)["calls"]


def have_models():
    return os.path.isdir(MODELS)


def new_session(newest=False):
    """newest: with the DRS model of the shared vectors in place of Debian's."""
    session = botocore.session.Session(
        session_vars={"config_file": (None, None, os.devnull, None),
                      "credentials_file": (None, None, os.devnull, None)})
    if newest:
        folder = tempfile.mkdtemp(prefix="drwave-model-")
        version = os.path.join(folder, "drs", "2020-02-26")
        os.makedirs(version)
        for name in ("service-2.json", "paginators-1.json", "endpoint-rule-set-1.json"):
            shutil.copy(os.path.join(MODELS, "drs", name), version)
        atexit.register(shutil.rmtree, folder, True)
        session.newest = True
        session.get_component("data_loader").search_paths.insert(0, folder)
    return session


def client(sim, service, session=None, key=HUB_KEY, token=None, given_secret=None, region=REGION,
           retries=None, check=True):
    session = session or new_session(newest=service == "drs" and have_models())
    made = session.create_client(
        service, endpoint_url=sim.url, region_name=region, aws_access_key_id=key,
        aws_secret_access_key=given_secret or secret(key), aws_session_token=token,
        config=botocore.config.Config(retries=retries or {"total_max_attempts": 1, "mode": "standard"},
                                      parameter_validation=check, read_timeout=10))
    watch(made, strict=service != "drs" or getattr(session, "newest", False))
    return made


# ---- every answer against the model ----

# aws-facts 0.8: LAUNCH_END is real and not in the model; nor is EC2's lower-case "windows".
OPEN_ENUMS = {"JobLogEvent", "PlatformValues"}
LOOSE_TIMES = {"ISO8601DatetimeString", "ISO8601DurationString"}  # aws-facts 0.11


class Mismatch(Exception):
    pass


STRICT = [True]  # whether a member that the model lacks is a mistake: not in the older one


def watch(made, strict):
    """Checks each raw answer before botocore turns it into what it expects to see."""
    session = made._endpoint.http_session
    send, model = session.send, made.meta.service_model

    def checked(request):
        answer = send(request)
        STRICT[0] = strict
        if answer.status_code < 300:
            check_answer(model, operation_of(model, request), answer)
        else:
            check_refusal(model, answer)
        return answer

    session.send = checked


def operation_of(model, request):
    if model.metadata["protocol"] in ("ec2", "query"):
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        return model.operation_model(re.search(r"(?:^|&)Action=(\w+)", body).group(1))
    path = re.sub(r"^\w+://[^/]+|\?.*$", "", request.url)
    for name in model.operation_names:
        op = model.operation_model(name)
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(op.http["requestUri"].split("?")[0]))
        if op.http["method"] == request.method and re.fullmatch(pattern, path):
            return op
    raise Mismatch("no operation for %s %s" % (request.method, path))


def check_answer(model, op, answer):
    if model.metadata["protocol"] != "rest-json":
        root = strip(xml.etree.ElementTree.fromstring(answer.content))
        if root.tag != op.name + "Response":
            raise Mismatch("root %s" % root.tag)
        wrapper = root.find(op.name + "Result")
        if op.output_shape is not None:
            check_xml(op.output_shape, root if wrapper is None else wrapper, op.name)
        return
    wanted = op.http.get("responseCode", 200)
    if answer.status_code != wanted:
        raise Mismatch("%s answered %d, not %d" % (op.name, answer.status_code, wanted))
    if answer.content and op.output_shape is not None:
        if len(answer.content) == int(answer.headers["content-length"]):
            check_json(op.output_shape, json.loads(answer.content), op.name)
    elif op.output_shape is not None and op.output_shape.required_members:
        raise Mismatch("%s answered nothing" % op.name)


def check_refusal(model, answer):
    if answer.headers.get("content-type") == "text/html":
        return  # what a proxy says knows no request id
    if "x-amzn-requestid" not in {k.lower() for k in answer.headers}:
        raise Mismatch("a refusal without a request id")
    if model.metadata["protocol"] != "rest-json" or not answer.content.startswith(b"{"):
        return
    code = answer.headers["x-amzn-ErrorType"].split(":")[0]
    shape = next((s for s in model.error_shapes if s.name == code), None)
    if shape is not None:
        status = shape.metadata.get("error", {}).get("httpStatusCode")
        if status and status != answer.status_code:
            raise Mismatch("%s came with %d, not %d" % (code, answer.status_code, status))
        check_json(shape, json.loads(answer.content), code)


def strip(root):
    for element in root.iter():
        element.tag = element.tag.split("}")[-1]
    return root


def check_json(shape, value, path):
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            raise Mismatch("%s is no structure" % path)
        for name in set(value) - set(shape.members):
            if STRICT[0]:
                raise Mismatch("%s.%s is not in the model" % (path, name))
        for name in shape.required_members:
            if name not in value and "location" not in shape.members[name].serialization:
                raise Mismatch("%s.%s is missing" % (path, name))
        for name in set(value) & set(shape.members):
            check_json(shape.members[name], value[name], path + "." + name)
    elif kind == "list":
        if not isinstance(value, list):
            raise Mismatch("%s is no list" % path)
        for item in value:
            check_json(shape.member, item, path + "[]")
        check_size(shape, len(value), path)
    elif kind == "map":
        for item in value.values():
            check_json(shape.value, item, path + "{}")
    else:
        check_scalar(shape, value, path)


def check_scalar(shape, value, path):
    types = {"string": str, "integer": int, "long": int, "boolean": bool, "float": (int, float),
             "double": (int, float), "timestamp": (str, int, float)}
    if not isinstance(value, types[shape.type_name]) or \
            (isinstance(value, bool) and shape.type_name != "boolean"):
        raise Mismatch("%s is %r, not a %s" % (path, value, shape.type_name))
    if shape.type_name == "timestamp":
        botocore.utils.parse_timestamp(value)
    if shape.type_name != "string":
        return
    if shape.name == "ISO8601DatetimeString":
        check_time(value, path)
    check_size(shape, len(value), path)
    enum = shape.metadata.get("enum")
    if enum and value not in enum and shape.name not in OPEN_ENUMS:
        raise Mismatch("%s is %r, not one of %s" % (path, value, enum))
    pattern = shape.metadata.get("pattern")
    if pattern and shape.name not in LOOSE_TIMES and not re.search(pattern, value):
        raise Mismatch("%s is %r, not like %s" % (path, value, pattern))


def check_time(value, path):
    """Also where the model has durations under the name of times: aws-facts 1.6."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|\+00:00)|P[0-9DTHMS.]+", value):
        raise Mismatch("%s is %r, no time" % (path, value))


def check_size(shape, size, path):
    if size < shape.metadata.get("min", 0) or size > shape.metadata.get("max", 1 << 40):
        raise Mismatch("%s has size %d" % (path, size))


def xml_name(name, shape):
    return shape.serialization.get("name", name)


def check_xml(shape, element, path):
    if shape.type_name == "structure":
        names = {xml_name(n, s): s for n, s in shape.members.items()}
        for child in element:
            if child.tag in ("requestId", "return", "ResponseMetadata"):
                continue
            if child.tag not in names:
                raise Mismatch("%s/%s is not in the model" % (path, child.tag))
            check_xml(names[child.tag], child, path + "/" + child.tag)
        for name in shape.required_members:
            if element.find(xml_name(name, shape.members[name])) is None:
                raise Mismatch("%s/%s is missing" % (path, name))
    elif shape.type_name == "list":
        wanted = shape.member.serialization.get("name", "member")
        for child in element:
            if child.tag != wanted:
                raise Mismatch("%s has items %s, not %s" % (path, child.tag, wanted))
            check_xml(shape.member, child, path + "/" + child.tag)
    elif shape.type_name in ("integer", "long"):
        int(element.text)
    elif shape.type_name == "boolean":
        if element.text not in ("true", "false"):
            raise Mismatch("%s is %r" % (path, element.text))
    elif shape.type_name == "timestamp":
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", element.text or ""):
            raise Mismatch("%s is %r, no time" % (path, element.text))
    elif shape.type_name in ("float", "double"):
        float(element.text)
    elif len(element):
        raise Mismatch("%s is no text" % path)
    elif shape.metadata.get("enum") and shape.name not in OPEN_ENUMS:
        if (element.text or "") not in shape.metadata["enum"]:
            raise Mismatch("%s is %r, not one of the model's" % (path, element.text))


# ---- inputs as large as the model allows ----

KNOWN = {}  # values that must name something there is, by shape or member name


def sample(shape, name=""):
    if name in KNOWN:
        return KNOWN[name]
    kind, meta = shape.type_name, shape.metadata
    if kind == "structure":
        return {n: sample(s, n) for n, s in shape.members.items()}
    if kind == "list":
        count = 3 if shape.name == "PITPolicy" else max(1, meta.get("min", 1))
        return [sample(shape.member, name + "[]")] * count
    if kind == "map":
        return {"key": sample(shape.value, name + "{}")}
    if kind == "boolean":
        return False
    if kind in ("integer", "long"):
        return max(5, meta.get("min", 1))
    if kind == "timestamp":
        return "2026-01-01T00:00:00Z"
    if meta.get("enum"):
        return meta["enum"][0]
    return sample_text(shape)


def sample_text(shape):
    pattern = shape.metadata.get("pattern", "")
    prefix = re.match(r"\^?([a-z]+-)", pattern)
    if shape.name == "ISO8601DatetimeString":
        return "2026-01-01T00:00:00Z"
    if pattern.startswith(("arn:", "^arn:")):
        return "arn:aws:drs:us-east-1:123456789012:source-server/s-0123456789abcdef0"
    if prefix:
        return prefix.group(1) + "0123456789abcdef0"
    return "a" * max(12, shape.metadata.get("min", 1))


# ---- TAP ----

TESTS = []


def test(fn):
    TESTS.append(fn)
    return fn


def equal(got, wanted, what="value"):
    if got != wanted:
        raise AssertionError("%s: got %r, wanted %r" % (what, got, wanted))


def refused(code, status, call, **arguments):
    try:
        call(**arguments)
    except botocore.exceptions.ClientError as error:
        equal(error.response["Error"]["Code"], code, "code")
        equal(error.response["ResponseMetadata"]["HTTPStatusCode"], status, "status")
        return error
    raise AssertionError("was not refused")


def note(text):
    print("# " + text, flush=True)


def run():
    print("1..%d" % len(TESTS), flush=True)
    failed = 0
    for number, fn in enumerate(TESTS, 1):
        title = fn.__name__.replace("_", " ")
        try:
            fn()
            print("ok %d - %s" % (number, title), flush=True)
        except Exception:
            failed += 1
            print("not ok %d - %s" % (number, title))
            lines = traceback.format_exc().splitlines()
            print("".join("# %s\n" % line for line in lines[3:5] + lines[-3:]), end="", flush=True)
    sys.exit(1 if failed else 0)
