"""Our requests and our reading of answers against AWS's own service models.

A server answers every operation with everything its model's output shape has; what our client made of
it must be what was sent. The request must be the one that botocore sends for the same parameters.
DRS's model is in ../shared/vectors; EC2's and STS's are botocore's own. What is missing is left out
and counted.
"""
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse
from xml.sax.saxutils import escape

AWSCALL, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
DRS_MODEL = ROOT.parent / "shared/vectors/models/drs/service-2.json"
NOW = "2026-09-21T14:13:20.123Z"

try:
    import botocore.loaders
    import botocore.model
    import botocore.serialize
    import botocore.validate
except ImportError:
    botocore = None

MODELS = {}
if botocore:
    loader = botocore.loaders.Loader()
    for name in ("ec2", "sts"):
        MODELS[name] = botocore.model.ServiceModel(loader.load_service_model(name, "service-2"), name)
    if DRS_MODEL.exists():
        MODELS["drs"] = botocore.model.ServiceModel(json.loads(DRS_MODEL.read_text()), "drs")

count = failed = left_out = 0


def report(title, problems):
    global count, failed
    count += 1
    failed += bool(problems)
    print(f"{'not ok' if problems else 'ok'} {count} - {title}", flush=True)
    for problem in problems:
        print(f"# {problem}"[:2000])


def leave_out(title):
    global count, left_out
    count += 1
    left_out += 1
    print(f"ok {count} - {title} # left out: its model is not here")


# ---- an answer with everything in it ----

def text_value(shape, name):
    if name and "DateTime" in name or name in ("timestamp", "expectedTimestamp"):
        return NOW
    return shape.enum[-1] if shape.enum else f"{name or shape.name}-é<&1"


def full(shape, name=None, depth=0):
    kind = shape.type_name
    if kind == "structure":
        return {k: full(m, k, depth + 1) for k, m in shape.members.items()} if depth < 12 else {}
    if kind == "list":
        return [full(shape.member, name, depth + 1) for _ in range(2)]
    if kind == "map":
        return {f"k{i}": full(shape.value, None, depth + 1) for i in (1, 2)}
    return {"string": lambda: text_value(shape, name), "boolean": lambda: True,
            "integer": lambda: 1234567, "long": lambda: 9007199254740993, "timestamp": lambda: NOW,
            "float": lambda: 1.5, "double": lambda: 1.5, "blob": lambda: "YQ=="}[kind]()


def wire_name(name, shape):
    return shape.serialization.get("name", name)


def to_xml(shape, value, name):
    kind = shape.type_name
    if kind == "structure":
        inner = "".join(to_xml(m, value[k], wire_name(k, m)) for k, m in shape.members.items() if k in value)
    elif kind == "list":
        inner = "\n  ".join(to_xml(shape.member, v, wire_name("item", shape.member)) for v in value)
    else:
        inner = str(value).lower() if kind == "boolean" else escape(str(value))
    return f"<{name}>{inner}</{name}>"


# ---- the server ----

class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = {}  # the last request of each operation
    answers = {}  # by operation; "": of all others

    def do(self):
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length).decode()
        operation = dict(urllib.parse.parse_qsl(text)).get("Action", "")
        self.seen[operation] = self.command, self.path, dict(self.headers), text
        status, content_type, body = self.answers.get(operation) or self.answers[""]
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = do

    def log_message(self, *args):
        pass


SERVER_OF_ALL = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
KEYS = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "S"}


