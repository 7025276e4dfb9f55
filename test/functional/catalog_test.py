"""The catalog: the shelf, applications and who decides, subscriptions and what they open at the gateway."""
import concurrent.futures

import pytest
from rig import basic, eventually, signed

PASSWORD = "a-long-enough-password"
AUTHS = ("basic", "oauth2", "hmac")


def refused(answer, status, code):
    body = answer.json()
    assert (answer.status, body["code"]) == (status, code), answer
    return body


def pointers(problem):
    return {fault["pointer"] for fault in problem["errors"]}


class World:
    """A project with a published service, and people around it."""

    def __init__(self, gateway, management, build):
        self.gateway, self.root, self.build = gateway, management, build
        self.project = management.post("projects", {"name": build.unique("project")}).json()
        self.boss = self.user()
        self.join(self.boss, role="admin")
        self.service, self.base = self.published()
        self.code = self.service["code"]

    def user(self):
        name = self.build.unique("user")
        self.root.post("/api/v1/users", {"name": name, "password": PASSWORD})
        client = self.gateway.as_user(name, PASSWORD)
        client.name = name
        return client

    def join(self, client, permission="read", role="member"):
        self.root.put(f"projects/{self.project['id']}/members/{client.name}", {"role": role, "permission": permission})
        return client

    def published(self, environments=("release", "test")):
        return self.build.published(*(self.build.api(path="/" + auth, auth=auth) for auth in ("none", *AUTHS)),
                                    environments=environments, project=self.project["id"])

    def apply(self, kind, by=None, **more):
        return (by or self.boss).post(f"services/{self.code}/applications", {"type": kind, **more}).json()["number"]

    def approve(self, number, by=None):
        return (by or self.boss).post(f"applications/{number}/approve", {}).json()

    def listed(self):
        self.approve(self.apply("launch"))
        return self

    def subscribe(self, client, credential=None, **more):
        body = {"credential": credential} if credential else {"new_credential": {"name": self.build.unique("key")}}
        return client.post(f"catalog/{self.code}/subscriptions", {**body, **more}).json()

    def subscribed(self, client, credential=None):
        made = self.subscribe(client, credential)
        self.approve(made["application"])
        return made

    def pairs(self, client, subscription):
        return client.get(f"subscription-credentials/{subscription['credential']['id']}/secrets")["key_pairs"]

    def calls(self, pairs, environment="release"):
        """Tries each way once -> {auth: status}"""
        base = f"/{environment}/{self.code}"
        key = pairs["oauth2"]
        issued = self.gateway.call("GET", f"{base}/-/oauth2/token?client_id={key['key']}&client_secret={key['secret']}")
        token = issued.json().get("access_token", "none")
        return {"basic": self.gateway.call("GET", base + "/basic", basic(pairs["basic"])).status,
                "oauth2": self.gateway.call("GET", base + "/oauth2", {"Authorization": f"Bearer {token}"}).status,
                "hmac": self.gateway.call("GET", base + "/hmac", signed(pairs["hmac"], "GET", base + "/hmac")).status}

    def in_catalog(self, client=None):
        client = client or self.user()
        return self.code in [item["code"] for item in client.get(f"catalog?q={self.service['name']}")["items"]]

    def listing(self):
        return self.boss.get(f"services/{self.code}/listing")["status"]


@pytest.fixture
def world(gateway, management, build):
    return World(gateway, management, build)


OPEN = dict.fromkeys(AUTHS, 200)
NO_RIGHT = {"basic": 403, "oauth2": 401, "hmac": 403}  # a token is not issued to who may not call


# ---- subscription credentials ----

