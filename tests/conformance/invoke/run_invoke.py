#!/usr/bin/env python3
"""The ways in, by real clients: boto3 and the AWS CLI against the Lambda Invoke API, plain HTTP against REST."""
import base64
import json
import os
import pathlib
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import ROOT, Rig, Tap, request  # noqa: E402

import boto3  # noqa: E402
import botocore.config  # noqa: E402
import botocore.exceptions  # noqa: E402

EVENT = {"operation": "list_protection_groups"}
ARN = "arn:aws:lambda:us-east-1:123456789012:function:"


def client_of(serve, **credentials):
    key = serve.client
    pair = {"aws_access_key_id": key["accessKeyId"], "aws_secret_access_key": key["secretAccessKey"], **credentials}
    return boto3.client("lambda", region_name="us-east-1", endpoint_url=serve.url,
                        config=botocore.config.Config(retries={"max_attempts": 0}), **pair)


def payload(answer):
    return json.loads(answer["Payload"].read())


class Checks:
    def __init__(self, serve):
        self.serve, self.client = serve, client_of(serve)

    def invoke(self, name="data-management-handler", event=None, **more):
        return self.client.invoke(FunctionName=name, Payload=json.dumps(event or EVENT), **more)

    def refused(self, error, **call):
        try:
            self.invoke(**call)
        except botocore.exceptions.ClientError as got:
            assert got.response["Error"]["Code"] == error, got.response
            return got.response
        raise AssertionError(f"accepted; {error} was expected")

    # ---- the cases; a method's name is its title ----

    def a_request_is_answered_in_the_event_dialect(self):
        answer = self.invoke()
        assert answer["StatusCode"] == 200 and answer["ExecutedVersion"] == "$LATEST", answer
        assert "FunctionError" not in answer, answer
        assert payload(answer)["statusCode"] == 200

    def a_prefixed_name_answers_in_the_api_dialect(self):
        body = payload(self.invoke("aws-drs-orchestration-data-management-handler-test"))
        assert body["protectionGroups"] == [] and "statusCode" not in body, body

    def arns_partial_arns_and_qualifiers_name_the_same_function(self):
        for name in (ARN + "data-management-handler", ARN + "data-management-handler:live",
                     "123456789012:function:data-management-handler", "data-management-handler:7"):
            assert payload(self.invoke(name))["statusCode"] == 200, name
        assert payload(self.invoke(Qualifier="$LATEST"))["statusCode"] == 200

    def an_unknown_function_is_not_found(self):
        assert self.refused("ResourceNotFoundException", name="billing")["ResponseMetadata"]["HTTPStatusCode"] == 404

    def a_dry_run_changes_nothing(self):
        event = {"operation": "create_protection_group", "body": {"groupName": "dry", "region": "us-east-1",
                 "accountId": "123456789012", "serverSelectionTags": {"Tier": "db"}}}
        assert self.invoke(event=event, InvocationType="DryRun")["StatusCode"] == 204
        assert payload(self.invoke())["body"]["count"] == 0

    def an_asynchronous_request_is_accepted_and_done(self):
        event = {"operation": "create_protection_group", "body": {"groupName": "async", "region": "us-east-1",
                 "accountId": "123456789012", "serverSelectionTags": {"Tier": "db"}}}
        answer = self.invoke(event=event, InvocationType="Event")
        assert answer["StatusCode"] == 202 and answer["Payload"].read() == b"", answer
        groups = payload(self.invoke())["body"]["protectionGroups"]
        assert [g["groupName"] for g in groups] == ["async"], groups

    def the_tail_of_the_log_is_returned_on_request(self):
        answer = self.invoke(LogType="Tail")
        text = base64.b64decode(answer["LogResult"]).decode()
        assert "START RequestId: " + answer["ResponseMetadata"]["RequestId"] in text, text

    def a_payload_that_is_not_json_is_refused(self):
        try:
            self.client.invoke(FunctionName="query-handler", Payload=b"{not json")
        except botocore.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "InvalidRequestContentException", error.response
            return
        raise AssertionError("accepted")

    def a_payload_past_the_limit_is_refused_as_lambda_does(self):
        self.refused("RequestTooLargeException", event={"operation": "list_protection_groups", "pad": "x" * (7 << 20)})

    def an_operation_of_another_function_names_the_right_one(self):
        body = payload(self.invoke("query-handler", {"operation": "create_protection_group"}))["body"]
        assert "data-management-handler" in body["message"], body

    def an_event_of_no_known_form_is_an_invalid_invocation(self):
        body = payload(self.invoke(event={"hello": 1}))["body"]
        assert body["error"] == "INVALID_INVOCATION", body

    def a_wrong_secret_is_refused(self):
        self.client = client_of(self.serve, aws_secret_access_key="wrong")
        assert self.refused("InvalidSignatureException")["ResponseMetadata"]["HTTPStatusCode"] == 403

    def an_unknown_key_is_refused(self):
        self.client = client_of(self.serve, aws_access_key_id="AKIAUNKNOWN000000000")
        assert self.refused("UnrecognizedClientException")["ResponseMetadata"]["HTTPStatusCode"] == 403

    def a_qualifier_that_contradicts_the_name_is_refused(self):
        self.refused("InvalidParameterValueException", name=ARN + "query-handler:7", Qualifier="8")
        assert payload(self.invoke(ARN + "query-handler:live", Qualifier="live"))["statusCode"] == 200

    def the_aws_cli_invokes_as_documented(self):
        env = self.serve.profile_env()
        with tempfile.TemporaryDirectory() as work:
            done = subprocess.run(["aws", "lambda", "invoke", "--function-name", "query-handler", "--payload",
                                   '{"operation": "list_protection_groups"}', "response.json"], cwd=work, env=env,
                                  capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout)["StatusCode"] == 200, done.stdout
            assert json.loads((pathlib.Path(work) / "response.json").read_text())["statusCode"] == 200

    def rest_speaks_the_api_dialect_with_its_status(self):
        status, body = self.serve.rest("GET", "/protection-groups/pg-none")
        assert (status, body["error"]) == (404, "NOT_FOUND"), (status, body)

    def rest_without_a_credential_is_unauthenticated(self):
        status, body, headers = request(self.serve.url + "/protection-groups")
        assert (status, body["error"]) == (401, "UNAUTHENTICATED"), (status, body)
        assert headers["WWW-Authenticate"].startswith("Bearer"), headers

    def a_jwt_is_refused_in_words(self):
        part = base64.urlsafe_b64encode(b'{"alg":"RS256"}').decode().rstrip("=")
        status, body, _ = request(self.serve.url + "/protection-groups",
                                  headers={"Authorization": f"Bearer {part}.{part}.{part}"})
        assert status == 401 and "JSON web token" in body["message"], (status, body)
        status, body, headers = request(self.serve.url + "/2015-03-31/functions/query-handler/invocations", "POST",
                                        EVENT, {"Authorization": f"Bearer {part}.{part}.{part}"})
        assert status == 401 and "JSON web token" in body["message"], (status, body)
        assert headers["X-Amzn-ErrorType"] == "UnrecognizedClientException", dict(headers)

    def health_is_open_and_openapi_is_not(self):
        assert request(self.serve.url + "/health")[0] == 200
        assert request(self.serve.url + "/openapi.json")[0] == 401
        status, document = self.serve.rest("GET", "/openapi.json")
        assert status == 200 and document["openapi"].startswith("3."), document.get("openapi")

    def the_description_is_sound_openapi(self):
        document = self.serve.rest("GET", "/openapi.json")[1]
        names = []

        def resolve(node):
            while isinstance(node, dict) and "$ref" in node:
                found = document
                for part in node["$ref"].removeprefix("#/").split("/"):
                    found = found[part.replace("~1", "/").replace("~0", "~")]
                node = found
            return node

        def walk(node, where):
            if isinstance(node, dict):
                if isinstance(node.get("$ref"), str):
                    resolve(node)
                if isinstance(node.get("properties"), dict):
                    assert set(node.get("required", [])) <= set(node["properties"]), where
                for key, value in node.items():
                    walk(value, f"{where}/{key}")
            elif isinstance(node, list):
                for value in node:
                    walk(value, where)

        walk(document, "")
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                where = f"{method} {path}"
                assert method in ("get", "put", "post", "patch", "delete"), where
                names.append(operation["operationId"])
                assert operation["responses"], where
                for code, answer in operation["responses"].items():
                    assert re.fullmatch(r"[1-5]\d\d|default", code) and resolve(answer)["description"], where
                given = [resolve(p) for p in operation.get("parameters", [])]
                assert len({(p["in"], p["name"]) for p in given}) == len(given), where
                assert all("schema" in p for p in given), where
                in_path = [p for p in given if p["in"] == "path"]
                assert {p["name"] for p in in_path} == set(re.findall(r"{(.*?)}", path)), where
                assert all(p["required"] is True for p in in_path), where
        assert names and len(set(names)) == len(names), names

    def another_host_name_is_refused_on_loopback(self):
        status, body, _ = request(self.serve.url + "/health", headers={"Host": "evil.example"})
        assert status == 403, (status, body)

    def two_credentials_in_one_request_are_refused(self):
        token = self.serve.client["token"]
        head = f"GET /protection-groups HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        assert self.raw(head + "Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200")
        answer = self.raw(head + "Authorization: Bearer other\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 400") and b"ambiguous" in answer, answer

    def every_refusal_leaves_a_record_and_no_secret(self):
        bad = {"Authorization": "Bearer s3cret-guess"}
        good = {"Authorization": "Bearer " + self.serve.client["token"]}
        invocation = self.serve.url + "/2015-03-31/functions/{}/invocations"
        expected = {}
        for error, url, method, body, headers in (
                ("UNAUTHENTICATED", self.serve.url + "/protection-groups", "GET", None, {}),
                ("UNAUTHENTICATED", self.serve.url + "/executions/e-1?token=s3cret-guess", "GET", None, bad),
                ("UnrecognizedClientException", invocation.format("query-handler"), "POST", EVENT, bad),
                ("ResourceNotFoundException", invocation.format("billing"), "POST", EVENT, good),
                ("AUTHORIZATION_FAILED", self.serve.url + "/health", "GET", None, {"Host": "evil.example"}),
                ("NOT_FOUND", self.serve.url + "/nothing", "GET", None, good),
                ("METHOD_NOT_ALLOWED", self.serve.url + "/protection-groups", "DELETE", None, good)):
            expected[request(url, method, body, headers)[2]["x-amzn-RequestId"]] = error
        large = self.raw("POST /protection-groups HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n"
                         "Content-Length: 99999999\r\n\r\n").decode()
        assert large.startswith("HTTP/1.1 413"), large
        expected[large.split("x-amzn-RequestId: ")[1].split("\r\n")[0]] = "TOO_LARGE"
        request(self.serve.url + "/health")
        records = self.audit()
        assert {r["requestId"]: r["error"] for r in records} == expected, records
        assert all(r["outcome"] == "REFUSED" and r["peer"].startswith("127.0.0.1:") for r in records), records
        assert "s3cret-guess" not in json.dumps(records), records

    def a_flood_of_strangers_is_counted_and_not_written(self):
        where = self.serve.url.removeprefix("http://").split(":")
        with socket.create_connection((where[0], int(where[1])), timeout=60) as s:
            s.sendall(b"GET /protection-groups HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 2999
                      + b"GET /protection-groups HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            while s.recv(1 << 16):
                pass
        records = self.audit()
        lost = sum(r.get("auditRecordsLost", 0) for r in records)
        assert lost == sum(r.get("ofUnverifiedCallers", 0) for r in records), records
        assert lost + sum("error" in r for r in records) == 3000 and lost > 1000, (lost, len(records))

    def raw(self, text):
        where = self.serve.url.removeprefix("http://").split(":")
        with socket.create_connection((where[0], int(where[1])), timeout=60) as s:
            s.sendall(text.encode())
            return b"".join(iter(lambda: s.recv(1 << 16), b""))

    def audit(self):
        """The records of the database, once serve has ended."""
        assert self.serve.stop() == 0
        with sqlite3.connect(self.serve.data / "drwave.db") as db:
            return [json.loads(text) for (text,) in db.execute("SELECT record FROM audit ORDER BY segment, number")]

    def a_wrong_method_says_which_are_right(self):
        status, body, headers = request(self.serve.url + "/protection-groups", "DELETE", None,
                                        {"Authorization": "Bearer " + self.serve.client["token"]})
        assert status == 405 and "POST" in headers["Allow"], (status, body, headers["Allow"])


def main():
    tap = Tap()
    with Rig(ROOT / "sim/scenarios/three-tier.json") as rig:
        names = [n for n, f in vars(Checks).items() if callable(f) and not n.startswith("_")
                 and n not in ("invoke", "refused", "raw", "audit")]
        for name in names:
            def one(name=name):
                serve = rig.serve()
                try:
                    getattr(Checks(serve), name)()
                finally:
                    code = serve.stop()
                assert code == 0, f"serve ended with {code}"
            tap.case(name.replace("_", " "), one)
    return tap.finish()


if __name__ == "__main__":
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    sys.exit(main())
