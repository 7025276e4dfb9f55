"""The description file edited and set: the draft becomes what it says, and keeps what it cannot say."""
import json

import pytest
from conftest import ROOT

PETSTORE = (ROOT / "examples/petstore.yaml").read_text()


def exported(management, service, backends):
    return management.call("GET", f"services/{service['id']}/description-file?format=json&backends={backends}").json()


def put(management, service, document, etag="*", **query):
    text = document if isinstance(document, str) else json.dumps(document)
    marks = "&".join(f"{name}={value}" for name, value in query.items())
    return management.call("PUT", f"services/{service['id']}/description-file?{marks}", {"document": text}, If_Match=etag)


def draft(management, service):
    return management.get(f"services/{service['id']}/draft")


@pytest.fixture
def rich(management, build, recorder):
    """A service with most of what a file has no words for."""
    return build.service(
        build.api("GET", "/pets/{id}", auth="basic", group="Pets", description="One pet", labels={"tier": "gold"},
                  policies=[{"kind": "body_size", "config": {"max_bytes": 9}}], backend=build.http(recorder.url, path="/p/{id}"),
                  mapping={"rows": [{"to": {"location": "header", "name": "X-Who"}, "from": {"system": "client_ip"}}]},
                  responses={"type": "json", "success_example": '{"id": 1}', "failure_example": '{"no": true}', "error_codes": [
                      {"code": "404", "message": "None", "description": "No such pet", "converted_code": "410", "convert": True},
                      {"code": "E7", "message": "Odd", "description": "Strange"}]}),
        build.api("POST", "/pets", auth="hmac", parameters=[
            {"name": "name", "location": "body", "type": "string", "required": True, "description": "What it is called"},
            {"name": "tone", "location": "query", "type": "array", "style": "form", "explode": False}]),
        build.api("DELETE", "/pets/*"),
        description="Pets of all kinds", labels={"team": "pets"}, protocol="HTTP&HTTPS",
        policies=[{"kind": "rate_limit", "config": {"limit": 9, "unit": "day"}}])


@pytest.mark.parametrize("backends", ["true", "false"])
@pytest.mark.parametrize("source", ["by hand", "petstore"])
def test_r45_setting_the_exported_text_changes_nothing(management, build, rich, source, backends):
    service = rich if source == "by hand" else management.import_file(PETSTORE, name=build.unique(), backend="mock")["service"]
    before = draft(management, service)
    for format in ("json", "yaml"):
        text = management.call("GET", f"services/{service['id']}/description-file?format={format}&backends={backends}").text
        answer = put(management, service, text)
        assert answer.status == 200, answer
        assert answer.json()["changes"] == {"service": [], "apis": []}
    assert draft(management, service) == before


def test_r45_a_dry_run_tells_what_would_change_and_changes_nothing(management, rich):
    before = draft(management, rich)
    document = exported(management, rich, "false")
    document["info"]["description"] = "Fewer pets"
    document["paths"]["/pets/{id}"]["get"]["summary"] = "Show a pet"
    del document["paths"]["/pets"]["post"]
    document["paths"]["/toys"] = {"get": {"summary": "List toys", "security": [], "responses": {"200": {"description": "ok"}}}}
    told = put(management, rich, document, dry_run="true").json()["changes"]
    assert {(api["change"], api["method"], api["path"]) for api in told["apis"]} == {
        ("changed", "GET", "/pets/{id}"), ("removed", "POST", "/pets"), ("added", "GET", "/toys")}
    assert [field["pointer"] for field in told["service"]] == ["/description"]
    assert draft(management, rich) == before
    done = put(management, rich, document, etag=f'"{before["version"]}"').json()

    def known(changes):  # a new API gets its id when it is made
        return [{**api, "id": None if api["change"] == "added" else api["id"]} for api in changes["apis"]]
    assert known(done["changes"]) == known(told)
    after = draft(management, rich)["definition"]
    assert {(api["method"], api["path"]) for api in after["apis"]} == {("GET", "/pets/{id}"), ("DELETE", "/pets/*"), ("GET", "/toys")}
    assert done["service"]["description"] == "Fewer pets"


