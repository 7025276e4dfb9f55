"""The store on a PostgreSQL server: several processes on one store, a server that goes away, and starts that cannot succeed."""
import concurrent.futures
import os
import signal
import subprocess
import time

import pytest
import rig
from commands_test import local

EFFECTIVE_WITHIN_S = 1.0


@pytest.fixture(scope="module")
def own_server():
    """A database server that tests may stop; each leaves it running."""
    with rig.Postgres() as server:
        yield server


@pytest.fixture
def pair(nodes, postgres):
    url = postgres.new_store()
    return nodes(url).start(), nodes(url).start()


def soon(look):
    return rig.eventually(look, within=EFFECTIVE_WITHIN_S)


def status(node, target, headers=None):
    return node.call("GET", target, headers).status


def fails_to_start(lintel):
    with pytest.raises(rig.StartFailed):
        lintel.start(ready_within=30)
    assert lintel.process.returncode > 0
    return lintel.log()


# --- several processes --------------------------------------------------------------------------------------------------


def test_what_is_published_and_stopped_at_one_takes_effect_at_the_other(pair, build):
    first, second = pair
    at_first, at_second = first.management(), second.management()
    service = at_first.create_service("both", [build.api()], code="both")
    at_first.publish(service)
    soon(lambda: status(second, "/release/both/hello") == 200)
    deployment = f"services/{service['id']}/deployments/release"
    at_second.patch(deployment, {"state": "stopped"})
    soon(lambda: status(first, "/release/both/hello") == 404)
    at_first.patch(deployment, {"state": "running"})
    soon(lambda: status(second, "/release/both/hello") == 200)


def test_a_credential_is_known_and_disabled_everywhere(pair, build):
    first, second = pair
    management = first.management()
    service = management.create_service("keys", [build.api(auth="basic")], code="keys")
    management.publish(service)
    credential = management.create_credential(service)
    caller = rig.basic(credential["key_pairs"]["basic"])
    soon(lambda: status(second, "/release/keys/hello", caller) == 200)
    path = f"services/{service['id']}/credentials/{credential['id']}"
    second.management().patch(path, {"status": "disabled"})
    soon(lambda: status(first, "/release/keys/hello", caller) == 401)
    management.patch(path, {"status": "enabled"})
    soon(lambda: status(second, "/release/keys/hello", caller) == 200)
    management.delete(path)
    soon(lambda: status(second, "/release/keys/hello", caller) == 401)


def test_what_lies_in_other_gateways_takes_effect_at_the_other_process(pair, build):
    first, second = pair
    at_first, at_second = first.management(), second.management()
    at_first.post("/api/v1/gateways", {"code": "shop", "name": "Shop"})
    in_shop = rig.Management(first.admin_address, at_first.token, gateway="shop")
    also_in_shop = rig.Management(second.admin_address, at_second.token, gateway="shop")
    for management, body in ((at_first, "default"), (in_shop, "shop")):
        api = build.api(auth="basic", backend={"kind": "mock", "config": {"body": body}})
        management.publish(management.create_service("same", [api], code="same"))
    [service] = also_in_shop.get("services")["items"]
    credential = also_in_shop.create_credential(service)
    caller = rig.basic(credential["key_pairs"]["basic"])
    for node in pair:
        soon(lambda node=node: node.call("GET", "/release.shop/same/hello", caller).text == "shop")
        assert status(node, "/release/same/hello", caller) in (401, 403), "it is no credential of the other gateway"
    in_shop.post("environments", {"code": "night", "name": "Night"})
    soon(lambda: also_in_shop.call("GET", "environments/night").status == 200)
    also_in_shop.publish(service, ["night"], release=1)
    soon(lambda: first.call("GET", "/night.shop/same/hello", caller).text == "shop")
    also_in_shop.patch(f"services/{service['id']}/deployments", {"state": "stopped"})
    soon(lambda: status(first, "/release.shop/same/hello", caller) == 404)
    assert status(first, "/release/same/hello") == 401, "the other gateway's goes on"


def test_the_poll_finds_what_no_notice_told(pair, build, postgres):
    first, second = pair
    management = first.management()
    service = management.create_service("quiet", [build.api()], code="quiet")
    # Nobody listens any more: the connections that do are ended again and again.
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        running = True

        def end_listeners():
            while running:
                postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        ending = pool.submit(end_listeners)
        try:
            management.publish(service)
            soon(lambda: status(second, "/release/quiet/hello") == 200)
        finally:
            running = False
            ending.result()