def start(credentials):
    url = f"http://127.0.0.1:{SERVER_OF_ALL.server_port}"
    env = {"AWS_ENDPOINT_URL": url, "AWS_REGION": "us-west-2", **credentials}
    return subprocess.Popen([AWSCALL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)


def end(desk):
    desk.stdin.close()
    return [] if desk.wait(timeout=30) == 0 else ["it does not"]


def ask(desk, **order):
    desk.stdin.write(json.dumps(order) + "\n")
    desk.stdin.flush()
    return json.loads(desk.stdout.readline())


# ---- comparisons ----

def differences(sent, got, path=""):
    """What we read and was not sent so. What we do not read does not matter."""
    if isinstance(got, dict) and isinstance(sent, dict):
        return [d for k, v in got.items()
                for d in (differences(sent[k], v, f"{path}.{k}") if k in sent
                          else [f"{path}.{k} was never sent"])]
    if isinstance(got, list) and isinstance(sent, list):
        if len(got) != len(sent):
            return [f"{path}: {len(got)} of {len(sent)} items"]
        return [d for i, (s, g) in enumerate(zip(sent, got)) for d in differences(s, g, f"{path}[{i}]")]
    return [] if sent == got else [f"{path}: sent {sent!r}, read {got!r}"]


def to_element_names(shape, value):
    """The generated value under the names of its XML elements; tag lists as our tables have them."""
    if shape.type_name == "structure":
        return {wire_name(k, m): to_element_names(m, value[k]) for k, m in shape.members.items() if k in value}
    if shape.type_name == "list":
        if shape.name == "TagList":
            return {v["Key"]: v["Value"] for v in value[:1]}
        return [to_element_names(shape.member, v) for v in value]
    return value


def body_of(request):
    body = request["body"]
    return body if isinstance(body, dict) else json.loads(body) if body else {}


def as_text(form):
    return {k: str(v) for k, v in form.items()}


def request_problems(model, operation, params):
    sent = Server.seen.get(operation if model.metadata["protocol"] != "rest-json" else "")
    if sent is None:
        return [f"{operation} was not asked"]
    method, path, headers, body = sent
    serializer = botocore.serialize.create_serializer(model.metadata["protocol"], True)
    wanted = serializer.serialize_to_request(params, model.operation_model(operation))
    problems = []
    if method != wanted["method"]:
        problems.append(f"{method}, not {wanted['method']}")
    split = urllib.parse.urlsplit(path)
    wanted_query = sorted((k, v) for k, vs in (wanted["query_string"] or {}).items()
                          for v in (vs if isinstance(vs, list) else [vs]))
    if split.path != wanted["url_path"] or sorted(urllib.parse.parse_qsl(split.query)) != wanted_query:
        problems.append(f"{path}, not {wanted['url_path']} with {wanted_query}")
    content_type = wanted["headers"].get("Content-Type")
    if headers.get("Content-Type") != content_type:
        problems.append(f"type {headers.get('Content-Type')}, not {content_type}")
    if model.metadata["protocol"] == "rest-json":
        ours, theirs = json.loads(body) if body else {}, body_of(wanted)
    else:
        ours = dict(urllib.parse.parse_qsl(body, strict_parsing=True, keep_blank_values=True))
        theirs = as_text(wanted["body"])
        for form in (ours, theirs):
            form.pop("ClientToken", None)
    if ours != theirs:
        problems.append(f"body {ours}, not {theirs}")
    return problems + pattern_problems(model.operation_model(operation).input_shape, params)


def pattern_problems(shape, value, path=""):
    """Also what botocore does not check: patterns and lengths of strings."""
    if shape is None:
        return []
    if shape.type_name == "structure":
        return [p for k, v in value.items() for p in pattern_problems(shape.members[k], v, f"{path}.{k}")]
    if shape.type_name == "list":
        return [p for v in value for p in pattern_problems(shape.member, v, f"{path}[]")]
    pattern = shape.metadata.get("pattern")
    if shape.type_name == "string" and pattern and not re.search(pattern, value):
        return [f"{path}: {value!r} is not {pattern}"]
    return []


# ---- the cases: what we are asked, what botocore would be ----

SERVER, JOB, INSTANCE = "s-0123456789abcdef0", "drsjob-0123456789abcdef0", "i-0123456789abcdef0"
ARN = f"arn:aws:drs:us-west-2:111122223333:source-server/{SERVER}"
PAGE = {"maxResults": 200}
CASES = [
    ("drs", "DescribeSourceServers", {"call": "describe_source_servers"}, PAGE, "items"),
    ("drs", "DescribeSourceServers", {"call": "describe_source_servers", "ids": [SERVER]},
     {"filters": {"sourceServerIDs": [SERVER]}, **PAGE}, "items"),
    ("drs", "DescribeJobs", {"call": "describe_jobs", "ids": [JOB]}, {"filters": {"jobIDs": [JOB]}, **PAGE}, "items"),
    ("drs", "DescribeJobs", {"call": "describe_jobs", "from": "2026-09-21T14:13:20Z"},
     {"filters": {"fromDate": "2026-09-21T14:13:20Z"}, **PAGE}, "items"),
    ("drs", "DescribeJobLogItems", {"call": "describe_job_log_items", "id": JOB}, {"jobID": JOB, **PAGE}, "items"),
    ("drs", "DescribeRecoveryInstances", {"call": "describe_recovery_instances", "ids": [SERVER]},
     {"filters": {"sourceServerIDs": [SERVER]}, **PAGE}, "items"),
    ("drs", "DescribeRecoverySnapshots",
     {"call": "describe_recovery_snapshots", "id": SERVER, "from": "2026-09-21T14:13:20Z"},
     {"sourceServerID": SERVER, "order": "DESC", "filters": {"fromDateTime": "2026-09-21T14:13:20Z"}, **PAGE}, "items"),
    ("drs", "GetLaunchConfiguration", {"call": "get_launch_configuration", "id": SERVER}, {"sourceServerID": SERVER}, None),
    ("drs", "GetReplicationConfiguration", {"call": "get_replication_configuration", "id": SERVER},
     {"sourceServerID": SERVER}, None),
    ("drs", "UpdateLaunchConfiguration",
     {"call": "update_launch_configuration",
      "launch": {"sourceServerID": SERVER, "copyPrivateIp": False, "licensing": {"osByol": True}, "name": "n",
                 "ec2LaunchTemplateID": "lt-never-sent", "launchIntoInstanceProperties": {}}},
     {"sourceServerID": SERVER, "copyPrivateIp": False, "licensing": {"osByol": True}, "name": "n",
      "launchIntoInstanceProperties": {}}, None),
    ("drs", "StartRecovery", {"call": "start_recovery", "ids": [SERVER], "drill": True, "tags": {"a b": "c/é"}},
     {"sourceServers": [{"sourceServerID": SERVER}], "isDrill": True, "tags": {"a b": "c/é"}}, "job"),
    ("drs", "TerminateRecoveryInstances", {"call": "terminate_recovery_instances", "ids": [INSTANCE]},
     {"recoveryInstanceIDs": [INSTANCE]}, "job"),
    ("drs", "ListTagsForResource", {"call": "list_tags", "id": ARN}, {"resourceArn": ARN}, None),
    ("drs", "TagResource", {"call": "tag_resource", "id": ARN, "tags": {"k": "v w"}},
     {"resourceArn": ARN, "tags": {"k": "v w"}}, None),
    ("drs", "UntagResource", {"call": "untag_resource", "id": ARN, "names": ["b c", "a&1"]},
     {"resourceArn": ARN, "tagKeys": ["b c", "a&1"]}, None),
    ("ec2", "DescribeInstances", {"call": "describe_instances", "ids": [INSTANCE]}, {"InstanceIds": [INSTANCE]},
     "reservationSet"),
    ("ec2", "DescribeInstances", {"call": "describe_instances", "filter": "tag:a b", "names": ["x*", "ü"]},
     {"Filters": [{"Name": "tag:a b", "Values": ["x*", "ü"]}], "MaxResults": 1000}, "reservationSet"),
    ("ec2", "DescribeSubnets", {"call": "describe_subnets", "ids": ["subnet-1"]}, {"SubnetIds": ["subnet-1"]}, "subnetSet"),
    ("ec2", "DescribeSecurityGroups", {"call": "describe_security_groups", "ids": ["sg-1"]}, {"GroupIds": ["sg-1"]},
     "securityGroupInfo"),
    ("ec2", "DescribeLaunchTemplateVersions", {"call": "describe_template_versions", "id": "lt-1", "names": ["$Default"]},
     {"LaunchTemplateId": "lt-1", "Versions": ["$Default"]}, "launchTemplateVersionSet"),
    ("ec2", "ModifyLaunchTemplate", {"call": "modify_template", "id": "lt-1", "number": 7},
     {"LaunchTemplateId": "lt-1", "DefaultVersion": "7"}, "launchTemplate"),
    ("sts", "GetCallerIdentity", {"call": "get_caller_identity"}, {}, None),
]


def answer_of(model, operation, value=None):
    """(the value under wire names, the answer's bytes)"""
    op = model.operation_model(operation)
    if value is None:
        value = full(op.output_shape) if op.output_shape else {}
    for token in ("nextToken", "NextToken"):
        value.pop(token, None)
    if model.metadata["protocol"] == "rest-json":
        return value, json.dumps(value).encode()
    inner = to_xml(op.output_shape, value, "X")[3:-4]
    if model.metadata["protocol"] == "query":
        inner = f"<{operation}Result>{inner}</{operation}Result>"
    return (to_element_names(op.output_shape, value),
            f'<?xml version="1.0"?><{operation}Response>{inner}</{operation}Response>'.encode())

def run_case(desk, service, operation, order, params, where):
    model = MODELS[service]
    sent, body = answer_of(model, operation)
    status = model.operation_model(operation).http.get("responseCode", 200)
    Server.seen.clear()
    Server.answers = {"": (status, "application/json" if service == "drs" else "text/xml", body)}
    answer = ask(desk, **order)
    problems = request_problems(model, operation, params)
    if answer["fault"] != "NONE":
        return problems + [f"answered {answer}"]
    got = answer.get("items", answer.get("result"))
    if where == "reservationSet":
        sent = [i for r in sent["reservationSet"] for i in r["instancesSet"]]
    elif where:
        sent = sent[where]
    return problems + ([] if got is None else differences(sent, got))


# ---- what we send only after or before something else ----

TEMPLATE = {
    "ImageId": "ami-1", "InstanceType": "m5.large", "KeyName": "a key & more", "UserData": "dQ==",
    "IamInstanceProfile": {"Arn": "arn:aws:iam::111122223333:instance-profile/p", "Name": "p"},
    "NetworkInterfaces": [{
        "DeviceIndex": 0, "Description": "é", "Groups": ["sg-1", "sg-2"], "InterfaceType": "efa",
        "NetworkInterfaceId": "eni-1", "PrivateIpAddress": "10.0.0.4",
        "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.4", "Primary": True},
                               {"PrivateIpAddress": "10.0.0.5", "Primary": False}],
        "SecondaryPrivateIpAddressCount": 1, "SubnetId": "subnet-1", "AssociatePublicIpAddress": False,
        "DeleteOnTermination": True, "NetworkCardIndex": 1}],
    "SecurityGroupIds": ["sg-1"], "DisableApiTermination": True,
    "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "1"},
                                                                {"Key": "b c", "Value": "é&"}]}]}


