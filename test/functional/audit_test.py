"""The audit: who did what, when, from where; what was tried and refused; for whom it may be read."""
import csv
import io
import pathlib
import re

import pytest
from rig import refused

PASSWORD = "a-long-enough-password"
SOURCES = pathlib.Path(__file__).resolve().parents[2] / "src"


@pytest.fixture
def project(management, build):
    return management.post("projects", {"name": build.unique("project")}).json()


@pytest.fixture
def client(gateway, management, build):
    """An ordinary user, logged in."""
    name = build.unique("user")
    management.post("/api/v1/users", {"name": name, "password": PASSWORD})
    made = gateway.as_user(name, PASSWORD)
    made.name = name
    return made


def events(management, query):
    return management.get(f"/api/v1/audit-events?{query}")["items"]


def test_events_are_found_by_who_what_where_when_and_how_it_ended(management, build, project):
    service = management.create_service(build.unique("s"), [build.api()], project=project["id"])
    management.publish(service)
    who = management.get("/api/v1/whoami")["user"]["name"]
    found = events(management, f"object_id={service['id']}")
    assert [event["action"] for event in found] == ["service.publish", "service.create"]
    publish, create = found
    assert (publish["actor"], publish["project"], publish["result"], publish["object_name"]) == \
        (who, project["id"], "succeeded", service["code"])
    assert publish["remote"] == "127.0.0.1" and publish["request_id"] and publish["token_id"]
    for query in (f"actor={who}", "action=service.publish", "object_type=service", f"project={project['name']}",
                  "result=succeeded", f"q={service['code'].upper()}", f"q={publish['request_id']}", f"since={publish['at']}"):
        assert publish in events(management, f"object_id={service['id']}&{query}"), query
    for query in ("actor=nobody", "action=service.stop", "object_type=api", "result=refused", "q=%25", f"until={create['at']}"):
        assert events(management, f"object_id={service['id']}&{query}") == [], query
    refused(management.call("GET", "/api/v1/audit-events?project=nothing"), 404, "resource.not_found")


def test_events_are_listed_in_pages(management, build, project):
    for number in range(5):
        management.post("service-groups", {"name": f"group {number}", "project": project["id"]})
    seen, token = [], ""
    while token is not None:
        page = management.get(f"/api/v1/audit-events?project={project['id']}&action=group.create&page_size=2" +
                              (f"&page_token={token}" if token else ""))
        seen += [event["object_name"] for event in page["items"]]
        token = page.get("next_page_token")
    assert seen == [f"group {number}" for number in reversed(range(5))]


def test_every_change_says_what_was_before_and_what_is_after(management, build, project):
    """One of each kind of change; secrets are never in them."""
    service = management.create_service(build.unique("s"), [build.api()], project=project["id"])
    path = f"services/{service['id']}"
    api = management.get(f"{path}/apis")["items"][0]["id"]
    management.patch(f"{path}/apis/{api}", {"name": "Other"})
    group = management.post(f"{path}/api-groups", {"name": "first"}).json()["id"]
    management.patch(f"{path}/api-groups/{group}", {"name": "second"})
    management.delete(f"{path}/api-groups/{group}")
    management.publish(service)
    management.post(f"{path}/draft", {"from_release": 1}, If_Match="*")
    management.publish(service)
    management.patch(f"{path}/deployments", {"state": "stopped", "note": "pause"})
    credential = management.create_credential(service)
    management.post(f"{path}/credentials/{credential['id']}/reset", {"type": "basic"})
    management.delete(f"{path}/credentials/{credential['id']}")
    newest_first = events(management, f"project={project['id']}&page_size=100")
    by_action = {event["action"]: event for event in reversed(newest_first)}

    def change(action):
        return by_action[action]["before"], by_action[action]["after"]
    assert change("service.create")[1]["apis"][0]["path"] == "/hello"
    assert [side["name"] for side in change("api.edit")] == ["GET /hello", "Other"]
    assert change("api_group.create") == (None, {"id": group, "name": "first"})
    assert [side["name"] for side in change("api_group.rename")] == ["first", "second"]
    assert change("api_group.delete") == ({"id": group, "name": "second"}, None)
    assert change("service.publish")[0] == {"releases": {"release": 1}} and change("service.publish")[1]["release"] == 2
    assert [side["state"] for side in change("service.stop")] == ["running", "stopped"]
    assert change("credential.create")[1]["name"] == change("credential.delete")[0]["name"] == "caller"
    text = str(by_action)
    for pair in credential["key_pairs"].values():
        assert pair["secret"] not in text


