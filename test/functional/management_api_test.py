"""The management API from outside: conventions, the life of a service, and what is refused."""
import re
import socket

import pytest
import rig
from conftest import ROOT

PETSTORE = (ROOT / "examples/petstore.yaml").read_text()


def problem(answer, status, code):
    body = answer.json()
    assert (answer.status, body["code"]) == (status, code), answer
    assert answer.header("Content-Type") == "application/problem+json"
    assert body["request_id"] == answer.header("X-Request-Id")
    assert body["detail"] and body["title"]
    return body


def pointers(body):
    return sorted(fault["pointer"] for fault in body["errors"])


# --- getting in ---

def test_the_first_administrator_uses_the_printed_code_once(own_gateway):
    own_gateway.environment = {}
    own_gateway.start()
    code = re.search(r"set-up code: (\S+)", own_gateway.log()).group(1)
    anonymous = rig.Management(own_gateway.admin_address)
    given = {"code": code, "name": "ada", "password": "correct-horse-battery"}
    problem(anonymous.call("POST", "/api/v1/setup", {**given, "code": "wrong"}), 403, "setup.code_invalid")
    made = anonymous.post("/api/v1/setup", given)
    assert made.status == 201 and made.json()["user"]["name"] == "ada"
    assert rig.Management(own_gateway.admin_address, made.json()["token"]).get("/api/v1/whoami")["user"]["name"] == "ada"
    problem(anonymous.call("POST", "/api/v1/setup", given), 409, "setup.done")
    own_gateway.restart()
    assert "set-up code" not in own_gateway.log().split("set-up code")[-1]


def test_a_log_in_is_refused_alike_for_unknown_names_and_wrong_passwords(gateway):
    anonymous = rig.Management(gateway.admin_address)
    answers = [anonymous.call("POST", "/api/v1/sessions", {"name": name, "password": "wrong"}) for name in ("admin", "nobody")]
    bodies = [problem(answer, 401, "auth.login_failed") for answer in answers]
    assert {**bodies[0], "request_id": ""} == {**bodies[1], "request_id": ""}


def test_tokens_are_scoped_listed_and_revoked(gateway, management):
    made = management.post("/api/v1/api-tokens", {"name": "reader", "permissions": ["service:read"], "life_s": 3600}).json()
    reader = rig.Management(gateway.admin_address, made["token"])
    assert reader.get("services")["items"] is not None
    assert "service:write" in problem(reader.call("POST", "services", {"name": "no"}), 403, "permission.denied")["detail"]
    listed = management.get("/api/v1/api-tokens?page_size=500")["items"]
    assert made["id"] in [token["id"] for token in listed]
    assert made["token"] not in str(listed)
    management.delete(f"/api/v1/api-tokens/{made['id']}")
    problem(reader.call("GET", "services"), 401, "auth.required")


def test_other_host_names_are_not_answered(gateway):
    answer = gateway.admin_call("GET", "/api/v1/openapi.json", {"Host": "attacker.example"})
    problem(answer, 421, "host.not_allowed")
    assert gateway.admin_call("GET", "/api/v1/openapi.json", {"Host": "localhost"}).status == 200


def test_every_answer_keeps_browsers_out(gateway):
    answer = gateway.admin_call("GET", "/api/v1/whoami", {"Origin": "http://attacker.example"})
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert "frame-ancestors 'none'" in answer.header("Content-Security-Policy")
    assert answer.header("Access-Control-Allow-Origin") is None


def test_a_body_over_the_limit_and_a_broken_one_are_refused(gateway, management):
    too_large = b'{"document": "' + b"x" * (2 << 20) + b'"}'
    problem(management.call("POST", "imports", too_large, Content_Type="application/json"), 413, "body.too_large")
    problem(management.call("POST", "services", b'{"name": ', Content_Type="application/json"), 400, "body.malformed")
    problem(management.call("POST", "services", b"name=x", Content_Type="text/plain"), 415, "media_type.unsupported")
    with socket.create_connection(gateway.admin_address.split(":"), timeout=5) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
        assert raw.recv(4096).startswith(b"HTTP/1.1 400 ")


# --- conventions ---

