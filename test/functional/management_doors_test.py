"""The doors of the management API, and the places it keeps: hosts, browsers, body sizes, environments, tokens."""
import socket

import rig


def problem(answer, status, code):
    body = answer.json()
    assert (answer.status, body["code"]) == (status, code), answer
    assert answer.header("Content-Type") == "application/problem+json"
    assert body["request_id"] == answer.header("X-Request-Id")
    assert body["detail"] and body["title"]
    return body


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
