"""Upstreams: several servers behind an API, and their changes while it runs."""
import collections
import re
import threading
import time

import pytest
import rig


def address(recorder):
    return f"127.0.0.1:{recorder.port}"


def named(recorder, name, status=200):
    recorder.answer = lambda _: (status, {"Content-Type": "text/plain"}, name.encode())
    return recorder


@pytest.fixture
def servers():
    """-> make(names): recorders that answer with their names."""
    made = []

    def make(*names):
        new = [named(rig.Recorder(), name) for name in names]
        made.extend(new)
        return new

    yield make
    for server in made:
        server.close()


@pytest.fixture
def balanced(management, build):
    """-> make(servers, backend settings, **upstream settings): (name of the upstream, call base)"""
    def make(servers, backend=None, methods=("GET",), environments=("release",), **settings):
        name = build.unique("ups")
        management.post("upstreams", {"name": name, "servers": [
            server if isinstance(server, dict) else {"address": address(server)} for server in servers], **settings})
        apis = [build.api(method, backend={"kind": "http", "config": {"upstream": name, **(backend or {})}})
                for method in methods]
        return name, build.published(*apis, environments=environments)[1] + "/hello"
    return make


def answers(gateway, target, count, **more):
    return collections.Counter(gateway.call("GET", target, **more).text for _ in range(count))


def health(management, name):
    return management.get(f"upstreams/{name}/health")


def metric(gateway, name, **labels):
    wanted = ",".join(f'{key}="{value}"' for key, value in labels.items())
    match = re.search(rf"^{name}\{{{re.escape(wanted)}\}} (\S+)$", gateway.admin_call("GET", "/metrics").text, re.M)
    return float(match[1]) if match else None


# --- balancing ---

def test_two_lines_make_an_upstream(gateway, balanced, servers):
    _, target = balanced(servers("a", "b"))
    counted = answers(gateway, target, 20)
    # Each worker goes round by itself.
    assert set(counted) == {"a", "b"} and abs(counted["a"] - counted["b"]) <= 2


def test_servers_get_their_share_by_weight(gateway, balanced, servers):
    a, b, c = servers("a", "b", "c")
    _, target = balanced([{"address": address(a), "weight": 300}, {"address": address(b), "weight": 100},
                          {"address": address(c), "weight": 0}])
    counted = answers(gateway, target, 80)
    assert counted["c"] == 0 and abs(counted["a"] - 60) <= 3, counted


def test_the_least_busy_server_is_called(gateway, management, balanced, servers):
    slow, fast = servers("slow", "fast")
    release = threading.Event()
    entered = threading.Event()

    def hold(_):
        entered.set()
        release.wait(20)
        return 200, {}, b"slow"

    slow.answer = hold
    name, target = balanced([slow, fast], algorithm="least_requests")

    def fast_is_idle():
        return any(server["address"] == address(fast) and server["in_flight"] == 0 for server in health(management, name)["servers"])
    holders = []
    while not entered.is_set():
        thread = threading.Thread(target=gateway.call, args=("GET", target))
        thread.start()
        holders.append(thread)
        time.sleep(0.05)
    for _ in range(10):
        # A caller may have his answer a moment before the call counts as over.
        rig.eventually(fast_is_idle)
        assert gateway.call("GET", target).text == "fast"
    release.set()
    for thread in holders:
        thread.join(20)


def test_a_header_always_leads_to_the_same_server(gateway, management, balanced, servers):
    group = servers("a", "b", "c")
    name, target = balanced(group, algorithm="header_hash", hash_header="X-User")

    def owners():
        return {user: gateway.call("GET", target, {"X-User": str(user)}).text for user in range(40)}

    before = owners()
    assert before == owners() and set(before.values()) == {"a", "b", "c"}
    management.patch(f"upstreams/{name}/servers/{address(group[0])}", {"enabled": False})
    after = owners()
    assert all(after[user] == owner for user, owner in before.items() if owner != "a")
    assert set(after.values()) == {"b", "c"}


def test_a_client_always_comes_to_the_same_server(gateway, balanced, servers):
    _, target = balanced(servers("a", "b", "c"), algorithm="source_hash")
    assert len(answers(gateway, target, 10)) == 1


# --- live changes ---

