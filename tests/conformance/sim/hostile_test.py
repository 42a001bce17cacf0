"""What nobody well-meaning sends, over sockets: whatever arrives is answered or closed, the simulator
lives, and the next request is served. The seed is fixed; HOSTILE_ROUNDS=100 goes on for longer."""

import json
import os
import random
import socket
import urllib.parse

from rig import HUB_KEY, Sim, client, equal, note, run, test

ROUNDS = int(os.environ.get("HOSTILE_ROUNDS", "1"))
VERSIONS = {"ec2": "2016-11-15", "sts": "2011-06-15", "iam": "2010-05-08"}
LISTS = ("accounts keys roles instanceProfiles regions vpcs subnets securityGroups networkInterfaces "
         "addresses launchTemplates instances servers jobs recoveryInstances configurationTemplates "
         "clientTokens faults calls knobs estates clock seed state/load").split()
TEXTS = ["", "a", "\0", "\ud800", "%", "%zz", "%00", "+", "../..", "s-" + "0" * 17, "i-1", "$Default",
         "*" * 300, "\u00fc" * 5000, "-1", "1e9", "18446744073709551616", "true", "drsjob-" + "f" * 17]


def raw(sim, data, close_early=False):
    """The status of one answer; 0 when the connection ended without one."""
    host, port = sim.url[7:].rsplit(":", 1)
    with socket.create_connection((host, int(port)), 60) as wire:
        wire.settimeout(60)
        try:
            wire.sendall(data)
            if close_early:
                return 0
            said = b""
            while b"\r\n" not in said:
                piece = wire.recv(65536)
                if not piece:
                    break
                said += piece
        except ConnectionError:
            return 0
    return int(said.split(b" ")[1]) if said.startswith(b"HTTP/1.1 ") else 0


def request(method, target, headers=(), body=b""):
    head = ["%s %s HTTP/1.1" % (method, target), "Host: h", "Content-Length: %d" % len(body), *headers]
    return "\r\n".join(head).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def lives(sim, what):
    equal(sim.process.poll(), None, "the simulator after %s" % what)
    equal(sim.admin("health"), {"status": "ok"}, "health after %s" % what)


def throw(sim, what, requests):
    """Sends them all; says what was sent last when the simulator does not live on."""
    seen = {}
    for data in requests:
        status = raw(sim, data)
        seen[status] = seen.get(status, 0) + 1
        if status >= 500 and status != 503:
            raise AssertionError("%s: %d to %r" % (what, status, data[:300]))
        if sim.process.poll() is not None:
            raise AssertionError("%s: it ended on %r" % (what, data[:2000]))
    lives(sim, what)
    note("%s: %s" % (what, ", ".join("%d x %d" % (n, s) for s, n in sorted(seen.items()))))


def off(sim):
    sim.admin("knobs", {"signature": "off"})
    return random.Random(20240315)


def value(r, depth=0):
    kind = r.randrange(9 if depth < 5 else 6)
    if kind < 2:
        return r.choice(TEXTS)
    if kind == 2:
        return r.choice([0, -1, 1, 2 ** 31, 2 ** 63 - 1, -2 ** 63, 1.5])
    if kind == 3:
        return r.choice([True, False, None])
    if kind < 6:
        return r.choice([{}, []])
    if kind == 6:
        return [value(r, depth + 1) for _ in range(r.randrange(4))]
    return {r.choice(["sourceServerID", "filters", "id", "match", "Key", r.choice(TEXTS)]):
            value(r, depth + 1) for _ in range(r.randrange(4))}


@test
def authorization_headers():
    whole = ("AWS4-HMAC-SHA256 Credential=%s/20240315/us-east-1/drs/aws4_request, "
             "SignedHeaders=host;x-amz-date, Signature=%s" % (HUB_KEY, "0" * 64))
    r = random.Random(1)
    odd = ["", "x", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 ,,,,", "Basic eDp5",
           "AWS4-HMAC-SHA256 Credential=", "AWS4-HMAC-SHA256 Credential=////, SignedHeaders=;;;, Signature=",
           whole.replace("host;x-amz-date", ";".join(["host"] * 4000)), whole.replace("drs", "d" * 9000),
           whole.replace("us-east-1", ""), whole.replace("20240315", "99999999"), whole + ", " + whole,
           whole.replace("0" * 64, "z" * 64), whole.replace("aws4_request", "aws5_request")]
    for _ in range(100 * ROUNDS):
        cut = list(whole)
        for _ in range(r.randrange(1, 5)):
            cut[r.randrange(len(cut))] = chr(r.randrange(32, 127)) if r.random() < 0.8 else ""
        odd.append("".join(cut)[:r.randrange(1, len(whole))])
    dates = ["", "X-Amz-Date: 20240315T123456Z", "X-Amz-Date: 99999999T999999Z", "X-Amz-Date: \u00fc",
             "X-Amz-Date: 20240315T123456Z\r\nX-Amz-Date: 20240315T123456Z"]
    with Sim() as sim:
        throw(sim, "authorization headers", (
            request("POST", "/DescribeJobs", ["Authorization: " + a, *filter(None, [r.choice(dates)])], b"{}")
            for a in odd))


