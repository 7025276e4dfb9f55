"""The conventions of the management API, and that its contract is what it does."""
import json
import uuid

import pytest
import rig


def problem(answer):
    assert answer.header("Content-Type") == "application/problem+json", answer
    body = answer.json()
    assert {"type", "title", "status", "detail", "code", "request_id"} <= set(body)
    assert body["status"] == answer.status
    assert body["request_id"] == answer.header("X-Request-Id")
    return body["code"]


@pytest.fixture(scope="session")
def contract(gateway):
    answer = gateway.admin_call("GET", "/api/v1/openapi.json")
    assert answer.status == 200
    return answer.json()


def operations(contract):
    for path, item in contract["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method.upper(), path, operation


def test_every_operation_without_a_token_is_refused_unless_the_contract_opens_it(gateway, contract):
    tried = 0
    for method, path, operation in operations(contract):
        target = path.replace("{gateway}", "default")
        while "{" in target:
            target = target[:target.index("{")] + "x" + target[target.index("}") + 1:]
        if operation["x-permission"] != "none":
            answer = gateway.admin_call(method, target, {"Content-Type": "application/json"}, b"{}")
            assert (answer.status, problem(answer)) == (401, "auth.required"), (method, path)
            tried += 1
    assert tried > 40


@pytest.mark.parametrize("token", ["", "x", "lt_" + "a" * 40, "Bearer", "ä".encode().decode("latin1"), "x" * 8000])
def test_a_malformed_token_is_refused(gateway, token):
    answer = gateway.admin_call("GET", "/api/v1/whoami", {"Authorization": "Bearer " + token})
    assert answer.status in (400, 401)


def test_unknown_addresses_and_methods_are_told_apart(gateway, management):
    missing = management.call("GET", "/api/v1/nothing")
    assert (missing.status, problem(missing)) == (404, "resource.not_found")
    wrong = management.call("DELETE", "/api/v1/whoami")
    assert (wrong.status, problem(wrong)) == (405, "method.not_allowed")
    assert "GET" in wrong.header("Allow")


@pytest.mark.parametrize("body,type,status,code", [
    (b"{", "application/json", 400, "body.malformed"), (b'{"name":"a","name":"b"}', "application/json", 400, "body.malformed"),
    (b"name=x", "application/x-www-form-urlencoded", 415, "media_type.unsupported"),
    (b"{}", "application/json", 400, "field.invalid"), (b"[]", "application/json", 400, "field.invalid"),
    (b'{"name":"x","surprise":1}', "application/json", 400, "field.invalid"),
    (b'{"name":7}', "application/json", 400, "field.invalid"),
    (b"[" * 100_000, "application/json", 400, "body.malformed")])
def test_bodies_are_checked_against_the_contract(management, body, type, status, code):
    answer = management.call("POST", "services", body, Content_Type=type)
    assert (answer.status, problem(answer)) == (status, code)


@pytest.mark.parametrize("query", ["page_size=0", "page_size=501", "page_size=x", "surprise=1", "page_token=x", "status=nice"])
def test_query_parameters_are_checked_against_the_contract(management, query):
    answer = management.call("GET", f"services?{query}")
    assert (answer.status, problem(answer)) == (400, "query.invalid")


def test_writes_need_the_etag_of_what_they_change(management, build):
    service = build.service()
    path = f"services/{service['id']}"
    first = management.call("GET", path).header("ETag")
    missing = management.call("PATCH", path, {"description": "a"})
    assert (missing.status, problem(missing)) == (428, "precondition.required")
    changed = management.call("PATCH", path, {"description": "a"}, If_Match=first)
    assert changed.status == 200
    assert changed.header("ETag") not in (None, first)
    stale = management.call("PATCH", path, {"description": "b"}, If_Match=first)
    assert (stale.status, problem(stale)) == (412, "precondition.failed")
    assert stale.json()["current"]["description"] == "a"
    assert management.get(path)["description"] == "a"


def test_of_many_writers_with_the_same_etag_one_wins(management, build):
    import concurrent.futures
    service = build.service()
    path = f"services/{service['id']}"
    etag = management.call("GET", path).header("ETag")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda number: management.call("PATCH", path, {"description": str(number)}, If_Match=etag).status,
                                 range(16)))
    assert (statuses.count(200), statuses.count(412)) == (1, 15)


def test_a_repeated_post_with_its_key_has_one_effect(management, build):
    key, name = str(uuid.uuid4()), build.unique()
    body = {"name": name, "apis": [build.api()]}
    first = management.call("POST", "services", body, Idempotency_Key=key)
    again = management.call("POST", "services", body, Idempotency_Key=key)
    assert first.status == again.status == 201
    assert first.json()["id"] == again.json()["id"]
    other = management.call("POST", "services", {**body, "name": name + "x"}, Idempotency_Key=key)
    assert (other.status, problem(other)) == (422, "idempotency.mismatch")


def test_lists_page_by_key_and_miss_nothing(management, build):
    made = {build.service()["id"] for _ in range(7)}
    seen, token, pages = [], None, 0
    while True:
        page = management.get("services?page_size=3" + (f"&page_token={token}" if token else ""))
        assert len(page["items"]) <= 3
        seen += [item["id"] for item in page["items"]]
        pages += 1
        token = page.get("next_page_token")
        if not token:
            break
    assert len(seen) == len(set(seen)) and made <= set(seen) and pages >= 3


