"""From an empty store to an answered call, as a newcomer does it."""
from rig import basic

from conftest import ROOT


def test_r50_r60_r95_the_sample_answers_its_credential_and_explains_a_refusal(gateway, management):
    made = management.import_file((ROOT / "examples/petstore.yaml").read_text(), format="yaml", backend="mock",
                                  name="first call", code="first-call")
    service = made["service"]
    assert service["status"] == "configuring"
    pets = "/release/first-call/pets"
    before = gateway.call("GET", pets)
    assert (before.status, before.json()["code"]) == (404, "route.not_found")

    management.publish(service)
    assert management.get(f"services/{service['id']}")["status"] == "running"
    refused = gateway.call("GET", pets)
    problem = refused.json()
    assert (refused.status, problem["code"]) == (401, "auth.missing")
    assert refused.header("Content-Type") == "application/problem+json"
    assert refused.header("WWW-Authenticate").startswith("Basic ")
    assert problem["request_id"] == refused.header("X-Request-Id")

    pair = management.create_credential(service)["key_pairs"]["basic"]
    answered = gateway.call("GET", pets, basic(pair))
    assert answered.status == 200
    assert [pet["name"] for pet in answered.json()] == ["Mia", "Rex"]
    # The same body for an unknown key and a wrong secret: a caller learns nothing by trying.
    wrong_secret = gateway.call("GET", pets, basic({**pair, "secret": "wrong"})).json()
    unknown_key = gateway.call("GET", pets, basic({"key": "nobody", "secret": pair["secret"]})).json()
    assert {**wrong_secret, "request_id": ""} == {**unknown_key, "request_id": ""}
    assert wrong_secret["code"] == "auth.invalid"


def test_r94_an_open_api_is_called_with_a_plain_client(gateway, build):
    _, base = build.published(build.api("GET", "/hello"))
    answer = gateway.call("GET", base + "/hello")
    assert (answer.status, answer.text) == (200, "hello")
    assert answer.header("X-Request-Id")


def test_r40_an_http_backend_gets_the_call_and_its_answer_comes_back(gateway, build, recorder):
    recorder.answer = lambda seen: (201, {"X-Shop": "north"}, b'{"made": true}')
    _, base = build.published(build.api("POST", "/orders", backend=build.http(recorder.url, path="/shop/orders")))
    answer = gateway.call("POST", base + "/orders?gift=1", {"Content-Type": "application/json", "X-Own": "yes"}, b'{"pet": 1}')
    assert (answer.status, answer.json(), answer.header("X-Shop")) == (201, {"made": True}, "north")
    seen = recorder.last
    headers = dict(seen["headers"])
    assert (seen["method"], seen["target"], seen["body"]) == ("POST", "/shop/orders?gift=1", '{"pet": 1}')
    assert headers["x-own"] == "yes"
    assert headers["x-request-id"] == answer.header("X-Request-Id")
    assert headers["host"] == recorder.url.removeprefix("http://")
