"""Where connections come from: several listeners, unix sockets, load balancers and trusted proxies."""
import concurrent.futures
import contextlib
import http.client
import os
import random
import socket
import ssl
import stat
import struct
import subprocess
import threading
import time

import pytest
import rig
from conftest import Builder
from limits_test import addresses
from seen_test import metric
from start_test import fails_to_start

CLIENT = "203.0.113.7"
SLOW_CLIENTS = int(os.environ.get("LINTEL_TEST_SLOW_CLIENTS", "400"))
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def version_1(client=CLIENT, port=54321):
    return f"PROXY TCP4 {client} 192.0.2.1 {port} 443\r\n".encode()


def version_2(client=CLIENT, port=54321, additions=b"\x02\x00\x03a.b"):
    body = socket.inet_aton(client) + socket.inet_aton("192.0.2.1") + struct.pack("!HH", port, 443) + additions
    return SIGNATURE + bytes([0x21, 0x11]) + struct.pack("!H", len(body)) + body


def call_over(plain, target, headers=None, method="GET"):
    """One request on a connection that is there already."""
    connection = http.client.HTTPConnection("localhost", timeout=15)
    connection.sock = plain
    with contextlib.closing(connection):
        return rig.exchange("localhost", method, target, headers, connection=connection)


class Edge:
    """A gateway of a test's own with a service on a recording backend."""

    def __init__(self, gateway, recorder):
        self.gateway, self.recorder = gateway, recorder

    def start(self, *flags, more_listen=(), policies=(), scheme=None):
        self.gateway.listen = ", ".join([self.gateway.address, *more_listen])
        self.gateway.flags += flags
        self.gateway.start()
        definition = {"policies": list(policies)} if policies else {}
        if scheme:
            definition["protocol"] = scheme
        _, base = Builder(self.gateway.management()).published(
            Builder.api(backend=Builder.http(self.recorder.url)), **definition)
        self.target = base + "/hello"
        return self

    def call(self, headers=None):
        return self.gateway.call("GET", self.target, headers)

    def call_behind(self, port, header, headers=None):
        plain = socket.create_connection(("127.0.0.1", port), timeout=15)
        plain.sendall(header)
        return call_over(plain, self.target, headers)

    def seen(self):
        """Fields of the last request as the backend got them; a field that came twice is a list."""
        fields = {}
        for name, value in self.recorder.last["headers"]:
            fields[name] = value if name not in fields else [fields[name], value]
        return fields


@pytest.fixture
def edge(own_gateway, recorder):
    return Edge(own_gateway, recorder)


# --- listeners -------------------------------------------------------------------------------------------------------


def test_several_addresses_and_a_unix_socket_are_served(edge, tmp_path):
    other, path = rig.free_port(), tmp_path / "http.sock"
    edge.start(more_listen=[f"127.0.0.1:{other}", f"unix:{path} mode=0600"])
    assert edge.call().status == 200
    assert edge.call_behind(other, b"").status == 200
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for _ in range(4):
        plain = socket.socket(socket.AF_UNIX)
        plain.connect(str(path))
        answer = call_over(plain, edge.target)
        assert answer.status == 200
    # Whoever comes by the socket is on this machine.
    assert edge.gateway.logged(answer)["client"] == "127.0.0.1"


def test_a_unix_socket_survives_a_kill_and_a_restart(edge, tmp_path):
    path = tmp_path / "http.sock"
    edge.start(more_listen=[f"unix:{path}"])
    edge.gateway.kill()
    assert path.exists()
    edge.gateway.start()
    plain = socket.socket(socket.AF_UNIX)
    plain.connect(str(path))
    assert call_over(plain, edge.target).status == 200


def test_a_file_in_the_way_of_a_unix_socket_is_left_alone(own_gateway, tmp_path):
    path = tmp_path / "http.sock"
    path.write_text("precious")
    own_gateway.listen = f"unix:{path}"
    assert str(path) in fails_to_start(own_gateway)
    assert path.read_text() == "precious"


def test_the_second_tls_address_has_the_same_certificate(edge):
    ports = [rig.free_port(), rig.free_port()]
    edge.start("--tls-listen", ", ".join(f"127.0.0.1:{port}" for port in ports))
    context = ssl.create_default_context(cafile=edge.gateway.data / "self-signed.crt")
    for port in ports:
        plain = socket.create_connection(("127.0.0.1", port), timeout=15)
        assert call_over(context.wrap_socket(plain, server_hostname="localhost"), edge.target).status == 200


@pytest.mark.parametrize("listen,word", [("127.0.0.1:1 proxy_protocol", "proxy_protocol_from"),
                                         ("127.0.0.1:1 mode=0600", "unix socket"), ("unix:x", "absolute")])
