"""The catalog: what it shows, and subscriptions with what they open at the gateway."""
from rig import Market, basic, eventually, pointers, refused


def test_r77_the_catalog_shows_listed_services_of_all_projects_and_only_them(world, gateway, management, build):
    other = Market(gateway, management, build).listed()
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


def test_r64_r71_r79_r80_r81_r85_an_approved_subscription_opens_the_service_in_every_environment(world):
    client = world.listed().user()
    made = world.subscribe(client, reason="for the shop")
    pairs = world.pairs(client, made)
    assert made["status"] == "pending"
    assert world.calls(pairs) == Market.NO_RIGHT, "not yet"
    world.approve(made["application"])
    assert world.calls(pairs) == world.calls(pairs, "test") == Market.OPEN
    shown = client.get(f"subscriptions/{made['id']}")
    assert (shown["status"], shown["reviewer"]) == ("approved", world.boss.name)


def test_r81_a_rejected_subscription_opens_nothing(world):
    client = world.listed().user()
    made = world.subscribe(client)
    world.boss.post(f"applications/{made['application']}/reject", {"comment": "no"})
    assert world.calls(world.pairs(client, made)) == Market.NO_RIGHT
    assert client.get(f"subscriptions/{made['id']}")["status"] == "rejected"
    world.subscribed(client, made["credential"]["id"])  # applying again makes a new one
    assert [item["status"] for item in client.get("subscriptions")["items"]] == ["approved", "rejected"]


def test_r82_unsubscribing_needs_no_review_and_holds_at_once(world):
    client = world.listed().user()
    made = world.subscribed(client)
    pairs = world.pairs(client, made)
    assert world.calls(pairs) == Market.OPEN
    ended = client.post(f"subscriptions/{made['id']}/unsubscribe").json()
    assert world.calls(pairs) == world.calls(pairs, "test") == Market.NO_RIGHT
    assert (ended["status"], ended["ended_by"]) == ("unsubscribed", client.name)
    refused(client.call("POST", f"subscriptions/{made['id']}/unsubscribe"), 409, "subscription.conflict")
    refused(world.user().call("POST", f"subscriptions/{made['id']}/unsubscribe"), 404, "resource.not_found")


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
    assert world.calls(pairs[gone["id"]]) == Market.NO_RIGHT
    assert world.calls(pairs[kept["id"]]) == Market.OPEN
    refused(world.boss.call("POST", f"{path}/{pending['id']}/remove"), 409, "subscription.conflict")
    refused(world.boss.call("POST", f"{path}/sub_nothing/remove"), 404, "resource.not_found")
    other, _ = world.published()
    refused(world.boss.call("POST", f"services/{other['code']}/subscriptions/{kept['id']}/remove"), 404, "resource.not_found")


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