def test_r83_r84_r88_a_subscription_credential_is_made_found_revealed_reset_and_deleted(world):
    client = world.user()
    made = client.call("POST", "subscription-credentials", {
        "name": "Shop", "description": "for the shop", "attributes": {"team": "blue"},
        "key_pairs": {"hmac": {"key": "key-" + client.name}}})
    credential = made.json()
    assert made.status == 201 and made.header("Location").endswith("/subscription-credentials/" + credential["id"])
    assert credential["attributes"] == {"team": "blue"}
    assert set(credential["key_pairs"]) == set(AUTHS) and credential["key_pairs"]["hmac"]["key"] == "key-" + client.name
    client.post("subscription-credentials", {"name": "Other"})

    def found(query):
        return [item["name"] for item in client.get("subscription-credentials" + query)["items"]]
    assert found("") == ["Other", "Shop"]
    assert found("?q=SHO") == found("?q=the%20shop") == found(f"?q=KEY-{client.name}") == ["Shop"]
    assert found("?q=nothing") == []

    path = "subscription-credentials/" + credential["id"]
    assert "secret" not in client.call("GET", path).text
    assert client.get(path + "/secrets")["key_pairs"] == credential["key_pairs"]
    reset = client.post(path + "/reset", {"type": "basic"}).json()["key_pairs"]["basic"]
    assert reset["key"] == credential["key_pairs"]["basic"]["key"] and reset["secret"] != credential["key_pairs"]["basic"]["secret"]

    refused(client.call("PATCH", path, {"name": "New"}, If_Match=made.header("ETag")), 412, "precondition.failed")
    changed = client.patch(path, {"attributes": {"team": None, "cost": "7"}, "status": "disabled"}).json()
    assert (changed["attributes"], changed["status"]) == ({"cost": "7"}, "disabled")
    refused(client.call("POST", "subscription-credentials", {"name": "Other"}), 409, "name.taken")
    client.delete(path)
    refused(client.call("GET", path), 404, "resource.not_found")


def test_a_subscription_credential_names_every_fault_at_once(world):
    answer = world.user().call("POST", "subscription-credentials", {
        "name": " ", "description": "x" * 201, "attributes": {"a/b": "x" * 201, " ": "y"}})
    assert pointers(refused(answer, 400, "field.invalid")) == {"/name", "/description", "/attributes/a~1b", "/attributes/ "}


def test_subscription_credentials_are_personal(world):
    client, other = world.user(), world.user()
    credential = client.post("subscription-credentials", {"name": "Mine"}).json()
    path = "subscription-credentials/" + credential["id"]
    for method, rest, body in (("GET", "", None), ("GET", "/secrets", None), ("GET", "/subscriptions", None),
                               ("PATCH", "", {"name": "x"}), ("PATCH", "", {"status": "disabled"}),
                               ("POST", "/reset", {"type": "basic"}), ("DELETE", "", None)):
        etag = "*" if method in ("PATCH", "DELETE") else None
        refused(other.call(method, path + rest, body, If_Match=etag), 404, "resource.not_found")
        if (method, rest, body) in (("GET", "", None), ("GET", "/subscriptions", None), ("PATCH", "", {"status": "disabled"})):
            assert world.root.call(method, path + rest, body, If_Match=etag).status == 200, "an administrator oversees"
        else:
            refused(world.root.call(method, path + rest, body, If_Match=etag), 404, "resource.not_found")
    assert client.get(path)["status"] == "disabled"
    assert other.get("subscription-credentials")["items"] == []
    refused(other.call("GET", "subscription-credentials?all=true"), 403, "permission.denied")
    assert credential["id"] in [item["id"] for item in world.root.get("subscription-credentials?all=true&page_size=500")["items"]]


# ---- the shelf ----

def test_r69_r70_only_a_running_service_is_launched_and_only_after_approval_it_is_in_the_catalog(world):
    world.boss.patch(f"services/{world.code}/deployments", {"state": "stopped"})
    stopped = world.boss.call("POST", f"services/{world.code}/applications", {"type": "launch"})
    refused(stopped, 409, "service.not_running")
    assert world.listing() == "unlisted"
    world.boss.patch(f"services/{world.code}/deployments", {"state": "running", "environments": ["release"]})
    number = world.apply("launch", reason="ready")
    assert world.listing() == "pending_listing" and not world.in_catalog()
    refused(world.boss.call("POST", f"services/{world.code}/applications", {"type": "launch"}), 409, "listing.conflict")
    refused(world.boss.call("POST", f"services/{world.code}/applications", {"type": "remove"}), 409, "listing.conflict")
    shown = world.root.get(f"applications/{number}")
    assert (shown["status"], shown["reason"], shown["may_decide"]) == ("pending", "ready", True)
    assert shown["impact"] == {"subscribers": 0, "environments": ["release"]}
    world.approve(number, world.root)
    assert world.listing() == "listed" and world.in_catalog()
    assert world.boss.get(f"services/{world.code}")["listing"] == "listed"


def test_a_launch_is_not_approved_once_the_service_is_stopped(world):
    number = world.apply("launch")
    world.boss.patch(f"services/{world.code}/deployments", {"state": "stopped"})
    refused(world.boss.call("POST", f"applications/{number}/approve", {}), 409, "service.not_running")
    assert world.root.get(f"applications/{number}")["status"] == "pending"


