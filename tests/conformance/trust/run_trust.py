#!/usr/bin/env python3
"""Whom `serve` trusts with TLS to AWS: AWS_CA_BUNDLE, the profile's ca_bundle, or the system's. STS is a TLS server of
a certificate that no authority has signed."""
import http.server
import json
import pathlib
import re
import ssl
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import BUILD, ROOT, Rig, Tap, wait_for  # noqa: E402

ANSWER = ("<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
          "<Arn>arn:aws:iam::123456789012:user/hub</Arn><UserId>AIDA</UserId><Account>123456789012</Account>"
          "</GetCallerIdentityResult></GetCallerIdentityResponse>").encode()


class Sts(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    asked = 0
    daemon_threads = True

    def handle_error(self, *_):  # a client that does not trust us
        pass


def start_sts(folder):
    pem = (ROOT / "tests/unit/net/tls_pem.h").read_text()
    for name in ("key", "certificate"):
        lines = re.search(rf'tls_test_{name}\[\] =((?:\s+".*\\n")+);', pem).group(1)
        (folder / name).write_text("\n".join(re.findall(r'"(.*)\\n"', lines)) + "\n")
    server = Quiet(("127.0.0.1", 0), Sts)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate", folder / "key")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main():
    tap = Tap()
    with Rig(ROOT / "sim/scenarios/three-tier.json") as rig:
        sts = start_sts(rig.folder)
        certificate = str(rig.folder / "certificate")
        config = rig.folder / "config"
        config.write_text(f"[profile theirs]\nca_bundle = {certificate}\n")
        env = {"AWS_ENDPOINT_URL_STS": f"https://127.0.0.1:{sts.server_address[1]}", "DRWAVE_LOG_LEVEL": "debug",
               "DRWAVE_LOG_FORMAT": "json"}

        def calls(env, enough):
            """The log's calls of STS, once there is one that is good enough."""
            serve = rig.serve(env=env)
            log = sorted(rig.folder.glob("drwave-[0-9]*.log"), key=lambda p: int(p.stem.split("-")[1]))[-1]

            def seen():
                lines = [json.loads(line) for line in log.read_text().splitlines() if line.endswith("}")]
                found = [r for r in lines if r["event"] == "aws.call" and r["op"] == "GetCallerIdentity"]
                return found if any(map(enough, found)) else None
            try:
                return wait_for(seen, "STS to be called")
            finally:
                assert serve.stop() == 0

        def succeeds(more):
            before = sts.asked
            calls({**env, **more}, lambda r: r["status"] == 200)
            assert sts.asked > before

        def an_authority_of_nobody_is_not_trusted():
            found = calls(env, lambda r: r["status"] == 0)
            assert all(r["code"] == "Connection" for r in found) and sts.asked == 0, (found, sts.asked)

        def a_bundle_that_cannot_be_read_is_refused_at_the_start():
            done = subprocess.run([BUILD / "drwave", "serve", "--data", rig.folder / "never", "--listen",
                                   "127.0.0.1:0"], env={**Rig.clean_env(), "AWS_CA_BUNDLE": "/not/there"},
                                  capture_output=True, text=True, timeout=60)
            assert done.returncode == 1 and "AWS_CA_BUNDLE" in done.stderr and "/not/there" in done.stderr, done

        tap.case("an authority of nobody is not trusted", an_authority_of_nobody_is_not_trusted)
        tap.case("AWS_CA_BUNDLE is trusted", lambda: succeeds({"AWS_CA_BUNDLE": certificate}))
        tap.case("the profile's ca_bundle is trusted",
                 lambda: succeeds({"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "theirs"}))
        tap.case("a bundle that cannot be read is refused at the start",
                 a_bundle_that_cannot_be_read_is_refused_at_the_start)
        sts.shutdown()
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
