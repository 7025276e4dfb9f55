"""Users, projects and members: what changes about people is in force with their next request."""
import pytest
import rig
from rig import pointers, refused

PASSWORD = "a-long-enough-password"


@pytest.fixture
def somebody(management, gateway, build):
    """The name of an ordinary user."""
    name = build.unique("user")
    management.post("/api/v1/users", {"name": name, "password": PASSWORD})
    return name


@pytest.fixture
def client(gateway, somebody):
    return gateway.as_user(somebody, PASSWORD)


@pytest.fixture
def project(management, build):
    return management.post("projects", {"name": build.unique("project")}).json()


def member(management, project, user, permission="read", role="member"):
    return management.put(f"projects/{project['id']}/members/{user}", {"role": role, "permission": permission}).json()


def test_a_user_is_made_found_changed_and_deleted(management, build):
    name = build.unique("ada")
    made = management.call("POST", "/api/v1/users", {"name": name.upper(), "password": PASSWORD, "display_name": "Ada L.",
                                                     "email": "ada@example.org"})
    user = made.json()
    assert (made.status, user["name"], user["is_system_admin"], user["is_root"], user["enabled"]) == (201, name, False, False, True)
    assert "password" not in made.text and made.header("Location") == f"/api/v1/users/{user['id']}"
    refused(management.call("POST", "/api/v1/users", {"name": name, "password": PASSWORD}), 409, "name.taken")
    for text in (name, "ADA L.", "ada@example"):
        assert name in [item["name"] for item in management.get(f"/api/v1/users?q={text.replace(' ', '%20')}")["items"]]
    assert management.get(f"/api/v1/users/{name}") == management.get(f"/api/v1/users/{user['id']}") == user
    path = f"/api/v1/users/{name}"
    refused(management.call("PATCH", path, {"email": ""}), 428, "precondition.required")
    changed = management.call("PATCH", path, {"email": "", "is_system_admin": True}, If_Match=made.header("ETag"))
    assert (changed.json()["email"], changed.json()["is_system_admin"]) == ("", True)
    stale = refused(management.call("PATCH", path, {"email": "a@b"}, If_Match=made.header("ETag")), 412, "precondition.failed")
    assert stale["current"] == changed.json()
    event = management.get(f"/api/v1/audit-events?action=user.edit&object_id={user['id']}")["items"][0]
    assert (event["before"]["is_system_admin"], event["after"]["is_system_admin"]) == (False, True)
    management.delete(path)
    refused(management.call("GET", path), 404, "resource.not_found")


def test_every_fault_of_a_user_is_told_at_once(management):
    answer = management.call("POST", "/api/v1/users", {"name": "usr_no good", "password": "short", "email": "nobody"})
    assert pointers(refused(answer, 400, "field.invalid")) == {"/name", "/password", "/email"}


def test_users_are_listed_in_pages(management, build):
    prefix = build.unique("many")
    names = [f"{prefix}.{number}" for number in range(5)]
    for name in names:
        management.post("/api/v1/users", {"name": name, "password": PASSWORD})
    seen, token = [], ""
    while token is not None:
        page = management.get(f"/api/v1/users?q={prefix}&page_size=2" + (f"&page_token={token}" if token else ""))
        seen += [user["name"] for user in page["items"]]
        token = page.get("next_page_token")
    assert seen == names


def test_who_is_disabled_is_out_at_once_and_for_good(gateway, management, somebody, client):
    robot = rig.Management(gateway.admin_address, client.post("/api/v1/api-tokens", {"name": "robot"}).json()["token"])
    assert robot.get("/api/v1/whoami")["user"]["name"] == somebody
    management.patch(f"/api/v1/users/{somebody}", {"enabled": False})
    for dead in (client, robot):
        refused(dead.call("GET", "/api/v1/whoami"), 401, "auth.required")
    login = {"name": somebody, "password": PASSWORD}
    refused(management.call("POST", "/api/v1/sessions", login), 401, "auth.login_failed")
    management.patch(f"/api/v1/users/{somebody}", {"enabled": True})
    refused(robot.call("GET", "/api/v1/whoami"), 401, "auth.required")
    assert gateway.as_user(somebody, PASSWORD).get("/api/v1/whoami")["user"]["enabled"]


def test_root_stays_an_enabled_administrator(gateway, management, build):
    root = management.get("/api/v1/whoami")["user"]
    assert root["is_root"] and root["is_system_admin"]
    path = f"/api/v1/users/{root['name']}"
    for change in ({"is_system_admin": False}, {"enabled": False}):
        refused(management.call("PATCH", path, change, If_Match="*"), 409, "state.conflict")
    refused(management.call("DELETE", path, If_Match="*"), 409, "state.conflict")
    name = build.unique("deputy")
    management.post("/api/v1/users", {"name": name, "password": PASSWORD, "is_system_admin": True})
    deputy = gateway.as_user(name, PASSWORD)
    refused(deputy.call("POST", f"{path}/password", {"password": PASSWORD}), 403, "permission.denied")
    management.patch(f"/api/v1/users/{name}", {"is_system_admin": False})
    refused(deputy.call("GET", "/api/v1/users"), 403, "permission.denied")


