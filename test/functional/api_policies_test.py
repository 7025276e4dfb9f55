"""The policies of one API beside those of its service: set in the draft, in force by publish, seen in the log."""
import concurrent.futures
import json
import time
import uuid

import pytest
from rig import basic


def use(kind, **config):
    return {"kind": kind, "config": config}


def stamped(nonce=None, seconds=None):
    return {"X-Ca-Nonce": nonce or str(uuid.uuid4()), "X-Ca-Timestamp": str(seconds if seconds is not None else int(time.time()))}


def refused(gateway, answer, status, code, phase):
    """The answer is a refusal, and the trace of the call says which phase refused it."""
    assert (answer.status, answer.json()["code"]) == (status, code), answer
    entry = gateway.logged(answer)
    assert (entry["code"], entry["phase"]) == (code, phase), entry


def test_r25_policies_are_edited_in_the_draft_and_published_with_it(gateway, management, build):
    service, base = build.published(build.api())
    management.post(f"services/{service['id']}/draft", {})
    api = management.get(f"services/{service['id']}/apis")["items"][0]
    management.patch(f"services/{service['id']}/apis/{api['id']}",
                     {"policies": [use("ip_access", mode="block", addresses=["127.0.0.1"])]})
    assert gateway.call("GET", base + "/hello").status == 200
    management.publish(service)
    refused(gateway, gateway.call("GET", base + "/hello"), 403, "access.ip_denied", "access")


def test_r4_an_address_list_of_an_api_holds_for_that_api_and_beside_the_services(gateway, build):
    closed = use("ip_access", mode="block", addresses=["127.0.0.1"])
    _, base = build.published(build.api(), build.api(path="/closed", policies=[closed]))
    assert gateway.call("GET", base + "/hello").status == 200
    assert gateway.call("GET", base + "/closed").status == 403
    _, base = build.published(build.api(policies=[use("ip_access", mode="allow", addresses=["127.0.0.1"])]), policies=[closed])
    assert gateway.call("GET", base + "/hello").status == 403


@pytest.mark.parametrize("policy,place", [
    (use("ip_access", mode="allow", addresses=["10.0.0.1/33"]), "addresses/0"),
    (use("rate_limit", per_caller={"limit": 0, "unit": "day"}), "per_caller/limit"),
    (use("rate_limit"), "limit"), (use("body_size", max_bytes=-1), "max_bytes"), (use("anti_replay", window_s=5), "window_s"),
    (use("circuit_breaker", statuses=["700"]), "statuses/0"),
    (use("circuit_breaker", answer={"status": 204, "body": "x"}), "answer/body")])
def test_a_policy_that_cannot_hold_is_refused_with_its_place(management, build, policy, place):
    service = build.service(build.api())
    answer = management.call("POST", f"services/{service['id']}/apis", build.api(path="/other", policies=[policy]))
    assert (answer.status, answer.json()["code"]) == (400, "field.invalid")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/policies/0/config/" + place]


def test_r4_limits_of_an_api_of_its_callers_and_of_addresses(gateway, management, build):
    service, base = build.published(
        build.api(path="/all", policies=[use("rate_limit", limit=3, unit="day")]),
        build.api(path="/each", auth="basic", policies=[use("rate_limit", per_caller={"limit": 2, "unit": "day"})]),
        build.api(path="/from", policies=[use("rate_limit", per_address={"limit": 2, "unit": "hour"})]), build.api())
    pairs = [management.create_credential(service, name)["key_pairs"]["basic"] for name in ("ada", "bob")]
    assert [gateway.call("GET", base + "/all").status for _ in range(4)] == [200, 200, 200, 429]
    for pair in pairs:
        assert [gateway.call("GET", base + "/each", basic(pair)).status for _ in range(3)] == [200, 200, 429]
    assert [gateway.call("GET", base + "/from").status for _ in range(3)] == [200, 200, 429]
    assert gateway.call("GET", base + "/hello").status == 200
    refused(gateway, gateway.call("GET", base + "/all"), 429, "limit.rate", "limit")
    refused(gateway, gateway.call("GET", base + "/each", basic(pairs[0])), 429, "limit.caller_rate", "limit")
    answer = gateway.call("GET", base + "/from")
    refused(gateway, answer, 429, "limit.address_rate", "limit")
    assert 1 <= int(answer.header("Retry-After")) <= 3600
    assert (answer.header("X-RateLimit-Limit"), answer.header("X-RateLimit-Remaining")) == ("2", "0")


