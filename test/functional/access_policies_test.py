"""Access policies: what users may do beside, or in spite of, their roles."""
import pytest
import rig
from rig import pointers, refused

PASSWORD = "a-long-enough-password"


def statement(effect, action, *resources):
    return {"effect": effect, "actions": [action] if isinstance(action, str) else action, "resources": list(resources) or ["*"]}


@pytest.fixture
def project(management, build):
    return management.post("projects", {"name": build.unique("project")}).json()


@pytest.fixture
def person(gateway, management, build):
    """-> (name, client) of a new user to whom the statements are attached"""
    def make(*statements, **user):
        name = build.unique("person")
        management.post("/api/v1/users", {"name": name, "password": PASSWORD, **user})
        if statements:
            attach(management, build, name, *statements)
        return name, gateway.as_user(name, PASSWORD)
    return make


def attach(management, build, user, *statements):
    policy = management.post("/api/v1/access-policies", {"name": build.unique("policy"), "statements": list(statements)}).json()
    management.put(f"/api/v1/users/{user}/access-policies", {"policies": [policy["name"]]})
    return policy


def test_allow_adds_to_a_role_for_one_service_and_ends_with_the_policy(management, build, project, person):
    mine, other = (management.create_service(build.unique("s"), [build.api()], project=project["id"]) for _ in range(2))
    name, client = person(statement("Allow", ["lintel:service:read", "lintel:service:publish"], f"service:{mine['id']}"))
    assert client.get(f"services/{mine['id']}")["id"] == mine["id"]
    assert [item["id"] for item in client.get(f"services?q={mine['code']}")["items"]] == [mine["id"]]
    client.publish(mine)
    refused(client.call("PATCH", f"services/{mine['id']}", {"name": "x"}, If_Match="*"), 403, "permission.denied")
    refused(client.call("GET", f"services/{other['id']}"), 404, "resource.not_found")
    refused(client.call("GET", f"projects/{project['id']}"), 404, "resource.not_found")
    management.put(f"/api/v1/users/{name}/access-policies", {"policies": []})
    refused(client.call("GET", f"services/{mine['id']}"), 404, "resource.not_found")
    assert client.get(f"services?q={mine['code']}")["items"] == []


def test_deny_wins_over_roles_and_over_allow_but_not_over_root(management, build, project, person):
    service = management.create_service(build.unique("s"), [build.api()], project=project["id"])
    name, client = person(statement("Allow", "lintel:*:*", f"project:{project['id']}"),
                          statement("Deny", "lintel:service:delete", f"service:{service['id']}"))
    client.publish(service)
    client.patch(f"services/{service['id']}/deployments", {"state": "stopped"})
    problem = refused(client.call("DELETE", f"services/{service['id']}", If_Match="*"), 403, "permission.denied")
    assert "access policy" in problem["detail"]
    deputy, client = person(statement("Deny", "lintel:user:*"), is_system_admin=True)
    refused(client.call("GET", "/api/v1/users"), 403, "permission.denied")
    assert client.get("environments")["items"]
    root = management.get("/api/v1/whoami")["user"]["name"]
    attach(management, build, root, statement("Deny", "lintel:*:*"))
    assert management.get("/api/v1/users")["items"]
    management.put(f"/api/v1/users/{root}/access-policies", {"policies": []})
    assert deputy and name


def test_what_is_denied_is_in_no_list(management, build, project, person):
    hidden, shown = (management.create_service(build.unique("s"), project=project["id"]) for _ in range(2))
    name, client = person(statement("Deny", "lintel:service:read", f"service:{hidden['id']}"))
    management.put(f"projects/{project['id']}/members/{name}", {"role": "member", "permission": "read"})
    assert [item["id"] for item in client.get(f"services?project={project['id']}")["items"]] == [shown["id"]]
    refused(client.call("GET", f"services/{hidden['id']}"), 403, "permission.denied")


def test_whoami_shows_what_is_attached_and_what_comes_of_it(management, project, person):
    given = statement("Allow", "lintel:credential:*", f"project:{project['id']}")
    _, client = person(given)
    who = client.get("/api/v1/whoami")
    assert [item["statements"] for item in who["access_policies"]] == [[given]]
    here = next(item for item in who["projects"] if item["id"] == project["id"])
    assert {name.split(":")[0] for name in here["permissions"]} == {"credential"}
    _, client = person(statement("Allow", "lintel:environment:write"))
    assert "environment:write" in client.get("/api/v1/whoami")["permissions"]
    client.delete("environments/" + client.post("environments", {"code": "tmpx", "name": "x"}).json()["code"])


def test_a_policy_is_in_force_with_the_next_request(management, build, person):
    name, client = person()
    policy = attach(management, build, name, statement("Allow", "lintel:settings:read"))
    assert client.get("/api/v1/settings")["items"]
    path = f"/api/v1/access-policies/{policy['id']}"
    management.put(path, {"name": policy["name"], "statements": [statement("Deny", "lintel:*:read")]})
    refused(client.call("GET", "/api/v1/settings"), 403, "permission.denied")
    refused(client.call("GET", "environments"), 403, "permission.denied")
    refused(management.call("DELETE", path, If_Match="*"), 409, "state.conflict")
    management.put(f"/api/v1/users/{name}/access-policies", {"policies": []})
    assert client.get("environments")["items"]
    management.delete(path)
    refused(management.call("GET", path), 404, "resource.not_found")


