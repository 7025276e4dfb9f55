"""The role matrix: every operation of the management API, as every role, in a project of one's own and in another.

The table below says who may do what; it is written by hand on purpose. An operation without a row, or without a permission
the program knows, fails the first test.
"""
import re
import types

import pytest
import rig

PASSWORD = "a-long-enough-password"
ROLES = ("user", "read", "edit", "edit_publish", "project_admin", "system_admin")

#                user read edit edit_publish project_admin system_admin
EVERYBODY =     "yes  yes  yes  yes          yes           yes"
READ =          "404  yes  yes  yes          yes           yes"
EDIT =          "404  403  yes  yes          yes           yes"
PUBLISH =       "404  403  403  yes          yes           yes"
PROJECT_ADMIN = "404  403  403  403          yes           yes"
REVIEW =        "404  404  404  404          yes           yes"
ADMINS =        "403  403  403  403          yes           yes"
SYSTEM_ADMIN =  "403  403  403  403          403           yes"
STRANGERS =     "404  404  404  404          404           yes"  # in a project none of them belongs to
OF_PROJECTS = (READ, EDIT, PUBLISH, PROJECT_ADMIN, REVIEW)

TABLE = {
    "setUp": EVERYBODY, "logIn": EVERYBODY, "logOut": EVERYBODY, "whoAmI": EVERYBODY, "editAccount": EVERYBODY,
    "changePassword": EVERYBODY,
    "listTokens": EVERYBODY, "createToken": EVERYBODY, "revokeToken": EVERYBODY,
    "listUsers": SYSTEM_ADMIN, "createUser": SYSTEM_ADMIN, "showUser": SYSTEM_ADMIN, "editUser": SYSTEM_ADMIN,
    "deleteUser": SYSTEM_ADMIN, "setPassword": SYSTEM_ADMIN,
    "listAccessPolicies": SYSTEM_ADMIN, "createAccessPolicy": SYSTEM_ADMIN, "showAccessPolicy": SYSTEM_ADMIN,
    "replaceAccessPolicy": SYSTEM_ADMIN, "deleteAccessPolicy": SYSTEM_ADMIN, "showAttachedPolicies": SYSTEM_ADMIN,
    "attachPolicies": SYSTEM_ADMIN,
    "listAuditEvents": ADMINS, "exportAuditEvents": ADMINS, "showSettings": SYSTEM_ADMIN,
    "listKinds": EVERYBODY, "showRevision": EVERYBODY, "showContract": EVERYBODY,
    "listGateways": EVERYBODY, "showGateway": EVERYBODY, "createGateway": SYSTEM_ADMIN, "editGateway": SYSTEM_ADMIN,
    "deleteGateway": SYSTEM_ADMIN,
    "listProjects": EVERYBODY, "createProject": SYSTEM_ADMIN, "showProject": READ, "editProject": SYSTEM_ADMIN,
    "deleteProject": SYSTEM_ADMIN,
    "listMembers": READ, "showMember": READ, "putMember": PROJECT_ADMIN, "removeMember": PROJECT_ADMIN,
    "listServices": EVERYBODY, "createService": EDIT, "importFile": EDIT, "showService": READ, "editService": EDIT,
    "deleteService": PUBLISH, "showDescriptionFile": READ, "changeDescriptionFile": EDIT, "cloneService": EDIT,
    "showDraft": READ, "replaceDraft": EDIT, "copyRelease": EDIT,
    "listApis": READ, "createApi": EDIT, "showApi": READ, "replaceApi": EDIT, "editApi": EDIT, "deleteApi": EDIT,
    "listApiGroups": READ, "createApiGroup": EDIT, "renameApiGroup": EDIT, "deleteApiGroup": EDIT,
    "listReleases": READ, "showRelease": READ, "publishService": PUBLISH,
    "listDeployments": READ, "showDeployment": READ, "changeDeployments": PUBLISH, "changeDeployment": PUBLISH,
    "rollBackDeployment": PUBLISH, "listReleaseRecords": READ, "debugService": EDIT, "compareReleases": READ,
    "changeServices": EVERYBODY,  # told for each service by itself (many_services_test.py)
    "listCredentials": READ, "createCredential": EDIT, "showCredential": READ, "editCredential": EDIT,
    "deleteCredential": EDIT, "revealCredential": EDIT, "resetKeyPair": EDIT, "endOverlap": EDIT,
    "listGrants": READ, "createGrant": PUBLISH, "showGrant": READ, "editGrant": PUBLISH, "revokeGrant": PUBLISH,
    "listSubscriptionCredentials": EVERYBODY, "createSubscriptionCredential": EVERYBODY,
    "showSubscriptionCredential": EVERYBODY, "editSubscriptionCredential": EVERYBODY,
    "deleteSubscriptionCredential": EVERYBODY, "revealSubscriptionCredential": EVERYBODY,
    "resetSubscriptionKeyPair": EVERYBODY, "endSubscriptionOverlap": EVERYBODY, "listCredentialSubscriptions": EVERYBODY,
    "listCredentialGrants": EVERYBODY,
    "listCatalog": EVERYBODY, "showCatalogEntry": EVERYBODY, "showCatalogFile": EVERYBODY, "subscribe": EVERYBODY,
    "listSubscriptions": EVERYBODY, "showSubscription": EVERYBODY, "unsubscribe": EVERYBODY,
    "showListing": READ, "applyForListing": PUBLISH, "listSubscribers": READ, "removeSubscription": PUBLISH,
    "listWebhooks": ADMINS, "createWebhook": PROJECT_ADMIN, "showWebhook": PROJECT_ADMIN, "editWebhook": PROJECT_ADMIN,
    "deleteWebhook": PROJECT_ADMIN, "revealWebhook": PROJECT_ADMIN, "resetWebhook": PROJECT_ADMIN,
    "testWebhook": PROJECT_ADMIN, "listDeliveries": PROJECT_ADMIN, "redeliver": PROJECT_ADMIN,
    "listApplications": EVERYBODY, "showApplication": REVIEW, "approveApplication": REVIEW, "rejectApplication": REVIEW,
    "withdrawApplication": EVERYBODY,
    "listGroups": READ, "createGroup": EDIT, "deleteGroup": EDIT,
    "listEnvironments": EVERYBODY, "showEnvironment": EVERYBODY, "createEnvironment": SYSTEM_ADMIN,
    "editEnvironment": SYSTEM_ADMIN, "deleteEnvironment": SYSTEM_ADMIN,
    "listCertificates": SYSTEM_ADMIN, "showCertificate": SYSTEM_ADMIN, "createCertificate": SYSTEM_ADMIN,
    "replaceCertificate": SYSTEM_ADMIN, "deleteCertificate": SYSTEM_ADMIN,
    "listDomains": EVERYBODY, "showDomain": EVERYBODY, "createDomain": SYSTEM_ADMIN, "editDomain": SYSTEM_ADMIN,
    "deleteDomain": SYSTEM_ADMIN,
    "listUpstreams": EVERYBODY, "showUpstream": EVERYBODY, "showUpstreamHealth": EVERYBODY, "createUpstream": SYSTEM_ADMIN,
    "replaceUpstream": SYSTEM_ADMIN, "deleteUpstream": SYSTEM_ADMIN, "addUpstreamServer": SYSTEM_ADMIN,
    "editUpstreamServer": SYSTEM_ADMIN, "removeUpstreamServer": SYSTEM_ADMIN,
}