def test_passwords_are_changed_by_their_owner_and_set_by_administrators(gateway, management, somebody, client):
    other_session = gateway.as_user(somebody, PASSWORD)
    robot = rig.Management(gateway.admin_address, client.post("/api/v1/api-tokens", {"name": "robot"}).json()["token"])
    wrong = client.call("POST", "/api/v1/whoami/password", {"current_password": "wrong", "password": PASSWORD + "2"})
    assert pointers(refused(wrong, 400, "field.invalid")) == {"/current_password"}
    client.post("/api/v1/whoami/password", {"current_password": PASSWORD, "password": PASSWORD + "2"})
    assert client.call("GET", "/api/v1/whoami").status == robot.call("GET", "/api/v1/whoami").status == 200
    assert other_session.call("GET", "/api/v1/whoami").status == 401
    management.post(f"/api/v1/users/{somebody}/password", {"password": PASSWORD + "3"})
    assert client.call("GET", "/api/v1/whoami").status == 401
    assert robot.call("GET", "/api/v1/whoami").status == 200
    gateway.as_user(somebody, PASSWORD + "3")


def test_everybody_reads_in_the_default_project_and_a_row_says_more(gateway, management, build, client, somebody):
    service = build.service()
    assert client.get(f"services/{service['id']}")["code"] == service["code"]
    refused(client.call("POST", "services", {"name": build.unique()}), 403, "permission.denied")
    refused(client.call("GET", f"services/{service['id']}/credentials/crd_1/secrets"), 403, "permission.denied")
    default = client.get("/api/v1/whoami")["projects"][0]
    assert (default["is_default"], default["role"]) == (True, "read")
    member(management, default, somebody, "edit")
    assert client.call("POST", "services", {"name": build.unique()}).status == 201
    management.delete(f"projects/{default['id']}/members/{somebody}")
    assert client.get("/api/v1/whoami")["projects"][0]["role"] == "read"
    path = f"projects/{default['id']}"
    refused(management.call("PATCH", path, {"name": "Other"}, If_Match="*"), 409, "state.conflict")
    refused(management.call("DELETE", path, If_Match="*"), 409, "state.conflict")
    management.patch(path, {"description": "For everybody"})


def test_lists_show_what_one_may_see(gateway, management, build, project, client, somebody):
    hidden = management.create_service(build.unique("hidden"), project=project["name"])
    assert hidden["project"] == project["id"]

    def seen():
        return (project["id"] in [item["id"] for item in client.get("projects?page_size=500")["items"]],
                hidden["id"] in [item["id"] for item in client.get("services?page_size=500")["items"]],
                client.call("GET", f"services?project={project['id']}").status,
                client.call("GET", f"services/{hidden['code']}").status)
    assert seen() == (False, False, 404, 404)
    assert project["id"] in [item["id"] for item in management.get("projects?page_size=500")["items"]]
    member(management, project, somebody)
    assert seen() == (True, True, 200, 200)
    assert [item["id"] for item in client.get(f"services?project={project['name']}")["items"]] == [hidden["id"]]
    management.delete(f"projects/{project['id']}/members/{somebody}")
    assert seen() == (False, False, 404, 404)


def test_a_domain_does_not_tell_of_services_one_does_not_see(management, build, project, client):
    hidden = management.create_service(build.unique("hidden"), [build.api()], code=build.unique("h"), project=project["id"])
    management.publish(hidden)
    open_service, _ = build.published()
    name = build.unique("d") + ".example"
    made = management.post("domains", {"name": name, "mappings": [
        {"prefix": "/", "service": hidden["code"], "environment": "release"},
        {"prefix": "/open", "service": open_service["code"], "environment": "release"}]}).json()
    assert len(made["mappings"]) == 2
    assert [mapping["prefix"] for mapping in client.get(f"domains/{name}")["mappings"]] == ["/open"]
    management.delete(f"domains/{name}")


def test_names_of_services_and_groups_are_unique_within_their_project(management, build, project):
    name = build.unique()
    management.create_service(name)
    management.create_service(name, group="Zoo", project=project["id"])
    refused(management.call("POST", "services", {"name": name, "project": project["id"]}), 409, "name.taken")
    groups = f"service-groups?project={project['id']}"
    assert [group["name"] for group in management.get(groups)["items"]] == ["Default", "Zoo"]
    management.post("service-groups", {"name": "Other", "project": project["id"]})
    assert "Other" not in [group["name"] for group in management.get("service-groups")["items"]]
    management.delete(f"service-groups/Zoo?project={project['id']}", etag=None)
    assert management.get(f"services?project={project['id']}")["items"][0]["group"] == "Default"