@pytest.mark.parametrize("name", ["", "x" * 51])
def test_r14_a_service_needs_a_name_of_1_to_50_characters(management, name):
    answer = management.call("POST", "services", {"name": name})
    assert (answer.status, problem(answer)) == (400, "field.invalid")
    assert any(fault["pointer"] == "/name" for fault in answer.json()["errors"])


def test_names_and_codes_are_taken_once(management, build):
    service = build.service()
    for body in ({"name": service["name"]}, {"name": build.unique(), "code": service["code"]}):
        answer = management.call("POST", "services", body)
        assert (answer.status, problem(answer)) == (409, "name.taken"), body


@pytest.mark.parametrize("code", ["ab", "A-b", "-abc", "abc-", "a--b", "ä-b", "x" * 41, "a_b"])
def test_a_service_code_has_its_form(management, build, code):
    answer = management.call("POST", "services", {"name": build.unique(), "code": code})
    assert (answer.status, problem(answer)) == (400, "field.invalid")


def test_r15_protocols_are_the_three(management, build):
    for protocol in ("HTTP", "HTTPS", "HTTP&HTTPS"):
        assert build.service(protocol=protocol)["protocol"] == protocol
    answer = management.call("POST", "services", {"name": build.unique(), "protocol": "FTP"})
    assert (answer.status, problem(answer)) == (400, "field.invalid")


def test_r15_a_service_for_https_refuses_plain_http(gateway, build):
    _, base = build.published(protocol="HTTPS")
    answer = gateway.call("GET", base + "/hello")
    assert (answer.status, answer.json()["code"]) == (426, "route.protocol_required")


def test_the_same_method_and_path_twice_is_refused(management, build):
    for second in ("/a/{y}", "/a/{x}"):
        answer = management.call("POST", "services", {"name": build.unique(), "apis": [
            build.api(path="/a/{x}", parameters=[{"name": "x", "location": "path", "required": True}]),
            build.api(path=second, parameters=[{"name": second[4], "location": "path", "required": True}])]})
        assert (answer.status, problem(answer)) == (400, "field.invalid"), second


def test_every_change_leaves_its_audit_event(management, build):
    service = build.service()
    path = f"services/{service['id']}"
    management.patch(path, {"description": "x"})
    management.publish(service)
    credential = management.create_credential(service)
    management.get(f"{path}/credentials/{credential['id']}/secrets")
    management.patch(path + "/deployments", {"state": "stopped"})
    management.delete(path)
    events = management.get(f"/api/v1/audit-events?object_id={service['id']}&page_size=50")["items"]
    actions = [event["action"] for event in reversed(events)]
    assert actions[0] == "service.create" and actions[-1] == "service.delete"
    assert "service.publish" in actions
    assert all(event["actor"] == "admin" for event in events)
    revealed = management.get(f"/api/v1/audit-events?object_id={credential['id']}")["items"]
    assert any("reveal" in event["action"] for event in revealed)


def test_a_scoped_token_may_do_what_it_names_and_no_more(gateway, management, build):
    made = management.post("/api/v1/api-tokens", {"name": build.unique(), "permissions": ["service:read"], "life_s": 3600}).json()
    scoped = rig.Management(gateway.admin_address, made["token"])
    assert scoped.call("GET", "services").status == 200
    refused = scoped.call("POST", "services", {"name": build.unique()})
    assert (refused.status, problem(refused)) == (403, "permission.denied")
    assert "service:write" in refused.text
    management.delete(f"/api/v1/api-tokens/{made['id']}")
    assert scoped.call("GET", "services").status == 401


def test_a_wrong_password_is_refused_and_many_are_slowed_down(own_gateway):
    own_gateway.start()
    body = json.dumps({"name": "admin", "password": "wrong"}).encode()
    seen = []
    for _ in range(40):
        answer = own_gateway.admin_call("POST", "/api/v1/sessions", {"Content-Type": "application/json"}, body)
        seen.append((answer.status, problem(answer)))
        if answer.status == 429:
            assert int(answer.header("Retry-After")) >= 1
            break
    assert seen[0] == (401, "auth.login_failed")
    assert seen[-1] == (429, "auth.login_limited")
    unknown = own_gateway.admin_call("POST", "/api/v1/sessions", {"Content-Type": "application/json"},
                                     json.dumps({"name": "nobody", "password": "wrong"}).encode())
    assert unknown.status in (401, 429)


def test_a_logged_out_session_is_dead(gateway):
    management = gateway.management()
    management.call("DELETE", "/api/v1/sessions/current")
    assert management.call("GET", "/api/v1/whoami").status == 401


def test_writes_name_the_revision_that_serves_them(gateway, management, build):
    service = build.service()
    answer = management.post(f"services/{service['id']}/releases", {"environments": ["release"]})
    revision = int(answer.header("Lintel-Revision"))
    assert answer.json()["revision"] == revision
    assert management.get("/api/v1/revision")["revision"] >= revision
