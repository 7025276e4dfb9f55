"""Debug calls: an API is tried through the real pipeline before anybody else can call it."""
import base64
import threading

import pytest
import rig
from rig import refused

BINARY = bytes(range(256))


class Bench:
    """One service that is never published, and calls of its APIs."""

    def __init__(self, management, service):
        self.management, self.service = management, service
        self.path = f"services/{service['id']}/debug-calls"

    def api(self, name=None):
        apis = self.management.get(f"services/{self.service['id']}/apis")["items"]
        return next(api["id"] for api in apis if name in (None, api["name"]))

    def ask(self, name=None, **body):
        return self.management.call("POST", self.path, {"api": self.api(name), **body})

    def call(self, name=None, **body):
        answer = self.ask(name, **body)
        assert answer.status == 200, answer
        return answer.json()


@pytest.fixture
def bench(management, build):
    return lambda *apis, **definition: Bench(management, build.service(*apis, **definition))


def phase(answer, name):
    return next(phase for phase in answer["trace"]["phases"] if phase["name"] == name)


def test_r47_header_query_and_body_of_a_debug_call_reach_the_backend(gateway, bench, build, recorder):
    tried = bench(build.api("POST", "/pets/{id}", backend=build.http(recorder.url, path="/inner/{id}")))
    answer = tried.call(path="/pets/7", query="a=1&b=%20", headers=[{"name": "X-Mine", "value": "yes"}], body='{"a": 1}')
    seen = recorder.last
    assert (seen["method"], seen["path"], seen["query"], seen["body"]) == \
        ("POST", "/inner/7", [("a", "1"), ("b", " ")], '{"a": 1}')
    assert ["x-mine", "yes"] in seen["headers"]
    assert answer["target"] == f"/test/{tried.service['code']}/pets/7?a=1&b=%20"
    assert gateway.call("POST", answer["target"], body=b"{}").status == 404, "traffic sees nothing of the draft"


def test_r48_a_debug_call_shows_status_headers_and_body_of_the_backend(bench, build, recorder):
    recorder.answer = lambda seen: (418, {"X-Pot": "tea"}, b"short and stout")
    answer = bench(build.api(backend=build.http(recorder.url))).call()
    response = answer["response"]
    assert (response["status"], response["body"], response["body_encoding"], response["truncated"]) == \
        (418, "short and stout", "text", False)
    assert {"name": "X-Pot", "value": "tea"} in response["headers"]
    assert (answer["trace"]["outcome"], answer["trace"]["status"], phase(answer, "backend")["status"]) == ("answered", 418, 418)


def test_r48_bodies_of_any_bytes_and_any_length_are_shown(bench, build, recorder):
    tried = bench(build.api("POST", "/hello", backend=build.http(recorder.url)))
    recorder.answer = lambda seen: (200, {"Content-Type": "application/octet-stream"}, base64.b64decode(seen["body_base64"]))
    answer = tried.call(body=base64.b64encode(BINARY).decode(), body_encoding="base64")["response"]
    assert (answer["body_encoding"], base64.b64decode(answer["body"]), answer["body_bytes"]) == ("base64", BINARY, 256)
    recorder.answer = lambda seen: (200, {}, b"x" * (3 << 20))
    answer = tried.call()["response"]
    assert (answer["truncated"], answer["body_bytes"]) == (True, 2 << 20)


def test_every_phase_says_what_it_did_and_how_long_it_took(bench, build):
    answer = bench(build.api(path="/pets/{id}")).call(path="/pets/7")
    phases = answer["trace"]["phases"]
    assert [item["name"] for item in phases] == [
        "accept", "parse", "match", "access", "authenticate", "authorize", "limit", "validate", "transform", "backend",
        "transform_response", "send", "log"]
    assert all(item["about"] for item in phases)
    assert all(item["took_us"] >= 0 for item in phases if item["verdict"] == "pass")
    assert phase(answer, "match")["parameters"] == {"id": "7"}
    wrong = bench(build.api(parameters=[{"name": "n", "location": "query", "type": "integer", "required": True}])).call()
    assert (wrong["trace"]["outcome"], wrong["response"]["status"]) == ("refused", 400)
    why = phase(wrong, "validate")
    assert (why["verdict"], why["code"], why["faults"][0]["pointer"]) == ("refuse", "request.invalid", "/query/n")
    assert why["fix"] and phase(wrong, "backend")["verdict"] == "skipped"