def test_only_a_system_administrator_appoints_administrators(gateway, management, build, project, client, somebody):
    made = member(management, project, somebody, role="admin")
    assert (made["role"], made["user"]) == ("admin", somebody)
    assert somebody in client.get(f"projects/{project['id']}")["admins"]
    other = build.unique("other")
    management.post("/api/v1/users", {"name": other, "password": PASSWORD})
    path = f"projects/{project['id']}/members"
    assert client.put(f"{path}/{other}", {"role": "member", "permission": "edit"}).status == 200
    refused(client.call("PUT", f"{path}/{other}", {"role": "admin"}, If_Match="*"), 403, "permission.denied")
    refused(client.call("DELETE", f"{path}/{somebody}", If_Match="*"), 403, "permission.denied")
    refused(client.call("PUT", f"{path}/nobody-{other}", {"role": "member"}, If_Match="*"), 404, "resource.not_found")
    listed = client.call("GET", path)
    assert [item["user"] for item in listed.json()["items"]] == sorted([somebody, other])
    management.patch(f"projects/{project['id']}", {"description": "meanwhile"})
    refused(client.call("DELETE", f"{path}/{other}", If_Match=listed.header("ETag")), 412, "precondition.failed")
    assert client.delete(f"{path}/{other}").status == 204
    refused(client.call("DELETE", f"{path}/{other}", If_Match="*"), 404, "resource.not_found")
    actions = [event["action"] for event in management.get(f"/api/v1/audit-events?object_id={project['id']}")["items"]]
    assert actions == ["project.remove_member", "project.edit", "project.put_member", "project.put_member", "project.create"]


def test_a_project_goes_with_what_is_in_it_unless_something_runs(gateway, management, build, project):
    code = build.unique("runs")
    service = management.create_service(code, [build.api()], code=code, project=project["id"])
    credential = management.create_credential(service)
    management.publish(service)
    running = management.call("DELETE", f"projects/{project['id']}", If_Match="*")
    assert code in refused(running, 409, "state.conflict")["detail"]
    assert gateway.call("GET", f"/release/{code}/hello").status == 200
    management.patch(f"services/{code}/deployments", {"state": "stopped"})
    management.delete(f"projects/{project['id']}")
    for gone in (f"projects/{project['id']}", f"services/{code}"):
        refused(management.call("GET", gone), 404, "resource.not_found")
    assert credential["id"]


def test_a_project_needs_a_name_of_its_own(management, project):
    problem = refused(management.call("POST", "projects", {"name": " ", "description": "x" * 200}), 400, "field.invalid")
    assert pointers(problem) == {"/name"}
    refused(management.call("POST", "projects", {"name": "prj_0"}), 400, "field.invalid")
    refused(management.call("POST", "projects", {"name": project["name"]}), 409, "name.taken")


def test_a_token_for_some_projects_opens_nothing_beside_them(gateway, management, build, project):
    inside = management.create_service(build.unique("in"), project=project["id"])
    outside = build.service()
    made = management.post("/api/v1/api-tokens", {"name": "one project", "projects": [project["name"]]}).json()
    assert made["projects"] == [project["id"]]
    robot = rig.Management(gateway.admin_address, made["token"])
    assert [item["id"] for item in robot.get("services")["items"]] == [inside["id"]]
    refused(robot.call("GET", f"services/{outside['id']}"), 404, "resource.not_found")
    for path in ("/api/v1/users", "certificates"):
        refused(robot.call("GET", path), 403, "permission.denied")
    assert {event["project"] for event in robot.get("/api/v1/audit-events")["items"]} == {project["id"]}
    assert robot.get("environments")["items"]
    assert robot.post("/api/v1/api-tokens", {"name": "child"}).json()["projects"] == [project["id"]]
    wider = robot.call("POST", "/api/v1/api-tokens", {"name": "wider", "projects": [outside["project"]]})
    assert pointers(refused(wider, 400, "field.invalid")) == {"/projects/0"}


def test_people_at_the_command_line(gateway, management, build, tmp_path):
    name, file = build.unique("cli"), tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    made = gateway.command("user", "create", name, "--password-file", file, "--email", "c@example.org", token=management.token)
    assert made.returncode == 0, made.stderr
    made = gateway.command("project", "create", name, token=management.token)
    assert made.returncode == 0, made.stderr
    member(management, {"id": name}, name, "edit")
    assert name in gateway.command("get", "users", token=management.token).stdout
    assert "c@example.org" in gateway.command("get", "user", name, "-o", "json", token=management.token).stdout
    listed = gateway.command("get", "projects", token=gateway.as_user(name, PASSWORD).token)
    assert name in listed.stdout and "edit" in listed.stdout
    assert name in gateway.command("get", "members", "--project", name, token=management.token).stdout
    assert gateway.command("get", "members", token=management.token).returncode == 2