def test_changes_need_the_version_that_was_read(management, build):
    service = build.service()
    address = f"services/{service['id']}"
    etag = management.call("GET", address).header("ETag")
    problem(management.call("PATCH", address, {"description": "a"}), 428, "precondition.required")
    changed = management.patch(address, {"description": "a"}, etag)
    assert changed.header("ETag") != etag and int(changed.header("Lintel-Revision")) >= 0
    stale = management.call("PATCH", address, {"description": "b"}, If_Match=etag)
    assert problem(stale, 412, "precondition.failed")["current"]["description"] == "a"
    assert stale.header("ETag") == changed.header("ETag")


def test_a_post_with_an_idempotency_key_happens_once(management, build):
    name = build.unique()
    first = management.call("POST", "services", {"name": name}, Idempotency_Key=name)
    again = management.call("POST", "services", {"name": name}, Idempotency_Key=name)
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    problem(management.call("POST", "services", {"name": name + "x"}, Idempotency_Key=name), 422, "idempotency.mismatch")


def test_unknown_parameters_and_members_are_refused(management):
    assert pointers(problem(management.call("GET", "services?colour=red"), 400, "query.invalid")) == ["/query/colour"]
    assert pointers(problem(management.call("POST", "services", {"name": "x", "colour": "red"}), 400, "field.invalid")) == ["/colour"]


def test_a_write_names_the_revision_that_serves_it(management, build):
    service = build.service()
    published = management.publish(service)
    assert management.get("/api/v1/revision")["revision"] >= published["revision"] > 0


# --- the life of a service ---

def test_r14_r15_r16_r18_a_service_is_made_by_hand_and_found(management, build):
    name = build.unique()
    for wrong in ({"name": ""}, {"name": "x" * 51}, {"name": name, "protocol": "FTP"}, {"name": name, "description": "x" * 201}, {}):
        assert management.call("POST", "services", wrong).status == 400, wrong
    made = management.post("services", {"name": name, "protocol": "HTTP", "group": name}).json()
    assert (made["status"], made["has_draft"], made["latest_release"]) == ("configuring", True, 0)
    assert re.fullmatch(r"svc-[0-9a-z]{6}", made["code"])
    for query in (f"group={name}", f"name={name}", f"q={name[5:]}", f"q={name}&status=configuring&protocol=HTTP"):
        assert [item["id"] for item in management.get(f"services?{query}")["items"]] == [made["id"]], query
    problem(management.call("POST", "services", {"name": name}), 409, "name.taken")


def test_r23_limits_from_1_to_1000_are_taken(management, build):
    def limit(value):
        return management.call("POST", "services", {
            "name": build.unique(), "policies": [{"kind": "rate_limit", "config": {"limit": value, "unit": "minute"}}]})
    for value in (1, 1000):
        assert limit(value).status == 201
    for value in (0, 1001, "many"):
        body = problem(limit(value), 400, "field.invalid")
        assert body["errors"][0]["pointer"].startswith("/policies/0/config"), body


def test_r20_an_invalid_address_range_is_refused(management, build):
    answer = management.call("POST", "services", {
        "name": build.unique(), "policies": [{"kind": "ip_access", "config": {"mode": "allow", "ranges": ["10.0.0.0/33"]}}]})
    assert problem(answer, 400, "field.invalid")["errors"][0]["pointer"].startswith("/policies/0/config")


def test_r32_the_31st_parameter_is_refused(management, build):
    def with_parameters(count):
        return build.api(parameters=[{"name": f"p{i}", "location": "query"} for i in range(count)])
    service = build.service(with_parameters(30))
    body = problem(management.call("POST", f"services/{service['id']}/apis", {**with_parameters(31), "name": "more", "path": "/more"}),
                   400, "field.invalid")
    assert "30" in body["errors"][0]["detail"]


def test_r13_the_same_path_and_method_twice_is_refused(management, build):
    service = build.service()
    answer = management.call("POST", f"services/{service['id']}/apis", build.api())
    assert answer.status in (400, 409), answer