def test_r70_a_rejected_launch_stays_out_and_tells_why(world):
    number = world.apply("launch")
    problem = refused(world.boss.call("POST", f"applications/{number}/reject", {"comment": " "}), 400, "field.invalid")
    assert pointers(problem) == {"/comment"}
    decided = world.root.post(f"applications/{number}/reject", {"comment": "not yet"}).json()
    assert (decided["status"], decided["comment"], decided["reviewer"]) == ("rejected", "not yet", "admin")
    assert world.listing() == "unlisted" and not world.in_catalog()
    world.listed()


def test_an_application_is_withdrawn_by_who_submitted_it(world):
    number = world.apply("launch")
    refused(world.root.call("POST", f"applications/{number}/withdraw"), 403, "permission.denied")
    assert world.boss.post(f"applications/{number}/withdraw").json()["status"] == "withdrawn"
    assert world.listing() == "unlisted"
    refused(world.boss.call("POST", f"applications/{number}/approve", {}), 409, "application.decided")
    world.listed()
    world.boss.post(f"applications/{world.apply('remove')}/withdraw")
    assert world.listing() == "listed"


def test_r72_r73_r74_a_service_is_in_the_catalog_until_its_removal_is_approved(world):
    client = world.user()
    refused(world.boss.call("POST", f"services/{world.code}/applications", {"type": "remove"}), 409, "listing.conflict")
    world.listed()
    world.boss.post(f"applications/{world.apply('remove')}/reject", {"comment": "stays"})
    assert world.listing() == "listed"
    number = world.apply("remove")
    assert world.listing() == "pending_removal" and world.in_catalog()
    pending = world.subscribe(client)
    world.approve(number)
    assert world.listing() == "unlisted" and not world.in_catalog()
    refused(client.call("GET", f"catalog/{world.code}"), 404, "resource.not_found")
    refused(client.call("POST", f"catalog/{world.code}/subscriptions", {"new_credential": {"name": "x"}}), 404,
            "resource.not_found")
    assert client.get(f"subscriptions/{pending['id']}")["status"] == "ended"
    assert client.get(f"applications/{pending['application']}")["status"] == "closed"


@pytest.mark.parametrize("ends", [False, True])
def test_a_removal_ends_the_subscriptions_only_when_asked_to(world, ends):
    client = world.user()
    subscription = world.listed().subscribed(client)
    pairs = world.pairs(client, subscription)
    number = world.apply("remove", end_subscriptions=ends)
    assert world.root.get(f"applications/{number}")["impact"]["subscribers"] == 1
    world.approve(number)
    assert client.get(f"subscriptions/{subscription['id']}")["status"] == ("ended" if ends else "approved")
    assert world.calls(pairs) == (NO_RIGHT if ends else OPEN)
    addresses = [address["url"] for address in client.get(f"subscriptions/{subscription['id']}")["addresses"]]
    assert [url.split("/", 3)[3] for url in addresses] == ([] if ends else [f"test/{world.code}", f"release/{world.code}"])


def test_a_service_on_the_shelf_is_not_deleted(world):
    number = world.apply("launch")
    world.boss.patch(f"services/{world.code}/deployments", {"state": "stopped"})
    for _ in ("pending", "listed"):
        refused(world.root.call("DELETE", f"services/{world.code}", If_Match="*"), 409, "listing.conflict")
        refused(world.root.call("DELETE", f"projects/{world.project['id']}", If_Match="*"), 409, "listing.conflict")
        if world.listing() == "pending_listing":
            world.boss.patch(f"services/{world.code}/deployments", {"state": "running", "environments": ["test"]})
            world.approve(number)
            world.boss.patch(f"services/{world.code}/deployments", {"state": "stopped"})
    client = world.user()
    assert client.get(f"catalog/{world.code}")["status"] == "stopped"
    refused(client.call("POST", f"catalog/{world.code}/subscriptions", {"new_credential": {"name": "x"}}), 409,
            "service.not_running")
    world.approve(world.apply("remove"))
    world.root.delete(f"services/{world.code}")