OPEN = {"setUp", "logIn", "showContract"}
OWN = {  # of what the role itself made: what others made is tried in subscription_credentials_test.py
    "showSubscriptionCredential", "editSubscriptionCredential", "deleteSubscriptionCredential", "revealSubscriptionCredential",
    "resetSubscriptionKeyPair", "endSubscriptionOverlap", "listCredentialSubscriptions", "listCredentialGrants", "showSubscription", "unsubscribe", "withdrawApplication"}
ALLOW = [{"effect": "Allow", "actions": ["lintel:service:*"], "resources": ["*"]}]
API = {"name": "Hello", "method": "GET", "path": "/hello", "auth": {"kind": "none"}, "backend": {"kind": "mock", "config": {}}}
FILE = "openapi: 3.0.3\ninfo: {title: Filed, version: '1'}\npaths:\n  /f:\n    get:\n      responses: {'200': {description: ok}}\n"

WEBHOOK = {"name": "hook", "url": "http://127.0.0.1:1/", "enabled": False}

# What a call must carry to come as far as the decision. What is allowed may fail behind it: nothing here changes what other
# cells need, because every If-Match is stale and other bodies add things or are wrong.
BODIES = {
    "setUp": {"code": "x", "name": "x", "password": PASSWORD}, "editAccount": {"email": "a@b"},
    "createAccessPolicy": {"name": "n o", "statements": ALLOW}, "replaceAccessPolicy": {"name": "x", "statements": ALLOW},
    "attachPolicies": {"policies": ["taken"]}, "debugService": {"api": "api_0"},
    "changePassword": {"current_password": "not-the-password", "password": PASSWORD},
    "createToken": {"name": "token"}, "createUser": {"name": "new", "password": PASSWORD}, "editUser": {"email": "a@b"},
    "setPassword": {"password": "short"},
    "createGateway": {"code": "Not A Code"}, "editGateway": {"name": "x"},
    "createProject": {"name": "New"}, "editProject": {"name": "x"}, "putMember": {"role": "member"},
    "editService": {"name": "x"}, "replaceDraft": {"definition": {"name": "x"}}, "copyRelease": {"from_release": 1},
    "createApi": API, "replaceApi": API, "editApi": {"name": "x"},
    "createApiGroup": {"name": "x"}, "renameApiGroup": {"name": "x"},
    "changeDescriptionFile": {"document": FILE}, "changeServices": {"action": "stop", "services": ["nothing"]},
    "publishService": {"environments": ["nowhere"]}, "changeDeployments": {"state": "stopped"},
    "changeDeployment": {"state": "stopped"}, "rollBackDeployment": {"release": 1},
    "createCredential": {"name": "x"}, "editCredential": {"name": "x"}, "resetKeyPair": {"type": "basic"},
    "endOverlap": {"type": "basic"}, "endSubscriptionOverlap": {"type": "basic"},
    "createGrant": {"credential": "crd_0", "api": "api_0"}, "editGrant": {"expires_at": None},
    "createSubscriptionCredential": {"name": ""}, "editSubscriptionCredential": {"name": "x"},
    "resetSubscriptionKeyPair": {"type": "basic"}, "subscribe": {"credential": "crd_1"},
    "applyForListing": {"type": "launch"}, "approveApplication": {}, "rejectApplication": {},
    "editWebhook": {"name": "x"}, "resetWebhook": {},
    "createEnvironment": {"code": "Not A Code"}, "editEnvironment": {"name": "x"},
    "createCertificate": {}, "replaceCertificate": {"certificate": "x", "private_key": "x"},
    "createDomain": {}, "editDomain": {"redirect_to_https": False},
    "createUpstream": {}, "replaceUpstream": {"servers": [{"address": "127.0.0.1:1"}]},
    "addUpstreamServer": {}, "editUpstreamServer": {"weight": 2},
}
NAMED_PROJECT = {  # operations whose project is named in the body or the query, or that need one of the two
    "createService": lambda place: {"body": {"name": f"Service {next(place.numbers)}", "project": place.project}},
    "importFile": lambda place: {"body": {"document": FILE, "project": place.project}},
    "cloneService": lambda place: {"body": {"name": f"Clone {next(place.numbers)}", "project": place.project}},
    "compareReleases": lambda place: {"query": "?from=1&to=1"},
    "createWebhook": lambda place: {"body": {**WEBHOOK, "project": place.project}},
    "createGroup": lambda place: {"body": {"name": f"Group {next(place.numbers)}", "project": place.project}},
    "listGroups": lambda place: {"query": f"?project={place.project}"},
    "deleteGroup": lambda place: {"query": f"?project={place.project}"},
}