@test
def json_bodies():
    deep = b"[" * 100000
    odd = [b"", b"{", b"}", b"null", b"1", b'"x"', b"[]", b"{}{}", b"\xff\xfe", b"\0", deep, deep + b"]" * 100000,
           b'{"a":' * 50000, b'{"filters":{"jobIDs":[' + b'"drsjob-00000000000000000",' * 5000 + b'"x"]}}',
           b'{"maxResults":1e400}', b'{"maxResults":99999999999999999999}', b'{"nextToken":"' + b"A" * 3000 + b'"}',
           b'{"filters":{},"filters":{}}', b'{"\\u0000":1}', b'{"tags":{"\\ud800":"x"}}', b"{" + b" " * (1 << 20) + b"}",
           b'{"tags":{' + b",".join(b'"k%d":"v"' % i for i in range(5000)) + b"}}"]
    with Sim() as sim:
        r = off(sim)
        names = [o["name"] for o in sim.admin("operations")["operations"] if o["service"] == "drs"]
        throw(sim, "JSON that is none", (request("POST", "/" + r.choice(names), (), b) for b in odd for _ in (1, 2)))
        members = ["sourceServers", "sourceServerID", "filters", "maxResults", "nextToken", "jobID", "tags", "isDrill",
                   "recoveryInstanceIDs", "pitPolicy", "licensing", "stagingAreaTags", "order"]
        throw(sim, "JSON of another shape", (
            request("POST", "/" + name, (), json.dumps(
                {r.choice(members): value(r) for _ in range(r.randrange(4))}).encode())
            for name in names for _ in range(4 * ROUNDS)))


@test
def forms():
    deep = ".".join(["a"] * 5000)
    odd = ["", "=", "&&&", "Action", "Action=", "%", "Action=%", "Action=%zz", "Action=Describe%00Vpcs",
           "Action=DescribeVpcs&Action=DescribeVpcs", "Filter=1&Filter.1.Name=a", "Filter.1.Name=a&Filter.1=b",
           "Filter.0.Name=a&Filter.-1.Value.1=b", "Filter.99999999999999999999.Name=a", deep + "=1",
           "Filter." * 11 + "1=2", "&".join("a%d=1" % i for i in range(25000)),
           "&".join("VpcId.%d=vpc-00000000000000001" % i for i in range(1, 15000)),
           "Filter.1.Name=tag:&Filter.1.Value.1=*" + "*?" * 2000,
           "Filter.1.Name=tag:Name&Filter.1.Value.1=" + "*a" * 3000 + "b",
           "TagSpecification.1.Tag.1.Key=x&TagSpecification.1.Tag.x=y", "....=1", ".=1", "a..b=1",
           "LaunchTemplateData.NetworkInterface.1.Groups.member.1=x", "a=" + "%C3%BC" * 100000]
    with Sim() as sim:
        r = off(sim)
        offered = [(o["service"], o["name"]) for o in sim.admin("operations")["operations"] if o["service"] != "drs"]
        members = ["Filter.1.Name", "Filter.1.Value.1", "InstanceId.1", "LaunchTemplateId", "MaxResults", "NextToken",
                   "ResourceId.1", "Tag.1.Key", "DryRun", "RoleArn", "RoleSessionName", "DurationSeconds", "Marker",
                   "LaunchTemplateVersion.1", "LaunchTemplateData.InstanceType", "SetDefaultVersion", "ClientToken",
                   "Tags.member.1.Key", "LaunchTemplateData.NetworkInterface.1.PrivateIpAddresses.1.Primary"]
        typed = ["Content-Type: application/x-www-form-urlencoded; charset=utf-8"]

        def one(service, name, rest):
            body = "Version=%s&Action=%s&%s" % (VERSIONS[service], name, rest)
            if r.random() < 0.2 and len(body) < 20000:
                return request("GET", "/?" + body, typed)
            return request("POST", "/", typed, body.encode())

        throw(sim, "forms that are none", (one(*r.choice(offered), b) for b in odd for _ in (1, 2, 3)))
        throw(sim, "forms of another shape", (
            one(service, name, urllib.parse.urlencode(
                {r.choice(members): r.choice(TEXTS) for _ in range(r.randrange(1, 6))}, errors="surrogatepass"))
            for service, name in offered for _ in range(5 * ROUNDS)))
        throw(sim, "filters", (
            one("ec2", name, urllib.parse.urlencode(
                {"Filter.1.Name": r.choice(["vpc-id", "tag-key", "tag:" + r.choice(TEXTS), "state", "key"]),
                 "Filter.1.Value.1": r.choice(TEXTS), "Filter.1.Value.2": r.choice(TEXTS)}, errors="surrogatepass"))
            for service, name in offered if service == "ec2" and name.startswith("Describe")
            for _ in range(4 * ROUNDS)))