def test_what_a_file_cannot_say_stays_with_operations_that_stay(management, rich):
    before = {api["path"]: api for api in draft(management, rich)["definition"]["apis"]}
    document = exported(management, rich, "false")
    operation = document["paths"]["/pets/{id}"]["get"]
    operation["description"] = "Exactly one pet"
    operation["responses"]["200"]["content"]["application/json"]["example"] = {"id": 2}
    operation["responses"]["429"] = {"description": "Slow down"}
    document["paths"]["/pets"]["post"]["parameters"].append({"name": "more", "in": "query", "schema": {"type": "boolean"}})
    assert put(management, rich, document).status == 200
    after = {api["path"]: api for api in draft(management, rich)["definition"]["apis"]}
    pet = after["/pets/{id}"]
    for member in ("id", "auth", "policies", "backend", "mapping", "labels", "parameters", "name"):
        assert pet[member] == before["/pets/{id}"][member], member
    assert (pet["description"], pet["responses"]["success_example"]) == ("Exactly one pet", '{"id":2}')
    codes = {code["code"]: code for code in pet["responses"]["error_codes"]}
    assert codes["404"] == before["/pets/{id}"]["responses"]["error_codes"][0]
    assert set(codes) == {"404", "E7", "429"}
    made = after["/pets"]
    assert {(p["name"], p["location"]) for p in made["parameters"]} == {("name", "body"), ("tone", "query"), ("more", "query")}
    assert after["/pets/*"] == before["/pets/*"]
    assert draft(management, rich)["definition"]["policies"][0]["kind"] == "rate_limit"


def test_a_file_with_backends_sets_them(management, rich):
    document = exported(management, rich, "true")
    document["paths"]["/pets/{id}"]["get"]["x-lintel"]["backend"] = {"kind": "mock", "config": {"body": "set"}}
    document["x-lintel"]["labels"] = {"team": "toys"}
    changes = put(management, rich, document).json()["changes"]
    assert {field["pointer"].split("/")[1] for field in changes["apis"][0]["fields"]} == {"backend"}
    assert [field["after"] for field in changes["service"]] == ["toys"]


def test_a_published_service_called_back_is_no_backend_of_a_new_api(gateway, management, build):
    service, base = build.published(build.api())
    management.post(f"services/{service['id']}/draft", {})
    document = exported(management, service, "false")
    assert document["servers"]
    document["paths"]["/new"] = {"get": {"security": [], "responses": {"200": {"description": "ok"}}}}
    assert put(management, service, document).status == 200
    management.publish(service)
    assert gateway.call("GET", base + "/new").status == 200
    assert gateway.call("GET", base + "/hello").text == "hello"


def test_it_is_all_or_nothing(management, rich):
    before = draft(management, rich)
    document = exported(management, rich, "false")
    document["paths"]["/pets/{id}"]["get"]["summary"] = "Changed"
    document["paths"]["/good"] = {"get": {"responses": {"200": {"description": "ok"}}}}
    document["paths"]["/bad"] = {"get": {"responses": {}, "requestBody": {"$ref": "https://example.com/x.yaml"}}}
    answer = put(management, rich, document)
    assert (answer.status, answer.json()["code"]) == (400, "file.invalid")
    assert answer.json()["errors"][0]["pointer"].startswith("/paths/~1bad")
    assert put(management, rich, "just text").status == 400
    assert put(management, rich, exported(management, rich, "false"), etag='"999"').status == 412
    assert draft(management, rich) == before


def test_a_service_without_a_draft_has_no_file_to_edit(management, build):
    service, _ = build.published(build.api())
    answer = put(management, service, exported(management, service, "false"))
    assert (answer.status, answer.json()["code"]) == (409, "state.conflict")
