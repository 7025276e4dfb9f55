"""From draft to running to gone: states, releases, environments, history and what each refuses."""
import concurrent.futures
import threading

import pytest
import rig


def hello(build, text):
    return build.api(backend={"kind": "mock", "config": {"body": text}})


def refused(management, method, path, body=None, **headers):
    """-> (status, code) of a call that must fail"""
    answer = management.call(method, path, body, **headers)
    assert answer.status >= 400, answer
    assert answer.header("Content-Type") == "application/problem+json"
    return answer.status, answer.json()["code"]


def status_of(management, service):
    return management.get(f"services/{service['id']}")["status"]


def test_r5_r18_r50_r56_the_status_follows_the_deployments(gateway, management, build):
    service = build.service()
    address = f"/release/{service['code']}/hello"
    assert status_of(management, service) == "configuring"
    assert gateway.call("GET", address).status == 404

    management.publish(service)
    assert status_of(management, service) == "running"
    assert gateway.call("GET", address).status == 200

    management.patch(f"services/{service['id']}/deployments", {"state": "stopped"})
    assert status_of(management, service) == "stopped"
    stopped = gateway.call("GET", address)
    assert (stopped.status, stopped.json()["code"]) == (404, "route.not_found")

    management.patch(f"services/{service['id']}/deployments/release", {"state": "running"})
    assert status_of(management, service) == "running"
    assert gateway.call("GET", address).status == 200


def test_r67_r68_only_a_stopped_service_can_be_deleted_and_then_all_of_it_is_gone(gateway, management, build):
    service, base = build.published()
    credential = management.create_credential(service)
    assert refused(management, "DELETE", f"services/{service['id']}", If_Match="*") == (409, "state.conflict")
    assert gateway.call("GET", base + "/hello").status == 200
    management.patch(f"services/{service['id']}/deployments", {"state": "stopped"})
    management.delete(f"services/{service['id']}")
    for path in ("", "/draft", "/releases", "/deployments", "/credentials", f"/credentials/{credential['id']}"):
        assert refused(management, "GET", f"services/{service['id']}{path}") == (404, "resource.not_found")
    # Its code is free again.
    management.create_service(service["code"], [build.api()], code=service["code"])


def test_r49_r53_environments_run_versions_of_their_own(gateway, management, build):
    service = build.service(hello(build, "one"))
    management.publish(service, ["test", "prepub"])
    management.post(f"services/{service['id']}/draft", {})
    api = management.get(f"services/{service['id']}/apis")["items"][0]
    management.patch(f"services/{service['id']}/apis/{api['id']}",
                     {"backend": {"kind": "mock", "config": {"body": "two"}}})
    management.publish(service, ["test", "release"])
    answers = {environment: gateway.call("GET", f"/{environment}/{service['code']}/hello").text
               for environment in ("test", "prepub", "release")}
    assert answers == {"test": "two", "prepub": "one", "release": "two"}
    running = {deployment["environment"]: deployment["release"]
               for deployment in management.get(f"services/{service['id']}/deployments")["items"]}
    assert running == {"test": 2, "prepub": 1, "release": 2}


def test_r51_r52_a_copied_draft_leaves_the_traffic_alone_until_it_is_published(gateway, management, build):
    service, base = build.published(hello(build, "one"))
    path = f"services/{service['id']}"
    assert refused(management, "GET", path + "/draft") == (409, "state.conflict")
    management.post(path + "/draft", {})
    api = management.get(path + "/apis")["items"][0]
    management.patch(f"{path}/apis/{api['id']}", {"backend": {"kind": "mock", "config": {"body": "two"}}})
    assert gateway.call("GET", base + "/hello").text == "one"
    assert management.get(path)["status"] == "running"
    assert management.get(path)["has_draft"] is True
    # A second copy would lose the edits.
    assert refused(management, "POST", path + "/draft", {}) == (409, "state.conflict")
    management.post(path + "/draft", {"overwrite": True})
    api = management.get(path + "/apis")["items"][0]
    assert api["backend"]["config"]["body"] == "one"
    management.patch(f"{path}/apis/{api['id']}", {"backend": {"kind": "mock", "config": {"body": "three"}}})
    management.publish(service)
    assert gateway.call("GET", base + "/hello").text == "three"