def test_r50_r51_r52_r53_r56_r67_r68_r75_a_service_lives_from_draft_to_deletion(gateway, management, build):
    service = build.service(build.api(backend={"kind": "mock", "config": {"body": "one"}}))
    address = f"services/{service['id']}"
    code = service["code"]

    def answer(environment):
        called = gateway.call("GET", f"/{environment}/{code}/hello")
        return called.text if called.status == 200 else called.json()["code"]

    assert answer("test") == "route.not_found"
    management.publish(service, ["test", "release"])
    assert (answer("test"), answer("release"), answer("prepub")) == ("one", "one", "route.not_found")
    problem(management.call("PATCH", address, {"description": "no draft"}, If_Match="*"), 409, "state.conflict")

    management.post(f"{address}/draft", {})
    api = management.get(f"{address}/apis")["items"][0]
    management.patch(f"{address}/apis/{api['id']}", {"backend": {"kind": "mock", "config": {"body": "two"}}})
    assert answer("release") == "one", "a draft changes no traffic"
    management.publish(service, ["release"])
    assert (answer("test"), answer("release")) == ("one", "two")

    management.put(f"{address}/deployments/release", {"release": 1})
    assert answer("release") == "one"
    problem(management.call("DELETE", address, If_Match="*"), 409, "state.conflict")
    management.patch(f"{address}/deployments/test", {"state": "stopped"})
    assert (answer("test"), answer("release")) == ("route.not_found", "one")
    management.patch(f"{address}/deployments/test", {"state": "running"})
    assert answer("test") == "one"
    management.patch(f"{address}/deployments", {"state": "stopped"})
    assert (answer("test"), answer("release")) == ("route.not_found", "route.not_found")
    assert management.get(address)["status"] == "stopped"

    records = management.get(f"{address}/release-records")["items"]
    assert {"publish", "replace", "rollback", "stop", "start"} == {record["action"] for record in records}
    assert [release["number"] for release in management.get(f"{address}/releases")["items"]] == [2, 1]
    management.delete(address)
    problem(management.call("GET", address), 404, "resource.not_found")
    events = management.get(f"/api/v1/audit-events?object_id={service['id']}&page_size=500")["items"]
    assert {"service.create", "service.publish", "service.delete"} <= {event["action"] for event in events}


def test_publishing_what_cannot_run_lists_every_reason_and_changes_nothing(management, build):
    no_api = management.post("services", {"name": build.unique()}).json()
    problem(management.call("POST", f"services/{no_api['id']}/releases", {"environments": ["release"]}), 409, "publish.refused")
    api = {**build.api(), "backend": None}
    incomplete = management.post("services", {"name": build.unique(), "apis": [api]}).json()
    body = problem(management.call("POST", f"services/{incomplete['id']}/releases", {"environments": ["release"]}), 409, "publish.refused")
    assert any("backend" in fault["pointer"] for fault in body["errors"]), body
    assert management.get(f"services/{incomplete['id']}")["deployments"] == []
    complete = build.service()
    assert management.call("POST", f"services/{complete['id']}/releases", {"environments": ["nowhere"]}).status == 404
    assert management.call("POST", f"services/{complete['id']}/releases", {"environments": []}).status == 400


def test_r10_r12_r13_import_is_all_or_nothing(management, build):
    name = build.unique()
    made = management.import_file(PETSTORE, format="yaml", name=name, backend="mock")
    assert made["api_count"] == len(management.get(f"services/{made['service']['id']}/apis")["items"]) == 6
    problem(management.call("POST", "imports", {"document": PETSTORE, "format": "json", "name": build.unique()}), 400, "file.invalid")
    for text in ("", "just text", "openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths: {}\n", PETSTORE.replace("3.0.3", "2.0")):
        assert management.call("POST", "imports", {"document": text, "name": build.unique()}).status == 400, text[:40]
    outside = PETSTORE.replace("'#/components/schemas/NewPet'", "'https://example.com/pet.yaml'", 1)
    body = problem(management.call("POST", "imports", {"document": outside, "name": name + "-out"}), 400, "file.invalid")
    assert body["errors"][0]["pointer"].startswith("/"), body
    assert management.get(f"services?name={name}-out")["items"] == []


def test_r11_the_limit_of_imported_files_is_102400_bytes(management, build):
    def padded(size):
        return PETSTORE + "#" * (size - len(PETSTORE.encode()))
    assert management.call("POST", "imports", {"document": padded(102400), "name": build.unique()}).status == 201
    body = problem(management.call("POST", "imports", {"document": padded(102401), "name": build.unique()}), 413, "file.too_large")
    assert "import.max_bytes" in body["fix"]