def test_nobody_gives_more_than_they_hold(management, build, project, person):
    name, deputy = person(statement("Allow", ["lintel:user:*", "lintel:service:*"], "*"))
    other, _ = person()
    body = {"name": build.unique("p"), "statements": [
        statement("Allow", ["lintel:service:read", "lintel:credential:reveal"], f"project:{project['id']}"),
        statement("Deny", "lintel:*:*")]}
    problem = refused(deputy.call("POST", "/api/v1/access-policies", body), 400, "field.invalid")
    assert pointers(problem) == {"/statements/0/actions/1"}
    strong = management.post("/api/v1/access-policies", {
        "name": build.unique("p"), "statements": [statement("Allow", "lintel:*:*")]}).json()
    problem = refused(deputy.call("PUT", f"/api/v1/users/{other}/access-policies", {"policies": [strong["name"]]}, If_Match="*"),
                      400, "field.invalid")
    assert pointers(problem) == {"/policies/0"}
    refused(deputy.call("PUT", f"/api/v1/users/{name}/access-policies", {"policies": []}, If_Match="*"), 403, "permission.denied")
    own = deputy.get("/api/v1/whoami")["access_policies"][0]["name"]
    refused(deputy.call("PUT", f"/api/v1/access-policies/{own}", {"name": own, "statements": [statement("Deny", "lintel:*:*")]},
                        If_Match="*"), 403, "permission.denied")
    root = management.get("/api/v1/whoami")["user"]["name"]
    for method, path, body in (("POST", "/api/v1/users", {"name": build.unique("up"), "password": PASSWORD, "is_system_admin": True}),
                               ("PATCH", f"/api/v1/users/{name}", {"is_system_admin": True}),
                               ("PATCH", f"/api/v1/users/{root}", {"email": "a@b"}),
                               ("POST", f"/api/v1/users/{root}/password", {"password": PASSWORD}),
                               ("PUT", f"/api/v1/users/{root}/access-policies", {"policies": []}),
                               ("DELETE", f"/api/v1/users/{root}", None)):
        refused(deputy.call(method, path, body, If_Match="*"), 403, "permission.denied")
    assert deputy.call("PATCH", f"/api/v1/users/{other}", {"email": "a@b"}, If_Match="*").status == 200


def test_every_fault_of_a_policy_is_told_at_once(management, build):
    answer = management.call("POST", "/api/v1/access-policies", {"name": "not good", "statements": [
        statement("Allow", ["lintel:service:read", "lintel:service:fly", "service:read", "*"], "*"),
        statement("Deny", "lintel:*:*", "project:prj_0", "service:svc_0", "gateway:default", "*")]})
    assert pointers(refused(answer, 400, "field.invalid")) == {
        "/name", "/statements/0/actions/1", "/statements/0/actions/2", "/statements/0/actions/3",
        "/statements/1/resources/0", "/statements/1/resources/1", "/statements/1/resources/2"}
    shape = management.call("POST", "/api/v1/access-policies", {"name": "x", "statements": [
        {"effect": "allow", "actions": [], "resources": ["*"], "condition": {}}]})
    assert {"/statements/0/effect", "/statements/0/actions"} <= pointers(refused(shape, 400, "field.invalid"))
    many = [statement("Deny", "lintel:user:read")] * 21
    refused(management.call("POST", "/api/v1/access-policies", {"name": "x", "statements": many}), 400, "field.invalid")
    name = build.unique("p")
    body = {"name": name, "statements": [statement("Deny", "lintel:user:read")]}
    management.post("/api/v1/access-policies", body)
    refused(management.call("POST", "/api/v1/access-policies", body), 409, "name.taken")
    refused(management.call("PUT", f"/api/v1/access-policies/{name}", body), 428, "precondition.required")
    refused(management.call("PUT", f"/api/v1/access-policies/{name}", body, If_Match='"7"'), 412, "precondition.failed")


def test_a_token_for_a_project_is_not_widened_by_a_policy(gateway, management, project, person):
    _, client = person(statement("Allow", ["lintel:service:*", "lintel:project:read", "lintel:settings:read"]))
    other = client.get("/api/v1/whoami")["projects"][0]
    made = client.post("/api/v1/api-tokens", {"name": "narrow", "projects": [project["id"]]}).json()
    robot = rig.Management(gateway.admin_address, made["token"])
    assert robot.get(f"services?project={project['id']}")["items"] == []
    refused(robot.call("GET", f"services?project={other['id']}"), 404, "resource.not_found")
    refused(robot.call("GET", "/api/v1/settings"), 403, "permission.denied")
    assert client.get("/api/v1/settings")["items"]


def test_everybody_edits_their_own_name_and_address(management, person):
    name, client = person()
    read = client.call("GET", "/api/v1/whoami")
    changed = client.patch("/api/v1/whoami", {"display_name": "Ada", "email": "ada@example.org"}, etag=read.header("ETag")).json()
    assert (changed["name"], changed["display_name"], changed["email"]) == (name, "Ada", "ada@example.org")
    refused(client.call("PATCH", "/api/v1/whoami", {"email": ""}, If_Match=read.header("ETag")), 412, "precondition.failed")
    assert pointers(refused(client.call("PATCH", "/api/v1/whoami", {"email": "nobody"}, If_Match="*"), 400, "field.invalid")) == {"/email"}
    refused(client.call("PATCH", "/api/v1/whoami", {"is_system_admin": True}, If_Match="*"), 400, "field.invalid")
    assert management.get(f"/api/v1/users/{name}")["display_name"] == "Ada"
