"""Who wins in the credential chain: our client and botocore, given the same environment and files.

Both run as programs of their own against one server that plays STS, the metadata services and the
portal of IAM Identity Center. For each case what they asked, in order and with whose key, must be the same,
down to the call that the credentials are for; or both must refuse.
"""
import concurrent.futures
import hashlib
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

AWSCALL = sys.argv[1]

# Reads {"url", "env"} and answers why it was refused, a line each; every case in a child of its own, so that
# botocore and its models are loaded once.
BOTOCORE = """
import json, os, sys
import botocore.credentials, botocore.session, botocore.tokens
from botocore.config import Config
from botocore.loaders import create_loader
LOADER, create = create_loader(), botocore.session.Session.create_client
def to_the_server(self, service, *args, **more):
    more["endpoint_url"] = self.the_server
    more["config"] = Config(retries={"total_max_attempts": 1}).merge(more.get("config") or Config())
    return create(self, service, *args, **more)
def ask(url):
    session = botocore.session.Session()
    session.the_server = url
    session.register_component("data_loader", LOADER)
    session.create_client("sts", "us-east-1").get_caller_identity()
botocore.session.Session.create_client = to_the_server
for service in ("sts", "sso"):  # warms the loader
    session = botocore.session.Session()
    session.the_server = "http://127.0.0.1:1"
    session.register_component("data_loader", LOADER)
    session.create_client(service, "us-east-1")
for line in sys.stdin:
    case = json.loads(line)
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.environ.clear()
        os.environ.update(case["env"])
        # It knows the home of when it was loaded.
        for provider in (botocore.credentials.SSOProvider, botocore.tokens.SSOTokenProvider):
            provider._SSO_TOKEN_CACHE_DIR = os.path.expanduser("~/.aws/sso/cache")
        try:
            ask(case["url"])
            why = ""
        except BaseException as error:
            why = f"{type(error).__name__}: {error}"
        os.write(writer, why.encode())
        os._exit(0)
    os.close(writer)
    with open(reader) as answer:
        print(json.dumps(answer.read()), flush=True)
    os.wait()
"""

TIME = "2037-01-01T00:00:00Z"
KEYS = {"AWS_ACCESS_KEY_ID": "ENVKEY", "AWS_SECRET_ACCESS_KEY": "s"}


def arn(name):
    return f"arn:aws:iam::111122223333:role/{name}"


def section(name, **values):
    return f"[{name}]\n" + "".join(f"{k} = {v}\n" for k, v in values.items())


def keys(name):
    return {"aws_access_key_id": name, "aws_secret_access_key": "s"}


def role(name, **more):
    return {"role_arn": arn(name), **more}


SSO = {"sso_start_url": "https://start.test/start", "sso_region": "us-east-1", "sso_account_id": "111122223333",
       "sso_role_name": "Admin"}
