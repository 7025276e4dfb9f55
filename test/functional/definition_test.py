"""What a service and its APIs are made of: groups, edits, responses and error codes, seen where users look for them."""
import pytest
from rig import basic


def description(management, service):
    return management.call("GET", f"services/{service['id']}/description-file?format=json").json()


def test_r16_services_have_groups_and_are_filtered_by_them(management, build):
    group = build.unique("team")
    management.post("service-groups", {"name": group})
    one, other = build.service(group=group), build.service()
    assert [item["id"] for item in management.get(f"services?group={group}")["items"]] == [one["id"]]
    assert management.get(f"services/{other['id']}")["group"] == "Default"


def test_r17_r27_descriptions_are_optional(management, build):
    bare = build.service(build.api())
    told = build.service(build.api(description="Says hello"), description="Greetings")
    assert management.get(f"services/{bare['id']}")["status"] == "configuring"
    assert management.get(f"services/{told['id']}")["description"] == "Greetings"
    assert management.get(f"services/{told['id']}/apis")["items"][0]["description"] == "Says hello"
    refused = management.call("POST", "services", {"name": build.unique(), "description": "x" * 201})
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/description"]


def test_r25_every_part_of_an_api_can_be_edited_and_takes_effect_with_the_next_publish(gateway, management, build, recorder):
    service, base = build.published(build.api())
    path = f"services/{service['id']}"
    management.post(path + "/draft", {})
    api = management.get(path + "/apis")["items"][0]
    management.patch(f"{path}/apis/{api['id']}", {
        "path": "/greet", "method": "POST", "auth": {"kind": "basic"},
        "parameters": [{"name": "tone", "location": "query", "type": "string", "required": True}],
        # A merge patch keeps what it does not name: null takes the body of the mock out.
        "backend": build.http(recorder.url, path="/said", body=None)})
    assert gateway.call("GET", base + "/hello").status == 200
    management.publish(service)
    assert gateway.call("GET", base + "/hello").status == 404
    assert gateway.call("POST", base + "/greet?tone=kind").status == 401
    pair = management.create_credential(service)["key_pairs"]["basic"]
    assert gateway.call("POST", base + "/greet", basic(pair)).status == 400
    assert gateway.call("POST", base + "/greet?tone=kind", basic(pair)).status == 200


def test_r28_apis_have_groups_and_those_of_a_deleted_group_go_to_the_default(management, build):
    service = build.service(build.api())
    path = f"services/{service['id']}"
    group = management.post(path + "/api-groups", {"name": "Pets"}).json()
    made = management.post(path + "/apis", build.api("POST", "/pets", group="Pets")).json()
    assert {tag["name"] for tag in description(management, service)["tags"]} >= {"Pets"}
    management.delete(f"{path}/api-groups/{group['id']}")
    assert management.get(f"{path}/apis/{made['id']}")["group"] == "Default"


def test_r37_r38_response_examples_and_error_codes_are_in_details_and_description_file(management, build):
    responses = {"type": "json", "success_example": '{"greeting": "hello"}', "failure_example": '{"error": "no"}',
                 "error_codes": [{"code": "409", "message": "Taken", "description": "Somebody was first"}]}
    service = build.service(build.api(responses=responses))
    kept = management.get(f"services/{service['id']}/apis")["items"][0]["responses"]
    assert {name: kept[name] for name in ("success_example", "failure_example")} == {
        name: responses[name] for name in ("success_example", "failure_example")}
    assert kept["error_codes"][0]["message"] == "Taken"
    shown = description(management, service)["paths"]["/hello"]["get"]["responses"]
    assert shown["200"]["content"]["application/json"]["example"] == {"greeting": "hello"}
    assert "409" in shown


@pytest.mark.parametrize("config,responses,status,text", [
    ({"status": 202, "headers": {"X-Kind": "mock"}, "body": "accepted"}, {}, 202, "accepted"),
    ({}, {"type": "json", "success_example": '{"a": 1}'}, 200, '{"a": 1}'),
    ({}, {"type": "json", "schema": {"type": "object", "properties": {"n": {"type": "integer", "example": 7}}}}, 200, '{"n":7}'),
])
def test_r42_a_mock_answers_what_is_configured_else_the_example_else_the_schema(gateway, build, config, responses, status, text):
    _, base = build.published(build.api(backend={"kind": "mock", "config": config}, responses=responses))
    answer = gateway.call("GET", base + "/hello")
    assert (answer.status, answer.text) == (status, text)
    if "headers" in config:
        assert answer.header("X-Kind") == "mock"


def test_r31_backends_over_http_and_mocks_are_chosen_and_served(gateway, management, build, recorder):
    _, base = build.published(build.api("GET", "/mock"), build.api("GET", "/http", backend=build.http(recorder.url)))
    assert gateway.call("GET", base + "/mock").status == 200 and recorder.requests == []
    assert gateway.call("GET", base + "/http").status == 200 and len(recorder.requests) == 1
    refused = management.call("POST", "services", {"name": build.unique(), "apis": [
        build.api(backend={"kind": "carrier-pigeon", "config": {}})]})
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/apis/0/backend/kind"]
