"""Every call leaves its line, its count and its id; no secret leaves any trace."""
import base64
import re

import rig


def metric(gateway, name, **labels):
    """Sum of a metric's samples that carry these labels."""
    total = 0.0
    for line in gateway.admin_call("GET", "/metrics").text.splitlines():
        match = re.fullmatch(rf"{name}(?:\{{(.*)\}})? (\S+)", line)
        if match and all(f'{key}="{value}"' in (match[1] or "") for key, value in labels.items()):
            total += float(match[2])
    return total


def test_health_tells_that_the_gateway_is_ready(gateway):
    for path in ("/healthz", "/readyz"):
        assert gateway.admin_call("GET", path).status == 200


def test_each_request_leaves_one_line_in_the_access_log(own_gateway):
    own_gateway.start()
    management = own_gateway.management()
    service = management.create_service("seen", [{"name": "hi", "method": "GET", "path": "/hi", "auth": {"kind": "none"},
                                                  "backend": {"kind": "mock", "config": {"body": "hi"}}}], code="seen")
    management.publish(service)
    ids = [own_gateway.call("GET", path).header("X-Request-Id")
           for path in ("/release/seen/hi", "/release/seen/none", "/nowhere")]
    entries = own_gateway.access_log(at_least=3)
    assert sorted(entry["request_id"] for entry in entries) == sorted(ids)
    assert sorted(entry["status"] for entry in entries) == [200, 404, 404]


def test_metrics_count_answers_and_refusals(gateway, build):
    service, base = build.published(build.api("GET", "/counted", auth="basic"))
    gateway.call("GET", base + "/counted")
    assert metric(gateway, "lintel_requests_total", service=service["code"], status="401") == 1
    assert metric(gateway, "lintel_refusals_total", code="auth.missing") >= 1


def test_a_callers_own_id_is_kept_beside_ours(gateway, build, recorder):
    _, base = build.published(build.api(backend=build.http(recorder.url)))
    answer = gateway.call("GET", base + "/hello", {"X-Request-Id": "mine-1"})
    assert answer.header("X-Correlation-Id") == "mine-1"
    assert answer.header("X-Request-Id") not in (None, "mine-1")


def test_no_secret_reaches_a_log(own_gateway):
    own_gateway.flags += ["--log-level", "debug"]
    own_gateway.start()
    management = own_gateway.management()
    service = management.create_service("secret", [
        {"name": auth, "method": "GET", "path": "/" + auth, "auth": {"kind": auth},
         "backend": {"kind": "mock", "config": {"body": "hi"}}} for auth in ("basic", "oauth2", "hmac")], code="secret")
    management.publish(service)
    pairs = management.create_credential(service)["key_pairs"]
    basic = base64.b64encode(f"{pairs['basic']['key']}:{pairs['basic']['secret']}".encode()).decode()
    own_gateway.call("GET", "/release/secret/basic", {"Authorization": "Basic " + basic})
    oauth2 = pairs["oauth2"]
    token = own_gateway.call(
        "GET", "/release/secret/-/oauth2/token?grant_type=client_credentials"
               f"&client_id={oauth2['key']}&client_secret={oauth2['secret']}")
    assert token.status == 200, token
    token = token.json()["access_token"]
    assert own_gateway.call("GET", f"/release/secret/oauth2?access_token={token}").status == 200
    own_gateway.call("GET", "/release/secret/hmac", {"X-HMAC-SIGNATURE": "canary-signature"})
    own_gateway.access_log(at_least=4)
    own_gateway.stop()
    written = own_gateway.log() + own_gateway.access_log_path.read_text()
    for secret in [basic, token, management.token, rig.process.ADMIN[1], *(pair["secret"] for pair in pairs.values())]:
        assert secret not in written
