"""Direct grants: the provider lets the credential of a user call single APIs, without an application."""
import datetime

import pytest
import rig
from rig import Market, basic, eventually, pointers, refused, signed

AUTHS = tuple(Market.OPEN)


def in_seconds(seconds):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).isoformat()


@pytest.fixture
def guest(world):
    """A user with a credential who has subscribed to nothing."""
    client = world.user()
    made = client.post("subscription-credentials", {"name": "guest"}).json()
    client.credential, client.pairs = made["id"], made["key_pairs"]
    return client


def apis(world):
    return {api["path"].strip("/"): api["id"] for api in world.boss.get(f"services/{world.code}/apis")["items"]}


def grant(world, client, api, **more):
    body = {"credential": client.credential, "api": apis(world)[api], **more}
    return world.boss.post(f"services/{world.code}/grants", body).json()


def code(world, client, api, environment="release"):
    """-> "ok", or the code the gateway refuses with"""
    base = f"/{environment}/{world.code}"
    pair = client.pairs[api]
    fields = basic(pair) if api == "basic" else signed(pair, "GET", f"{base}/{api}")
    answer = world.gateway.call("GET", f"{base}/{api}", fields)
    return "ok" if answer.status == 200 else answer.json()["code"]


def test_r61_r62_a_grant_opens_just_its_api_in_just_its_environments(world, guest):
    assert code(world, guest, "basic") == "authorize.no_grant"
    services = world.root.get("/api/v1/revision")["revision"]
    made = grant(world, guest, "basic", environments=["release"])
    assert made["api"]["name"] == "GET /basic" and made["environments"] == ["release"] and made["owner"] == guest.name
    assert made["expires_at"] is None and world.root.get("/api/v1/revision")["revision"] > services
    assert code(world, guest, "basic") == "ok"
    assert code(world, guest, "basic", "test") == code(world, guest, "hmac") == "authorize.no_grant"
    everywhere = grant(world, guest, "hmac")
    assert everywhere["environments"] == [] and code(world, guest, "hmac") == code(world, guest, "hmac", "test") == "ok"
    world.boss.delete(f"services/{world.code}/grants/{made['id']}")
    assert code(world, guest, "basic") == "authorize.no_grant" and code(world, guest, "hmac") == "ok"


def test_r96_r97_a_token_opens_what_was_granted_and_dies_with_the_grant(world, guest):
    made = grant(world, guest, "oauth2", environments=["release"])
    assert world.calls(guest.pairs) == {"basic": 403, "oauth2": 200, "hmac": 403}
    assert world.calls(guest.pairs, "test") == Market.NO_RIGHT
    pair = guest.pairs["oauth2"]
    target = f"{world.base}/-/oauth2/token?client_id={pair['key']}&client_secret={pair['secret']}"
    bearer = {"Authorization": "Bearer " + world.gateway.call("GET", target).json()["access_token"]}
    assert world.gateway.call("GET", world.base + "/oauth2", bearer).status == 200
    path = f"services/{world.code}/grants/{made['id']}"
    world.boss.patch(path, {"expires_at": in_seconds(1)})
    expired = eventually(lambda: (answer := world.gateway.call("GET", world.base + "/oauth2", bearer)).status == 403 and answer)
    assert expired.json()["code"] == "authorize.grant_expired"
    assert world.gateway.call("GET", target).status == 401, "no token for who may call nothing any more"
    world.boss.patch(path, {"expires_at": None})
    assert world.gateway.call("GET", world.base + "/oauth2", bearer).status == 200
    world.boss.delete(path)
    assert world.gateway.call("GET", world.base + "/oauth2", bearer).status == 401


def test_r62_a_grant_expires_by_the_clock_and_can_be_extended(world, guest):
    path = f"services/{world.code}/grants/{grant(world, guest, 'basic', expires_at=in_seconds(3600))['id']}"
    assert code(world, guest, "basic") == "ok"
    world.boss.patch(path, {"expires_at": in_seconds(1)})
    eventually(lambda: code(world, guest, "basic") == "authorize.grant_expired")
    assert code(world, guest, "hmac") == "authorize.no_grant", "that was never granted"
    shown = world.boss.call("GET", path)
    extended = world.boss.patch(path, {"expires_at": in_seconds(3600)}, etag=shown.header("ETag"))
    assert code(world, guest, "basic") == "ok"
    refused(world.boss.call("PATCH", path, {"expires_at": None}, If_Match=shown.header("ETag")), 412, "precondition.failed")
    refused(world.boss.call("DELETE", path, If_Match=shown.header("ETag")), 412, "precondition.failed")
    refused(world.boss.call("PATCH", path, {"expires_at": None}), 428, "precondition.required")
    assert pointers(refused(world.boss.call("PATCH", path, {"expires_at": in_seconds(-1)}, If_Match="*"), 400,
                            "field.invalid")) == {"/expires_at"}
    assert extended.json()["version"] == 3


