"""WebSocket and event streams: what has no end by nature, through the gateway."""
import base64
import hashlib
import os
import random
import socket
import threading
import time

import pytest
from tls_test import Secure
from conftest import Builder

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Peer:
    """A backend that agrees to WebSocket (or what `agree` makes of the head) and hands its connections out."""

    def __init__(self, agree=None):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._agree = agree or self.agreement
        self._came = threading.Condition()
        self._connections = []
        threading.Thread(target=self._accept, daemon=True).start()

    url = property(lambda self: "http://127.0.0.1:%d" % self._listener.getsockname()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()
        for connection, *_ in self._connections:
            connection.close()

    @staticmethod
    def agreement(head):
        key = next(line.split(b": ")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        return (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                byte = connection.recv(1)  # nothing behind the head is taken
                if not byte:
                    break
                head += byte
            if head:
                answer = self._agree(head)
                if answer:
                    connection.sendall(answer)
                with self._came:
                    self._connections.append((connection, head))
                    self._came.notify_all()

    def connection(self, number=0):
        """-> (socket, head) of a connection, when it has come"""
        with self._came:
            assert self._came.wait_for(lambda: len(self._connections) > number, timeout=10)
            made, head = self._connections[number]
            made.settimeout(10)
            return made, head


def asking(base, more=b""):
    return (b"GET " + base.encode() + b"/ws HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\n"
            b"Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" + more)


def dial(gateway, data):
    host, port = gateway.address.split(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    connection.sendall(data)
    return connection


def read_head(connection):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            break
        head += byte
    return head


def read(connection, size):
    got = b""
    while len(got) < size and (piece := connection.recv(size - len(got))):
        got += piece
    return got


@pytest.fixture
def peer():
    with Peer() as made:
        yield made


@pytest.fixture
def base(build, peer):
    return build.published(build.api("GET", "/ws", backend=build.http(peer.url, websocket=True)),
                           build.api("GET", "/plain", backend=build.http(peer.url)))[1]


def test_both_sides_talk_after_the_101(gateway, base, peer):
    with dial(gateway, asking(base)) as client:
        head = read_head(client)
        assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        assert b"\r\nUpgrade: websocket\r\n" in head and b"\r\nConnection: Upgrade\r\n" in head
        assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in head and b"X-Request-Id: " in head
        backend, seen = peer.connection()
        assert b"Connection: Upgrade\r\nUpgrade: websocket\r\n" in seen and b"Sec-WebSocket-Version: 13" in seen
        client.sendall(b"\x81\x85mask!ello")
        assert read(backend, 11) == b"\x81\x85mask!ello"
        backend.sendall(b"\x81\x05world")
        assert read(client, 7) == b"\x81\x05world"


def test_any_bytes_pass_both_ways_unchanged(gateway, base, peer):
    random.seed(11)
    with dial(gateway, asking(base)) as client:
        read_head(client)
        backend, _ = peer.connection()
        for _ in range(50):
            for source, target in ((client, backend), (backend, client)):
                data = random.randbytes(random.choice((1, 2, 125, 126, 65535, 65536, 300_000)))
                sender = threading.Thread(target=source.sendall, args=(data,))
                sender.start()
                assert read(target, len(data)) == data
                sender.join()


def test_nothing_goes_to_the_backend_before_it_agreed(gateway, build):
    smuggled = b"GET /release/smuggled HTTP/1.1\r\nHost: evil\r\n\r\n" * 1500  # 64 KiB and more
    with Peer(agree=lambda head: b"") as silent:
        base = build.published(build.api("GET", "/ws", backend=build.http(silent.url, websocket=True)))[1]
        with dial(gateway, asking(base, smuggled)):
            backend, _ = silent.connection()
            backend.settimeout(0.5)
            with pytest.raises(TimeoutError):
                backend.recv(1)
            backend.sendall(Peer.agreement(asking(base)))
            backend.settimeout(10)
            assert read(backend, len(smuggled)) == smuggled


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"])
def test_a_backend_that_does_not_agree_ends_it(gateway, build, answer):
    smuggled = b"GET /release/smuggled HTTP/1.1\r\nHost: evil\r\n\r\n"
    with Peer(agree=lambda head: answer) as peer:
        base = build.published(build.api("GET", "/ws", backend=build.http(peer.url, websocket=True)))[1]
        with dial(gateway, asking(base, smuggled)) as client:
            got = b""
            while piece := client.recv(65536):
                got += piece
            assert got.count(b"HTTP/1.1 ") == 1  # one answer, then the end
            wanted = answer.split(b" ")[1] if b" 101 " not in answer else b"502"
            assert got.split(b" ")[1] == wanted and b"\r\nConnection: close\r\n" in got
            backend, _ = peer.connection()
            assert b"smuggled" not in read(backend, 1)


def test_an_api_without_websocket_does_not_ask_for_it(gateway, base, peer):
    with dial(gateway, asking(base).replace(b"/ws ", b"/plain ")) as client:
        backend, head = peer.connection()
        assert b"pgrade" not in head
        assert client.recv(12) == b"HTTP/1.1 502"  # a 101 nobody asked for


def test_callers_are_checked_before_the_tunnel(gateway, build, peer):
    base = build.published(build.api("GET", "/ws", auth="basic", backend=build.http(peer.url, websocket=True)))[1]
    with dial(gateway, asking(base)) as client:
        assert client.recv(12) == b"HTTP/1.1 401"


def test_closing_goes_through_and_is_logged(gateway, base, peer):
    with dial(gateway, asking(base)) as client:
        read_head(client)
        backend, _ = peer.connection()
        client.sendall(b"12345")
        assert read(backend, 5) == b"12345"
        client.shutdown(socket.SHUT_WR)
        assert backend.recv(1) == b""
        backend.sendall(b"bye")  # half a connection still carries
        assert read(client, 3) == b"bye"
        backend.close()
        assert client.recv(1) == b""
    until = time.monotonic() + 10
    while not (lines := [one for one in gateway.access_log() if one.get("path") == base + "/ws"]):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert lines[0]["status"] == 101 and lines[0]["bytes_in"] > 5 and lines[0]["bytes_out"] > 3


def test_a_silent_tunnel_ends(gateway, build, peer):
    base = build.published(build.api("GET", "/ws", backend=build.http(peer.url, websocket=True, idle_timeout_ms=1000)))[1]
    with dial(gateway, asking(base)) as client:
        read_head(client)
        backend, _ = peer.connection()
        for _ in range(4):  # busy in one direction only: not silent
            time.sleep(0.4)
            client.sendall(b"x")
        assert read(backend, 4) == b"xxxx"
        assert client.recv(1) == b"" and backend.recv(1) == b""


def test_through_tls(own_gateway, peer):
    secure = Secure(own_gateway)
    own_gateway.start()
    builder = Builder(own_gateway.management())
    base = builder.published(builder.api("GET", "/ws", backend=builder.http(peer.url, websocket=True)))[1]
    with secure.raw() as client:
        client.sendall(asking(base, b"early"))
        assert read_head(client).startswith(b"HTTP/1.1 101")
        backend, _ = peer.connection()
        assert read(backend, 5) == b"early"
        data = os.urandom(200_000)
        sender = threading.Thread(target=backend.sendall, args=(data,))
        sender.start()
        assert read(client, len(data)) == data
        sender.join()


def test_events_arrive_one_by_one(gateway, build):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    with Peer(agree=lambda _: head) as peer:
        base = build.published(build.api("GET", "/events", backend=build.http(peer.url, timeout_ms=500)))[1]
        with dial(gateway, b"GET " + base.encode() + b"/events HTTP/1.1\r\nHost: localhost\r\n\r\n") as client:
            backend, _ = peer.connection()
            assert b"text/event-stream" in read_head(client)  # before there is any event
            for number in range(3):
                time.sleep(0.7)  # longer than the time-out of ordinary answers
                backend.sendall(b"b\r\ndata: %d\n\n1\n\r\n" % number)
                assert read(client, 16) == b"b\r\ndata: %d\n\n1\n\r\n" % number
