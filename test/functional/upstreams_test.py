"""Upstreams: several servers behind an API, changed while it runs, and what happens when they fail."""
import collections
import http.client
import json
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


def eventually(condition, within=10):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


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


def test_the_least_busy_server_is_called(gateway, balanced, servers):
    slow, fast = servers("slow", "fast")
    release = threading.Event()
    entered = threading.Event()

    def hold(_):
        entered.set()
        release.wait(20)
        return 200, {}, b"slow"

    slow.answer = hold
    _, target = balanced([slow, fast], algorithm="least_requests")
    holders = []
    while not entered.is_set():
        thread = threading.Thread(target=gateway.call, args=("GET", target))
        thread.start()
        holders.append(thread)
        time.sleep(0.05)
    assert answers(gateway, target, 10) == {"fast": 10}
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


# --- failures ---

def load(gateway, method, target, count, threads, on_progress=None):
    """Calls with ids of their own from several kept connections. -> {id: status or None}"""
    results, lock = {}, threading.Lock()

    def work(number):
        connection = http.client.HTTPConnection(gateway.address, timeout=20)
        for index in range(count // threads):
            key = f"{method}-{number}-{index}"
            body = b"{}" if method == "POST" else None
            answer = rig.exchange(gateway.address, method, target, {"X-Id": key}, body, connection=connection)
            with lock:
                results[key] = answer.status
                done = len(results)
            if on_progress:
                on_progress(done)
        connection.close()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    return results


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_server_killed_under_load_costs_its_calls_under_way_at_most(gateway, management, balanced, tmp_path, method):
    threads, count = 8, 1600
    group = [rig.Server(tmp_path, name) for name in ("a", "b", "c")]
    try:
        name, target = balanced([{"address": server.address} for server in group], methods=("GET", "POST"))
        once = threading.Lock()

        def kill_midway(done):
            if done >= count // 3 and once.acquire(blocking=False):
                group[0].kill()

        results = load(gateway, method, target, count, threads, kill_midway)
        statuses = collections.Counter(results.values())
        asked = collections.Counter(line for server in group for line in server.asked())
        assert len(results) == count
        if method == "GET":
            assert statuses == {200: count}, "an idempotent call is made again elsewhere"
        else:
            # Before it is left alone it may also refuse as many connections as make it so.
            assert set(statuses) <= {200, 502} and statuses[502] <= threads + 5 + threads, statuses
            assert max(asked.values()) == 1, "a POST was sent twice"
        report = {server["address"]: server for server in health(management, name)["servers"]}
        assert report[group[0].address]["ejections"] >= 1
        assert not report[group[0].address]["available"] and report[group[0].address]["last_failure"]
        assert answers(gateway, target, 6).keys() == {"b", "c"}
    finally:
        for server in group:
            server.kill()


def test_a_body_that_is_streamed_is_sent_once(gateway, balanced, servers):
    import socket
    with socket.create_server(("127.0.0.1", 0)) as broken:
        def hang_up():
            while True:
                try:
                    peer, _ = broken.accept()
                except OSError:
                    return
                peer.recv(1000)
                peer.close()
        threading.Thread(target=hang_up, daemon=True).start()
        good, = servers("good")
        _, target = balanced([{"address": f"127.0.0.1:{broken.getsockname()[1]}"},
                              {"address": address(good), "backup": True}], {"retries": 3}, methods=("PUT",))
        host, port = gateway.address.split(":")

        def put(length, body):
            with socket.create_connection((host, int(port)), timeout=10) as client:
                client.sendall(f"PUT {target} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n".encode() + body)
                return client.recv(65536)

        assert b" 200 " in put(5, b"small"), "what came with the head can be sent again"
        assert b" 502 " in put(300_000, b"x" * 1000)
        assert [seen["body"] for seen in good.requests] == ["small"]
        broken.shutdown(socket.SHUT_RDWR)


def test_the_log_says_which_server_answered_at_which_try(gateway, balanced, servers):
    good, = servers("good")
    nobody = f"127.0.0.1:{rig.free_port()}"
    name, target = balanced([{"address": nobody}, {"address": address(good), "backup": True}])
    entry = gateway.logged(gateway.call("GET", target))
    assert (entry["upstream"], entry["upstream_server"], entry["backend_tries"]) == (name, address(good), 2)
    assert entry["backend_address"] == address(good)
    assert metric(gateway, "lintel_upstream_retries_total", upstream=name) == 1


def test_a_server_that_fails_is_left_alone_for_a_while(gateway, management, balanced, servers):
    bad, good = servers("bad", "good")
    named(bad, "bad", 503)
    name, target = balanced([bad, good], health={"passive": {"failures": 2, "ejection_ms": 500}})
    assert answers(gateway, target, 12)["bad"] <= 3
    report = health(management, name)["servers"][0]
    assert report["ejections"] == 1 and report["last_failure"] == "answered 503"
    assert metric(gateway, "lintel_upstream_server_ejections_total", upstream=name, server=address(bad)) == 1
    named(bad, "well")
    eventually(lambda: "well" in answers(gateway, target, 4))


def test_checks_take_a_server_out_and_bring_it_back(gateway, management, balanced, servers):
    a, b = servers("a", "b")
    well = {"a": True}
    a.answer = lambda seen: (200 if seen["path"] != "/up" or well["a"] else 500, {}, b"a")
    name, target = balanced([a, b], health={"active": {
        "path": "/up", "statuses": ["200"], "interval_ms": 100, "healthy_threshold": 1, "unhealthy_threshold": 2}})
    eventually(lambda: all(server.get("passes_checks") for server in health(management, name)["servers"]))
    assert set(answers(gateway, target, 8)) == {"a", "b"}
    well["a"] = False
    eventually(lambda: not health(management, name)["servers"][0]["available"])
    report = health(management, name)["servers"][0]
    assert report["passes_checks"] is False and report["last_check"] == "answered 500, which is not expected"
    assert metric(gateway, "lintel_upstream_server_up", upstream=name, server=address(a)) == 0
    assert answers(gateway, target, 6) == {"b": 6}
    well["a"] = True
    eventually(lambda: health(management, name)["servers"][0]["available"])
    assert set(answers(gateway, target, 8)) == {"a", "b"}


def test_a_change_of_something_else_makes_no_broken_server_well(gateway, management, build, balanced, servers):
    a, b, c = servers("a", "b", "c")
    a.answer = lambda _: (500, {}, b"a")
    name, target = balanced([a, b], health={"active": {"interval_ms": 200, "statuses": ["200"], "unhealthy_threshold": 2}})
    eventually(lambda: not health(management, name)["servers"][0]["available"])
    build.published()
    management.post(f"upstreams/{name}/servers", {"address": address(c)})
    assert not health(management, name)["servers"][0]["available"]
    assert set(answers(gateway, target, 8)) == {"b", "c"}


def test_backups_are_called_when_no_other_server_is_left(gateway, management, balanced, servers):
    a, spare = servers("a", "spare")
    name, target = balanced([a, {"address": address(spare), "backup": True}])
    assert answers(gateway, target, 4) == {"a": 4}
    management.patch(f"upstreams/{name}/servers/{address(a)}", {"enabled": False})
    assert answers(gateway, target, 4) == {"spare": 4}


def test_when_no_server_is_left_the_caller_is_told_so(gateway, management, balanced, servers):
    a, b = servers("a", "b")
    for server in (a, b):
        server.answer = lambda _: (500, {}, b"no")
    name, target = balanced([a, b], environments=("test",), health={"active": {
        "interval_ms": 100, "unhealthy_threshold": 1}})
    eventually(lambda: not health(management, name)["available"])
    before = len(a.requests) + len(b.requests)
    refused = gateway.call("GET", target)
    assert (refused.status, refused.json()["code"]) == (503, "backend.unavailable")
    assert refused.json()["reason"].startswith("of 2 server(s) 2 fail their checks"), refused
    assert all(seen["path"] == "/" for seen in (a.requests + b.requests)[before:]), "only checks came through"
    assert metric(gateway, "lintel_upstream_available", upstream=name) == 0


def test_the_breaker_opens_tries_and_closes(gateway, management, build, balanced, servers):
    a, = servers("a")
    named(a, "broken", 500)
    name, target = balanced([a], breaker={"failures": 3, "open_ms": 1500, "trials": 2})
    assert answers(gateway, target, 3) == {"broken": 3}
    refused = gateway.call("GET", target)
    assert (refused.status, refused.json()["code"]) == (503, "backend.breaker_open")
    assert refused.header("Retry-After") in ("1", "2")
    asked = len(a.requests)
    assert gateway.call("GET", target).status == 503 and len(a.requests) == asked
    assert health(management, name)["breaker"] == "open"
    assert metric(gateway, "lintel_upstream_breaker_state", upstream=name) == 2
    # Neither a publish nor a change of the upstream closes it.
    build.published()
    management.put(f"upstreams/{name}", {**management.get(f"upstreams/{name}"), "description": "changed"})
    assert gateway.call("GET", target).status == 503
    eventually(lambda: gateway.call("GET", target).status == 500)  # the trial fails
    assert health(management, name)["breaker"] == "open"
    named(a, "well")
    eventually(lambda: gateway.call("GET", target).text == "well")
    assert answers(gateway, target, 4) == {"well": 4}
    assert health(management, name)["breaker"] == "closed"
    assert metric(gateway, "lintel_upstream_breaker_opened_total", upstream=name) >= 2


def test_an_address_of_its_own_may_have_a_breaker(gateway, build, recorder):
    named(recorder, "broken", 500)
    _, base = build.published(build.api(backend=build.http(recorder.url, breaker={"failures": 2})))
    assert [gateway.call("GET", base + "/hello").status for _ in range(3)] == [500, 500, 503]
    assert len(recorder.requests) == 2


def test_statuses_are_retried_when_it_is_said(gateway, balanced, servers):
    bad, good = servers("bad", "good")
    named(bad, "bad", 503)
    _, target = balanced([bad, {"address": address(good), "backup": True}], {"retry_on": ["503"]})
    assert answers(gateway, target, 4) == {"good": 4}


def test_retries_stay_within_the_budget(gateway, management, balanced, servers):
    good, = servers("good")
    nobody = f"127.0.0.1:{rig.free_port()}"
    name, target = balanced([{"address": nobody}, {"address": address(good), "backup": True}],
                            retry_budget={"percent": 0, "min_per_second": 0})
    assert gateway.call("GET", target).status == 502
    assert metric(gateway, "lintel_upstream_retries_refused_total", upstream=name) == 1


def test_upstreams_survive_a_restart(own_gateway, servers):
    a, = servers("a")
    own_gateway.start()
    management = own_gateway.management()
    management.post("upstreams", {"name": "pets", "servers": [{"address": address(a)}]})
    service = management.create_service("pets", [{
        "name": "hi", "method": "GET", "path": "/hi", "auth": {"kind": "none"},
        "backend": {"kind": "http", "config": {"upstream": "pets"}}}], code="pets")
    management.publish(service)
    own_gateway.restart()
    assert own_gateway.call("GET", "/release/pets/hi").text == "a"


def test_https_servers_are_held_to_their_names(gateway, balanced, tmp_path):
    import subprocess
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=pets.example",
                    "-addext", "subjectAltName=DNS:pets.example"], check=True, capture_output=True)
    secure = named(rig.Recorder(certificate=(certificate, key)), "secure")
    try:
        authorities = certificate.read_text()
        server = {"address": address(secure)}
        _, good = balanced([server], tls={"server_name": "pets.example", "authorities": authorities})
        assert gateway.call("GET", good).text == "secure"
        _, other = balanced([server], tls={"server_name": "cats.example", "authorities": authorities})
        assert gateway.call("GET", other).json()["code"] == "backend.connect"
    finally:
        secure.close()