def test_without_a_draft_nothing_can_be_edited(management, build):
    service, _ = build.published()
    path = f"services/{service['id']}"
    api = management.get(path + "/apis")["items"][0]
    for method, target, body in (("POST", path + "/apis", build.api(path="/more")),
                                 ("PATCH", path, {"description": "new"}),
                                 ("PATCH", f"{path}/apis/{api['id']}", {"name": "new"}),
                                 ("DELETE", f"{path}/apis/{api['id']}", None)):
        assert refused(management, method, target, body, If_Match="*") == (409, "state.conflict"), (method, target)


def test_roll_back_runs_an_earlier_release_again(gateway, management, build):
    service, base = build.published(hello(build, "one"))
    path = f"services/{service['id']}"
    management.post(path + "/draft", {})
    api = management.get(path + "/apis")["items"][0]
    management.patch(f"{path}/apis/{api['id']}", {"backend": {"kind": "mock", "config": {"body": "two"}}})
    management.publish(service)
    assert gateway.call("GET", base + "/hello").text == "two"
    management.put(path + "/deployments/release", {"release": 1})
    assert gateway.call("GET", base + "/hello").text == "one"
    assert refused(management, "PUT", path + "/deployments/release", {"release": 99}, If_Match="*")[0] in (400, 404)
    assert gateway.call("GET", base + "/hello").text == "one"


@pytest.mark.parametrize("state", ["stopped", "running"])
def test_an_environment_that_is_addressed_and_does_not_exist_is_not_found(management, build, state):
    service, _ = build.published()
    path = f"services/{service['id']}/deployments"
    problem = rig.refused(management.call("PATCH", path + "/nowhere", {"state": state}, If_Match="*"), 404, "resource.not_found")
    assert "nowhere" in problem["detail"] and "release" in problem["detail"]
    # One in the body is a fault of the body.
    listed = management.call("PATCH", path, {"state": state, "environments": ["nowhere"]}, If_Match="*")
    assert rig.pointers(rig.refused(listed, 400, "field.invalid")) == {"/environments/0"}


def test_r75_r76_the_history_tells_every_move_newest_first(management, build):
    service, _ = build.published()
    path = f"services/{service['id']}"
    management.patch(path + "/deployments", {"state": "stopped"})
    management.patch(path + "/deployments/release", {"state": "running"})
    management.post(path + "/draft", {})
    management.publish(service)
    management.put(path + "/deployments/release", {"release": 1})
    records = management.get(path + "/release-records?page_size=10")["items"]
    assert [(record["action"], record["release"]) for record in records] == [
        ("rollback", 1), ("replace", 2), ("start", 1), ("stop", 1), ("publish", 1)]
    assert all(record["environment"] == "release" and record["operator"] == "admin" and record["at"] for record in records)


def test_a_release_never_changes(management, build):
    service, _ = build.published()
    path = f"services/{service['id']}"
    before = management.get(path + "/releases/1")
    management.post(path + "/draft", {})
    management.patch(path, {"description": "changed"})
    management.publish(service)
    assert management.get(path + "/releases/1") == before
    assert management.get(path + "/releases/2")["definition"]["description"] == "changed"


@pytest.mark.parametrize("apis", [[], [{"name": "x", "method": "GET", "path": "/x", "auth": {"kind": "none"}}]],
                         ids=["no API", "an API without a backend"])
def test_an_incomplete_service_is_not_published_and_nothing_changes(gateway, management, build, apis):
    code = build.unique()
    service = management.create_service(code, apis, code=code)
    path = f"services/{service['id']}"
    answer = management.call("POST", path + "/releases", {"environments": ["release"]})
    problem = answer.json()
    assert (answer.status, problem["code"]) == (409, "publish.refused")
    assert problem["errors"] and all(fault["detail"] for fault in problem["errors"])
    assert management.get(path + "/releases")["items"] == []
    assert management.get(path)["status"] == "configuring"
    assert gateway.call("GET", f"/release/{service['code']}/x").status == 404


@pytest.mark.parametrize("body", [{"environments": []}, {"environments": ["nowhere"]}, {}, {"environments": ["release"], "x": 1}])
def test_a_publish_to_nowhere_is_refused(management, build, body):
    service = build.service()
    assert refused(management, "POST", f"services/{service['id']}/releases", body) == (400, "field.invalid")


def test_what_is_not_running_cannot_be_stopped(management, build):
    service = build.service()
    assert refused(management, "PATCH", f"services/{service['id']}/deployments", {"state": "stopped"},
                   If_Match="*") == (409, "state.conflict")