def test_what_is_deleted_ends_its_subscriptions(world):
    stays, goes = world.user(), world.user()
    world.listed()
    kept, gone = world.subscribed(stays), world.subscribed(goes)
    pending = world.subscribe(goes)
    pairs = world.pairs(goes, gone)
    assert world.calls(pairs) == OPEN
    world.root.delete(f"/api/v1/users/{goes.name}")
    assert set(world.calls(pairs).values()) == {401}
    status = {item["id"]: item["status"] for item in world.boss.get(f"services/{world.code}/subscriptions")["items"]}
    assert status == {kept["id"]: "approved", gone["id"]: "ended", pending["id"]: "ended"}
    world.approve(world.apply("remove"))
    world.boss.patch(f"services/{world.code}/deployments", {"state": "stopped"})
    world.root.delete(f"services/{world.code}")
    ended = stays.get(f"subscriptions/{kept['id']}")
    assert (ended["status"], ended["service"]["code"]) == ("ended", world.code)


# ---- applications ----

def test_r89_r90_r91_everybody_sees_what_he_submitted_and_only_reviewers_what_is_to_review(world):
    client, reader = world.user(), world.join(world.user(), "edit_publish")
    world.listed()
    made = world.subscribe(client, reason="for the shop")
    number = made["application"]
    mine = client.get("applications")["items"]
    assert [(item["number"], item["type"], item["status"], item["reason"]) for item in mine] == [
        (number, "subscribe", "pending", "for the shop")]
    for nobody in (client, reader):
        assert nobody.get("applications?view=review")["items"] == []
    refused(reader.call("GET", f"applications/{number}"), 404, "resource.not_found")
    refused(client.call("POST", f"applications/{number}/approve", {}), 403, "permission.denied")
    for reviewer in (world.boss, world.root):
        query = f"applications?view=review&status=pending&type=subscribe&service={world.code}&applicant={client.name}"
        assert [item["number"] for item in reviewer.get(query)["items"]] == [number]
        assert reviewer.get(query + "&project=nowhere")["items"] == []


def test_r81_r92_r93_administrators_review_where_they_are_it(world, gateway, management, build):
    other = World(gateway, management, build)
    client = world.user()
    for place in (world, other):
        launch = place.apply("launch")
        stranger = other.boss if place is world else world.boss
        for rest, body in (("", None), ("/approve", {}), ("/reject", {"comment": "x"})):
            method = "POST" if rest else "GET"
            refused(stranger.call(method, f"applications/{launch}{rest}", body), 404, "resource.not_found")
        place.approve(launch, place.boss)
        subscription = place.subscribe(client)
        refused(stranger.call("POST", f"applications/{subscription['application']}/approve", {}), 404, "resource.not_found")
        place.approve(subscription["application"], place.root)
        removal = place.apply("remove")
        assert removal not in [item["number"] for item in stranger.get("applications?view=review&page_size=500")["items"]]
        place.approve(removal, place.root)
    assert {launch, removal} <= {item["number"] for item in world.root.get("applications?view=review&page_size=500")["items"]}


def test_the_first_decision_holds(world):
    client = world.user()
    number = world.listed().subscribe(client)["application"]

    def decide(turn):
        path = f"applications/{number}/" + ("approve" if turn % 2 else "reject")
        return (world.boss if turn % 3 else world.root).call("POST", path, {"comment": f"turn {turn}"})
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(decide, range(8)))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 7
    won = next(answer.json() for answer in answers if answer.status == 200)
    for answer in answers:
        if answer.status == 409:
            refused(answer, 409, "application.decided")
    shown = client.get(f"applications/{number}")
    assert (shown["status"], shown["comment"]) == (won["status"], won["comment"])


def test_applications_are_counted_and_paged(world):
    numbers = []
    for _ in range(3):
        numbers.append(world.apply("launch"))
        world.boss.post(f"applications/{numbers[-1]}/withdraw")
    assert numbers == sorted(numbers)
    first = world.boss.get("applications?page_size=2")
    rest = world.boss.get(f"applications?page_size=2&page_token={first['next_page_token']}")
    assert [item["number"] for item in first["items"] + rest["items"]] == numbers[::-1] and "next_page_token" not in rest


def test_nobody_decides_about_his_own_where_that_is_forbidden(own_gateway):
    own_gateway.flags += ["--approvals-forbid-own"]
    root = own_gateway.start().management()
    service = root.create_service("Pets", [{"name": "p", "method": "GET", "path": "/", "auth": {"kind": "none"},
                                            "backend": {"kind": "mock", "config": {}}}], code="pets")
    root.publish(service)
    number = root.post("services/pets/applications", {"type": "launch"}).json()["number"]
    refused(root.call("POST", f"applications/{number}/approve", {}), 403, "application.own")
    root.post("/api/v1/users", {"name": "second", "password": PASSWORD, "is_system_admin": True})
    assert own_gateway.as_user("second", PASSWORD).post(f"applications/{number}/approve", {}).json()["status"] == "approved"


