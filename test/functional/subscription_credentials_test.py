"""Subscription credentials: a user's own, for services he has subscribed to."""
from rig import Market, pointers, refused


def test_r83_r84_r88_a_subscription_credential_is_made_found_revealed_reset_and_deleted(world):
    client = world.user()
    made = client.call("POST", "subscription-credentials", {
        "name": "Shop", "description": "for the shop", "attributes": {"team": "blue"},
        "key_pairs": {"hmac": {"key": "key-" + client.name}}})
    credential = made.json()
    assert made.status == 201 and made.header("Location").endswith("/subscription-credentials/" + credential["id"])
    assert credential["attributes"] == {"team": "blue"}
    assert set(credential["key_pairs"]) == set(Market.OPEN) and credential["key_pairs"]["hmac"]["key"] == "key-" + client.name
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


def test_r86_r87_one_credential_opens_several_services_and_lists_them(world, gateway, management, build):
    other = Market(gateway, management, build).listed()
    client = world.listed().user()
    made = world.subscribed(client)
    credential = made["credential"]["id"]
    second = other.subscribed(client, credential)
    pairs = world.pairs(client, made)
    assert world.calls(pairs) == other.calls(pairs) == Market.OPEN
    items = client.get(f"subscription-credentials/{credential}/subscriptions")["items"]
    assert [(item["service"]["code"], item["status"]) for item in items] == [(other.code, "approved"), (world.code, "approved")]
    # What ends here stays open there.
    client.post(f"subscriptions/{made['id']}/unsubscribe")
    assert (world.calls(pairs), other.calls(pairs)) == (Market.NO_RIGHT, Market.OPEN)
    refused(client.call("DELETE", f"subscription-credentials/{credential}", If_Match="*"), 409, "credential.in_use")
    client.post(f"subscriptions/{second['id']}/unsubscribe")
    client.delete(f"subscription-credentials/{credential}")


def test_r62_a_credential_without_a_subscription_is_refused(world):
    client = world.user()
    credential = client.post("subscription-credentials", {"name": "none"}).json()
    assert world.calls(credential["key_pairs"]) == Market.NO_RIGHT
    call_credential = world.boss.post(f"services/{world.code}/credentials", {"name": "call"}).json()
    assert world.calls(call_credential["key_pairs"]) == Market.OPEN


def test_a_disabled_or_reset_subscription_credential_stops_at_once_and_keeps_its_subscriptions(world):
    client = world.listed().user()
    made = world.subscribed(client)
    pairs, path = world.pairs(client, made), f"subscription-credentials/{made['credential']['id']}"
    client.patch(path, {"status": "disabled"})
    assert set(world.calls(pairs).values()) == {401}
    assert client.get(f"subscriptions/{made['id']}")["status"] == "approved"
    client.patch(path, {"status": "enabled"})
    assert world.calls(pairs) == Market.OPEN
    fresh = client.post(path + "/reset", {"type": "basic"}).json()["key_pairs"]
    assert world.calls(pairs)["basic"] == 401 and world.calls(fresh | {"oauth2": pairs["oauth2"], "hmac": pairs["hmac"]}) == Market.OPEN