def test_writers_of_both_take_turns(pair):
    """Each name exists once, whoever asked first, and no write is lost."""
    managements = [node.management() for node in pair]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: managements[n % 2].call("POST", "services", {"name": f"same {n // 4}"}).status,
                                range(40)))
    assert sorted(set(answers)) == [201, 409]
    assert answers.count(201) == 10
    assert len(managements[0].get("services?page_size=100")["items"]) == 10


def test_a_stale_version_is_refused_across_processes(pair, build):
    at_first, at_second = (node.management() for node in pair)
    service = at_first.create_service("edited", [build.api()], code="edited")
    etag = at_second.call("GET", f"services/{service['id']}").header("ETag")
    at_first.patch(f"services/{service['id']}", {"description": "one"})
    late = at_second.call("PATCH", f"services/{service['id']}", {"description": "two"}, If_Match=etag)
    assert late.status == 412


def test_a_process_that_hangs_does_not_stop_the_others(pair):
    first, second = pair
    management = second.management()
    first.process.send_signal(signal.SIGSTOP)
    try:
        assert management.create_service("going-on", code="going-on")
    finally:
        first.process.send_signal(signal.SIGCONT)


def test_two_that_start_at_once_make_one_store(nodes, postgres):
    key = nodes(postgres.new_store()).start()
    url = postgres.new_store()
    both = [nodes(url), nodes(url)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda node: node.start(), both))
    assert key.data != both[0].data
    assert [len(node.management().get("environments")["items"]) for node in both] == [3, 3]


def test_another_node_needs_the_master_key(nodes, postgres):
    url = postgres.new_store()
    nodes(url).start()
    second = nodes(url)
    del second.environment["LINTEL_MASTER_KEY_FILE"]
    words = fails_to_start(second)
    assert "master.key" in words and "missing" in words
    assert not (second.data / "master.key").exists()


# --- the server goes away -----------------------------------------------------------------------------------------------


def test_a_restart_of_the_server_is_survived(nodes, own_server, build):
    node = nodes(own_server.new_store()).start()
    management = node.management()
    management.publish(management.create_service("steady", [build.api()], code="steady"))
    own_server.stop()
    try:
        assert status(node, "/release/steady/hello") == 200
        assert not node.is_ready()
        for method, path, body in [("GET", "services", None), ("POST", "services", {"name": "x"})]:
            refused = management.call(method, path, body)
            assert (refused.status, refused.json()["code"]) == (503, "store.unavailable"), refused
            assert refused.header("Retry-After")
        time.sleep(1.2)  # the follower looks, more than once
        assert status(node, "/release/steady/hello") == 200
        assert node.process.poll() is None
    finally:
        own_server.start()
    rig.eventually(node.is_ready, within=5)
    management.publish(management.create_service("after", [build.api()], code="after"))
    assert status(node, "/release/after/hello") == 200
    assert node.log().count("the store cannot be followed") == 1


def test_what_others_changed_while_the_connection_was_lost_is_caught_up(nodes, own_server, build):
    url = own_server.new_store()
    first, second = nodes(url).start(), nodes(url).start()
    management = first.management()
    for number in range(3):
        own_server.stop(signal.SIGQUIT)
        own_server.start()
        rig.eventually(first.is_ready, within=5)
        code = f"again-{number}"
        management.publish(management.create_service(code, [build.api()], code=code))
        rig.eventually(lambda: status(second, f"/release/{code}/hello") == 200, within=3)
        assert status(second, "/release/again-0/hello") == 200


def test_a_server_that_says_nothing_does_not_hold_calls_up(nodes, own_server, build):
    node = nodes(own_server.new_store()).start()
    management = node.management()
    management.publish(management.create_service("deaf", [build.api()], code="deaf"))
    children = [int(pid) for pid in subprocess.run(["pgrep", "-P", str(own_server.pid)], capture_output=True, text=True,
                                                   check=True).stdout.split()]
    everyone = [own_server.pid, *children]
    for pid in everyone:
        os.kill(pid, signal.SIGSTOP)
    try:
        for _ in range(20):
            assert status(node, "/release/deaf/hello") == 200
    finally:
        for pid in everyone:
            os.kill(pid, signal.SIGCONT)
    rig.eventually(node.is_ready, within=15)