def test_decisions_are_in_the_audit(world):
    number = world.apply("launch")
    world.approve(number)
    events = world.root.get(f"/api/v1/audit-events?object_type=application&object_id={number}")["items"]
    assert [(event["action"], event["actor"]) for event in events] == [
        ("application.approve", world.boss.name), ("application.submit", world.boss.name)]


# ---- the catalog ----

def test_r77_the_catalog_shows_listed_services_of_all_projects_and_only_them(world, gateway, management, build):
    other = World(gateway, management, build).listed()
    client = world.user()
    world.published()
    assert not world.in_catalog(client) and other.in_catalog(client)
    world.listed()
    assert world.in_catalog(client) and world.in_catalog(world.root)
    refused(client.call("GET", f"services/{world.code}"), 404, "resource.not_found")


def test_the_catalog_shows_what_a_caller_needs_and_nothing_of_the_backend(gateway, management, build, recorder):
    service = build.service(build.api(path="/seen", auth="basic", backend=build.http(recorder.url, path="/inner-secret-path"),
                                      description="What it is for"), description="A shop")
    management.publish(service)
    number = management.post(f"services/{service['code']}/applications", {"type": "launch"}).json()["number"]
    management.post(f"applications/{number}/approve", {})
    entry = management.get(f"catalog/{service['code']}")
    assert (entry["description"], entry["provider"], entry["auth"], entry["api_count"]) == ("A shop", "admin", ["basic"], 1)
    assert [address["environment"] for address in entry["addresses"]] == ["release"]
    assert entry["addresses"][0]["url"].endswith("/release/" + service["code"])
    (api,) = entry["apis"]
    assert (api["path"], api["method"], api["auth"], api["description"]) == ("/seen", "GET", "basic", "What it is for")
    for address in (f"catalog/{service['code']}", f"catalog?q={service['name']}",
                    f"catalog/{service['code']}/description-file", f"catalog/{service['code']}/description-file?format=json"):
        text = management.call("GET", address).text
        assert "/seen" in text or "api_count" in text
        assert "inner-secret-path" not in text and "x-lintel" not in text, address
    # A draft is nobody's business.
    management.post(f"services/{service['code']}/draft", {"from_release": 1})
    management.patch(f"services/{service['code']}", {"description": "secret plans"})
    assert management.get(f"catalog/{service['code']}")["apis"] == entry["apis"]


def test_r78_the_catalog_is_searched_by_properties(world):
    world.listed()
    project, name = world.project, world.service["name"]
    for query in (f"q={name.upper()}", f"project={project['id']}", f"project={project['name']}", f"provider={world.boss.name}",
                  f"q={name}&protocol=HTTP%26HTTPS", f"q={name}&auth=hmac", f"q={name}&group=Default"):
        assert [item["code"] for item in world.root.get("catalog?" + query)["items"]] == [world.code], query
    for query in (f"q={name}&protocol=HTTPS", f"q={name}&auth=other", f"q={name}&group=none", "project=nowhere", "provider=nobody",
                  f"q={name}&subscription=approved"):
        assert world.root.get("catalog?" + query)["items"] == [], query
    client = world.user()
    world.subscribed(client)
    (item,) = client.get("catalog?subscription=approved")["items"]
    assert (item["code"], [held["status"] for held in item["subscriptions"]]) == (world.code, ["approved"])


# ---- subscriptions ----

def test_r64_r71_r79_r80_r81_r85_an_approved_subscription_opens_the_service_in_every_environment(world):
    client = world.listed().user()
    made = world.subscribe(client, reason="for the shop")
    pairs = world.pairs(client, made)
    assert made["status"] == "pending"
    assert world.calls(pairs) == NO_RIGHT, "not yet"
    world.approve(made["application"])
    assert world.calls(pairs) == world.calls(pairs, "test") == OPEN
    shown = client.get(f"subscriptions/{made['id']}")
    assert (shown["status"], shown["reviewer"]) == ("approved", world.boss.name)