def test_r24_the_limit_of_each_caller_is_exact_over_all_workers(gateway, management, build):
    service = build.service(build.api(auth="basic"))
    credentials = [management.create_credential(service, name) for name in ("ada", "bob")]
    api = management.get(f"services/{service['id']}/apis")["items"][0]
    management.patch(f"services/{service['id']}/apis/{api['id']}", {"policies": [use("rate_limit", per_caller={
        "limit": 20, "unit": "day", "special": [{"credential": credentials[1]["id"], "limit": 5}]})]})
    management.publish(service)
    headers = [basic(credential["key_pairs"]["basic"]) for credential in credentials]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda turn: gateway.call("GET", f"/release/{service['code']}/hello", headers[turn % 2]).status,
                                 range(80)))
    assert [statuses[0::2].count(200), statuses[1::2].count(200)] == [20, 5]


def test_a_body_beyond_the_apis_limit_is_refused_before_credentials_are_looked_at(gateway, build, recorder):
    _, base = build.published(build.api("POST", "/small", auth="basic", policies=[use("body_size", max_bytes=10)]),
                              build.api("POST", "/open", backend=build.http(recorder.url),
                                        policies=[use("body_size", max_bytes=10)]))
    refused(gateway, gateway.call("POST", base + "/small", body=b"x" * 11), 413, "request.body_too_large", "access")
    assert gateway.call("POST", base + "/small", body=b"x" * 10).status == 401
    assert gateway.call("POST", base + "/open", body=b"x" * 10).status == 200

    def chunked(body):
        size = f"{len(body):x}\r\n".encode()
        return gateway.call("POST", base + "/open", {"Transfer-Encoding": "chunked"}, size + body + b"\r\n0\r\n\r\n")
    assert chunked(b"x" * 10).status == 200
    answer = chunked(b"x" * 11)
    assert (answer.status, answer.json()["code"]) == (413, "request.body_too_large")
    assert len(recorder.requests) == 2 or len(recorder.last["body"]) <= 10


def test_a_request_is_admitted_once(gateway, build):
    _, base = build.published(build.api(policies=[use("anti_replay", window_s=300)]))
    once = stamped()
    assert gateway.call("GET", base + "/hello", once).status == 200
    refused(gateway, gateway.call("GET", base + "/hello", once), 403, "replay.repeated", "authorize")
    retimed = stamped(once["X-Ca-Nonce"], int(once["X-Ca-Timestamp"]) - 100)
    refused(gateway, gateway.call("GET", base + "/hello", retimed), 403, "replay.repeated", "authorize")
    assert gateway.call("GET", base + "/hello", stamped()).status == 200
    refused(gateway, gateway.call("GET", base + "/hello"), 403, "replay.unmarked", "authorize")
    old = stamped(seconds=int(time.time()) - 3600)
    refused(gateway, gateway.call("GET", base + "/hello", old), 403, "replay.outside_window", "authorize")


def test_of_racing_copies_exactly_one_is_admitted(gateway, build):
    _, base = build.published(build.api(policies=[use("anti_replay")]))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            once = stamped()
            statuses = list(pool.map(lambda _: gateway.call("GET", base + "/hello", once).status, range(8)))
            assert sorted(statuses) == [200] + [403] * 7