def test_r87_grants_are_listed_where_they_are_used(world, guest):
    made = [grant(world, guest, "basic"), grant(world, guest, "hmac", environments=["test"])]
    newest_first = [each["id"] for each in reversed(made)]
    for where, client in ((f"services/{world.code}/grants", world.boss),
                          (f"subscription-credentials/{guest.credential}/grants", guest)):
        assert [item["id"] for item in client.get(where)["items"]] == newest_first
        page = client.get(where + "?page_size=1")
        assert page["items"][0]["id"] == newest_first[0]
        assert client.get(f"{where}?page_size=1&page_token={page['next_page_token']}")["items"][0]["id"] == newest_first[1]
    item = guest.get(f"subscription-credentials/{guest.credential}/grants")["items"][0]
    assert item == world.boss.get(f"services/{world.code}/grants/{item['id']}")
    assert (item["service"]["code"], item["credential"]["name"], item["created_by"]) == (world.code, "guest", world.boss.name)
    refused(world.user().call("GET", f"subscription-credentials/{guest.credential}/grants"), 404, "resource.not_found")


def test_what_cannot_be_granted_is_told_at_once(world, guest, gateway):
    path = f"services/{world.code}/grants"
    own = world.boss.post(f"services/{world.code}/credentials", {"name": "own"}).json()["id"]
    world.root.post("/api/v1/gateways", {"code": "g" + world.code.split("-")[1], "name": "Elsewhere"})
    elsewhere = rig.Management(world.root.address, world.root.token, "g" + world.code.split("-")[1])
    foreign = elsewhere.post("subscription-credentials", {"name": "there"}).json()["id"]
    for credential in ("crd_0", own, foreign):
        wrong = {"credential": credential, "api": "api_0", "environments": ["release", "nowhere"], "expires_at": in_seconds(-60)}
        assert pointers(refused(world.boss.call("POST", path, wrong), 400, "field.invalid")) == \
            {"/credential", "/api", "/environments/1", "/expires_at"}
    assert pointers(refused(world.boss.call("POST", path, {**wrong, "expires_at": "soon"}), 400, "field.invalid")) == \
        {"/expires_at"}
    grant(world, guest, "basic", environments=["release"])
    twice = {"credential": guest.credential, "api": apis(world)["basic"]}
    refused(world.boss.call("POST", path, twice), 409, "grant.exists")
    refused(world.boss.call("POST", path, {**twice, "environments": ["test", "release"]}), 409, "grant.exists")
    assert grant(world, guest, "basic", environments=["test"])["environments"] == ["test"]


def test_r62_a_disabled_credential_can_be_granted_but_opens_nothing(world, guest):
    guest.patch(f"subscription-credentials/{guest.credential}", {"status": "disabled"})
    grant(world, guest, "basic")
    assert code(world, guest, "basic") == "auth.invalid"
    guest.patch(f"subscription-credentials/{guest.credential}", {"status": "enabled"})
    assert code(world, guest, "basic") == "ok"


def test_r67_a_grant_ends_with_its_api_environment_service_and_credential(world, guest):
    environment = "e" + world.code.split("-")[1]
    world.root.post("environments", {"code": environment, "name": environment})
    only = grant(world, guest, "basic", environments=[environment])
    both = grant(world, guest, "hmac", environments=[environment, "release"])
    path = f"services/{world.code}/grants"
    world.root.delete(f"environments/{environment}")
    left = {item["id"]: item["environments"] for item in world.boss.get(path)["items"]}
    assert left == {both["id"]: ["release"]}, "none left is not every environment"
    assert code(world, guest, "basic") == "authorize.no_grant" and code(world, guest, "hmac") == "ok"

    world.boss.post(f"services/{world.code}/draft", {"from_release": 1}, If_Match="*")
    world.boss.delete(f"services/{world.code}/apis/{apis(world)['hmac']}")
    assert code(world, guest, "hmac") == "ok", "the release has it still"
    world.boss.publish(world.service, ("release",))
    assert [item["id"] for item in world.boss.get(path)["items"]] == [both["id"]], "that in another environment, too"
    world.boss.publish(world.service, ("test",), release=2)
    assert world.boss.get(path)["items"] == []
    actions = [event["action"] for event in world.root.get("/api/v1/audit-events?page_size=500")["items"]
               if event["object_id"] in (only["id"], both["id"])]
    assert actions == ["grant.end", "grant.end", "grant.create", "grant.create"]

    grant(world, guest, "basic")
    world.boss.call("PATCH", f"services/{world.code}/deployments", {"state": "stopped"}, If_Match="*")
    world.boss.delete(f"services/{world.code}")
    assert guest.get(f"subscription-credentials/{guest.credential}/grants")["items"] == []
    guest.delete(f"subscription-credentials/{guest.credential}")


def test_r61_a_grant_stands_beside_a_subscription(world, guest):
    made = grant(world, guest, "basic", expires_at=in_seconds(1))
    world.listed().subscribed(guest, guest.credential)
    eventually(lambda: in_seconds(0) > made["expires_at"])
    assert world.calls(guest.pairs) == Market.OPEN
