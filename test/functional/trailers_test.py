"""Fields behind a body reach callers that accept them, over either version, and never carry what belongs in a head."""
import socket
import threading

import pytest
from rig.http2 import Http2

BODY = (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
        b"X-Sum: 5d41402a\r\nContent-Length: 7\r\nSet-Cookie: a=b\r\nX-Other:  two words \r\n\r\n")


@pytest.fixture
def base(build):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(BODY)
                    connection.recv(65536)

        threading.Thread(target=serve, daemon=True).start()
        yield build.published(build.api(backend=build.http("http://127.0.0.1:%d" % listener.getsockname()[1])))[1]


def ask(gateway, base, fields):
    host, port = gateway.address.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(f"GET {base}/hello HTTP/1.1\r\nHost: localhost\r\n{fields}Connection: close\r\n\r\n".encode())
        answer = b""
        while piece := client.recv(65536):
            answer += piece
        return answer.partition(b"\r\n\r\n")[2]


def test_over_http1_to_those_that_accept_them(gateway, base):
    assert ask(gateway, base, "TE: trailers\r\n") == b"5\r\nhello\r\n0\r\nX-Sum: 5d41402a\r\nX-Other: two words\r\n\r\n"
    assert ask(gateway, base, "") == b"5\r\nhello\r\n0\r\n\r\n"


def test_over_http2(gateway, base):
    host, port = gateway.address.split(":")
    with Http2(int(port), host) as h:
        stream = h.open(base + "/hello")
        assert h.answer(stream)[2] == b"hello"
        assert h.trailers(stream) == [("x-sum", "5d41402a"), ("x-other", "two words")]