def test_a_nonce_belongs_to_its_caller_and_outlives_a_publish(gateway, management, build):
    service, base = build.published(build.api(auth="basic", policies=[use("anti_replay")]))
    ada, bob = (basic(management.create_credential(service, name)["key_pairs"]["basic"]) for name in ("ada", "bob"))
    once = stamped()
    assert gateway.call("GET", base + "/hello", {**ada, **once}).status == 200
    assert gateway.call("GET", base + "/hello", {**bob, **once}).status == 200
    assert gateway.call("GET", base + "/hello", once).status == 401, "who proves nothing learns nothing about nonces"
    management.post(f"services/{service['id']}/draft", {})
    management.publish(service)
    assert gateway.call("GET", base + "/hello", {**ada, **once}).json()["code"] == "replay.repeated"


@pytest.mark.parametrize("through", ["url", "upstream"])
def test_an_api_that_fails_is_left_alone_and_answers_itself(gateway, management, build, recorder, through):
    recorder.answer = lambda seen: (500, {}, b"broken")
    backend = build.http(recorder.url)
    if through == "upstream":
        name = build.unique("pool")
        management.post("upstreams", {"name": name, "servers": [{"address": f"127.0.0.1:{recorder.port}"}]})
        backend = {"kind": "http", "config": {"upstream": name}}
    spare = {"status": 200, "headers": {"X-Kind": "spare"}, "body": '{"items": []}'}
    _, base = build.published(
        build.api(backend=backend, policies=[use("circuit_breaker", failures=3, answer=spare)]),
        build.api(path="/plain", backend=backend, policies=[use("circuit_breaker", failures=1)]))
    assert [gateway.call("GET", base + "/hello").status for _ in range(3)] == [500] * 3
    asked = len(recorder.requests)
    answer = gateway.call("GET", base + "/hello")
    assert (answer.status, answer.text, answer.header("X-Kind")) == (200, spare["body"], "spare")
    assert int(answer.header("Retry-After")) >= 1
    entry = gateway.logged(answer)
    assert (entry["code"], entry["phase"], entry["status"]) == ("breaker.open", "backend", 200)
    assert len(recorder.requests) == asked
    assert gateway.call("GET", base + "/plain").status == 500
    refused(gateway, gateway.call("GET", base + "/plain"), 503, "breaker.open", "backend")


def test_a_slow_answer_is_a_failure_and_good_trials_close_the_breaker(gateway, build, recorder):
    def slow(seen):
        time.sleep(0.2)
        return 200, {}, b"late"
    recorder.answer = slow
    _, base = build.published(build.api(backend=build.http(recorder.url), policies=[
        use("circuit_breaker", failures=1, slow_ms=50, open_ms=100, trials=1)]))
    assert gateway.call("GET", base + "/hello").text == "late"
    assert gateway.call("GET", base + "/hello").status in (503, 200)
    recorder.answer = None
    deadline = time.monotonic() + 10
    while gateway.call("GET", base + "/hello").status != 200:
        assert time.monotonic() < deadline
    assert [gateway.call("GET", base + "/hello").status for _ in range(3)] == [200] * 3


def test_the_circuit_breaker_belongs_to_an_api(management, build):
    answer = management.call("POST", "services", {"name": build.unique(), "apis": [build.api()],
                                                  "policies": [use("circuit_breaker")]})
    assert (answer.status, answer.json()["errors"][0]["pointer"]) == (400, "/policies/0/config")


def test_r38_error_codes_with_conversion_are_answered_converted(gateway, management, build, recorder):
    def rows(**more):
        return {"error_codes": [{"code": "404", "message": "No such pet", "converted_code": "410", "convert": True},
                                {"code": "500", "message": "Kept", "converted_code": "503", "convert": False}], **more}
    service, base = build.published(build.api(backend=build.http(recorder.url), responses=rows(type="json")))
    for backend, status, text in ((404, 410, None), (500, 500, "mine"), (200, 200, "mine")):
        recorder.answer = lambda seen, backend=backend: (backend, {"X-Own": "yes"}, b"mine")
        answer = gateway.call("GET", base + "/hello")
        assert answer.status == status
        if text:
            assert answer.text == text
        else:
            assert answer.json() == {"code": "410", "message": "No such pet"}
            assert answer.header("X-Own") is None
            assert gateway.logged(answer)["backend_status"] == 404
    for broken in ({"code": "", "convert": True, "converted_code": "410"}, {"code": "404", "convert": True}):
        answer = management.call("POST", "services", {"name": build.unique(), "apis": [
            build.api(responses={"error_codes": [broken]})]})
        assert answer.status == 400
        assert answer.json()["errors"][0]["pointer"].startswith("/apis/0/responses/error_codes/0/")


