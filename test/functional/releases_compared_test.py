"""What differs between two copies of a service."""
import pytest


def comparison(management, service, frm, to=None):
    query = f"?from={frm}" + (f"&to={to}" if to else "")
    return management.get(f"services/{service['id']}/comparison{query}")


def api_of(management, service, path):
    return next(api for api in management.get(f"services/{service['id']}/apis")["items"] if api["path"] == path)


@pytest.fixture
def edited(management, build):
    """A service with release 1 in `release`, and a draft that adds, removes and changes."""
    service, _ = build.published(build.api(), build.api(path="/gone"), labels={"team": "shop"})
    path = f"services/{service['id']}"
    management.post(path + "/draft", {})
    management.patch(path, {"description": "New words", "labels": {"team": "pets"},
                            "policies": [{"kind": "rate_limit", "config": {"limit": 5, "unit": "day"}}]})
    management.delete(f"{path}/apis/{api_of(management, service, '/gone')['id']}")
    management.patch(f"{path}/apis/{api_of(management, service, '/hello')['id']}", {
        "path": "/hullo", "backend": {"config": {"body": "hullo"}}})
    management.post(path + "/apis", build.api(path="/new"))
    return service


def test_added_removed_and_changed_apis_and_fields_are_told_with_their_places(management, edited):
    found = comparison(management, edited, 1)
    assert {(api["change"], api["path"]) for api in found["apis"]} == {
        ("added", "/new"), ("removed", "/gone"), ("changed", "/hullo")}
    changed = next(api for api in found["apis"] if api["change"] == "changed")
    assert sorted((field["pointer"], field["before"], field["after"]) for field in changed["fields"]) == [
        ("/backend/config/body", "hello", "hullo"), ("/path", "/hello", "/hullo")]
    fields = {field["pointer"]: field for field in found["service"]}
    assert (fields["/labels/team"]["before"], fields["/labels/team"]["after"]) == ("shop", "pets")
    assert fields["/description"]["after"] == "New words"
    assert "before" not in fields["/policies/0"] and fields["/policies/0"]["after"]["kind"] == "rate_limit"
    assert set(fields) == {"/labels/team", "/description", "/policies/0"}


def test_a_copy_is_the_draft_a_release_or_what_an_environment_runs(management, edited):
    whole = comparison(management, edited, 1, "draft")
    assert comparison(management, edited, "environment:release") == whole
    assert comparison(management, edited, "draft", "draft") == {"service": [], "apis": []}
    management.publish(edited, ["test"])
    assert comparison(management, edited, 1, 2) == whole
    assert comparison(management, edited, "environment:release", "environment:test") == whole
    turned = comparison(management, edited, 2, 1)
    assert {api["change"] for api in turned["apis"]} == {"added", "removed", "changed"}
    assert {api["path"] for api in turned["apis"] if api["change"] == "added"} == {"/gone"}


@pytest.mark.parametrize("frm,status,code", [
    ("7", 404, "resource.not_found"), ("environment:prepub", 404, "resource.not_found"),
    ("environment:nowhere", 404, "resource.not_found"), ("yesterday", 400, "query.invalid"), ("1x", 400, "query.invalid")])
def test_a_copy_that_is_none_is_refused(management, edited, frm, status, code):
    answer = management.call("GET", f"services/{edited['id']}/comparison?from={frm}")
    assert (answer.status, answer.json()["code"]) == (status, code)


def test_there_is_no_draft_to_compare_with_after_a_publish(management, build):
    service, _ = build.published(build.api())
    answer = management.call("GET", f"services/{service['id']}/comparison?from=1")
    assert (answer.status, answer.json()["code"]) == (404, "resource.not_found")
