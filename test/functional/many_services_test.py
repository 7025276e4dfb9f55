"""Clones, labels, and the same done to several services at once."""
import pytest


def test_a_clone_is_a_new_service_in_configuration(gateway, management, build):
    service, base = build.published(build.api(), build.api(path="/two", auth="basic"), labels={"team": "shop"},
                                    policies=[{"kind": "rate_limit", "config": {"limit": 1, "unit": "day"}}])
    management.create_credential(service)
    name, code = build.unique("Clone"), build.unique("clone")
    made = management.post(f"services/{service['id']}/clones", {"name": name, "code": code})
    assert made.status == 201
    clone = made.json()
    assert made.header("Location").endswith(clone["id"])
    assert (clone["status"], clone["deployments"], clone["latest_release"], clone["labels"]) == (
        "configuring", [], None, {"team": "shop"})
    assert management.get(f"services/{code}/credentials")["items"] == []
    apis = {api["path"]: api["id"] for api in management.get(f"services/{code}/apis")["items"]}
    old = {api["path"]: api["id"] for api in management.get(f"services/{service['id']}/apis?release=1")["items"]}
    assert set(apis) == set(old) and not set(apis.values()) & set(old.values())
    management.publish(clone)
    for address in (base, f"/release/{code}"):  # each with a limit of its own
        assert [gateway.call("GET", address + "/hello").status for _ in range(2)] == [200, 429]


def test_a_clone_takes_the_draft_or_the_release_that_is_named(management, build):
    service, _ = build.published(build.api())
    management.post(f"services/{service['id']}/draft", {})
    management.post(f"services/{service['id']}/apis", build.api(path="/draft"))

    def paths(**more):
        clone = management.post(f"services/{service['id']}/clones", {"name": build.unique(), **more}).json()
        return {api["path"] for api in management.get(f"services/{clone['id']}/apis")["items"]}
    assert paths() == {"/hello", "/draft"}
    assert paths(release=1) == {"/hello"}


@pytest.mark.parametrize("body,status,code", [
    ({"name": ""}, 400, "field.invalid"), ({"name": "same"}, 409, "name.taken"), ({"name": "new", "release": 9}, 404, "resource.not_found"),
    ({"name": "new", "project": "nowhere"}, 404, "resource.not_found"), ({}, 400, "field.invalid")])
def test_a_clone_that_cannot_be_is_refused(management, build, body, status, code):
    service = build.service()
    if body.get("name") == "same":
        body = {"name": service["name"]}
    answer = management.call("POST", f"services/{service['id']}/clones", body)
    assert (answer.status, answer.json()["code"]) == (status, code)


def test_services_and_apis_are_found_by_their_labels(management, build):
    mark = build.unique("mark")
    one = build.service(build.api(labels={"tier": "gold"}), build.api(path="/b", labels={"tier": "lead", "new": ""}),
                        labels={"team": "shop", mark: "a"})
    two = build.service(labels={"team": "pets", mark: "b"})

    def services(*labels):
        query = "&".join(f"label={label}" for label in labels)
        return {item["id"] for item in management.get(f"services?{query}&page_size=500")["items"]}
    assert services(mark) == {one["id"], two["id"]}
    assert services(mark + ":a") == {one["id"]}
    assert services(mark, "team:pets") == {two["id"]}
    assert services(mark + ":a", "team:pets") == set()
    assert management.get(f"services/{one['id']}")["labels"] == {"team": "shop", mark: "a"}

    def apis(label):
        return {api["path"] for api in management.get(f"services/{one['id']}/apis?label={label}")["items"]}
    assert (apis("tier"), apis("tier:gold"), apis("new:"), apis("none")) == ({"/hello", "/b"}, {"/hello"}, {"/b"}, set())
    management.patch(f"services/{one['id']}", {"labels": {mark: None}})
    assert services(mark) == {two["id"]}
    assert management.get(f"services/{one['id']}")["labels"] == {"team": "shop"}