def answers(service, operation, value=None):
    Server.answers[operation] = 200, "text/xml", answer_of(MODELS[service], operation, value)[1]


def leaves(table, path):
    return [leaf for name, inner in table.items()
            for leaf in (leaves(inner, f"{path}.{name}") if inner is not None else [f"{path}.{name}"])]


def members_never_sent(table, form, path):
    """What our table of a request can send is in the form, whatever its place in a list."""
    sent = {re.sub(r"\.\d+", "", key) + "." for key in form}
    return [f"{leaf} was not sent" for leaf in leaves(table, path) if not any(s.startswith(leaf + ".") for s in sent)]


def new_version(desk):
    """All that we can say of a template, as it was read: so it goes into the next version."""
    Server.seen.clear()
    Server.answers = {}
    answers("ec2", "DescribeLaunchTemplateVersions", {"LaunchTemplateVersions": [
        {"LaunchTemplateId": "lt-1", "VersionNumber": 7, "LaunchTemplateData": TEMPLATE}]})
    answers("ec2", "CreateLaunchTemplateVersion")
    answer = ask(desk, call="copy_template_version", id="lt-1", names=["7"])
    if answer["fault"] != "NONE":
        return [f"answered {answer}"]
    problems = request_problems(MODELS["ec2"], "CreateLaunchTemplateVersion", {
        "LaunchTemplateId": "lt-1", "SourceVersion": "7", "VersionDescription": "by hand & heart",
        "LaunchTemplateData": TEMPLATE})
    form = dict(urllib.parse.parse_qsl(Server.seen["CreateLaunchTemplateVersion"][3]))
    table = ask(desk, call="tables")["tables"]["ec2.RequestLaunchTemplateData"]
    sent = answer_of(MODELS["ec2"], "CreateLaunchTemplateVersion")[0]["launchTemplateVersion"]
    return (problems + members_never_sent(table, form, "LaunchTemplateData")
            + ([] if form.get("ClientToken") else ["no ClientToken"]) + differences(sent, answer["result"]))


