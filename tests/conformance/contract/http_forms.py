"""What HTTP itself wants of REST (contract 1, 2), and an API Gateway event through a function's name."""
import gzip
import http.client
import json
import urllib.parse

from calls import DATA, EXECUTION
from expect import ABSENT, check


def send(world, method, path, body=None, **headers):
    """(status, headers, parsed body or None) of one request, sent as given."""
    url = urllib.parse.urlsplit(world.serve.url)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
    connection.request(method, world.fill(path), body=body, headers={
        "Authorization": "Bearer " + world.serve.client["token"], **{k.replace("_", "-"): v for k, v in headers.items()}})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, answer.headers, json.loads(text) if text else None


def a_wrong_method_names_the_right_ones(world):
    for path, method, right in (("/protection-groups", "DELETE", {"GET", "POST"}),
                                ("/protection-groups/$web", "POST", {"GET", "PUT", "DELETE"}),
                                ("/recovery-plans/$plan", "PATCH", {"GET", "PUT", "DELETE"}),
                                ("/executions/none", "DELETE", {"GET"}),
                                ("/drs/source-servers", "POST", {"GET"})):
        status, headers, body = send(world, method, path)
        assert (status, body["error"]) == (405, "METHOD_NOT_ALLOWED"), (path, status, body)
        assert right <= set(headers["Allow"].replace(" ", "").split(",")), (path, headers["Allow"])


def a_body_of_another_type_is_refused(world):
    status, _, body = send(world, "POST", "/protection-groups", b"name=x", Content_Type="application/x-www-form-urlencoded")
    assert status == 415 and body["error"] and body["message"], (status, body)


def a_packed_body_is_refused(world):
    packed = gzip.compress(b'{"name": "x"}')
    for coding in ("gzip", "br", "identity, gzip"):
        status, headers, body = send(world, "POST", "/protection-groups", packed, Content_Type="application/json",
                                     Content_Encoding=coding)
        assert (status, body["error"]) == (415, "UNSUPPORTED_MEDIA_TYPE") and coding in body["message"], (status, body)
        assert headers["Accept-Encoding"] == "identity", headers
    status, _, body = send(world, "POST", "/protection-groups", b"{}", Content_Type="application/json",
                           Content_Encoding="identity")
    assert (status, body["error"]) == (400, "MISSING_PARAMETER"), (status, body)


def json_by_its_other_names_is_json(world):
    for kind in ("application/json; charset=utf-8", "application/vnd.api+json"):
        status, _, body = send(world, "POST", "/protection-groups", b"{}", Content_Type=kind)
        assert (status, body["error"]) == (400, "MISSING_PARAMETER"), (kind, status, body)


def too_large_a_body_is_refused(world):
    status, _, body = send(world, "POST", "/protection-groups", b" " * (6 * 1024 * 1024 + 1),
                           Content_Type="application/json")
    assert status == 413 and body["error"], (status, body)


def a_body_that_is_no_json_is_refused(world):
    for text in (b"{", b"[]", b'"x"', b'{"name": "a", "name": "b"}', b"\xff"):
        status, _, body = send(world, "POST", "/protection-groups", text, Content_Type="application/json")
        assert (status, body["error"]) == (400, "INVALID_PARAMETER"), (text, status, body)


def an_answer_is_json_that_nobody_keeps(world):
    status, headers, _ = send(world, "GET", "/protection-groups")
    assert status == 200 and headers["Content-Type"].startswith("application/json"), headers
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store", headers


def only_health_and_a_preflight_are_open(world):
    for method, path, wanted in (("GET", "/health", 200), ("OPTIONS", "/protection-groups", 204),
                                 ("GET", "/executions", 401), ("POST", "/recovery-plans", 401),
                                 ("GET", "/nothing", 401)):
        status, headers, body = send(world, method, path, Authorization="")
        assert status == wanted, (method, path, status, body)
        if status == 401:
            assert body["error"] == "UNAUTHENTICATED" and headers["WWW-Authenticate"], body


def a_proxy_event_is_rest(world):
    event = {"requestContext": {"authorizer": {}}, "httpMethod": "GET", "path": "/protection-groups/$web",
             "headers": {}, "queryStringParameters": None, "body": None}
    for function in (DATA, "x-data-management-handler"):
        answer = world.invoke(function, event)
        check({"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": str, "error": ABSENT}, answer)
        assert json.loads(answer["body"])["groupId"] == world.names["$web"], answer
    event |= {"httpMethod": "POST", "path": "/protection-groups", "body": '{"groupName": "x"}'}
    answer = world.invoke(DATA, event)
    assert answer["statusCode"] == 400 and json.loads(answer["body"])["error"] == "MISSING_PARAMETER", answer
    event |= {"httpMethod": "POST", "path": "/protection-groups/$web"}
    answer = world.invoke(DATA, event)
    assert answer["statusCode"] == 405 and "GET" in answer["headers"]["Allow"], answer


def no_get_changes_anything(world):
    """Every route of GET in the description belongs to an operation that reads."""
    _, document = world.rest("GET", "/openapi.json")
    reads = [o["get"]["operationId"] for o in document["paths"].values() if "get" in o]
    assert reads and all(name.startswith(("get_", "list_", "export_", "verify_")) or name == "health"
                         for name in reads), reads


def a_function_says_what_schedule_it_takes(world):
    answer = world.invoke(EXECUTION, {"source": "aws.events", "detail": {"x": 1}})
    check({"statusCode": 400, "body": {"error": "INVALID_INVOCATION"}}, answer)


def a_function_can_be_pinned_to_a_dialect(world):
    serve = world.rig.serve(env={"DRWAVE_DIALECT_QUERY": "event", "DRWAVE_DIALECT_DATA_MANAGEMENT": "api"})
    event = {"operation": "list_protection_groups"}
    check({"statusCode": 200, "body": {"count": 0}}, serve.invoke("any-query-handler-test", event))
    check({"count": 0, "statusCode": ABSENT}, serve.invoke(DATA, event))
    check({"statusCode": 200}, serve.invoke(EXECUTION, {"operation": "list_executions"}))
    assert serve.stop() == 0


FORMS = [f for n, f in list(globals().items())
         if callable(f) and getattr(f, "__module__", "") == __name__ and n != "send"]
