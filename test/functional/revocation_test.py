"""Whatever takes a right away takes it away at once: at the gateway from callers, at the management API from users."""
import collections
import concurrent.futures
import contextlib
import random
import subprocess
import threading
import time

import pytest
import rig
from conftest import Builder

EFFECTIVE_WITHIN_S = 1.0

# What a trial needs: whether the right is there (True or False), and what takes it away.
Right = collections.namedtuple("Right", "holds take")


class Rights:
    """Makes rights of each kind, to be taken away again."""

    def __init__(self, lintel, world):
        self.lintel, self.world, self.root = lintel, world.listed(), world.root
        self.subscriber = world.user()
        self.kept = self.subscriber.post("subscription-credentials", {"name": "kept"}).json()["id"]
        self.own = world.subscribed(self.subscriber)
        self.member = world.user()

    def _calls(self, auth, fields):
        return lambda: self.lintel.call("GET", f"{self.world.base}/{auth}", fields).status == 200

    @staticmethod
    def _may(client, path):
        def look():
            status = client.call("GET", path).status
            assert status in (200, 401, 404), status
            return status == 200
        return look

    def _call_credential(self):
        made = self.root.create_credential(self.world.service, self.world.build.unique("key"))
        return made["key_pairs"], f"services/{self.world.code}/credentials/{made['id']}"

    def _token(self, pair):
        answer = self.lintel.call("GET", f"{self.world.base}/-/oauth2/token?client_id={pair['key']}&client_secret={pair['secret']}")
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def credential_disabled(self):
        pairs, path = self._call_credential()
        return Right(self._calls("basic", rig.basic(pairs["basic"])), lambda: self.root.patch(path, {"status": "disabled"}))

    def credential_deleted(self):
        pairs, path = self._call_credential()
        return Right(self._calls("basic", rig.basic(pairs["basic"])), lambda: self.root.delete(path))

    def secret_reset(self):
        pairs, path = self._call_credential()
        return Right(self._calls("basic", rig.basic(pairs["basic"])),
                     lambda: self.root.post(path + "/reset", {"type": "basic"}, If_Match="*"))

    def access_token_of_a_disabled_credential(self):
        pairs, path = self._call_credential()
        return Right(self._calls("oauth2", self._token(pairs["oauth2"])), lambda: self.root.patch(path, {"status": "disabled"}))

    def access_token_of_a_secret_that_was_reset(self):
        pairs, path = self._call_credential()
        return Right(self._calls("oauth2", self._token(pairs["oauth2"])),
                     lambda: self.root.post(path + "/reset", {"type": "oauth2"}, If_Match="*"))

    def _subscription(self):
        # With the same credential each time: a user may have so many of them only.
        made = self.world.subscribed(self.subscriber, self.kept)
        return made["id"], self._calls("basic", rig.basic(self.world.pairs(self.subscriber, made)["basic"]))

    def subscription_removed(self):
        made, holds = self._subscription()
        return Right(holds, lambda: self.root.post(f"services/{self.world.code}/subscriptions/{made}/remove"))

    def unsubscribed(self):
        made, holds = self._subscription()
        return Right(holds, lambda: self.subscriber.post(f"subscriptions/{made}/unsubscribe"))

    def own_credential_disabled(self):
        path = f"subscription-credentials/{self.own['credential']['id']}"
        self.subscriber.patch(path, {"status": "enabled"})
        return Right(self._calls("basic", rig.basic(self.world.pairs(self.subscriber, self.own)["basic"])),
                     lambda: self.subscriber.patch(path, {"status": "disabled"}))

    def token_revoked(self):
        made = self.root.post("/api/v1/api-tokens", {"name": "trial"}).json()
        return Right(self._may(rig.Management(self.lintel.admin_address, made["token"]), "/api/v1/whoami"),
                     lambda: self.root.delete(f"/api/v1/api-tokens/{made['id']}"))

    def role_taken(self):
        self.world.join(self.member)
        return Right(self._may(self.member, f"services/{self.world.code}"),
                     lambda: self.root.delete(f"projects/{self.world.project['id']}/members/{self.member.name}"))

    def user_disabled(self):
        name = self.world.build.unique("user")
        self.root.post("/api/v1/users", {"name": name, "password": "a-long-enough-password"})
        # Not by logging in, which is limited.
        store = ["--store", self.lintel.environment["LINTEL_STORE"]] if "LINTEL_STORE" in self.lintel.environment else []
        token = self.lintel.command("token", "create", "--user", name, "--data", self.lintel.data, *store)
        return Right(self._may(rig.Management(self.lintel.admin_address, token.stdout.strip()), "/api/v1/whoami"),
                     lambda: self.root.patch(f"/api/v1/users/{name}", {"enabled": False}))

    KINDS = (credential_disabled, credential_deleted, secret_reset, access_token_of_a_disabled_credential,
             access_token_of_a_secret_that_was_reset, subscription_removed, unsubscribed, own_credential_disabled, token_revoked,
             role_taken, user_disabled)


def taken_ms(right):
    """-> how long the answer took, and how long after it the last use began that was let through; 0 when none was"""
    assert right.holds()
    asked = time.monotonic()
    right.take()
    answered = last = time.monotonic()
    while True:
        began = time.monotonic()
        if not right.holds():
            return (answered - asked) * 1000, (last - answered) * 1000
        last = began
        assert last - answered < 10 * EFFECTIVE_WITHIN_S, "it still holds"


@contextlib.contextmanager
def load(lintel, base, management, build):
    """Callers who use all the processor there is, and somebody who publishes all the time."""
    stopped = threading.Event()

    def publish():
        service = management.create_service("busy", [build.api()], code="busy")
        while not stopped.is_set():
            management.publish(service)
            management.post("services/busy/draft", {}, If_Match="*")
            stopped.wait(0.1)

    command = ["wrk", "-t1", "-c8", "-d3600", f"http://{lintel.address}{base}/none"]
    calling = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        publishing = pool.submit(publish)
        try:
            yield
        finally:
            stopped.set()
            calling.kill()
            calling.wait()
        publishing.result()


@pytest.fixture(scope="module")
def rights(gateway, management):
    return Rights(gateway, rig.Market(gateway, management, Builder(management)))


@pytest.mark.parametrize("kind", Rights.KINDS, ids=lambda kind: kind.__name__)
def test_r66_r82_what_is_taken_away_is_gone_with_the_answer(rights, kind):
    for _ in range(3):
        right = kind(rights)
        assert right.holds()
        right.take()
        assert not right.holds()


@pytest.mark.measured
def test_a_thousand_rights_taken_away_under_load(own_gateway):
    management = own_gateway.start().management()
    build = Builder(management)
    rights = Rights(own_gateway, rig.Market(own_gateway, management, build))
    trials = [Rights.KINDS[n % len(Rights.KINDS)] for n in range(1000)]
    random.Random(7).shuffle(trials)
    seen = collections.defaultdict(list)
    with load(own_gateway, rights.world.base, management, build):
        for kind in trials:
            seen[kind.__name__].append(taken_ms(kind(rights)))
    print()
    for name, trials in sorted(seen.items()):
        answers, delays = (sorted(column) for column in zip(*trials))
        print(f"{name:42}{len(trials):4} trials   answered within {answers[len(trials) // 2]:6.1f} ms (middle), {answers[-1]:6.1f} ms"
              f" (most)   gone with the answer {delays.count(0):4}, after it within {delays[-1]:6.1f} ms")
    assert max(delay for trials in seen.values() for _, delay in trials) <= EFFECTIVE_WITHIN_S * 1000