@pytest.mark.parametrize("labels,pointer", [
    ({"Team": "x"}, "/labels/Team"), ({"-x": "x"}, "/labels/-x"), ({"x" * 64: "x"}, "/labels/" + "x" * 64),
    ({"x": "y" * 201}, "/labels/x"), ({"x": "a\nb"}, "/labels/x"), ({f"l{n}": "" for n in range(21)}, "/labels"),
    ({"x": 1}, "/labels/x")])
def test_labels_that_are_none_are_refused_with_their_place(management, build, labels, pointer):
    answer = management.call("POST", "services", {"name": build.unique(), "labels": labels})
    assert (answer.status, [fault["pointer"] for fault in answer.json()["errors"]]) == (400, [pointer])


def batch(management, action, services, **more):
    answer = management.post("service-batches", {"action": action, "services": services, **more}).json()
    return [(item["service"], item["problem"]["code"] if "problem" in item else item["done"]) for item in answer["items"]]


def test_several_services_are_published_stopped_started_and_deleted(gateway, management, build):
    codes = [build.service()["code"] for _ in range(3)]
    address = {code: f"/release/{code}/hello" for code in codes}

    def statuses():
        return [gateway.call("GET", address[code]).status for code in codes]
    assert batch(management, "publish", codes, environments=["release", "test"], note="All") == [(code, True) for code in codes]
    assert statuses() == [200] * 3
    assert batch(management, "delete", codes) == [(code, "state.conflict") for code in codes]
    assert batch(management, "stop", codes[:2]) == [(code, True) for code in codes[:2]]
    assert statuses() == [404, 404, 200]
    assert batch(management, "start", codes, environments=["release"]) == [
        (codes[0], True), (codes[1], True), (codes[2], "state.conflict")]
    assert statuses() == [200] * 3
    batch(management, "stop", codes)
    assert batch(management, "delete", codes + codes[:1]) == [(code, True) for code in codes] + [(codes[0], "resource.not_found")]
    assert management.get(f"services?q={codes[0]}")["items"] == []


def test_a_refused_service_keeps_no_other_from_being_done(gateway, management, build):
    good, empty = build.service(), management.create_service(build.unique(), code=build.unique())
    assert batch(management, "publish", [empty["code"], "nothing", good["code"]], environments=["release"]) == [
        (empty["code"], "publish.refused"), ("nothing", "resource.not_found"), (good["code"], True)]
    assert gateway.call("GET", f"/release/{good['code']}/hello").status == 200


def test_in_a_batch_each_service_asks_for_its_own_permission(gateway, management, build):
    project = management.post("projects", {"name": build.unique("Batch")}).json()["id"]
    codes = [build.service(project=project)["code"] for _ in range(2)]
    expected = {None: "resource.not_found", "read": "permission.denied", "edit": "permission.denied", "edit_publish": True}
    for permission, outcome in expected.items():
        name = build.unique("user")
        management.post("/api/v1/users", {"name": name, "password": "a-long-enough-password"})
        if permission:
            management.put(f"projects/{project}/members/{name}", {"role": "member", "permission": permission})
        caller = gateway.as_user(name, "a-long-enough-password")
        for action, more in (("publish", {"environments": ["release"]}), ("stop", {}), ("start", {"environments": ["release"]}),
                             ("stop", {})):
            assert batch(caller, action, codes, **more) == [(code, outcome) for code in codes], (permission, action)
    assert batch(caller, "delete", codes) == [(code, True) for code in codes]


@pytest.mark.parametrize("body", [
    {"action": "publish", "services": ["x"]}, {"action": "start", "services": ["x"]}, {"action": "stop", "services": []},
    {"action": "delete", "services": ["x"], "environments": ["release"]}, {"action": "sell", "services": ["x"]},
    {"action": "stop", "services": ["x"] * 51}])
def test_a_batch_that_cannot_be_is_refused_as_a_whole(management, body):
    answer = management.call("POST", "service-batches", body)
    assert (answer.status, answer.json()["code"]) == (400, "field.invalid")