@pytest.mark.parametrize("auth", ["basic", "oauth2", "hmac"])
def test_the_server_proves_a_credential_and_the_secret_stays_where_it_is(management, bench, build, recorder, auth):
    tried = bench(build.api("POST", "/hello", auth=auth, backend=build.http(recorder.url)))
    credential = management.create_credential(tried.service)
    bare = tried.call()
    assert (bare["response"]["status"], phase(bare, "authenticate")["code"]) == (401, "auth.missing")
    assert recorder.requests == []
    answer = tried.ask(credential=credential["id"], query="b=2&a=1", body="text")
    assert answer.json()["response"]["status"] == 200, answer
    assert phase(answer.json(), "authenticate")["method"] == auth
    pair = credential["key_pairs"][auth]
    event = management.get(f"/api/v1/audit-events?action=api.debug&object_id={tried.api()}")["items"][0]
    for text in (answer.text, str(event), str(recorder.last)):
        assert pair["secret"] not in text
        assert base64.b64encode(f"{pair['key']}:{pair['secret']}".encode()).decode() not in text
    assert event["after"]["credential"] == credential["id"]
    management.patch(f"services/{tried.service['id']}/credentials/{credential['id']}", {"status": "disabled"})
    assert tried.call(credential=credential["id"])["response"]["status"] == 401


def test_r62_a_credential_of_another_service_cannot_be_used(management, bench, build):
    tried = bench(build.api(auth="basic"))
    other = management.create_credential(build.service())
    refused(tried.ask(credential=other["id"]), 404, "resource.not_found")


def test_policies_and_authentication_are_applied_or_left_out_as_asked(bench, build):
    tried = bench(build.api(auth="hmac"), policies=[
        {"kind": "ip_access", "config": {"mode": "allow", "addresses": ["203.0.113.0/24"]}}])
    assert phase(tried.call(), "access")["code"] == "access.ip_denied"
    inside = tried.call(client_ip="203.0.113.9")
    assert (phase(inside, "access")["verdict"], phase(inside, "authenticate")["verdict"]) == ("pass", "refuse")
    assert phase(tried.call(policies="skip"), "authenticate")["verdict"] == "refuse"
    assert tried.call(policies="skip", authentication="skip")["response"]["body"] == "hello"


def test_a_debug_call_uses_up_no_limit_and_is_in_no_log_and_no_metric(gateway, management, build):
    service, base = build.published(build.api(), policies=[{"kind": "rate_limit", "config": {"limit": 2, "unit": "day"}}])
    tried = Bench(management, service)
    counted = gateway.admin_call("GET", "/metrics").text
    for _ in range(3):
        answer = tried.call(environment="release")
        assert answer["response"]["status"] == 200
        assert phase(answer, "limit")["remaining"] == 1
    mine = [line for line in gateway.admin_call("GET", "/metrics").text.splitlines() if service["code"] in line]
    assert mine == [line for line in counted.splitlines() if service["code"] in line]
    assert [gateway.call("GET", base + "/hello").status for _ in range(3)] == [200, 200, 429]
    last = gateway.call("GET", base + "/hello")
    gateway.logged(last)
    assert len([entry for entry in gateway.access_log() if entry.get("service") == service["code"]]) == 4


def test_a_release_is_tried_as_it_was_and_the_draft_as_it_is(management, build):
    service, _ = build.published(build.api())
    management.post(f"services/{service['id']}/draft", {"from_release": 1}, If_Match="*")
    tried = Bench(management, service)
    management.patch(f"services/{service['id']}/apis/{tried.api()}", {"backend": {"kind": "mock", "config": {"body": "new"}}})
    assert (tried.call()["response"]["body"], tried.call(release=1)["response"]["body"]) == ("new", "hello")
    refused(tried.ask(release=9), 404, "resource.not_found")


def test_what_is_wrong_elsewhere_in_the_draft_is_not_in_the_way(bench, build):
    unfinished = build.api(path="/unfinished")
    del unfinished["backend"]
    tried = bench(build.api(), unfinished)
    assert tried.call("GET /hello")["response"]["status"] == 200
    problem = refused(tried.ask("GET /unfinished"), 409, "publish.refused")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/apis/1/backend"]


