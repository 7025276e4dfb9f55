"""Who may call: Basic, OAuth2.0, HMAC, and credentials whose changes take effect at once."""
import email.utils
import time

import pytest
from rig import basic, signed


def bearer(gateway, base, pair):
    answer = gateway.call("GET", f"{base}/-/oauth2/token?client_id={pair['key']}&client_secret={pair['secret']}")
    assert answer.status == 200, answer
    assert answer.header("Cache-Control") == "no-store"
    return {"Authorization": "Bearer " + answer.json()["access_token"]}


class Shop:
    """A published service with one API for each way to prove who calls."""

    def __init__(self, gateway, management, build):
        self.gateway, self.management = gateway, management
        self.service, self.base = build.published(*(build.api(path="/" + auth, auth=auth)
                                                    for auth in ("none", "basic", "oauth2", "hmac")))
        self.credential = management.create_credential(self.service)
        self.pairs = self.credential["key_pairs"]

    def calls(self, pairs=None, token=None):
        """Tries each way once -> {auth: status}"""
        pairs = pairs or self.pairs
        answers = {"basic": self.gateway.call("GET", self.base + "/basic", basic(pairs["basic"])),
                   "hmac": self.gateway.call("GET", self.base + "/hmac", signed(pairs["hmac"], "GET", self.base + "/hmac"))}
        if token:
            answers["oauth2"] = self.gateway.call("GET", self.base + "/oauth2", token)
        return {auth: answer.status for auth, answer in answers.items()}

    def path(self, rest=""):
        return f"services/{self.service['id']}/credentials/{self.credential['id']}{rest}"


@pytest.fixture
def shop(gateway, management, build):
    return Shop(gateway, management, build)


def test_r59_an_open_api_ignores_credentials(shop):
    for headers in ({}, basic(shop.pairs["basic"]), {"Authorization": "Basic !!"}, {"Authorization": "Bearer x"}):
        assert shop.gateway.call("GET", shop.base + "/none", headers).status == 200


@pytest.mark.parametrize("auth", ["basic", "oauth2", "hmac"])
def test_r30_r60_a_protected_api_refuses_whoever_proves_nothing(shop, auth):
    answer = shop.gateway.call("GET", f"{shop.base}/{auth}")
    assert (answer.status, answer.json()["code"]) == (401, "auth.missing")
    assert answer.header("WWW-Authenticate")


def test_r61_r95_r97_r98_each_pair_of_a_credential_opens_its_kind_of_api(shop):
    token = bearer(shop.gateway, shop.base, shop.pairs["oauth2"])
    assert shop.calls(token=token) == {"basic": 200, "hmac": 200, "oauth2": 200}
    # And no other kind of API.
    for auth in ("oauth2", "hmac"):
        assert shop.gateway.call("GET", f"{shop.base}/{auth}", basic(shop.pairs["basic"])).status == 401


def test_r62_a_credential_of_another_service_is_refused(shop, gateway, management, build):
    other = Shop(gateway, management, build)
    assert set(shop.calls(other.pairs).values()) == {403}
    token = bearer(gateway, other.base, other.pairs["oauth2"])
    assert gateway.call("GET", shop.base + "/oauth2", token).status == 403


def test_a_token_of_one_environment_is_none_in_another(shop):
    shop.management.publish(shop.service, ["test"], release=1)
    token = bearer(shop.gateway, shop.base, shop.pairs["oauth2"])
    assert shop.gateway.call("GET", f"/test/{shop.service['code']}/oauth2", token).status in (401, 403)


def test_r63_r100_the_list_shows_credentials_and_a_given_pair_works(shop):
    given = {"basic": {"key": "my-own-key-" + shop.service["code"], "secret": "my-own-secret!"}}
    made = shop.management.create_credential(shop.service, "given", key_pairs=given)
    assert made["key_pairs"]["basic"] == given["basic"]
    names = {item["name"] for item in shop.management.get(f"services/{shop.service['id']}/credentials")["items"]}
    assert names == {"caller", "given"}
    assert shop.gateway.call("GET", shop.base + "/basic", basic(given["basic"])).status == 200
    shown = shop.management.get(shop.path("/secrets"))["key_pairs"]
    assert {name: pair["secret"] for name, pair in shown.items()} == {
        name: pair["secret"] for name, pair in shop.pairs.items()}