@test
def paths_methods_and_admin():
    paths = ["/", "//", "/.", "/..", "/%", "/%zz", "/%00", "/tags", "/tags/", "/tags/%", "/tags/%2", "/tags/%00",
             "/tags/" + "a" * 30000, "/tags/arn%3Aaws%3Adrs", "/tags/x?tagKeys", "/tags/x?tagKeys=%zz&tagKeys=%",
             "/tags/x?" + "tagKeys=a&" * 3000, "/_sim", "/_sim/", "/_sim//", "/_sim/servers/", "/_sim/servers/////",
             "/_sim/servers/-/-/-", "/_sim/jobs/a/b/c/advance", "/_sim/calls?count=%zz&op=%", "/latest/", "/latest",
             "/latest/meta-data/iam/security-credentials/x", "/v2/credentials/", "/v2/credentials/%00", "/DescribeJobs?",
             "/2015-03-31/functions/x/invocations", "/" + "x" * 60000]
    with Sim() as sim:
        r = off(sim)
        throw(sim, "paths", (request(m, p, (), b) for p in paths for m, b in (
            ("GET", b""), ("POST", b"{}"), ("PUT", b"x"), ("DELETE", b""), ("PATCH", b"[]"), ("HEAD", b""),
            ("BREW", b""))))
        throw(sim, "the admin API", (
            request(r.choice(["POST", "PATCH"]), "/_sim/" + r.choice(LISTS), (), json.dumps(
                value(r) if r.random() < 0.2 else
                {r.choice(["id", "account", "region", "effect", "value", "match", "cidr", "vpc", "subnet", "servers",
                           "disks", "replication", "launch", "log", "versions", "seed", "speed", "jumpMs", "mode",
                           "drs", "tags", "trust", "expiresMs", "ip", "ips", "nextMs", "phase"]): value(r, 3)
                 for _ in range(r.randrange(5))}).encode())
            for _ in range(400 * ROUNDS)))
        sim.admin("state/reset", {})
        equal(len(client(sim, "drs").describe_source_servers()["items"]), 8)


HALF = {
    "accounts": [{"id": "111122223333"}], "keys": [{"secret": "x"}, {"secret": "x", "role": "nobody"}],
    "roles": [{"trust": []}, {"id": "r", "path": "x"}], "instanceProfiles": [{"id": "p"}],
    "regions": [{"region": "eu-west-1"}, {"region": "eu-west-2", "quotaJobs": 1}],
    "vpcs": [{"cidr": "10.0.0.0/16"}, {}], "subnets": [{"vpc": "vpc-00000000000000001"}],
    "securityGroups": [{"vpc": "vpc-00000000000000001"}], "networkInterfaces": [{"subnet": "subnet-00000000000000011"}],
    "addresses": [{}], "launchTemplates": [{}, {"name": "t", "versions": []}, {"versions": [{}]},
                                           {"versions": [{"number": 1, "data": 7}], "defaultVersion": 1}],
    "instances": [{}, {"state": "pending"}, {"state": "running", "nextMs": 1}],
    "servers": [{"replication": {}}, {"staging": {}}, {"launch": {}}, {"lastLaunch": {}}, {"disks": [{}]},
                {"recoveryInstance": "i-1"}, {"replication": {"next": "CONTINUOUS", "nextMs": 1}},
                {"snapshotDays": 10 ** 9}, {"launch": {"templateId": "lt-1"}}],
    "jobs": [{}, {"status": "PENDING", "nextMs": 1}, {"status": "STARTED", "nextMs": 1},
             {"servers": [{}], "status": "STARTED", "nextMs": 1},
             {"servers": [{"server": "s-0000000000000db01", "phase": 99, "nextMs": 1}], "type": "LAUNCH",
              "status": "STARTED", "nextMs": 1},
             {"servers": [{"server": "s-0000000000000db01", "phase": -1, "nextMs": 1}], "type": "LAUNCH",
              "status": "STARTED", "nextMs": 1},
             {"servers": [{"server": "s-0000000000000db01"}], "type": "LAUNCH", "status": "PENDING", "nextMs": 1},
             {"servers": [{"server": "s-0", "instance": "i-0"}], "type": "TERMINATE", "status": "PENDING", "nextMs": 1}],
    "recoveryInstances": [{}, {"server": "s-0000000000000db01"}, {"server": "x", "job": "y"}],
    "configurationTemplates": [{}, {"id": "rct-00000000000000001"}, {"id": "lct-00000000000000001", "body": []}],
    "clientTokens": [{}], "faults": [{"effect": "REPL"}, {"effect": "THR", "variant": "rate", "buckets": [{}]}],
    "calls": [{}], "estates": [{"servers": 2, "tiers": []}],
}


