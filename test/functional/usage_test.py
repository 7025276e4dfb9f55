"""When credentials were last used, and how often services were called: told in the background."""
from rig import Market, basic, eventually, signed

SOON = 40  # some of the intervals at which it is written


def called(lintel, base, pair, times=1, path="/basic"):
    for _ in range(times):
        assert lintel.call("GET", base + path, basic(pair)).status == 200


def test_r63_r84_credentials_tell_when_they_were_last_used(world):
    path = f"services/{world.code}/credentials"
    made = world.boss.post(path, {"name": "call"}).json()
    path += "/" + made["id"]
    shown = world.boss.call("GET", path)
    assert made["last_used_at"] is None and {pair["last_used_at"] for pair in made["keys"].values()} == {None}
    trail = len(world.root.get(f"/api/v1/audit-events?object_id={made['id']}&page_size=500")["items"])
    pair = made["key_pairs"]["hmac"]
    assert world.gateway.call("GET", world.base + "/basic", basic({**pair, "secret": "wrong"})).status == 401
    assert world.gateway.call("GET", world.base + "/hmac", signed(pair, "GET", world.base + "/hmac")).status == 200
    used = eventually(lambda: (now := world.boss.get(path))["last_used_at"] and now, within=SOON)
    assert used["last_used_at"] == used["keys"]["hmac"]["last_used_at"] and used["last_used_at"].endswith(":00.000Z")
    assert used["keys"]["basic"]["last_used_at"] is None is used["keys"]["oauth2"]["last_used_at"]
    listed = world.boss.get(f"services/{world.code}/credentials")["items"][0]
    assert listed["last_used_at"] == used["last_used_at"]
    assert world.boss.call("GET", path).header("ETag") == shown.header("ETag"), "nobody has changed it"
    assert len(world.root.get(f"/api/v1/audit-events?object_id={made['id']}&page_size=500")["items"]) == trail


def test_r63_a_debug_call_is_no_use(world):
    made = world.boss.post(f"services/{world.code}/credentials", {"name": "debug"}).json()
    other = world.boss.post(f"services/{world.code}/credentials", {"name": "call"}).json()
    api = next(api for api in world.boss.get(f"services/{world.code}/apis")["items"] if api["path"] == "/basic")
    world.boss.post(f"services/{world.code}/debug-calls", {"api": api["id"], "release": 1, "credential": made["id"]})
    called(world.gateway, world.base, other["key_pairs"]["basic"])
    path = f"services/{world.code}/credentials/"
    eventually(lambda: world.boss.get(path + other["id"])["last_used_at"], within=SOON)
    assert world.boss.get(path + made["id"])["last_used_at"] is None


def test_r73_the_impact_of_a_removal_counts_the_calls_of_the_last_hour(world):
    world.listed()
    made = world.boss.post(f"services/{world.code}/credentials", {"name": "call"}).json()
    assert world.boss.get(f"services/{world.code}")["calls_last_hour"] == 0
    called(world.gateway, world.base, made["key_pairs"]["basic"], times=3)
    called(world.gateway, f"/test/{world.code}", made["key_pairs"]["basic"], times=2)
    eventually(lambda: world.boss.get(f"services/{world.code}")["calls_last_hour"] == 5, within=SOON)
    number = world.apply("remove")
    impact = world.boss.get(f"applications/{number}")["impact"]
    assert (impact["subscribers"], set(impact["environments"]), impact["calls_last_hour"]) == (0, {"test", "release"}, 5)
    assert "calls_last_hour" not in str(world.boss.get("services")), "of one at a time"


def test_what_was_used_is_written_when_the_program_ends_and_adds_up(own_gateway, build):
    lintel = own_gateway.start()
    management = lintel.management()
    world = Market(lintel, management, type(build)(management))
    made = world.boss.post(f"services/{world.code}/credentials", {"name": "call"}).json()
    for calls in (2, 5):
        called(lintel, world.base, made["key_pairs"]["basic"], times=calls - (0 if calls == 2 else 2))
        lintel.restart()
        boss = lintel.as_user(world.boss.name, "a-long-enough-password")
        assert boss.get(f"services/{world.code}")["calls_last_hour"] == calls
    assert boss.get(f"services/{world.code}/credentials/{made['id']}")["keys"]["basic"]["last_used_at"]


def test_services_of_the_same_code_in_two_gateways_are_counted_apart(own_gateway, build):
    lintel = own_gateway.start()
    root = lintel.management()
    root.post("/api/v1/gateways", {"code": "shop", "name": "The shop"})
    shop = type(root)(root.address, root.token, "shop")
    for management, base in ((root, "/release/twin"), (shop, "/release.shop/twin")):
        management.publish(management.create_service("Twin", [build.api()], code="twin"))
    for _ in range(3):
        assert lintel.call("GET", "/release.shop/twin/hello").status == 200
    eventually(lambda: shop.get("services/twin")["calls_last_hour"] == 3, within=SOON)
    assert root.get("services/twin")["calls_last_hour"] == 0