@pytest.fixture(scope="module")
def world(binary, tmp_path_factory):
    lintel = rig.Lintel(binary, tmp_path_factory.mktemp("roles"))
    lintel.start()
    yield furnish(lintel)
    lintel.kill()


def furnish(lintel):
    root = lintel.management()
    world = types.SimpleNamespace(lintel=lintel, root=root)
    world.contract = root.get("/api/v1/openapi.json")
    world.operations = {item["operationId"]: (method.upper(), path, item)
                        for path, items in world.contract["paths"].items() for method, item in items.items()
                        if method != "parameters"}
    for role in ROLES:
        root.post("/api/v1/users", {"name": role, "password": PASSWORD, "is_system_admin": role == "system_admin"})
    root.post("upstreams", {"name": "pool", "servers": [{"address": "127.0.0.1:1"}]})
    root.post("certificates", rig.Authority(lintel.folder).issue("shop.example").upload(name="shown"))
    world.own, world.other = place(root, "own"), place(root, "other")
    root.post("domains", {"name": "shop.example", "mappings": [
        {"prefix": "/", "service": world.own.values["service"], "environment": "release"}]})
    for role in ("read", "edit", "edit_publish"):
        root.put(f"projects/own/members/{role}", {"role": "member", "permission": role})
    root.put("projects/own/members/project_admin", {"role": "admin"})
    root.put("projects/other/members/system_admin", {"role": "admin"})
    attach(world, "allowed", "given", "Allow", "lintel:service:*")
    attach(world, "denied", "taken", "Deny", "lintel:credential:*")
    root.put("projects/own/members/denied", {"role": "member", "permission": "edit_publish"})
    world.callers = {role: lintel.as_user(role, PASSWORD) for role in (*ROLES, "allowed", "denied")}
    world.mine = {role: subscribed(world.callers[role], "own") for role in world.callers}
    world.callers["anonymous"] = rig.Management(lintel.admin_address)
    return world