def test_r81_a_rejected_subscription_opens_nothing(world):
    client = world.listed().user()
    made = world.subscribe(client)
    world.boss.post(f"applications/{made['application']}/reject", {"comment": "no"})
    assert world.calls(world.pairs(client, made)) == NO_RIGHT
    assert client.get(f"subscriptions/{made['id']}")["status"] == "rejected"
    world.subscribed(client, made["credential"]["id"])  # applying again makes a new one
    assert [item["status"] for item in client.get("subscriptions")["items"]] == ["approved", "rejected"]


def test_r82_unsubscribing_needs_no_review_and_holds_at_once(world):
    client = world.listed().user()
    made = world.subscribed(client)
    pairs = world.pairs(client, made)
    assert world.calls(pairs) == OPEN
    ended = client.post(f"subscriptions/{made['id']}/unsubscribe").json()
    assert world.calls(pairs) == world.calls(pairs, "test") == NO_RIGHT
    assert (ended["status"], ended["ended_by"]) == ("unsubscribed", client.name)
    refused(client.call("POST", f"subscriptions/{made['id']}/unsubscribe"), 409, "subscription.conflict")
    refused(world.user().call("POST", f"subscriptions/{made['id']}/unsubscribe"), 404, "resource.not_found")


def test_unsubscribing_while_it_is_pending_withdraws_the_application(world):
    client = world.listed().user()
    made = world.subscribe(client)
    assert client.post(f"subscriptions/{made['id']}/unsubscribe").json()["status"] == "withdrawn"
    assert client.get(f"applications/{made['application']}")["status"] == "withdrawn"
    refused(world.boss.call("POST", f"applications/{made['application']}/approve", {}), 409, "application.decided")


def test_r65_r66_the_provider_sees_subscribers_and_removes_one(world):
    first, second = world.listed().user(), world.user()
    kept, gone = world.subscribed(first), world.subscribed(second)
    pending = world.subscribe(second)
    path = f"services/{world.code}/subscriptions"
    items = world.boss.get(path)["items"]
    assert [(item["id"], item["subscriber"], item["status"]) for item in items] == [
        (pending["id"], second.name, "pending"), (gone["id"], second.name, "approved"), (kept["id"], first.name, "approved")]
    assert [item["id"] for item in world.boss.get(f"{path}?subscriber={first.name}")["items"]] == [kept["id"]]
    assert [item["id"] for item in world.boss.get(f"{path}?status=pending")["items"]] == [pending["id"]]
    pairs = {made["id"]: world.pairs(owner, made) for owner, made in ((first, kept), (second, gone))}
    removed = world.boss.post(f"{path}/{gone['id']}/remove").json()
    assert (removed["status"], removed["ended_by"]) == ("removed", world.boss.name)
    assert world.calls(pairs[gone["id"]]) == NO_RIGHT
    assert world.calls(pairs[kept["id"]]) == OPEN
    refused(world.boss.call("POST", f"{path}/{pending['id']}/remove"), 409, "subscription.conflict")
    refused(world.boss.call("POST", f"{path}/sub_nothing/remove"), 404, "resource.not_found")
    other, _ = world.published()
    refused(world.boss.call("POST", f"services/{other['code']}/subscriptions/{kept['id']}/remove"), 404, "resource.not_found")


def test_r86_r87_one_credential_opens_several_services_and_lists_them(world, gateway, management, build):
    other = World(gateway, management, build).listed()
    client = world.listed().user()
    made = world.subscribed(client)
    credential = made["credential"]["id"]
    second = other.subscribed(client, credential)
    pairs = world.pairs(client, made)
    assert world.calls(pairs) == other.calls(pairs) == OPEN
    items = client.get(f"subscription-credentials/{credential}/subscriptions")["items"]
    assert [(item["service"]["code"], item["status"]) for item in items] == [(other.code, "approved"), (world.code, "approved")]
    # What ends here stays open there.
    client.post(f"subscriptions/{made['id']}/unsubscribe")
    assert (world.calls(pairs), other.calls(pairs)) == (NO_RIGHT, OPEN)
    refused(client.call("DELETE", f"subscription-credentials/{credential}", If_Match="*"), 409, "credential.in_use")
    client.post(f"subscriptions/{second['id']}/unsubscribe")
    client.delete(f"subscription-credentials/{credential}")