def test_what_is_very_long_is_told_by_size_and_hash(management, build):
    api = build.api(description="x" * 150, responses={"success_example": "y" * 60_000})
    service = build.service(api, {**api, "path": "/again", "name": "again"})
    after = events(management, f"object_id={service['id']}&action=service.create")[0]["after"]
    assert set(after) == {"bytes", "sha256"} and after["bytes"] > 64 * 1024 and re.fullmatch("[0-9a-f]{64}", after["sha256"])


def test_failed_log_ins_and_refused_attempts_are_kept_but_not_a_flood_of_them(management, build, client):
    name = build.unique("intruder")
    refused(management.call("POST", "/api/v1/sessions", {"name": name, "password": "wrong"}), 401, "auth.login_failed")
    tried, = events(management, f"actor={name}")
    assert (tried["action"], tried["result"], tried["remote"]) == ("user.log_in", "refused", "127.0.0.1")
    for _ in range(15):
        refused(client.call("GET", "/api/v1/users"), 403, "permission.denied")
    kept = events(management, f"actor={client.name}&result=refused&page_size=100")
    assert len(kept) == 10
    assert (kept[0]["action"], kept[0]["object_id"]) == ("permission.refuse", "listUsers")
    assert "user:read" in kept[0]["after"]["detail"]


def test_refusals_in_a_project_are_kept_too(management, build, client, project):
    service = management.create_service(build.unique("s"), project=project["id"])
    management.put(f"projects/{project['id']}/members/{client.name}", {"role": "member", "permission": "read"})
    refused(client.call("PATCH", f"services/{service['id']}", {"name": "x"}, If_Match="*"), 403, "permission.denied")
    refused(client.call("PUT", f"projects/{project['id']}/members/{client.name}", {"role": "admin"}, If_Match="*"), 403,
            "permission.denied")
    refused(client.call("GET", "/api/v1/users"), 403, "permission.denied")
    kept = events(management, f"actor={client.name}&result=refused")
    assert [(event["object_id"], event["project"]) for event in kept] == [
        ("listUsers", ""), ("putMember", project["id"]), ("editService", project["id"])]


def test_administrators_of_projects_read_what_was_done_in_theirs(management, build, client, project):
    other = management.post("projects", {"name": build.unique("other")}).json()
    mine = management.create_service(build.unique("s"), project=project["id"])
    management.create_service(build.unique("s"), project=other["id"])
    refused(client.call("GET", "/api/v1/audit-events"), 403, "permission.denied")
    management.put(f"projects/{project['id']}/members/{client.name}", {"role": "admin"})
    seen = client.get("/api/v1/audit-events?page_size=500")["items"]
    assert {event["project"] for event in seen} == {project["id"]}
    assert mine["id"] in [event["object_id"] for event in seen]
    refused(client.call("GET", f"/api/v1/audit-events?project={other['id']}"), 404, "resource.not_found")
    table = client.call("GET", "/api/v1/audit-events.csv")
    assert {row["project"] for row in csv.DictReader(io.StringIO(table.text))} == {project["id"]}
    everybodys = client.get("/api/v1/whoami")["projects"]
    default = next(item["id"] for item in everybodys if item["is_default"])
    refused(client.call("GET", f"/api/v1/audit-events?project={default}"), 403, "permission.denied")


def test_the_export_is_a_table_without_formulas(management, build, project):
    for name in ('=HYPERLINK("http://a","b")', "+1", "-1", "@x", 'quotes " and, commas', "two\nlines"):
        management.call("POST", "service-groups", {"name": name, "project": project["id"]})
    answer = management.call("GET", f"/api/v1/audit-events.csv?project={project['id']}&action=group.create")
    assert answer.header("Content-Type").startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
    assert [row["object_name"] for row in rows] == ["two\nlines", 'quotes " and, commas', "'@x", "'-1", "'+1",
                                                    "'=HYPERLINK(\"http://a\",\"b\")"]
    for row in rows:
        assert not any(cell.startswith(tuple("=+-@\t\r")) for cell in row.values())


def test_nothing_changes_or_removes_an_event(management):
    path = "/api/v1/audit-events/" + events(management, "page_size=1")[0]["id"]
    for method in ("PUT", "PATCH", "DELETE"):
        assert management.call(method, path, {}).status == 404
        assert management.call(method, "/api/v1/audit-events", {}).status == 405
    writers = [str(file) for file in SOURCES.rglob("*.cc")
               if re.search(r"(UPDATE|DELETE FROM|TRUNCATE|DROP TABLE)\s+audit_events", file.read_text())]
    assert writers == []