PROGRAM = {"credential_process": "cat {home}/program.json"}
WEB = {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token", "AWS_ROLE_ARN": arn("web")}
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container"}
NAMED = {"AWS_PROFILE": "p"}

# name, environment, ~/.aws/config, ~/.aws/credentials, what both end with (a key, or None for a refusal)
CASES = [
    ("nothing at all: the instance", {}, "", "", "IMDS"),
    ("the instance is switched off", {"AWS_EC2_METADATA_DISABLED": "true"}, "", "", None),
    ("the environment before everything", {**KEYS, **WEB, **CONTAINER}, section("default", **keys("CONFIG")),
     section("default", **keys("FILE")), "ENVKEY"),
    ("the environment before a profile that a variable names", {**KEYS, **NAMED}, section("profile p", **keys("P")), "",
     "ENVKEY"),
    ("half a key in the environment", {"AWS_ACCESS_KEY_ID": "HALF"}, section("default", **keys("CONFIG")), "", None),
    ("an empty variable is none", {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, section("default", **keys("C")), "",
     "C"),
    ("a session token in the environment", {**KEYS, "AWS_SESSION_TOKEN": "tok"}, "", "", "ENVKEY/tok"),
    ("the credentials file before the config file", {}, section("default", **keys("CONFIG")),
     section("default", **keys("FILE")), "FILE"),
    ("the token of one file is not the other's key's", {}, section("default", aws_session_token="other", **keys("CONFIG")),
     section("default", **keys("FILE")), "FILE"),
    ("a key of one file is not the other's secret's", {}, section("default", aws_secret_access_key="s"),
     section("default", aws_access_key_id="FILE"), None),
    ("the config file alone", {}, section("default", **keys("CONFIG")), "", "CONFIG"),
    ("a program before keys of the config file", {}, section("default", **PROGRAM, **keys("CONFIG")), "", "PROGRAM/t"),
    ("keys of the credentials file before a program", {}, section("default", **PROGRAM), section("default", **keys("FILE")),
     "FILE"),
    ("a program that is named in the credentials file", NAMED, "", section("p", **PROGRAM), "PROGRAM/t"),
    ("a program that fails", {}, section("default", credential_process="false"), "", None),
    ("a profile that does not exist", {"AWS_PROFILE": "gone"}, section("default", **keys("CONFIG")), "", None),
    ("the other variable for the profile", {"AWS_DEFAULT_PROFILE": "p"}, section("profile p", **keys("P")), "", "P"),
    ("files in other places", {"AWS_CONFIG_FILE": "{home}/c", "AWS_SHARED_CREDENTIALS_FILE": "{home}/d", "AWS_PROFILE": "p"},
     "", "", "ELSEWHERE"),
    ("a role with another profile's keys", NAMED,
     section("profile p", **role("a", source_profile="base", external_id="x 1", role_session_name="me", duration_seconds=900)),
     section("base", **keys("BASE")), "ASIA-a"),
    ("a role in the default profile", {}, section("default", **role("a", source_profile="base")),
     section("base", **keys("BASE")), "ASIA-a"),
    ("a chain of two roles", NAMED, section("profile p", **role("a", source_profile="q")) +
     section("profile q", **role("b", source_profile="base")), section("base", **keys("BASE")), "ASIA-a"),
    ("a role with the profile's own keys", NAMED, section("profile p", **role("a", source_profile="p"), **keys("OWN")), "",
     "ASIA-a"),
    ("a source with a role and keys of its own: its keys", NAMED, section("profile p", **role("a", source_profile="q")) +
     section("profile q", **role("b", source_profile="base"), **keys("OWN")), section("base", **keys("BASE")), "ASIA-a"),
    ("a source that is a program", NAMED, section("profile p", **role("a", source_profile="q")) +
     section("profile q", **PROGRAM), "", "ASIA-a"),
    ("a source that is a web identity", NAMED, section("profile p", **role("a", source_profile="q")) +
     section("profile q", **role("b", web_identity_token_file="{home}/token")), "", "ASIA-a"),
    ("a source that is IAM Identity Center", NAMED, section("profile p", **role("a", source_profile="q")) +
     section("profile q", **SSO), "", "ASIA-a"),
    ("a circle of roles", NAMED, section("profile p", **role("a", source_profile="q")) +
     section("profile q", **role("b", source_profile="p")), "", None),
    ("a source that does not exist", NAMED, section("profile p", **role("a", source_profile="gone")), "", None),
    ("a source without credentials", NAMED, section("profile p", **role("a", source_profile="q")) +
     section("profile q", region="us-east-1"), "", None),
    ("two sources", {**NAMED}, section("profile p", **role("a", source_profile="b", credential_source="Environment")),
     section("b", **keys("BASE")), None),
    ("no source", NAMED, section("profile p", **role("a")), "", None),
    ("a role with the environment's keys", {**NAMED, **CONTAINER},
     section("profile p", **role("a", credential_source="EcsContainer")), "", "ASIA-a"),
    ("a role with the instance's keys", NAMED, section("profile p", **role("a", credential_source="Ec2InstanceMetadata")), "",
     "ASIA-a"),
    ("a role with keys of the environment, which are not there", NAMED,
     section("profile p", **role("a", credential_source="Environment")), "", None),
    ("a source that nobody knows", NAMED, section("profile p", **role("a", credential_source="Moon")), "", None),
    ("a role of the credentials file", NAMED, section("profile base", **keys("BASE")),
     section("p", **role("a", source_profile="base")), "ASIA-a"),
    ("a web identity of the environment", WEB, section("default", **keys("CONFIG")), section("default", **keys("FILE")),
     "ASIA-web"),
    ("a web identity with a session's name", {**WEB, "AWS_ROLE_SESSION_NAME": "pod"}, "", "", "ASIA-web"),
    ("a web identity without a role", {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token"}, section("default", **keys("C")), "", None),
    ("a web identity without its file", {**WEB, "AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/none"}, "", "", None),
    ("a web identity of a profile", NAMED, section("profile p", **role("w", web_identity_token_file="{home}/token")), "",
     "ASIA-w"),
    ("a web identity of a profile before its keys", NAMED,
     section("profile p", **role("w", web_identity_token_file="{home}/token"), **keys("P")), "", "ASIA-w"),
    ("a web identity of a profile without a role", NAMED,
     section("profile p", web_identity_token_file="{home}/token", **keys("P")), "", None),
    ("a web identity of the environment before that of the profile", {**WEB, **NAMED},
     section("profile p", **role("w", web_identity_token_file="{home}/token")), "", "ASIA-web"),
    ("a web identity half of the environment", {**NAMED, "AWS_ROLE_ARN": arn("web")},
     section("profile p", web_identity_token_file="{home}/token"), "", "ASIA-web"),
    ("a role of the profile before a web identity of the environment", {**WEB, **NAMED},
     section("profile p", **role("a", source_profile="base")), section("base", **keys("BASE")), "ASIA-a"),
    ("IAM Identity Center", NAMED, section("profile p", **SSO), "", "SSO/st"),
    ("IAM Identity Center before keys", NAMED, section("profile p", **SSO, **keys("P")), section("p", **keys("FILE")), "SSO/st"),
    ("IAM Identity Center, not signed in", NAMED, section("profile p", **{**SSO, "sso_start_url": "https://other.test/"}), "",
     None),
    ("IAM Identity Center, half configured", NAMED, section("profile p", sso_account_id="111122223333", **keys("P")), "", None),
    ("IAM Identity Center by a session", NAMED,
     section("profile p", sso_session="s1", sso_account_id="111122223333", sso_role_name="Admin") +
     section("sso-session s1", sso_region="us-east-1", sso_start_url="https://start.test/start"), "", "SSO/st"),
    ("IAM Identity Center by a session that does not exist", NAMED,
     section("profile p", sso_session="s2", sso_account_id="111122223333", sso_role_name="Admin"), "", None),
    ("IAM Identity Center, the sign-in refused", NAMED, section("profile p", **{**SSO, "sso_role_name": "Refused"}), "", None),
    ("the container before the instance", CONTAINER, "", "", "CONTAINER"),
    ("the container, with an authorisation", {**CONTAINER, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Basic x"}, "", "", "CONTAINER"),
    ("the container refuses", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/refused"}, "", "", None),
    ("a container somewhere else", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/x"}, "", "", None),
    ("profiles before the container", {**CONTAINER}, section("default", **keys("CONFIG")), "", "CONFIG"),
    ("an empty profile falls through to the container", {**CONTAINER, **NAMED}, section("profile p", region="us-east-1"), "",
     "CONTAINER"),
]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers by what is asked; the server's `asked` keeps (what, with which key and token, which parameters)."""

    @property
    def asked(self):
        return self.server.asked

    def log_message(self, *_):
        pass

    def reply(self, status, body, kind="application/json"):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_PUT(self):
        self.asked.append(("PUT", self.path))
        self.reply(200, "metadata-token", "text/plain")

    def handed_out(self, key):
        self.reply(200, json.dumps({"Code": "Success", "AccessKeyId": key, "SecretAccessKey": "s", "Token": "",
                                    "Expiration": TIME}))

    def do_GET(self):
        path, _, query = self.path.partition("?")
        self.asked.append(("GET", path, query, self.headers.get("x-amz-sso_bearer_token"),
                           self.headers.get("Authorization"), self.headers.get("x-aws-ec2-metadata-token")))
        given = urllib.parse.parse_qs(query)
        if path == "/federation/credentials" and given["role_name"] == ["Admin"]:
            self.reply(200, json.dumps({"roleCredentials": {"accessKeyId": "SSO", "secretAccessKey": "s", "sessionToken": "st",
                                                            "expiration": 2114380800000}}))
        elif path == "/federation/credentials":
            self.reply(401, json.dumps({"message": "Session token not found or invalid", "__type": "UnauthorizedException"}))
        elif path == "/container":
            self.handed_out("CONTAINER")
        elif path == "/latest/meta-data/iam/security-credentials/":
            self.reply(200, "instance-role", "text/plain")
        elif path.endswith("/instance-role"):
            self.handed_out("IMDS")
        else:
            self.reply(403, "{}")

    def do_POST(self):
        given = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        action = given.pop("Action")
        given.pop("Version")
        if re.match(r"(botocore-session-|drwave)", given.get("RoleSessionName", "")):
            del given["RoleSessionName"]  # nobody has named it
        key = re.search(r"Credential=([^/]+)", self.headers.get("Authorization", ""))
        self.asked.append((action, key and key.group(1), self.headers.get("X-Amz-Security-Token"), tuple(sorted(given.items()))))
        inner = "<Account>111122223333</Account>"
        if action != "GetCallerIdentity":
            name = given["RoleArn"].rsplit("/", 1)[1]
            inner = (f"<Credentials><AccessKeyId>ASIA-{name}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
                     f"<SessionToken>t</SessionToken><Expiration>{TIME}</Expiration></Credentials>")
        self.reply(200, f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>{inner}'
                   f"</{action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{action}Response>", "text/xml")


def prepare(home, url, config, credentials):
    files = {".aws/config": config, ".aws/credentials": credentials, "token": "web-token",
             "c": section("profile p", region="us-east-1"), "d": section("p", **keys("ELSEWHERE")),
             "program.json": json.dumps({"Version": 1, "AccessKeyId": "PROGRAM", "SecretAccessKey": "s", "SessionToken": "t"})}
    for name in ("https://start.test/start", "s1"):
        files[f".aws/sso/cache/{hashlib.sha1(name.encode()).hexdigest()}.json"] = json.dumps(
            {"startUrl": "https://start.test/start", "region": "us-east-1", "accessToken": "bearer", "expiresAt": TIME})
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("{home}", str(home)).replace("{url}", url))


def environment(home, url, given):
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
           "AWS_EC2_METADATA_SERVICE_ENDPOINT": url, "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "1",
           **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}}
    return {**env, **{k: v.replace("{home}", str(home)).replace("{url}", url) for k, v in given.items()}}


def ours(env, url):
    done = subprocess.run([AWSCALL], input='{"call": "get_caller_identity"}\n', text=True, capture_output=True,
                          env={**env, "AWS_ENDPOINT_URL": url, "AWS_MAX_ATTEMPTS": "1"}, timeout=60)
    answer = json.loads(done.stdout)
    return "" if answer["fault"] == "NONE" or "error" not in answer else answer["error"]["message"]


class Theirs:
    """botocore, one case at a time."""

    def __init__(self):
        self.lock = threading.Lock()
        self.process = subprocess.Popen(["/usr/bin/python3", "-c", BOTOCORE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent",
                                                        "AWS_EC2_METADATA_DISABLED": "true"})

    def __call__(self, env, url):
        with self.lock:
            self.process.stdin.write(json.dumps({"url": url, "env": env}) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())

    def finish(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


def attempt(case, client):
    """What one of the two asked, what it ended with, and why it refused."""
    _, given, config, credentials, _ = case
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, url = [], f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        prepare(pathlib.Path(folder), url, config, credentials)
        why = client(environment(pathlib.Path(folder), url, given), url)
    server.shutdown()
    server.server_close()
    last = server.asked[-1] if server.asked else (None,)
    if last[0] != "GetCallerIdentity":
        return server.asked, None, why
    return server.asked, last[1] + ("/" + last[2] if last[2] and not last[1].startswith("ASIA") else ""), why



def main():
    failed, theirs = 0, Theirs()
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda case: (attempt(case, ours), attempt(case, theirs)), CASES))
    theirs.finish()
    for number, (case, ((our_calls, our_end, our_why), (their_calls, their_end, their_why))) in enumerate(
            zip(CASES, results), 1):
        # What a refusal has asked before it refused may differ: one looks at files earlier than the other.
        same = our_end == their_end == case[4] and (our_end is None or our_calls == their_calls)
        same = same and bool(our_why) == (our_end is None)
        failed += not same
        print(f"{'ok' if same else 'not ok'} {number} - {case[0]}", flush=True)
        if not same:
            print(f"# expected {case[4]}\n# ours:   {our_end} {our_calls} {our_why}\n# theirs: {their_end} {their_calls} {their_why}",
                  flush=True)
    print(f"1..{len(CASES)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