def test_lists_and_plain_reads_hold_no_secret(shop):
    for path in (f"services/{shop.service['id']}/credentials", shop.path()):
        text = shop.management.call("GET", path).text
        for pair in shop.pairs.values():
            assert pair["secret"] not in text


def test_disable_and_enable_take_effect_at_once(shop):
    token = bearer(shop.gateway, shop.base, shop.pairs["oauth2"])
    shop.management.patch(shop.path(), {"status": "disabled"})
    assert set(shop.calls(token=token).values()) == {401}
    refused = shop.gateway.call("GET", f"{shop.base}/-/oauth2/token?client_id={shop.pairs['oauth2']['key']}"
                                       f"&client_secret={shop.pairs['oauth2']['secret']}")
    assert (refused.status, refused.json()["error"]) == (401, "invalid_client")
    shop.management.patch(shop.path(), {"status": "enabled"})
    assert shop.calls() == {"basic": 200, "hmac": 200}
    # Tokens of before stay dead.
    assert shop.gateway.call("GET", shop.base + "/oauth2", token).status == 401


def test_reset_makes_a_new_secret_and_kills_the_old_one_at_once(shop):
    token = bearer(shop.gateway, shop.base, shop.pairs["oauth2"])
    fresh = {}
    for kind in ("basic", "hmac", "oauth2"):
        fresh |= shop.management.post(shop.path("/reset"), {"type": kind}, If_Match="*").json()["key_pairs"]
        assert fresh[kind]["key"] == shop.pairs[kind]["key"]
        assert fresh[kind]["secret"] != shop.pairs[kind]["secret"]
    assert set(shop.calls(token=token).values()) == {401}
    assert shop.calls(fresh) == {"basic": 200, "hmac": 200}


def test_delete_takes_effect_at_once(shop):
    token = bearer(shop.gateway, shop.base, shop.pairs["oauth2"])
    shop.management.delete(shop.path())
    assert set(shop.calls(token=token).values()) == {401}


def test_credentials_survive_publish_and_stop(shop):
    token = bearer(shop.gateway, shop.base, shop.pairs["oauth2"])
    shop.management.post(f"services/{shop.service['id']}/draft", {})
    shop.management.publish(shop.service)
    assert shop.calls(token=token) == {"basic": 200, "hmac": 200, "oauth2": 200}


def test_r96_the_token_address_answers_get_and_post(shop):
    pair = shop.pairs["oauth2"]
    address = shop.base + "/-/oauth2/token"
    got = shop.gateway.call("GET", f"{address}?client_id={pair['key']}&client_secret={pair['secret']}").json()
    assert (got["token_type"], got["expires_in"]) == ("Bearer", 7200)
    form = f"grant_type=client_credentials&client_id={pair['key']}&client_secret={pair['secret']}"
    posted = shop.gateway.call("POST", address, {"Content-Type": "application/x-www-form-urlencoded"}, form.encode())
    assert posted.status == 200
    by_header = shop.gateway.call("POST", address, {"Content-Type": "application/x-www-form-urlencoded", **basic(pair)},
                                  b"grant_type=client_credentials")
    assert by_header.status == 200
    for answer in (posted, by_header):
        token = {"Authorization": "bearer " + answer.json()["access_token"]}
        assert shop.gateway.call("GET", shop.base + "/oauth2", token).status == 200
    in_query = shop.gateway.call("GET", f"{shop.base}/oauth2?access_token={got['access_token']}")
    assert in_query.status == 200
    both = shop.gateway.call("GET", f"{shop.base}/oauth2?access_token={got['access_token']}", token)
    assert both.status == 400


@pytest.mark.parametrize("query,status,error", [
    ("", 400, "invalid_request"), ("client_id=x", 400, "invalid_request"),
    ("client_id=x&client_secret=y", 401, "invalid_client")])
def test_the_token_address_explains_refusals(shop, query, status, error):
    answer = shop.gateway.call("GET", f"{shop.base}/-/oauth2/token?{query}")
    assert (answer.status, answer.json()["error"]) == (status, error)
    assert (answer.header("WWW-Authenticate") is not None) == (status == 401)


