"""A reset may leave the secret before it valid for a while, so that callers can change over one by one."""
import pytest
from rig import Market, eventually, pointers, refused

AUTHS = tuple(Market.OPEN)
SHUT = dict.fromkeys(AUTHS, 401)


@pytest.fixture
def place(world):
    """A subscription credential that opens everything -> (its owner, its address, its pairs)"""
    client = world.listed().user()
    made = world.subscribed(client)
    return client, f"subscription-credentials/{made['credential']['id']}", world.pairs(client, made)


def reset(client, path, types=AUTHS, **more):
    """-> {type: the new pair}"""
    return {kind: client.post(path + "/reset", {"type": kind, **more}).json()["key_pairs"][kind] for kind in types}


def token(world, pair):
    answer = world.gateway.call("GET", f"{world.base}/-/oauth2/token?client_id={pair['key']}&client_secret={pair['secret']}")
    assert answer.status == 200, answer
    return answer.json()


def calls_with(world, issued):
    bearer = {"Authorization": "Bearer " + issued["access_token"]}
    return world.gateway.call("GET", world.base + "/oauth2", bearer).status


def test_r84_r85_r95_r96_r98_both_secrets_open_during_an_overlap(world, place):
    client, path, old = place
    new = reset(client, path, overlap_s=3600)
    assert world.calls(old) == world.calls(new) == Market.OPEN
    shown = client.get(path)
    assert all(shown["keys"][kind]["previous_until"] > shown["updated_at"] for kind in AUTHS)
    assert client.get(path + "/secrets")["key_pairs"] == new, "the old ones are not shown any more"
    newest = reset(client, path, overlap_s=3600)
    assert world.calls(old) == SHUT, "one secret is left at most"
    assert world.calls(new) == world.calls(newest) == Market.OPEN
    for kind in AUTHS:
        ended = client.post(path + "/end-overlap", {"type": kind}).json()
        assert ended["keys"][kind]["previous_until"] is None
    assert world.calls(new) == SHUT and world.calls(newest) == Market.OPEN
    refused(client.call("POST", path + "/end-overlap", {"type": "basic"}), 409, "state.conflict")


def test_r95_r96_r98_an_overlap_ends_by_the_clock(world, place):
    client, path, old = place
    new = reset(client, path, overlap_s=1)
    eventually(lambda: world.calls(old) == SHUT)
    assert world.calls(new) == Market.OPEN
    refused(client.call("POST", path + "/end-overlap", {"type": "hmac"}), 409, "state.conflict")


def test_r97_tokens_of_the_old_secret_die_with_it(world, place):
    client, path, old = place
    before = token(world, old["oauth2"])
    new = reset(client, path, ["oauth2"], overlap_s=600)
    during, after = token(world, old["oauth2"]), token(world, new["oauth2"])
    assert before["expires_in"] == after["expires_in"] == 7200 and during["expires_in"] <= 600
    assert [calls_with(world, each) for each in (before, during, after)] == [200, 200, 200]
    reset(client, path, ["basic"])
    assert [calls_with(world, each) for each in (before, during, after)] == [200, 200, 200], "another pair's are another's"
    client.post(path + "/end-overlap", {"type": "oauth2"})
    assert [calls_with(world, each) for each in (before, during, after)] == [401, 401, 200]


def test_r97_disabling_ends_the_tokens_of_both_secrets_but_not_the_overlap(world, place):
    client, path, old = place
    new = reset(client, path, overlap_s=3600)
    tokens = token(world, old["oauth2"]), token(world, new["oauth2"])
    client.patch(path, {"status": "disabled"})
    assert world.calls(old) == world.calls(new) == SHUT
    client.patch(path, {"status": "enabled"})
    assert [calls_with(world, each) for each in tokens] == [401, 401]
    assert world.calls(old) == world.calls(new) == Market.OPEN


def test_r63_call_credentials_have_overlaps_and_limits_too(world):
    path = f"services/{world.code}/credentials"
    made = world.boss.post(path, {"name": "call"}).json()
    path += "/" + made["id"]
    new = reset(world.boss, path, overlap_s=2592000)
    assert world.calls(made["key_pairs"]) == world.calls(new) == Market.OPEN
    assert pointers(refused(world.boss.call("POST", path + "/reset", {"type": "basic", "overlap_s": 2592001}), 400,
                            "field.invalid")) == {"/overlap_s"}
    refused(world.boss.call("POST", path + "/reset", {"type": "basic", "overlap_s": -1}), 400, "field.invalid")
    at_once = reset(world.boss, path)
    assert world.calls(made["key_pairs"]) == world.calls(new) == SHUT and world.calls(at_once) == Market.OPEN
    trail = world.root.get(f"/api/v1/audit-events?object_id={made['id']}&page_size=500")["items"]
    assert not any(pair["secret"] in str(trail) for pairs in (made["key_pairs"], new, at_once) for pair in pairs.values())


def test_an_overlap_outlives_a_restart(own_gateway, build):
    lintel = own_gateway.start()
    management = lintel.management()
    world = Market(lintel, management, type(build)(management))
    made = world.boss.post(f"services/{world.code}/credentials", {"name": "call"}).json()
    new = reset(world.boss, f"services/{world.code}/credentials/{made['id']}", overlap_s=3600)
    lintel.restart()
    assert world.calls(made["key_pairs"]) == world.calls(new) == Market.OPEN