def test_servers_change_at_once_and_without_a_publish(gateway, management, balanced, servers):
    a, b = servers("a", "b")
    name, target = balanced([a])
    assert answers(gateway, target, 4) == {"a": 4}
    added = management.post(f"upstreams/{name}/servers", {"address": address(b)})
    assert added.status == 201 and added.header("Lintel-Revision")
    assert set(answers(gateway, target, 8)) == {"a", "b"}
    management.patch(f"upstreams/{name}/servers/{address(a)}", {"weight": 0})
    assert answers(gateway, target, 4) == {"b": 4}
    management.patch(f"upstreams/{name}/servers/{address(a)}", {"weight": 1})
    management.patch(f"upstreams/{name}/servers/{address(b)}", {"enabled": False})
    assert answers(gateway, target, 4) == {"a": 4}
    management.patch(f"upstreams/{name}/servers/{address(b)}", {"enabled": True})
    management.delete(f"upstreams/{name}/servers/{address(a)}")
    assert answers(gateway, target, 4) == {"b": 4}
    assert [server["address"] for server in management.get(f"upstreams/{name}")["servers"]] == [address(b)]


def test_calls_under_way_survive_a_drain_and_a_removal(gateway, management, balanced, servers):
    a, b = servers("a", "b")
    entered, release = threading.Event(), threading.Event()

    def hold(_):
        entered.set()
        release.wait(20)
        return 200, {}, b"finished"

    a.answer = hold
    name, target = balanced([a])
    got = []
    caller = threading.Thread(target=lambda: got.append(gateway.call("GET", target).text))
    caller.start()
    assert entered.wait(10)
    management.post(f"upstreams/{name}/servers", {"address": address(b)})
    management.delete(f"upstreams/{name}/servers/{address(a)}")
    assert answers(gateway, target, 3) == {"b": 3}
    release.set()
    caller.join(10)
    assert got == ["finished"]


def test_an_upstream_can_be_sent_back_as_it_was_read(management, balanced, servers):
    name, _ = balanced(servers("a"), slow_start_ms=100)
    shown = management.call("GET", f"upstreams/{name}")
    changed = {**shown.json(), "algorithm": "least_requests"}
    written = management.put(f"upstreams/{name}", changed, etag=shown.header("ETag")).json()
    assert (written["algorithm"], written["slow_start_ms"], written["version"]) == ("least_requests", 100, 2)
    stale = management.call("PUT", f"upstreams/{name}", changed, If_Match=shown.header("ETag"))
    assert (stale.status, stale.json()["current"]["version"]) == (412, 2)
    assert management.call("PUT", f"upstreams/{name}", changed).status == 428


def test_an_upstream_in_use_cannot_be_deleted(management, build, balanced, servers):
    name, _ = balanced(servers("a"))
    refused = management.call("DELETE", f"upstreams/{name}", If_Match="*")
    assert (refused.status, refused.json()["code"]) == (409, "state.conflict")
    assert "used by" in refused.json()["detail"]
    spare = build.unique("ups")
    management.post("upstreams", {"name": spare})
    assert management.delete(f"upstreams/{spare}").status == 204
    assert management.call("GET", f"upstreams/{spare}").status == 404


@pytest.mark.parametrize("upstream,pointer", [
    ({"name": "Pets"}, "/name"),
    ({"name": "pets", "servers": [{"address": "pets"}]}, "/servers/0/address"),
    ({"name": "pets", "servers": [{"address": "a:1", "weight": 10001}]}, "/servers/0/weight"),
    ({"name": "pets", "algorithm": "random"}, "/algorithm"),
    ({"name": "pets", "algorithm": "header_hash"}, "/hash_header"),
    ({"name": "pets", "health": {"active": {"interval_ms": 1}}}, "/health/active/interval_ms"),
    ({"name": "pets", "breaker": {"statuses": ["599-500"]}}, "/breaker/statuses"),
    ({"name": "pets", "colour": "red"}, "/colour")])
def test_what_is_wrong_with_an_upstream_is_pointed_at(management, upstream, pointer):
    refused = management.call("POST", "upstreams", upstream)
    assert (refused.status, refused.json()["code"]) == (400, "field.invalid"), refused
    assert pointer in {fault["pointer"] for fault in refused.json()["errors"]}


def test_an_api_must_name_an_upstream_that_exists(management, build):
    api = build.api(backend={"kind": "http", "config": {"upstream": "nobody-made-it"}})
    refused = management.call("POST", "services", {"name": build.unique(), "apis": [api]})
    assert refused.status == 400, refused
    fault = refused.json()["errors"][0]
    assert fault["pointer"] == "/apis/0/backend/config/upstream" and fault["code"] == "upstream.unknown"
