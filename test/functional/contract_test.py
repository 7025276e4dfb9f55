"""Parameters and bodies are checked before they are mapped, and mapped before the backend sees them."""
import json

import pytest


def parameter(name, location="query", type="string", **more):
    return {"name": name, "location": location, "type": type, **more}


def json_body(schema, required=True):
    return {"required": required, "content": {"application/json": {"schema": schema}}}


JSON = {"Content-Type": "application/json"}
PET = {"type": "object", "required": ["name"], "additionalProperties": False,
       "properties": {"name": {"type": "string", "minLength": 1}, "age": {"type": "integer", "minimum": 0}}}


def test_r32_thirty_parameters_are_accepted_and_the_31st_is_not(management, build):
    many = [parameter(f"p{number}") for number in range(31)]
    build.service(build.api(parameters=many[:30]))
    answer = management.call("POST", "services", {"name": build.unique(), "apis": [build.api(parameters=many)]})
    assert (answer.status, answer.json()["code"]) == (400, "field.invalid")
    assert "30" in answer.text


def test_all_faults_of_a_request_come_at_once_with_their_places(gateway, build):
    _, base = build.published(build.api("POST", "/pets/{id}", parameters=[
        parameter("id", "path", "integer", required=True), parameter("limit", type="integer", schema={"type": "integer", "maximum": 9}),
        parameter("X-Trace", "header", required=True)], body=json_body(PET)))
    answer = gateway.call("POST", base + "/pets/seven?limit=10", JSON, b'{"name": "", "age": -1, "extra": 1}')
    problem = answer.json()
    assert (answer.status, problem["code"]) == (400, "request.invalid")
    places = {fault["pointer"] for fault in problem["errors"]}
    assert {"/path/id", "/query/limit", "/body/name", "/body/age"} <= places
    assert any(place.lower() == "/header/x-trace" for place in places)
    assert len(problem["errors"]) == 6


@pytest.mark.parametrize("body,type,status,code", [
    (b'{"name": "Mia"}', "application/json", 200, None),
    (b'{"name": "Mia"}', "application/json; charset=utf-8", 200, None),
    (b'{"name": "Mia"', "application/json", 400, "request.invalid"),
    (b'{"name": "Mia", "name": "Rex"}', "application/json", 400, "request.invalid"),
    (b"", "application/json", 400, "request.invalid"),
    (b"name=Mia", "application/x-www-form-urlencoded", 415, "request.unsupported_type"),
    (b'{"name": "Mia"}', "text/plain", 415, "request.unsupported_type")])
def test_bodies_are_held_to_the_contract(gateway, build, body, type, status, code):
    _, base = build.published(build.api("POST", "/pets", body=json_body(PET)))
    answer = gateway.call("POST", base + "/pets", {"Content-Type": type}, body)
    assert answer.status == status, answer
    if code:
        assert answer.json()["code"] == code


def test_what_is_refused_never_reaches_the_backend(gateway, build, recorder):
    _, base = build.published(build.api("POST", "/pets", body=json_body(PET), backend=build.http(recorder.url)))
    assert gateway.call("POST", base + "/pets", JSON, b"{}").status == 400
    assert recorder.requests == []
    assert gateway.call("POST", base + "/pets", JSON, b'{"name": "Mia"}').status == 200
    assert len(recorder.requests) == 1


def test_r35_the_backends_method_and_path_are_its_own(gateway, build, recorder):
    _, base = build.published(build.api("GET", "/pets/{id}", parameters=[parameter("id", "path", required=True)],
                                        backend=build.http(recorder.url, method="POST", path="/v2/animals/{id}/show")))
    assert gateway.call("GET", base + "/pets/7?x=1").status == 200
    assert (recorder.last["method"], recorder.last["path"]) == ("POST", "/v2/animals/7/show")