def test_no_acknowledged_write_is_lost_when_the_server_crashes(nodes, own_server):
    node = nodes(own_server.new_store()).start()
    management = node.management()
    made = []
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        def write(number):
            answer = management.call("POST", "services", {"name": f"n{number}", "code": f"n{number}00"})
            if answer.status == 201:
                made.append(f"n{number}00")
            return answer.status
        writes = [pool.submit(write, number) for number in range(120)]
        rig.eventually(lambda: len(made) > 10)
        own_server.stop(signal.SIGQUIT)
        own_server.start()
        statuses = {write.result() for write in writes}
    assert statuses <= {201, 503}
    rig.eventually(lambda: management.call("GET", "services").status == 200)
    found = {item["code"] for item in management.get("services?page_size=200")["items"]}
    assert set(made) <= found


# --- starts and settings ------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_a_sentence_without_it(nodes, postgres):
    url = postgres.url(postgres.new_database(), password="hush-hush")
    words = fails_to_start(nodes(url))
    assert "password authentication failed" in words and "postgres://lintel:[redacted]@" in words
    assert "hush-hush" not in words


def test_an_unreachable_server_is_a_sentence(nodes, postgres):
    port = rig.free_port()
    words = fails_to_start(nodes(postgres.url(port=port)))
    assert f"127.0.0.1:{port}" in words and "Connection refused" in words and "Check that the server runs" in words


def test_a_database_that_does_not_exist_is_a_sentence(nodes, postgres):
    assert 'database "nowhere" does not exist' in fails_to_start(nodes(postgres.url("nowhere")))


def test_a_user_without_rights_is_a_sentence(nodes, postgres):
    database = postgres.new_database()
    postgres.sql("DROP ROLE IF EXISTS guest")
    postgres.sql("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    words = fails_to_start(nodes(f"postgres://guest:guest@127.0.0.1:{postgres.port}/{database}"))
    assert "lacks a right: permission denied for schema public" in words


@pytest.mark.parametrize("url", ["mysql://db/x", "postgres://ann:hush-hush@db/x?nonsense=1", "db.example.com"])
def test_what_is_no_url_is_named_with_what_would_be_right(nodes, url):
    words = fails_to_start(nodes(url))
    assert "postgres://lintel@db.example.com:5432/lintel" in words and "hush-hush" not in words


def test_the_password_may_be_in_a_file_and_is_shown_nowhere(nodes, postgres, tmp_path, binary):
    url = postgres.url(postgres.new_database(), password="not-this-one")
    (tmp_path / "password").write_text("a password with @ and /\n")
    node = nodes(url, flags=["--store-password-file", str(tmp_path / "password")]).start()
    assert "[redacted]" in node.log()
    settings = node.management().call("GET", "/api/v1/settings").text
    shown = subprocess.run([binary, "config", "show", "--store", url], capture_output=True, text=True, check=True)
    assert "postgres://lintel:[redacted]@" in settings and "postgres://lintel:[redacted]@" in shown.stdout
    for text in (node.log(), settings, shown.stdout):
        assert "not-this-one" not in text and "a password with" not in text


def test_the_commands_beside_the_server_open_the_same_store(nodes, postgres, binary, tmp_path):
    url = postgres.new_store()
    node = nodes(url).start()
    store = ["--data", node.data, "--store", url]
    (tmp_path / "password").write_text("correct horse battery\n")
    made = local(binary, "admin", "create", "ada", *store, "--password-file", tmp_path / "password")
    assert made.returncode == 0, made.stderr
    assert node.management().log_in("ada", "correct horse battery").token
    token = local(binary, "token", "create", "--user", "ada", *store)
    assert rig.Management(node.admin_address, token.stdout.strip()).get("/api/v1/whoami")
    assert local(binary, "config", "check", "--store", url).returncode == 0
    wrong = local(binary, "config", "check", "--store", postgres.url("nowhere"))
    assert wrong.returncode != 0 and "does not exist" in wrong.stderr


def test_backends_cannot_be_the_store(nodes, postgres, build):
    node = nodes(postgres.new_store()).start()
    management = node.management()
    api = build.api(backend=build.http(f"http://127.0.0.1:{postgres.port}/"))
    management.publish(management.create_service("inside", [api], code="inside"))
    refused = node.call("GET", "/release/inside/hello")
    assert (refused.status, refused.json()["code"]) == (502, "backend.refused_address")


def test_texts_no_database_can_hold_are_refused(nodes, postgres):
    management = nodes(postgres.new_store()).start().management()
    for path in ("services/%ff", "services?q=%ff%00"):
        assert management.call("GET", path).status in (400, 404)