ROLE = "arn:aws:iam::111122223333:role/drwave"
SESSION = {"AccessKeyId": "ASIAOFTHEROLE0000001", "SecretAccessKey": "a/secret+of=it", "SessionToken": "Fwo+/=&<token",
           "Expiration": "2099-01-01T00:00:00Z"}


def assumed(desk, operation, params, signed, **order):
    """The request for the role, and that what STS answered is what the next call is signed with."""
    Server.seen.clear()
    Server.answers = {}
    value = full(MODELS["sts"].operation_model(operation).output_shape)
    answers("sts", operation, {**value, "Credentials": SESSION})
    answers("sts", "GetCallerIdentity")
    answer = ask(desk, call="get_caller_identity", **order)
    if answer["fault"] != "NONE":
        return [f"answered {answer}"]
    problems = request_problems(MODELS["sts"], operation, params)
    if ("Authorization" in Server.seen[operation][2]) != signed:
        problems.append("it is signed" if not signed else "it is not signed")
    headers = {name.lower(): value for name, value in Server.seen["GetCallerIdentity"][2].items()}
    if headers.get("x-amz-security-token") != SESSION["SessionToken"] or \
            f"Credential={SESSION['AccessKeyId']}/" not in headers.get("authorization", ""):
        problems.append(f"the session is not used: {headers}")
    return problems