def test_r97_a_changed_token_is_none(shop):
    token = bearer(shop.gateway, shop.base, shop.pairs["oauth2"])["Authorization"]
    middle = len(token) // 2
    changed = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1:]
    for wrong in (changed, token[:-1], "Bearer ", "Bearer x"):
        answer = shop.gateway.call("GET", shop.base + "/oauth2", {"Authorization": wrong})
        assert (answer.status, answer.json()["code"] in ("auth.invalid", "auth.missing")) == (401, True), wrong


def test_duplicate_credential_headers_are_refused(shop):
    import socket
    header = basic(shop.pairs["basic"])["Authorization"]
    host, port = shop.gateway.address.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall((f"GET {shop.base}/basic HTTP/1.1\r\nHost: localhost\r\nAuthorization: {header}\r\n"
                            f"Authorization: {header}\r\nConnection: close\r\n\r\n").encode())
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 400 ") and b"auth.duplicate" in answer


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"])
def test_r29_r98_the_usual_signing_snippet_works_for_every_method(gateway, management, build, method):
    service, base = build.published(build.api(method=method, path="/signed/{id}", auth="hmac"))
    pair = management.create_credential(service)["key_pairs"]["hmac"]
    for target in (base + "/signed/7", base + "/signed/7?b=2&a=1"):
        assert gateway.call(method, target, signed(pair, method, target)).status == 200, target


def test_r99_whatever_changes_after_signing_is_refused(shop):
    target = shop.base + "/hmac?name=ann"
    pair = shop.pairs["hmac"]
    headers = signed(pair, "GET", target)
    assert shop.gateway.call("GET", target, headers).status == 200
    other_date = email.utils.formatdate(time.time() - 60, usegmt=True)
    stale = signed(pair, "GET", target, email.utils.formatdate(time.time() - 3600, usegmt=True))
    ahead = signed(pair, "GET", target, email.utils.formatdate(time.time() + 3600, usegmt=True))
    tries = {
        "query": (target + "x", headers), "path": (shop.base + "/hmac/?name=ann", headers),
        "date": (target, {**headers, "Date": other_date}), "stale": (target, stale), "ahead": (target, ahead),
        "key": (target, {**headers, "X-HMAC-ACCESS-KEY": "x"}),
        "secret": (target, signed({**pair, "secret": "wrong"}, "GET", target)),
        "algorithm": (target, {**headers, "X-HMAC-ALGORITHM": "hmac-sha1"}),
        "no date": (target, {name: value for name, value in headers.items() if name != "Date"}),
        "signature": (target, {**headers, "X-HMAC-SIGNATURE": "AAAA"}),
    }
    for what, (address, sent) in tries.items():
        assert shop.gateway.call("GET", address, sent).status in ((401, 404) if what == "path" else (401,)), what


def test_the_backend_sees_no_credentials(gateway, management, build, recorder):
    service, base = build.published(*(build.api(path="/" + auth, auth=auth, backend=build.http(recorder.url))
                                      for auth in ("basic", "oauth2")))
    pairs = management.create_credential(service)["key_pairs"]
    token = bearer(gateway, base, pairs["oauth2"])["Authorization"].split()[1]
    gateway.call("GET", base + "/basic", basic(pairs["basic"]))
    gateway.call("GET", base + "/oauth2", {"Authorization": "Bearer " + token})
    gateway.call("GET", f"{base}/oauth2?a=1&access_token={token}")
    assert len(recorder.requests) == 3
    for seen in recorder.requests:
        assert "authorization" not in dict(seen["headers"])
        assert token not in seen["target"]
    assert recorder.last["query"] == [["a", "1"]] or recorder.last["query"] == [("a", "1")]


def test_a_bad_key_pair_is_pointed_at_by_its_name_in_the_body(management, build):
    service, _ = build.published()
    answer = management.call("POST", f"services/{service['id']}/credentials",
                             {"name": "short", "key_pairs": {"basic": {"key": "long-enough", "secret": "short"}}})
    assert answer.status == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/key_pairs/basic/secret"]