def subscribed(client, service):
    """A subscription of the client's with a credential of its own."""
    made = client.post(f"catalog/{service}/subscriptions", {"new_credential": {"name": f"for {service}"}}).json()
    return {"credential": made["credential"]["id"], "subscription": made["id"], "application": str(made["application"])}


def attach(world, user, policy, effect, action):
    """A user to whom one thing is allowed, or denied, in the project `own`."""
    world.root.post("/api/v1/users", {"name": user, "password": PASSWORD})
    world.root.post("/api/v1/access-policies", {"name": policy, "statements": [
        {"effect": effect, "actions": [action], "resources": [f"project:{world.own.project}"]}]})
    world.root.put(f"/api/v1/users/{user}/access-policies", {"policies": [policy]})


def place(root, name):
    """A project with one of everything in it."""
    project = root.post("projects", {"name": name}).json()
    service = root.create_service(f"Service of {name}", [{**API, "group": "Group"}], code=name, project=name)
    api = root.get(f"services/{name}/apis")["items"][0]
    group = root.get(f"services/{name}/api-groups")["items"][0]
    root.publish(service)
    credential = root.create_credential(service)
    launch = root.post(f"services/{name}/applications", {"type": "launch"}).json()
    root.post(f"applications/{launch['number']}/approve", {})
    subscription = subscribed(root, name)
    root.post(f"applications/{subscription['application']}/approve", {})
    webhook = root.post("webhooks", {**WEBHOOK, "enabled": True, "project": name}).json()
    delivery = root.post(f"webhooks/{webhook['id']}/test").json()
    granted = root.post("subscription-credentials", {"name": f"granted {name}"}).json()["id"]
    grant = root.post(f"services/{name}/grants", {"credential": granted, "api": api["id"]}).json()
    values = {"gateway": "default", "webhook": webhook["id"], "delivery": delivery["id"], "project": project["id"],
              "service": name, "api": api["id"], "api_group": group["id"],
              "credential": credential["id"], "environment": "release", "release": "1", "group": "Default",
              "user": "project_admin" if name == "own" else "system_admin", "certificate": "shown", "domain": "shop.example",
              "upstream": "pool", "server": "127.0.0.1:1", "access_policy": "given", "application": str(launch["number"]),
              "subscription": subscription["subscription"], "grant": grant["id"]}
    return types.SimpleNamespace(project=project["id"], values=values, numbers=iter(range(10_000)))