def test_a_failed_publish_keeps_what_runs(gateway, management, build):
    service, base = build.published(hello(build, "one"))
    path = f"services/{service['id']}"
    management.post(path + "/draft", {})
    management.post(path + "/apis", {"name": "x", "method": "GET", "path": "/x", "auth": {"kind": "none"}})
    assert refused(management, "POST", path + "/releases", {"environments": ["release"]}) == (409, "publish.refused")
    assert gateway.call("GET", base + "/hello").text == "one"
    assert management.get(path)["latest_release"] == 1


def test_everything_is_there_after_a_restart(own_gateway, build):
    own_gateway.start()
    management = own_gateway.management()
    service = management.create_service("kept", [build.api(auth="basic")], code="kept")
    management.publish(service)
    management.create_credential(service)
    stopped = management.create_service("stopped", [build.api()], code="stopped")
    management.publish(stopped)
    management.patch(f"services/{stopped['id']}/deployments", {"state": "stopped"})
    before = management.get("services")
    own_gateway.restart()
    assert management.get("services") == before
    assert own_gateway.call("GET", "/release/kept/hello").status == 401
    assert own_gateway.call("GET", "/release/stopped/hello").status == 404


def test_publishes_under_load_fail_no_call_and_mix_no_releases(gateway, management, build):
    """Each release answers with its own number twice, in a header and in the body; they must agree."""
    def api(number):
        return build.api(backend={"kind": "mock", "config": {"headers": {"X-Release": str(number)}, "body": str(number)}})

    service, base = build.published(api(1))
    path = f"services/{service['id']}"
    done = threading.Event()

    def client():
        import http.client
        connection = http.client.HTTPConnection(gateway.address, timeout=15)
        seen = []
        while not done.is_set():
            answer = rig.exchange(gateway.address, "GET", base + "/hello", connection=connection)
            assert answer.status == 200, answer
            assert answer.header("X-Release") == answer.text
            seen.append(int(answer.text))
        connection.close()
        return seen

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(client) for _ in range(4)]
        try:
            for number in range(2, 42):
                management.post(path + "/draft", {"overwrite": True})
                found = management.get(path + "/apis")["items"][0]
                management.patch(f"{path}/apis/{found['id']}", {"backend": api(number)["backend"]})
                management.publish(service)
        finally:
            done.set()
        for one in clients:
            seen = one.result()
            assert seen == sorted(seen), "a client saw an older release after a newer one"
            assert len(set(seen)) > 1, "the load never met a publish"
    assert gateway.call("GET", base + "/hello").text == "41"


def test_r6_r7_r9_r39_r44_r46_a_service_is_made_either_way_and_every_operation_of_it_works(gateway, management, build):
    by_hand = build.service()
    imported = management.post("imports", {"name": build.unique(), "document":
                                           "openapi: 3.0.3\ninfo: {title: Filed, version: '1'}\npaths:\n  /filed:\n    get:\n"
                                           "      responses: {'200': {description: ok}}\n"}).json()["service"]
    listed = {item["id"] for item in management.get("services?page_size=500")["items"]}
    assert {by_hand["id"], imported["id"]} <= listed
    path = f"services/{by_hand['id']}"

    made = management.post(path + "/apis", build.api("POST", "/more", auth="basic")).json()
    assert made["id"] in [item["id"] for item in management.get(path + "/apis")["items"]]
    shown = management.get(f"{path}/apis/{made['id']}")
    assert (shown["method"], shown["path"], shown["auth"]["kind"], shown["backend"]["kind"]) == ("POST", "/more", "basic", "mock")
    assert management.patch(f"{path}/apis/{made['id']}", {"name": "Renamed"}).json()["name"] == "Renamed"

    management.publish(by_hand, ["test", "release"])
    deployments = management.get(path)["deployments"]
    assert sorted(item["environment"] for item in deployments) == ["release", "test"]
    for environment in ("test", "release"):
        assert gateway.call("GET", f"/{environment}/{by_hand['code']}/hello").status == 200

    for kind, listing in (("launch", "listed"), ("remove", "unlisted")):
        number = management.post(path + "/applications", {"type": kind}).json()["number"]
        management.post(f"applications/{number}/approve", {})
        assert management.get(path)["listing"] == listing
    assert "/more" in management.call("GET", path + "/description-file?format=json").json()["paths"]
    assert {item["environment"] for item in management.get(path + "/release-records")["items"]} == {"test", "release"}
    management.patch(path + "/deployments", {"state": "stopped"})
    management.delete(path)
    assert management.call("GET", path).status == 404