def test_r8_r57_the_description_file_imports_again(management, build):
    made = management.import_file(PETSTORE, name=build.unique(), backend="mock")
    text = management.call("GET", f"services/{made['service']['id']}/description-file?backends=true")
    assert text.header("Content-Type") == "application/yaml"
    again = management.import_file(text.text, name=build.unique())

    def apis(service):
        items = management.get(f"services/{service['id']}/apis?page_size=500")["items"]
        return sorted((item["method"], item["path"], item["name"], item["auth"]["kind"]) for item in items)
    assert apis(made["service"]) == apis(again["service"])
    as_json = management.call("GET", f"services/{made['service']['id']}/description-file?format=json").json()
    assert as_json["openapi"].startswith("3.0.")


# --- credentials ---

def test_r63_r84_r100_secrets_are_shown_when_made_and_on_request_only(management, build):
    service = build.service()
    address = f"services/{service['id']}/credentials"
    made = management.create_credential(service)
    for kind in ("basic", "oauth2", "hmac"):
        assert made["key_pairs"][kind]["key"] and made["key_pairs"][kind]["secret"]
    secret = made["key_pairs"]["hmac"]["secret"]
    assert secret not in str(management.get(address)) + str(management.get(f"{address}/{made['id']}"))
    assert management.get(f"{address}/{made['id']}/secrets")["key_pairs"] == made["key_pairs"]
    events = management.get(f"/api/v1/audit-events?object_id={made['id']}")["items"]
    assert "credential.reveal" in [event["action"] for event in events]
    assert secret not in str(events)


def test_given_key_pairs_are_kept_and_unique(management, build):
    service = build.service()
    key = build.unique("key")
    made = management.create_credential(service, key_pairs={"basic": {"key": key, "secret": "my-own-secret-is-long"}})
    assert made["key_pairs"]["basic"] == {"key": key, "secret": "my-own-secret-is-long"}
    other = management.call("POST", f"services/{build.service()['id']}/credentials",
                            {"name": "b", "key_pairs": {"basic": {"key": key}}})
    assert other.status == 409, other


@pytest.mark.parametrize("change", ["disable", "reset", "delete"])
def test_changes_of_a_credential_are_effective_at_once(gateway, management, build, change):
    service, base = build.published(build.api(auth="basic"))
    made = management.create_credential(service)
    pair = made["key_pairs"]["basic"]
    address = f"services/{service['id']}/credentials/{made['id']}"

    def status(secret=pair["secret"]):
        import base64
        text = base64.b64encode(f"{pair['key']}:{secret}".encode()).decode()
        return gateway.call("GET", base + "/hello", {"Authorization": f"Basic {text}"}).status

    assert status() == 200
    if change == "disable":
        management.patch(address, {"status": "disabled"})
        assert status() == 401
        management.patch(address, {"status": "enabled"})
        assert status() == 200
    elif change == "reset":
        new = management.post(f"{address}/reset", {"type": "basic"}).json()["key_pairs"]["basic"]
        assert new["key"] == pair["key"]
        assert (status(), status(new["secret"])) == (401, 200)
    else:
        management.delete(address)
        assert status() == 401


# --- places ---

def test_environments_are_made_suspended_and_deleted(gateway, management, build):
    code = "e" + build.unique("").replace("-", "")[:14]
    assert [item["code"] for item in management.get("environments")["items"]][:3] == ["test", "prepub", "release"]
    assert management.call("POST", "environments", {"code": "Not A Code"}).status == 400
    management.post("environments", {"code": code, "name": "More"})
    service, base = build.published(environments=(code,))
    assert gateway.call("GET", base + "/hello").status == 200
    problem(management.call("DELETE", f"environments/{code}", If_Match="*"), 409, "state.conflict")
    management.patch(f"environments/{code}", {"status": "suspended"})
    assert gateway.call("GET", base + "/hello").status == 200, "what runs goes on"
    other = build.service()
    assert management.call("POST", f"services/{other['id']}/releases", {"environments": [code]}).status == 409
    management.patch(f"services/{service['id']}/deployments", {"state": "stopped"})
    management.delete(f"environments/{code}")
    assert code not in [item["code"] for item in management.get("environments")["items"]]