def ask(world, operation, role, place, if_match='"999999"', **replaced):
    """One call of the operation as the role, for the things of a project."""
    method, path, item = world.operations[operation]
    caller = world.callers[role]
    mine = world.mine.get(role, {}) if operation in OWN else {}
    values = {**place.values, **mine, **replaced}
    body = BODIES.get(operation)
    query = ""
    if operation in NAMED_PROJECT:
        named = NAMED_PROJECT[operation](types.SimpleNamespace(**{**vars(place), "project": values["project"]}))
        body, query = named.get("body", body), named.get("query", "")
    if operation == "logIn":
        body = {"name": "system_admin" if role == "anonymous" else role, "password": PASSWORD}
    if operation == "logOut" and role != "anonymous":
        caller = world.lintel.as_user(role, PASSWORD)  # whose token may die
    if operation == "revokeToken":
        values["token"] = "tok_1" if role == "anonymous" else caller.post("/api/v1/api-tokens", {"name": "x"}).json()["id"]
    target = re.sub(r"{(\w+)}", lambda name: values[name[1]], path)
    return caller.call(method, target + query, body, If_Match=if_match if needs_etag(world.contract, item) else None)


def needs_etag(contract, item):
    return any(parameter.get("$ref", "").endswith("/IfMatch") for parameter in item.get("parameters", []))


def verdict(answer):
    """"yes", or the status of the refusal. What was allowed may have failed for other reasons."""
    if answer.status in (401, 403, 404):
        return str(answer.status)
    assert answer.status in (200, 201, 204, 400, 409, 412), answer
    return "yes"


def test_every_operation_has_a_row_and_a_permission(world):
    assert set(TABLE) == set(world.operations)
    known = {"none", "any"} | {rule["name"] for rule in world.contract["x-lintel-permissions"]}
    for operation, (_, _, item) in world.operations.items():
        assert item.get("x-permission") in known, operation
        assert (item["x-permission"] == "none") == (operation in OPEN), operation


@pytest.mark.parametrize("operation", sorted(TABLE))
def test_roles_may_do_what_the_table_says(world, operation):
    row = TABLE[operation].split()
    strangers = STRANGERS.split() if TABLE[operation] in OF_PROJECTS else row
    for place, expected in ((world.own, row), (world.other, strangers)):
        got = [verdict(ask(world, operation, role, place)) for role in ROLES]
        assert got == expected, (operation, place.values["service"])
        anonymous = verdict(ask(world, operation, "anonymous", place))
        assert anonymous == ("yes" if operation in OPEN else "401"), operation


@pytest.mark.parametrize("operation", sorted(TABLE))
def test_access_policies_give_and_take_beside_the_roles(world, operation):
    """`allowed` belongs to no project and may do everything with services of one; `denied` publishes there and may do nothing
    with credentials."""
    row = dict(zip(ROLES, TABLE[operation].split()))
    permission = world.operations[operation][2]["x-permission"]
    of_projects = TABLE[operation] in OF_PROJECTS
    unseen = "404" if TABLE[operation] == REVIEW else "403"  # only reviewers and applicants know of applications
    allowed = "yes" if permission.startswith("service:") else unseen if of_projects else row["user"]
    denied = "403" if permission.startswith("credential:") else row["edit_publish"]
    assert (verdict(ask(world, operation, "allowed", world.own)), verdict(ask(world, operation, "denied", world.own))) == \
        (allowed, denied)
    elsewhere = "404" if of_projects else row["user"]
    for user in ("allowed", "denied"):
        assert verdict(ask(world, operation, user, world.other)) == elsewhere, user


@pytest.mark.parametrize("operation", sorted(name for name, row in TABLE.items() if row in OF_PROJECTS))
def test_a_project_of_others_reads_as_one_that_does_not_exist(world, operation):
    def told(values):
        answer = ask(world, operation, "project_admin", world.other, **values)
        problem = answer.json()
        problem.pop("request_id")
        names = {values.get("webhook", world.other.values["webhook"]), values.get("service", world.other.values["service"]), values.get("project", world.other.project),
                 values.get("application", world.other.values["application"])}
        return {key: re.sub("|".join(f"'{re.escape(name)}'" for name in names), "'it'", str(value))
                for key, value in problem.items()}, sorted(answer.headers.keys())
    assert told({}) == told({"service": "nothing", "project": "prj_nothing", "application": "999999", "webhook": "whk_0"})