def test_r36_rows_move_parameters_between_path_query_header_and_body(gateway, build, recorder):
    def row(to_location, to_name, **source):
        return {"to": {"location": to_location, "name": to_name}, "from": source}

    def of(location, name):
        return {"parameter": {"location": location, "name": name}}

    _, base = build.published(build.api(
        "POST", "/pets/{id}",
        parameters=[parameter("id", "path", required=True), parameter("kind"), parameter("X-Trace", "header")],
        body=json_body({"type": "object", "properties": {"name": {"type": "string"}}}),
        backend=build.http(recorder.url, path="/animals/{kind}"),
        mapping={"rows": [row("path", "kind", **of("query", "kind")), row("query", "number", **of("path", "id")),
                          row("body", "trace.id", **of("header", "X-Trace")), row("header", "X-Name", **of("body", "name")),
                          row("query", "from", constant="shop"), row("header", "X-Caller-Address", system="client_ip")]}))
    answer = gateway.call("POST", base + "/pets/7?kind=cat", {**JSON, "X-Trace": "t-1"}, b'{"name": "Mia"}')
    assert answer.status == 200, answer
    seen = recorder.last
    headers = dict(seen["headers"])
    assert seen["path"] == "/animals/cat"
    assert {("number", "7"), ("from", "shop")} <= {tuple(pair) for pair in seen["query"]}
    assert json.loads(seen["body"])["trace"] == {"id": "t-1"}
    assert (headers["x-name"], headers["x-caller-address"]) == ("Mia", "127.0.0.1")


def test_hop_by_hop_fields_stay_on_their_hop(gateway, build, recorder):
    recorder.answer = lambda seen: (200, {"Connection": "X-Inner", "X-Inner": "1", "Keep-Alive": "timeout=5", "X-End": "2"}, b"{}")
    _, base = build.published(build.api(backend=build.http(recorder.url)))
    answer = gateway.call("GET", base + "/hello", {"Connection": "X-Mine", "X-Mine": "1", "TE": "trailers", "X-Kept": "yes",
                                                   "Proxy-Authorization": "Basic x", "Upgrade": "h2c"})
    assert answer.status == 200
    sent = dict(recorder.last["headers"])
    assert sent["x-kept"] == "yes"
    assert not {"x-mine", "te", "proxy-authorization", "upgrade", "keep-alive"} & set(sent)
    assert (answer.header("X-End"), answer.header("X-Inner"), answer.header("Keep-Alive")) == ("2", None, None)


def test_r34_a_slow_backend_gives_a_timeout_after_its_time(gateway, build, recorder):
    import time

    def slow(_):
        time.sleep(3)
        return 200, {}, b"{}"

    recorder.answer = slow
    _, base = build.published(build.api(backend=build.http(recorder.url, timeout_ms=300)))
    answer = gateway.call("GET", base + "/hello")
    assert (answer.status, answer.json()["code"]) == (504, "backend.timeout")


def test_a_backend_that_is_not_there_is_said_so(gateway, build):
    import rig
    _, base = build.published(build.api(path="/refused", backend=build.http(f"http://127.0.0.1:{rig.free_port()}")),
                              build.api(path="/unknown", backend=build.http("http://no-such-host.invalid")))
    refused = gateway.call("GET", base + "/refused")
    assert (refused.status, refused.json()["code"]) == (502, "backend.connect")
    unknown = gateway.call("GET", base + "/unknown")
    assert (unknown.status, unknown.json()["code"]) == (502, "backend.resolve")


def test_lintels_own_addresses_are_no_backend(gateway, build):
    _, base = build.published(build.api(path="/admin", backend=build.http(f"http://{gateway.admin_address}")),
                              build.api(path="/self", backend=build.http(f"http://{gateway.address}")),
                              build.api(path="/meta", backend=build.http("http://169.254.169.254")))
    for path in ("/admin", "/self", "/meta"):
        answer = gateway.call("GET", base + path)
        assert (answer.status, answer.json()["code"]) == (502, "backend.refused_address"), path