def test_r62_a_credential_without_a_subscription_is_refused(world):
    client = world.user()
    credential = client.post("subscription-credentials", {"name": "none"}).json()
    assert world.calls(credential["key_pairs"]) == NO_RIGHT
    call_credential = world.boss.post(f"services/{world.code}/credentials", {"name": "call"}).json()
    assert world.calls(call_credential["key_pairs"]) == OPEN


def test_a_disabled_or_reset_subscription_credential_stops_at_once_and_keeps_its_subscriptions(world):
    client = world.listed().user()
    made = world.subscribed(client)
    pairs, path = world.pairs(client, made), f"subscription-credentials/{made['credential']['id']}"
    client.patch(path, {"status": "disabled"})
    assert set(world.calls(pairs).values()) == {401}
    assert client.get(f"subscriptions/{made['id']}")["status"] == "approved"
    client.patch(path, {"status": "enabled"})
    assert world.calls(pairs) == OPEN
    fresh = client.post(path + "/reset", {"type": "basic"}).json()["key_pairs"]
    assert world.calls(pairs)["basic"] == 401 and world.calls(fresh | {"oauth2": pairs["oauth2"], "hmac": pairs["hmac"]}) == OPEN


def test_a_token_issued_through_a_subscription_dies_with_it(world):
    client = world.listed().user()
    made = world.subscribed(client)
    key = world.pairs(client, made)["oauth2"]
    issued = world.gateway.call("GET", f"{world.base}/-/oauth2/token?client_id={key['key']}&client_secret={key['secret']}")
    token = {"Authorization": "Bearer " + issued.json()["access_token"]}
    assert world.gateway.call("GET", world.base + "/oauth2", token).status == 200
    client.post(f"subscriptions/{made['id']}/unsubscribe")
    assert world.gateway.call("GET", world.base + "/oauth2", token).status in (401, 403)
    world.subscribed(client, made["credential"]["id"])
    assert world.gateway.call("GET", world.base + "/oauth2", token).status == 401, "a new subscription revives no old token"


def test_applying_is_refused_with_the_reason(world):
    client, other = world.user(), world.user()
    path = f"catalog/{world.code}/subscriptions"
    mine = client.post("subscription-credentials", {"name": "mine"}).json()["id"]
    refused(client.call("POST", path, {"credential": mine}), 404, "resource.not_found")
    world.listed()
    foreign = other.post("subscription-credentials", {"name": "foreign"}).json()["id"]
    for body in ({}, {"credential": mine, "new_credential": {"name": "x"}}, {"credential": foreign}, {"credential": "crd_0"}):
        assert pointers(refused(client.call("POST", path, body), 400, "field.invalid")) == {"/credential"}
    assert pointers(refused(client.call("POST", path, {"credential": mine, "reason": "x" * 501}), 400, "field.invalid")) == {"/reason"}
    wrong = {"name": " ", "key_pairs": {"basic": {"key": "a:b"}}, "hmac_options": {"clock_skew_s": 90_000}}
    assert pointers(refused(client.call("POST", path, {"new_credential": wrong}), 400, "field.invalid")) == {
        "/new_credential/hmac_options/clock_skew_s"}
    del wrong["hmac_options"]
    assert pointers(refused(client.call("POST", path, {"new_credential": wrong}), 400, "field.invalid")) == {
        "/new_credential/name"}
    world.subscribe(client, mine)
    refused(client.call("POST", path, {"credential": mine}), 409, "subscription.exists")
    client.patch(f"subscription-credentials/{mine}", {"status": "disabled"})
    refused(client.call("POST", path, {"credential": mine}), 409, "credential.disabled")
    assert client.get("subscription-credentials")["items"][0]["name"] == "mine", "nothing was made on the way"


def test_subscriptions_survive_a_restart(own_gateway):
    lintel = own_gateway.start()
    root = lintel.management()
    service = root.create_service("Pets", [{"name": "p", "method": "GET", "path": "/p", "auth": {"kind": "basic"},
                                            "backend": {"kind": "mock", "config": {}}}], code="pets")
    root.publish(service)
    root.post(f"applications/{root.post('services/pets/applications', {'type': 'launch'}).json()['number']}/approve", {})
    made = root.post("catalog/pets/subscriptions", {"new_credential": {"name": "mine"}}).json()
    root.post(f"applications/{made['application']}/approve", {})
    pair = root.get(f"subscription-credentials/{made['credential']['id']}/secrets")["key_pairs"]["basic"]
    lintel.restart()
    assert eventually(lambda: lintel.call("GET", "/release/pets/p", basic(pair)).status == 200)


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