def test_r38_codes_in_json_answers_are_converted_too(gateway, build, recorder):
    rows = [{"code": "E1", "message": "Sold", "converted_code": "409", "convert": True},
            {"code": "1002", "message": "Own words", "converted_code": "E-2", "convert": True},
            {"code": "E3", "message": "Kept", "converted_code": "500", "convert": False}]
    base = build.published(build.api(backend=build.http(recorder.url), responses={"error_codes": rows}))[1]

    def call(body, content_type="application/json", **more):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        recorder.answer = lambda _seen: (200, {"Content-Type": content_type, **more}, body)
        answer = gateway.call("GET", base + "/hello")
        return answer.status, (None if answer.body == body else answer.json())

    assert call({"code": "E1", "data": None}) == (409, {"code": "409", "message": "Sold"})
    assert call({"code": 1002}, "application/problem+json; charset=utf-8") == (200, {"code": "E-2", "message": "Own words"})
    padding = "x" * (64 << 10)
    for kept in ({"code": "E3"}, {"code": "E9"}, {"code": ["E1"]}, ["E1"], {}, b'{"code": "E1"', b"", {"code": "E1", "more": padding}):
        assert call(kept) == (200, None), kept
    assert call({"code": "E1"}, "text/plain") == (200, None)
    assert call({"code": "E1"}, **{"Content-Encoding": "br"}) == (200, None)

    def call_in_chunks(body):
        whole = json.dumps(body).encode()
        pieces = [whole[at:at + 30_000] for at in range(0, len(whole), 30_000)]
        recorder.answer = lambda _seen: (200, {"Content-Type": "application/json", "Transfer-Encoding": "chunked"},
                                         b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""]))
        answer = gateway.call("GET", base + "/hello")
        return answer.status, (None if answer.body == whole else answer.json())

    assert call_in_chunks({"more": padding[:50_000], "code": "E1"}) == (409, {"code": "409", "message": "Sold"})
    assert call_in_chunks({"code": "E1", "more": padding * 2}) == (200, None), "too long to be looked at"


VALUES = {"path": "p-value", "query": "q-value", "header": "h-value", "body": "b-value"}


@pytest.mark.parametrize("to", ["path", "query", "header", "body"])
@pytest.mark.parametrize("source", ["path", "query", "header", "body"])
def test_r36_every_place_maps_to_every_place(gateway, build, recorder, source, to):
    parameters = [{"name": "in", "location": source, "type": "string", "required": True}]
    mapping = {"only_mapped": True, "rows": [
        {"to": {"location": to, "name": "out"}, "from": {"parameter": {"location": source, "name": "in"}}}]}
    path = "/from/{in}" if source == "path" else "/from"
    target = "/to/{out}" if to == "path" else "/to"
    _, base = build.published(build.api("POST", path, parameters=parameters, mapping=mapping,
                                        backend=build.http(recorder.url, path=target)))
    value = VALUES[source]
    headers, body, query, called = {}, None, "", base + "/from"
    if source == "path":
        called += "/" + value
    elif source == "query":
        query = "?in=" + value
    elif source == "header":
        headers["in"] = value
    else:
        headers, body = {"Content-Type": "application/json"}, b'{"in": "' + value.encode() + b'"}'
    assert gateway.call("POST", called + query, headers, body).status == 200
    seen = recorder.last
    got = {"path": seen["path"].removeprefix("/to/"), "query": dict(seen["query"]).get("out"),
           "header": dict(seen["headers"]).get("out")}
    if to == "body":
        assert value in seen["body"] and "out" in seen["body"]
    else:
        assert got[to] == value, seen
