"""The move of a store from a file to a database server, with everything in it or not at all; and a server that must prove who it is."""
import json
import sqlite3

import pytest
import rig
from commands_test import local


@pytest.fixture
def old(binary, tmp_path):
    """A gateway whose store is a file."""
    folder = tmp_path / "old"
    folder.mkdir()
    lintel = rig.Lintel(binary, folder)
    lintel.environment.pop("LINTEL_STORE", None)
    yield lintel
    lintel.kill()


def copy(lintel, url, *more):
    return local(lintel.binary, "store", "copy", "--data", lintel.data, "--store", url, *more)


def everything(management):
    """What the management API shows of all there is, but for what changes by looking."""
    seen = {path: management.get(f"{path}?page_size=100") for path in (
        "services", "projects", "certificates", "domains", "upstreams", "subscription-credentials", "subscriptions",
        "catalog", "/api/v1/users")}
    seen |= {path: management.get(path) for path in ("applications?view=review", "environments", "/api/v1/gateways")}
    for service in seen["services"]["items"]:
        for part in ("draft", "releases", "deployments", "release-records", "credentials", "subscriptions", "apis"):
            path = f"services/{service['id']}/{part}"
            answer = management.call("GET", path)
            seen[path] = (answer.status, answer.json().get("items", answer.json().get("apis")), answer.header("ETag"))
    return seen


def test_a_store_moves_from_a_file_to_a_server_with_everything_in_it(old, nodes, postgres, build):
    management = old.start().management()
    world = rig.Market(old, management, type(build)(management)).listed()
    user = world.user()
    made = world.subscribed(user)
    pairs = world.pairs(user, made)
    credential = management.create_credential(world.service)
    management.post(f"services/{world.code}/draft", {}, If_Match="*")
    management.post("upstreams", {"name": "pool", "servers": [{"address": "127.0.0.1:9"}]})
    management.post("/api/v1/gateways", {"code": "second", "name": "Second"})
    before = everything(management)
    token, user_token = management.token, user.token
    assert world.calls(pairs) == world.OPEN
    old.stop()
    url = postgres.new_store()
    copied = copy(old, url, "-o", "json")
    assert copied.returncode == 0, copied.stderr
    rows = {table["table"]: table["rows"] for table in json.loads(copied.stdout)["items"]}
    assert rows["services"] == 1 and rows["subscriptions"] == 1 and rows["key_pairs"] == 6 and "migrations" not in rows
    new = nodes(url)
    new.environment["LINTEL_MASTER_KEY_FILE"] = str(old.data / "master.key")
    new.address = new.listen = old.address  # call addresses name it
    new.start()
    assert everything(rig.Management(new.admin_address, token)) == before
    world.gateway = new
    assert world.calls(pairs) == world.OPEN
    assert world.calls(credential["key_pairs"]) == world.OPEN
    assert world.pairs(rig.Management(new.admin_address, user_token), made) == pairs
    # It goes on from here, and the file does, too.
    rig.Management(new.admin_address, token).patch(f"services/{world.code}/credentials/{credential['id']}", {"status": "disabled"})
    assert world.calls(credential["key_pairs"])["basic"] == 401
    new.stop()
    old.start()
    world.gateway = old
    assert world.calls(credential["key_pairs"]) == world.OPEN


def test_a_store_is_not_copied_where_it_must_not_be(old, nodes, postgres):
    url = postgres.new_store()
    none = copy(old, url)
    assert none.returncode != 0 and str(old.data) in none.stderr
    old.start()
    running = copy(old, url)
    assert running.returncode != 0 and f"process {old.pid}" in running.stderr, running.stderr
    old.stop()
    nowhere = local(old.binary, "store", "copy", "--data", old.data)
    assert nowhere.returncode == 2 and "--store" in nowhere.stderr
    used = postgres.new_store()
    nodes(used).start().stop()
    taken = copy(old, used)
    assert taken.returncode != 0 and "holds a store already" in taken.stderr and "redacted" in taken.stderr
    database = postgres.new_database()
    postgres.sql("CREATE TABLE services (mine TEXT)", database)
    others = copy(old, postgres.url(database))
    assert others.returncode != 0
    assert postgres.sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'public'", database) == "1"
    assert copy(old, url).returncode == 0
    assert copy(old, url).returncode != 0


@pytest.mark.parametrize("change,words", [
    ("DELETE FROM migrations WHERE number = (SELECT MAX(number) FROM migrations)", "earlier version"),
    ("INSERT INTO migrations VALUES (999, '0999_later.sql', 'x', 1)", "newer version")])
def test_a_store_of_another_version_is_not_copied(old, postgres, change, words):
    old.start().stop()
    with sqlite3.connect(old.data / "lintel.db") as database:
        database.execute(change)
    database.close()
    url = postgres.new_store()
    refused = copy(old, url)
    assert refused.returncode != 0 and words in refused.stderr, refused.stderr


def test_a_copy_that_cannot_end_leaves_nothing(old, postgres):
    old.start().stop()
    with sqlite3.connect(old.data / "lintel.db") as database:  # a text no server takes
        database.execute("UPDATE projects SET description = 'a' || char(0) || 'b'")
    database.close()
    database = postgres.new_database()
    refused = copy(old, postgres.url(database))
    assert refused.returncode != 0, refused.stdout
    assert postgres.sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'public'", database) == "0"


def test_the_server_is_known_by_its_certificate(nodes, old, tmp_path):
    with rig.Postgres() as server:
        authority, stranger = rig.Authority(tmp_path), rig.Authority(tmp_path, "stranger")
        server.speak_tls(authority.issue("127.0.0.1"))
        url = server.new_store()

        def checked(mode, root=None):
            return local(old.binary, "config", "check", "--store", f"{url}?sslmode={mode}" + (f"&sslrootcert={root.file}" if root else ""))
        assert "no encryption" in checked("disable").stderr
        assert "certificate verify failed" in checked("verify-full", stranger).stderr
        assert checked("require").returncode == 0
        verified = f"{url}?sslmode=verify-full&sslrootcert={authority.file}"
        old.start().stop()
        assert copy(old, verified).returncode == 0
        node = nodes(verified)
        node.environment["LINTEL_MASTER_KEY_FILE"] = str(old.data / "master.key")
        node.start()
        database = url.rsplit("/", 1)[1]
        assert server.sql("SELECT count(*) > 0 AND bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
                          f" WHERE datname = '{database}'") == "t"
        node.stop()
        server.speak_tls(authority.issue("elsewhere.example"))
        assert "127.0.0.1" in checked("verify-full", authority).stderr
        assert checked("verify-ca", authority).returncode == 0