def test_a_listener_that_cannot_be_right_stops_the_start(own_gateway, listen, word):
    own_gateway.listen = listen
    assert word in fails_to_start(own_gateway)
    checked = subprocess.run([own_gateway.binary, "config", "check", "--listen", listen], capture_output=True, text=True)
    assert checked.returncode != 0 and word in checked.stderr


# --- the PROXY protocol ----------------------------------------------------------------------------------------------


@pytest.fixture
def balanced(edge):
    """-> (edge, port where load balancers connect)"""
    port = rig.free_port()
    edge.start("--proxy-protocol-from", "127.0.0.1", more_listen=[f"127.0.0.1:{port} proxy_protocol"],
               policies=[addresses("block", "203.0.113.66")])
    return edge, port


@pytest.mark.parametrize("header", [version_1, version_2])
def test_the_address_in_a_proxy_header_is_the_client_everywhere(balanced, header):
    edge, port = balanced
    answer = edge.call_behind(port, header())
    assert answer.status == 200
    assert edge.seen()["x-forwarded-for"] == edge.seen()["x-real-ip"] == CLIENT
    assert edge.gateway.logged(answer)["client"] == CLIENT
    refused = edge.call_behind(port, header("203.0.113.66"))
    assert (refused.status, refused.json()["code"]) == (403, "access.ip_denied")
    # A header that says nothing about a client leaves the load balancer's own address.
    local = SIGNATURE + b"\x20\x00\0\0" if header is version_2 else b"PROXY UNKNOWN\r\n"
    assert edge.gateway.logged(edge.call_behind(port, local))["client"] == "127.0.0.1"


def test_without_a_right_header_nothing_is_answered(balanced):
    edge, port = balanced
    for header in (b"", b"PROXY TCP4 1.2.3.4\r\n", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", SIGNATURE + b"\x21\x12\0\x0c" + bytes(12),
                   version_2(additions=b"\x02\x00\x09a.b"), b" " + version_1()):
        with pytest.raises((http.client.BadStatusLine, ConnectionError)):
            edge.call_behind(port, header)
    assert not edge.recorder.requests
    assert metric(edge.gateway, "lintel_connections_refused_total", reason="proxy_header") == 6
    # And on the other listener a header is no HTTP.
    with contextlib.suppress(ConnectionError):
        plain = socket.create_connection(tuple(edge.gateway.address.split(":")), timeout=15)
        plain.sendall(version_1())
        assert call_over(plain, edge.target).status == 400
    assert not edge.recorder.requests


def test_nobody_but_the_load_balancers_may_connect(edge):
    port = rig.free_port()
    edge.start("--proxy-protocol-from", "192.0.2.0/24", more_listen=[f"127.0.0.1:{port} proxy_protocol"])
    with pytest.raises((http.client.BadStatusLine, ConnectionError)):
        edge.call_behind(port, version_1())
    assert edge.call().status == 200


def test_a_proxy_header_comes_before_tls(edge):
    port = rig.free_port()
    edge.start("--proxy-protocol-from", "127.0.0.1", "--tls-listen", f"127.0.0.1:{port} proxy_protocol")
    context = ssl.create_default_context(cafile=edge.gateway.data / "self-signed.crt")
    plain = socket.create_connection(("127.0.0.1", port), timeout=15)
    plain.sendall(version_2())
    answer = call_over(context.wrap_socket(plain, server_hostname="localhost"), edge.target)
    assert answer.status == 200
    assert (edge.seen()["x-forwarded-for"], edge.seen()["x-forwarded-proto"]) == (CLIENT, "https")


# --- trusted proxies -------------------------------------------------------------------------------------------------

SPOOFS = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher",
          "X-Real-IP": "6.6.6.6", "X-Request-Id": "mine"}


