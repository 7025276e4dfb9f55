"""Servers of upstreams that fail: what callers notice of it, and what is tried again."""
import collections
import http.client
import threading

import pytest
import rig
from upstreams_test import address, answers, balanced, health, metric, named, servers


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
    rig.eventually(lambda: "well" in answers(gateway, target, 4))


def test_checks_take_a_server_out_and_bring_it_back(gateway, management, balanced, servers):
    a, b = servers("a", "b")
    well = {"a": True}
    a.answer = lambda seen: (200 if seen["path"] != "/up" or well["a"] else 500, {}, b"a")
    name, target = balanced([a, b], health={"active": {
        "path": "/up", "statuses": ["200"], "interval_ms": 100, "healthy_threshold": 1, "unhealthy_threshold": 2}})
    rig.eventually(lambda: all(server.get("passes_checks") for server in health(management, name)["servers"]))
    assert set(answers(gateway, target, 8)) == {"a", "b"}
    well["a"] = False
    rig.eventually(lambda: not health(management, name)["servers"][0]["available"])
    report = health(management, name)["servers"][0]
    assert report["passes_checks"] is False and report["last_check"] == "answered 500, which is not expected"
    assert metric(gateway, "lintel_upstream_server_up", upstream=name, server=address(a)) == 0
    assert answers(gateway, target, 6) == {"b": 6}
    well["a"] = True
    rig.eventually(lambda: health(management, name)["servers"][0]["available"])
    assert set(answers(gateway, target, 8)) == {"a", "b"}


def test_a_change_of_something_else_makes_no_broken_server_well(gateway, management, build, balanced, servers):
    a, b, c = servers("a", "b", "c")
    a.answer = lambda _: (500, {}, b"a")
    name, target = balanced([a, b], health={"active": {"interval_ms": 200, "statuses": ["200"], "unhealthy_threshold": 2}})
    rig.eventually(lambda: not health(management, name)["servers"][0]["available"])
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
    rig.eventually(lambda: not health(management, name)["available"])
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
    rig.eventually(lambda: gateway.call("GET", target).status == 500)  # the trial fails
    assert health(management, name)["breaker"] == "open"
    named(a, "well")
    rig.eventually(lambda: gateway.call("GET", target).text == "well")
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


def test_a_retry_does_not_wait_for_the_answer_it_gave_up(gateway, balanced, servers):
    """One connection for all: the first answer's must be free before the second call."""
    a, = servers("a")
    named(a, "busy", 503)
    _, target = balanced([a], {"retry_on": ["503"]}, connections={"max": 1})
    refused = gateway.call("GET", target)
    assert (refused.status, refused.text) == (503, "busy"), "the backend's own answer"
    assert len(a.requests) > 1


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