@test
def things_that_are_half_there():
    """A thing of which somebody said the least: it is refused, or everything can be done with it."""
    with Sim(speed=1) as sim:
        off(sim)
        reads = [(o["service"], o["name"]) for o in sim.admin("operations")["operations"]
                 if o["name"].startswith(("Describe", "List", "Get"))]
        servers = ["s-0000000000000db01", "s-0000000000000a001"]
        typed = ["Content-Type: application/x-www-form-urlencoded"]
        for name, things in HALF.items():
            for thing in things:
                raw(sim, request("POST", "/_sim/" + name, (), json.dumps(thing).encode()))
                for server in [s["id"] for s in sim.admin("servers")["servers"][-1:]] + servers[:1]:
                    body = json.dumps({"sourceServerID": server}).encode()
                    for op in ("GetLaunchConfiguration", "GetReplicationConfiguration", "DescribeRecoverySnapshots"):
                        raw(sim, request("POST", "/" + op, (), body))
                    raw(sim, request("POST", "/StartRecovery", (),
                                     json.dumps({"sourceServers": [{"sourceServerID": server}]}).encode()))
                sim.admin("clock", {"mode": "step"})
                sim.admin("clock/advance", {"seconds": 7200})
                for service, op in reads:
                    raw(sim, request("POST", "/" + op, (), b"{}") if service == "drs" else request(
                        "POST", "/", typed, b"Version=%s&Action=%s" % (VERSIONS[service].encode(), op.encode())))
                lives(sim, "%s %r" % (name, thing))
                raw(sim, request("POST", "/_sim/state/load", (), json.dumps(sim.admin("state/full")).encode()))
                sim.admin("state/reset", {})
                sim.admin("knobs", {"signature": "off"})


@test
def sizes_and_broken_connections():
    limit = 10 << 20
    with Sim() as sim:
        off(sim)
        equal(raw(sim, request("POST", "/DescribeJobs", (), b"{" + b" " * (limit - 2) + b"}")), 400,
              "JSON past the parser's limit")
        equal(raw(sim, request("POST", "/DescribeJobs", (), b" " * (limit + 1))), 413, "a body past the limit")
        equal(raw(sim, request("POST", "/DescribeJobs", (), b"[" + b"1," * (limit // 2 - 2) + b"1]")), 400,
              "five million numbers")
        equal(raw(sim, request("POST", "/", ["Content-Type: application/x-www-form-urlencoded"],
                               b"Version=2016-11-15&Action=DescribeVpcs&a=" + b"%41" * (limit // 3 - 100))), 400,
              "a long parameter")
        equal(raw(sim, request("GET", "/DescribeJobs", ["X-Long: " + "x" * (70 << 10)])), 431, "a long header")
        for part in (1, 20, 60):
            whole = request("POST", "/StartRecovery", (), b'{"sourceServers":[{"sourceServerID":"s-0"}]}')
            raw(sim, whole[:-part], close_early=True)
        for framing in ("Content-Length: 5\r\nContent-Length: 6", "Transfer-Encoding: chunked\r\nContent-Length: 3",
                        "Content-Length: -1", "Content-Length: 99999999999999999999"):
            equal(raw(sim, ("POST /DescribeJobs HTTP/1.1\r\nHost: h\r\n%s\r\n\r\n{}x" % framing).encode()) in
                  (0, 400, 413), True, framing)
        equal(sim.calls("StartRecovery"), [], "a request that broke off")
        lives(sim, "broken connections")


if __name__ == "__main__":
    run()