@pytest.mark.parametrize("name", SPOOFS)
def test_t11_a_field_we_write_reaches_the_backend_once_and_as_ours(edge, name):
    """Sent once, twice, in another case, with "_" for "-", named in Connection, as a trailer."""
    edge.start()
    spoof = SPOOFS[name]
    shapes = [[(name, spoof)], [(name, spoof), (name, spoof)], [(name.lower(), spoof)], [(name.upper(), spoof)],
              [(name.replace("-", "_"), spoof)], [(name, spoof), ("Connection", name)],
              [("Connection", f"close, {name.lower()}")]]
    reached = 0
    for shape in shapes:
        edge.recorder.clear()
        head = "".join(f"{field}: {value}\r\n" for field, value in shape)
        with socket.create_connection(tuple(edge.gateway.address.split(":")), timeout=15) as plain:
            plain.sendall(f"GET {edge.target} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())
            status = int(plain.recv(65536).split()[1])
        if status != 200:
            assert status == 400 and not edge.recorder.requests, shape
            continue
        reached += 1
        assert spoof not in str(edge.seen().get(name.lower())), shape
        assert isinstance(edge.seen()[name.lower()], str), shape
        assert not any("_" in field for field in edge.seen()), shape
    assert reached >= 4
    with socket.create_connection(tuple(edge.gateway.address.split(":")), timeout=15) as plain:
        plain.sendall(f"POST {edge.target} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                      f"0\r\n{name}: {spoof}\r\n\r\n".encode())
        plain.recv(65536)
    assert not edge.recorder.requests or spoof not in str(edge.seen().get(name.lower()))


def test_t13_an_ip_list_judges_the_socket_peer_whatever_is_claimed(edge):
    """1,000 shapes of claims from one who is no trusted proxy: the address he comes from is not admitted."""
    edge.start("--trusted-proxies", "192.0.2.0/24", policies=[addresses("allow", "203.0.113.0/24", "6.6.6.6")])
    dice = random.Random(5)
    pieces = ["203.0.113.7", "6.6.6.6", "192.0.2.1", "[203.0.113.7]:80", "for=203.0.113.7", 'for="203.0.113.7:1"', "unknown",
              "::ffff:203.0.113.7", "", "proto=https", "203.0.113.7 192.0.2.1"]
    names = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP",
             "X-Cluster-Client-Ip", "Via"]
    connection = http.client.HTTPConnection(edge.gateway.address, timeout=15)
    for _ in range(1000):
        connection.putrequest("GET", edge.target)
        for _ in range(dice.randint(1, 3)):
            connection.putheader(dice.choice(names), dice.choice([",", ", ", ";"]).join(
                dice.choice(pieces) for _ in range(dice.randint(1, 4))))
        connection.endheaders()
        answer = connection.getresponse()
        assert answer.status == 403, answer.read()
        answer.read()
        if answer.getheader("Connection") == "close":
            connection.close()
    assert not edge.recorder.requests


def test_a_trusted_proxy_says_who_the_client_is(edge):
    edge.start("--trusted-proxies", "127.0.0.1, 10.0.0.0/8", policies=[addresses("block", "203.0.113.66")])
    answer = edge.call({"X-Forwarded-For": f"6.6.6.6, {CLIENT}, 10.0.0.9", "X-Forwarded-Proto": "https",
                        "X-Forwarded-Host": "shop.example"})
    assert answer.status == 200
    assert edge.gateway.logged(answer)["client"] == CLIENT
    seen = edge.seen()
    assert seen["x-forwarded-for"] == f"6.6.6.6, {CLIENT}, 10.0.0.9, 127.0.0.1"
    assert (seen["x-real-ip"], seen["x-forwarded-proto"], seen["x-forwarded-host"]) == (CLIENT, "https", "shop.example")
    assert edge.call({"X-Forwarded-For": "203.0.113.66"}).status == 403
    assert edge.call({"X-Forwarded-For": "203.0.113.66, 10.0.0.9"}).status == 403
    assert edge.call({"X-Forwarded-For": "203.0.113.66, 203.0.113.7"}).status == 200


def test_a_trusted_proxy_may_speak_by_forwarded(edge):
    edge.start("--trusted-proxies", "127.0.0.1", "--trusted-proxy-header", "forwarded")
    answer = edge.call({"Forwarded": f'for="{CLIENT}:4711";proto=https;host=shop.example', "X-Forwarded-For": "6.6.6.6"})
    assert edge.gateway.logged(answer)["client"] == CLIENT
    assert (edge.seen()["x-real-ip"], edge.seen()["x-forwarded-proto"]) == (CLIENT, "https")
    assert "forwarded" not in edge.seen()


def test_a_service_for_https_only_believes_the_trusted_proxy(edge):
    edge.start("--trusted-proxies", "127.0.0.1", scheme="HTTPS")
    assert edge.call({"X-Forwarded-Proto": "https"}).status == 200
    assert edge.call({"X-Forwarded-Proto": "http"}).status == 426
    assert edge.call().status == 426


# --- limits ----------------------------------------------------------------------------------------------------------


def test_one_client_may_open_so_many_connections_and_others_are_served(edge, tmp_path):
    path = tmp_path / "http.sock"
    edge.start("--connections-per-client", "20", more_listen=[f"unix:{path}"])
    address = tuple(edge.gateway.address.split(":"))
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(socket.create_connection(address, timeout=15)) for _ in range(20)]
        # Each is there: a request on it is answered. Those beyond are closed without an answer.
        assert all(call_over(one.dup(), edge.target).status == 200 for one in opened[:2])
        for _ in range(5):
            with pytest.raises((http.client.BadStatusLine, ConnectionError)):
                edge.call()
        plain = socket.socket(socket.AF_UNIX)
        plain.connect(str(path))
        assert call_over(plain, edge.target).status == 200
    assert metric(edge.gateway, "lintel_connections_refused_total", reason="client_limit") >= 5
    assert edge.gateway.log().count("as many connections") == 1


