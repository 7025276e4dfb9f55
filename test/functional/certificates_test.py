"""Certificates of the gateway: uploads, what is refused, and the one it shows to backends."""

import pytest
import rig
from domains_test import authority, client_authority, edge, fingerprint


def test_a_certificate_says_what_it_is_and_never_shows_its_key(edge):
    made = edge.authority.issue("a.example", "*.b.example", "192.0.2.7", kind="RSA")
    answer = edge.management.post("certificates", {"name": "facts", **made.upload(authorities=edge.authority.pem)})
    body = answer.json()
    assert body["names"] == ["a.example", "*.b.example", "192.0.2.7"]
    assert (body["algorithm"], body["common_name"], body["issuer"]) == ("RSA", "a.example", "CN=authority")
    assert body["fingerprint"] == fingerprint(made)
    assert body["not_before"] < body["not_after"]
    assert body["authorities"] == edge.authority.pem
    listed = edge.management.call("GET", "certificates")
    shown = edge.management.call("GET", "certificates/facts")
    audit = edge.management.call("GET", "/api/v1/audit-events?page_size=500")
    for seen in (answer, listed, shown, audit):
        assert "PRIVATE KEY" not in seen.text
        assert made.key.split("\n")[1] not in seen.text
    table = edge.lintel.command("get", "certificates", token=edge.management.token)
    assert "facts" in table.stdout and "a.example" in table.stdout


def test_an_upload_is_refused_with_its_reason(edge, authority):
    made, other = authority.issue("a.example"), authority.issue("a.example")
    for upload, pointer, code in (
            ({**made.upload(), "key": other.key}, "/key", "certificate.key_mismatch"),
            ({**made.upload(), "certificate": authority.pem + made.pem}, "/certificate", "certificate.chain_order"),
            ({**made.upload(), "certificate": "no"}, "/certificate", "certificate.unreadable"),
            ({**made.upload(), "key": "no"}, "/key", "certificate.key_unreadable"),
            (authority.issue().upload(), "/certificate", "certificate.no_names"),
            (made.upload(authorities=made.pem), "/authorities", "certificate.no_authority")):
        answer = edge.management.call("POST", "certificates", {"name": "bad", **upload})
        assert (answer.status, answer.json()["code"]) == (400, "certificate.invalid"), answer
        assert (pointer, code) in [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]
    missing = edge.management.call("POST", "certificates", {"name": "bad", "certificate": made.pem})
    assert missing.json()["code"] == "field.invalid"
    assert edge.management.call("GET", "certificates/bad").status == 404


def test_a_certificate_in_use_stays(edge):
    name, _ = edge.certificate("used.example")
    edge.domain("used.example", name)
    refused = edge.management.call("DELETE", f"certificates/{name}", If_Match="*")
    assert (refused.status, refused.json()["code"]) == (409, "state.conflict")
    assert "used.example" in refused.json()["detail"]
    edge.management.delete("domains/used.example")
    edge.management.delete(f"certificates/{name}")
    assert edge.management.call("GET", f"certificates/{name}").status == 404


@pytest.fixture
def asking(edge, client_authority):
    """A backend with TLS that lets nobody in without a certificate of the client authority."""
    made = edge.authority.issue("127.0.0.1")
    backend = rig.Recorder((made.file, made.key_file), client_authority=client_authority.file)
    yield backend
    backend.close()


def test_a_backend_is_shown_a_certificate_of_the_gateway_and_its_replacement(edge, asking, client_authority):
    first, second = (client_authority.issue("gateway.internal", common_name=name) for name in ("first", "second"))
    edge.management.post("certificates", {"name": "outgoing", **first.upload()})
    service, base = edge.build.published(edge.build.api(backend=edge.build.http(
        asking.url, tls={"authorities": edge.authority.pem, "certificate": "outgoing"})))
    assert edge.lintel.call("GET", base + "/hello").status == 200
    assert asking.client_names[-1] == "first"
    edge.management.put("certificates/outgoing", second.upload())
    assert edge.lintel.call("GET", base + "/hello").status == 200
    assert asking.client_names[-1] == "second", "the replacement reaches the pool at once"
    refused = edge.management.call("DELETE", "certificates/outgoing", If_Match="*")
    assert (refused.status, service["code"] in refused.json()["detail"]) == (409, True)
    bare = edge.build.published(edge.build.api(backend=edge.build.http(asking.url, tls={"authorities": edge.authority.pem})))[1]
    assert edge.lintel.call("GET", bare + "/hello").status == 502
    unknown = edge.build.service(edge.build.api(backend=edge.build.http(asking.url, tls={"certificate": "none"})))
    answer = edge.management.call("POST", f"services/{unknown['id']}/releases", {"environments": ["release"]})
    assert answer.status == 409
    assert answer.json()["errors"][0]["code"] == "certificate.unknown"
    assert answer.json()["errors"][0]["pointer"].endswith("/backend/config/tls/certificate")