def test_every_fault_of_a_debug_call_is_told_at_once(bench, build):
    tried = bench(build.api(path="/pets/{id}"))
    problem = refused(tried.ask(query="a b", client_ip="nobody", headers=[
        {"name": "Content-Length", "value": "1"}, {"name": "X Y", "value": "1"}, {"name": "X", "value": "a\r\nb"}]), 400, "field.invalid")
    assert {fault["pointer"] for fault in problem["errors"]} == {
        "/path", "/query", "/client_ip", "/headers/0/name", "/headers/1/name", "/headers/2/value"}
    refused(tried.management.call("POST", tried.path, {"api": "api_0"}), 400, "field.invalid")
    refused(tried.ask(path="/pets/7", body="?", body_encoding="base64"), 400, "field.invalid")


def test_a_backend_that_does_not_answer_ends_the_call_and_few_wait_at_once(gateway, management, bench, build):
    hold, arrived = threading.Event(), threading.Semaphore(0)
    backend = rig.Recorder()

    def wait(seen):
        arrived.release()
        hold.wait(30)
        return 200, {}, b"late"
    backend.answer = wait
    try:
        tried = bench(build.api(backend=build.http(backend.url)))
        late = tried.call(timeout_ms=300)
        assert (late["response"], late["trace"]["outcome"], phase(late, "backend")["verdict"]) == (None, "cancelled", "cancel")
        arrived.acquire(timeout=10)
        answers = []
        waiting = [threading.Thread(target=lambda: answers.append(tried.ask())) for _ in range(2)]
        for thread in waiting:
            thread.start()
        assert all(arrived.acquire(timeout=10) for _ in waiting)
        refused(tried.ask(), 503, "debug.busy")
        assert management.get("/api/v1/whoami"), "others are served meanwhile"
        hold.set()
        for thread in waiting:
            thread.join()
        assert [answer.json()["response"]["body"] for answer in answers] == ["late", "late"]
    finally:
        hold.set()
        backend.close()


def test_an_answer_that_does_not_end_is_shown_as_far_as_it_came(bench, build, recorder):
    recorder.answer = lambda seen: (200, {"Content-Length": "100"}, b"data: 1\n\n")
    answer = bench(build.api(backend=build.http(recorder.url))).call(timeout_ms=800)
    assert (answer["response"]["status"], answer["response"]["body"], answer["response"]["truncated"]) == (200, "data: 1\n\n", True)
    assert (answer["trace"]["outcome"], phase(answer, "send")["verdict"]) == ("cancelled", "cancel")


def test_own_listeners_are_refused_to_debug_calls_too(gateway, bench, build):
    answer = bench(build.api(backend=build.http(f"http://{gateway.admin_address}"))).call()
    assert phase(answer, "backend")["code"] == "backend.refused_address"


def test_a_server_that_stops_ends_its_debug_calls(own_gateway, build):
    hold = threading.Event()
    backend = rig.Recorder()
    backend.answer = lambda seen: (hold.wait(30), (200, {}, b""))[1]
    own_gateway.start()
    try:
        management = own_gateway.management()
        service = management.create_service("slow", [build.api(backend=build.http(backend.url))])
        tried = Bench(management, service)
        answers = []
        thread = threading.Thread(target=lambda: answers.append(tried.ask()))
        thread.start()
        rig.eventually(lambda: backend.requests)
        assert own_gateway.stop(within=10) == 0
        thread.join()
    finally:
        hold.set()
        backend.close()
    assert answers and answers[0].json()["trace"]["outcome"] == "cancelled"


def test_a_conversation_cannot_be_debugged_and_the_refusal_says_why(bench, build, recorder):
    tried = bench(build.api(backend=build.http(recorder.url)))
    asking = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
              "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    problem = refused(tried.ask(headers=[{"name": name, "value": value} for name, value in asking.items()]), 400, "field.invalid")
    assert [(fault["pointer"], fault["code"]) for fault in problem["errors"]] == [
        ("/headers/0/name", "debug.header"), ("/headers/1/name", "debug.header")]
    assert recorder.requests == []
    recorder.answer = lambda seen: (426, {"Upgrade": "websocket"}, b"")
    plain = tried.call(headers=[{"name": name, "value": asking[name]} for name in ("Sec-WebSocket-Version", "Sec-WebSocket-Key")])
    assert plain["response"]["status"] == 426