def test_beyond_the_calls_under_way_the_gateway_refuses_early_and_goes_on(edge):
    """Two calls fill a worker; the third is told to come back, and the two are answered."""
    release = threading.Event()
    edge.recorder.answer = lambda seen: (release.wait(20), (200, {}, b"late"))[1]
    edge.gateway.flags[edge.gateway.flags.index("--workers") + 1] = "1"
    edge.start("--requests-max-in-flight", "2")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        slow = [pool.submit(edge.call) for _ in range(2)]
        while len(edge.recorder.requests) < 2:
            time.sleep(0.01)
        refused = edge.call()
        release.set()
        assert [one.result().text for one in slow] == ["late", "late"]
    assert (refused.status, refused.json()["code"]) == (503, "gateway.overloaded")
    assert int(refused.header("Retry-After")) >= 1
    assert edge.gateway.logged(refused)["path"] == edge.target
    assert edge.call().status == 200


def test_when_memory_is_short_connections_are_refused_and_probes_answered(edge):
    edge.start("--memory-max-bytes", str(8 << 20))  # less than it holds from the start
    with pytest.raises((http.client.BadStatusLine, ConnectionError)):
        edge.call()
    assert metric(edge.gateway, "lintel_connections_refused_total", reason="memory") >= 1
    assert "memory is short" in edge.gateway.log()
    assert edge.gateway.is_ready()


def test_out_of_descriptors_it_goes_on_with_those_it_has(edge):
    """Far more clients than open files: nobody who is connected fails, and the rest is served when they go."""
    edge.gateway.wrapper = ["prlimit", "--nofile=400:400"]
    edge.start("--connections-per-client", "0")
    address = tuple(edge.gateway.address.split(":"))
    steady = http.client.HTTPConnection(edge.gateway.address, timeout=15)
    with contextlib.closing(steady), contextlib.ExitStack() as stack:
        for number in range(700):
            with contextlib.suppress(OSError):
                stack.enter_context(socket.create_connection(address, timeout=15))
            if number % 50 == 0:
                assert rig.exchange("", "GET", edge.target, connection=steady).status == 200
    assert edge.call().status == 200
    assert metric(edge.gateway, "lintel_connections_refused_total", reason="limit") > 0


def test_hundreds_of_slow_clients_stop_nobody(edge):
    """Heads and bodies that trickle, answers that nobody reads: others are served meanwhile, at once."""
    edge.start("--connections-per-client", "0")
    address = tuple(edge.gateway.address.split(":"))
    beginnings = [b"", b"GET", f"GET {edge.target} HTTP/1.1\r\nHost: a\r\nX-A: ".encode(),
                  f"POST {edge.target} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nab".encode(),
                  f"GET {edge.target} HTTP/1.1\r\nHost: a\r\n\r\n".encode() * 20]
    with contextlib.ExitStack() as stack:
        before = edge.gateway.resident_kib()
        for i in range(SLOW_CLIENTS):
            slow = stack.enter_context(socket.create_connection(address, timeout=15))
            slow.sendall(beginnings[i % len(beginnings)])
        assert all(edge.call().status == 200 for _ in range(50))
        grown = edge.gateway.resident_kib() - before
        print(f"{SLOW_CLIENTS} slow clients: {grown} KiB more in memory")
        assert grown < SLOW_CLIENTS * 80


def test_the_backend_is_not_kept_busy_for_a_client_that_left(edge):
    gone = threading.Event()

    def watch(listener):
        """A backend that never answers; tells when its caller goes."""
        plain, _ = listener.accept()
        with plain:
            plain.recv(65536)
            called.set()
            plain.settimeout(15)
            if plain.recv(1) == b"":
                gone.set()

    called = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=watch, args=(listener,))
        thread.start()
        edge.start()
        _, base = Builder(edge.gateway.management()).published(
            Builder.api(backend=Builder.http(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout_ms=60000)))
        client = socket.create_connection(tuple(edge.gateway.address.split(":")), timeout=15)
        client.sendall(f"GET {base}/hello HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert called.wait(10)
        time.sleep(0.3)
        client.close()
        assert gone.wait(10), "the call of the backend goes on for nobody"
        thread.join()
    entry = next(entry for entry in edge.gateway.access_log(at_least=1) if entry["path"].startswith(base))
    assert (entry["status"], entry["code"], entry["phase"]) == (499, "client.closed", "backend")
    assert entry["total_us"] >= entry["backend_us"] >= 200_000, "the time it waited for the backend"
