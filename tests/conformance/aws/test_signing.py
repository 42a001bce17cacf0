"""Random requests, signed by our signer and by botocore's: the Authorization headers must be equal.

Left out, and said so, where botocore is not installed.
"""
import datetime
import json
import os
import random
import string
import subprocess
import sys

CASES = 3000

try:
    import botocore.auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
except ImportError:
    print(f"1..1\nok 1 - {CASES} random requests # left out: botocore is not installed")
    sys.exit(0)

SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(2**32)))
RND = random.Random(SEED)
NOW = datetime.datetime(2026, 9, 21, 14, 13, 20)
PLAIN = string.ascii_letters + string.digits + "-_.~"


class FixedTime(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return NOW

    @classmethod
    def now(cls, tz=None):
        return NOW.replace(tzinfo=tz)


class FixedModule:
    timezone = datetime.timezone
    timedelta = datetime.timedelta
    datetime = FixedTime


botocore.auth.datetime = FixedModule
if hasattr(botocore.auth, "get_current_datetime"):
    botocore.auth.get_current_datetime = lambda *a, **k: NOW


def encoded(n):
    return "".join(RND.choice(PLAIN) if RND.random() < 0.7 else f"%{RND.randrange(1, 256):02X}"
                   for _ in range(RND.randrange(n)))


def canonical(text):
    """As a careful client writes a query part: escapes only where one is needed."""
    out, i = "", 0
    while i < len(text):
        if text[i] == "%" and chr(int(text[i + 1:i + 3], 16)) in PLAIN:
            out, i = out + chr(int(text[i + 1:i + 3], 16)), i + 3
        else:
            out, i = out + text[i], i + 1
    return out


def random_target():
    parts = [RND.choice([encoded(9), "", ".", "..", "tags", "a:b@c", "x+y"])
             for _ in range(RND.randrange(5))]
    path = "/" + "/".join(parts)
    if RND.random() < 0.5:
        return path
    names = [canonical(encoded(5)) or "k" for _ in range(1 + RND.randrange(4))]
    return path + "?" + "&".join(f"{RND.choice(names)}={canonical(encoded(6))}"
                                 for _ in range(1 + RND.randrange(5)))


def random_case():
    blank = lambda: RND.choice(["", " ", "  ", "\t "])
    headers = [["Host", RND.choice(["drs.us-west-2.amazonaws.com", "localhost:4566", "h"])]]
    for i in range(RND.randrange(4)):
        value = blank() + blank().join(RND.choice(["a", '"b  c"', "d,e", "=;"])
                                       for _ in range(RND.randrange(4))) + blank()
        headers.append([RND.choice(["X-Amz-Meta-%d", "x-AMZ-target%d", "Content-Type%d"]) % i, value])
    return {
        "method": RND.choice(["GET", "POST", "DELETE", "PUT"]),
        "target": random_target(),
        "headers": headers,
        "body": "".join(RND.choice(string.printable + "äß€") for _ in range(RND.randrange(200))),
        "id": "AKIDEXAMPLE",
        "secret": "".join(RND.choice(string.ascii_letters + "+/=") for _ in range(40)),
        "token": RND.choice([None, "FwoGZXIvYXdz//EXAMPLE==" * RND.randrange(1, 30)]),
        "date": NOW.strftime("%Y%m%dT%H%M%SZ"),
        "region": RND.choice(["us-west-2", "eu-central-1", "us-gov-west-1"]),
        "service": RND.choice(["drs", "ec2", "sts", "dynamodb", "states", "sns", "lambda"]),
    }


def theirs(case):
    host = case["headers"][0][1]
    request = AWSRequest(case["method"], f"http://{host}{case['target']}",
                         data=case["body"].encode())
    for name, value in case["headers"]:
        request.headers.add_header(name, value)
    signer = botocore.auth.SigV4Auth(Credentials(case["id"], case["secret"], case["token"]),
                                     case["service"], case["region"])
    signer.add_auth(request)
    return request.headers["Authorization"]


def main():
    cases = [random_case() for _ in range(CASES)]
    lines = "".join(json.dumps({k: v for k, v in c.items() if v is not None}) + "\n" for c in cases)
    ours = subprocess.run([sys.argv[1]], input=lines, capture_output=True, text=True,
                          check=True).stdout.splitlines()
    print(f"1..1\n# seed {SEED}")
    wrong = [(c, o, t) for c, o, t in zip(cases, ours, map(theirs, cases)) if o != t]
    for case, our, their in wrong[:3]:
        print(f"# {json.dumps(case)}\n# ours:   {our}\n# theirs: {their}")
    ok = len(ours) == CASES and not wrong
    print(f"{'ok' if ok else 'not ok'} 1 - {CASES} random requests, {len(wrong)} signed otherwise")
    sys.exit(0 if ok else 1)


main()