def more_cases(desk):
    """(title, services, problems)"""
    yield "ec2 CreateLaunchTemplateVersion: all of a template", "ec2", lambda: new_version(desk)
    yield "sts AssumeRole: with an external id", "sts", lambda: assumed(
        desk, "AssumeRole", {"RoleArn": ROLE, "RoleSessionName": "drwave", "ExternalId": "an id:/+="}, True,
        role=ROLE, externalId="an id:/+=")
    yield "sts AssumeRole: without one", "sts", lambda: assumed(
        desk, "AssumeRole", {"RoleArn": ROLE + "2", "RoleSessionName": "drwave"}, True, role=ROLE + "2")
    yield "sts AssumeRoleWithWebIdentity", "sts", web_identity


def web_identity():
    with tempfile.NamedTemporaryFile("w", suffix=".token") as file:
        file.write("ey.a+token/of=.kubernetes")
        file.flush()
        desk = start({"AWS_WEB_IDENTITY_TOKEN_FILE": file.name, "AWS_ROLE_ARN": ROLE,
                      "AWS_ROLE_SESSION_NAME": "pod-1", "HOME": os.path.dirname(file.name)})
        problems = assumed(desk, "AssumeRoleWithWebIdentity", {
            "RoleArn": ROLE, "RoleSessionName": "pod-1", "WebIdentityToken": "ey.a+token/of=.kubernetes"}, False)
        return problems + end(desk)


# One struct reads the replication of source servers and of recovery instances; these two are the former's alone.
SHARED_NAMES = {"RecoveryInstance.dataReplicationInfo.replicatedDisks.volumeStatus",
                "RecoveryInstance.dataReplicationInfo.dataReplicationInitiation.nextAttemptDateTime"}


def names_problems(shape, table, ec2_request, path):
    names = {}
    for key, member in shape.members.items():
        name = wire_name(key, member)
        if ec2_request:
            name = member.serialization.get("queryName") or name[:1].upper() + name[1:]
        names[name] = member
    problems = [f"{path}.{n} is not in the model" for n in table
                if n not in names and f"{path}.{n}" not in SHARED_NAMES]
    for name, inner in table.items():
        member = names.get(name)
        while member is not None and member.type_name == "list":
            member = member.member
        if inner is not None and member is not None:
            problems += names_problems(member, inner, ec2_request, f"{path}.{name}")
    return problems


def main():
    threading.Thread(target=SERVER_OF_ALL.serve_forever, daemon=True).start()
    desk = start(KEYS)
    for service, operation, order, params, where in CASES:
        title = f"{service} {operation}: {json.dumps(order)}"
        if service in MODELS:
            report(title, run_case(desk, service, operation, order, params, where))
        else:
            leave_out(title)
    for title, service, problems in more_cases(desk):
        if service in MODELS:
            report(title, problems())
        else:
            leave_out(title)
    for name, table in ask(desk, call="tables")["tables"].items():
        service, shape = name.split(".")
        if service in MODELS:
            report(f"the members of {name}",
                   names_problems(MODELS[service].shape_for(shape), table, "Request" in shape and service == "ec2", shape))
        else:
            leave_out(f"the members of {name}")
    report("the client ends as it should", end(desk))
    print(f"# {left_out} of {count} left out\n1..{count}")
    sys.exit(1 if failed else 0)


main()
