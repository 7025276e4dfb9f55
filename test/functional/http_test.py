"""The wire: what HTTP/1 clients may do, and what they may not."""
import contextlib
import hashlib
import os
import socket
import struct
import subprocess
import threading

import pytest


def raw(gateway, data, timeout=10):
    """Sends bytes, reads until the other side closes."""
    host, port = gateway.address.split(":")
    with socket.create_connection((host, int(port)), timeout=timeout) as connection:
        connection.sendall(data if isinstance(data, bytes) else data.encode())
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


@pytest.fixture
def base(build, recorder):
    return build.published(build.api("GET", "/any/*", backend=build.http(recorder.url)),
                           build.api("POST", "/any/*", backend=build.http(recorder.url)),
                           build.api("HEAD", "/head", backend={"kind": "mock", "config": {"body": "hello"}}),
                           build.api("GET", "/pets/{id}"), build.api("GET", "/pets/best"))[1]


def test_pipelined_requests_are_answered_in_order(gateway, base):
    answer = raw(gateway, "".join(f"GET {base}/any/{number} HTTP/1.1\r\nHost: localhost\r\n"
                                  f"{'Connection: close' if number == 4 else 'X-N: 1'}\r\n\r\n" for number in range(5)))
    places = [answer.find(f'/any/{number}"'.encode()) for number in range(5)]
    assert answer.count(b"HTTP/1.1 200 ") == 5
    assert -1 not in places and places == sorted(places)


def test_an_old_client_gets_its_answer_and_the_connection_ends(gateway, base):
    answer = raw(gateway, f"GET {base}/any/x HTTP/1.0\r\nHost: localhost\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"chunked" not in answer.lower()


def segments_received(connection):
    """Of struct tcp_info: tcpi_segs_in."""
    return struct.unpack_from("I", connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256), 140)[0]


def test_the_last_answer_and_the_end_travel_in_one_segment(gateway, base):
    host, port = gateway.address.split(":")
    request = f"GET {base}/pets/best HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    received = []
    for _ in range(10):
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(request)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
            assert connection.recv(65536) == b""
            received.append(segments_received(connection))
    # That the connection stands, that the request has arrived, and the answer.
    assert min(received) <= 3


def test_head_has_the_headers_of_an_answer_and_no_body(gateway, base):
    answer = raw(gateway, f"HEAD {base}/head HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\n")


def test_a_client_that_waits_for_100_is_told_to_go_on(gateway, base):
    host, port = gateway.address.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(f"POST {base}/any/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
                           "Expect: 100-continue\r\nConnection: close\r\n\r\n".encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"hello")
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert b"HTTP/1.1 200 " in answer and b'"body": "hello"' in answer


def test_a_refused_client_that_waits_for_100_is_not_told_to_go_on(gateway, build):
    _, base = build.published(build.api("POST", "/hello", auth="basic"))
    answer = raw(gateway, f"POST {base}/hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n"
                          "Expect: 100-continue\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("count", [20, 30, 80])
def test_many_fields_arrive_both_ways_in_their_order(gateway, base, recorder, count):
    """A message has room for a few fields; the rest stands elsewhere."""
    sent = [(f"X-N-{number}", f"value {number}") for number in range(count)]
    recorder.answer = lambda _: (200, dict(sent), b"done")
    answer = gateway.call("GET", base + "/any/x", dict(sent))
    assert (answer.status, answer.text) == (200, "done")
    assert [tuple(field) for field in recorder.last["headers"] if field[0].startswith("x-n-")] == [
        (name.lower(), value) for name, value in sent]
    assert [(name, value) for name, value in answer.headers.items() if name.startswith("X-N-")] == sent


@pytest.mark.parametrize("size", [0, 1, 16384, 65537, 3_000_000])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_bodies_of_any_size_arrive_byte_for_byte(gateway, base, recorder, size, chunked):
    body = os.urandom(size)
    seen_digest = []

    def answer(seen):
        import base64
        got = base64.b64decode(seen["body_base64"])
        seen_digest.append(hashlib.sha256(got).hexdigest())
        return 200, {"Content-Type": "application/octet-stream"}, got

    recorder.answer = answer
    headers, sent = {"Content-Type": "application/octet-stream"}, body
    if chunked:
        headers["Transfer-Encoding"] = "chunked"
        pieces = [body[at:at + 70_001] for at in range(0, size, 70_001)]
        sent = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    got = gateway.call("POST", base + "/any/upload", headers, sent)
    assert got.status == 200
    assert seen_digest == [hashlib.sha256(body).hexdigest()]
    assert got.body == body


def test_an_answer_that_ends_with_its_connection_arrives_whole(gateway, build):
    """An old backend: no length, no chunks, the end of the connection is the end of the body."""
    import threading
    body = os.urandom(200_000)
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            peer, _ = server.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n" + body)
        thread = threading.Thread(target=serve)
        _, base = build.published(build.api(backend=build.http(f"http://127.0.0.1:{server.getsockname()[1]}")))
        thread.start()
        answer = gateway.call("GET", base + "/hello")
        thread.join(10)
    assert (answer.status, answer.body) == (200, body)


def test_a_body_over_the_limit_is_refused(gateway, base):
    answer = raw(gateway, f"POST {base}/any/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857600\r\n"
                          "Connection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ") and b"request.body_too_large" in answer


def test_matching_prefers_exact_segments_and_falls_back_by_method(gateway, management, build):
    def named(method, path):
        return build.api(method, path, backend={"kind": "mock", "config": {"body": f"{method} {path}"}})

    _, base = build.published(*(named(method, path) for method, path in [
        ("GET", "/t/{id}"), ("GET", "/t/me"), ("DELETE", "/t/{id}"), ("GET", "/t/{id}/more"), ("GET", "/a/*"),
        ("GET", "/f.{type}")]))
    for target, expected in {"/t/7": "GET /t/{id}", "/t/me": "GET /t/me", "/t/7/more": "GET /t/{id}/more", "/a": "GET /a/*",
                             "/a/b/c": "GET /a/*", "/f.json": "GET /f.{type}"}.items():
        assert gateway.call("GET", base + target).text == expected, target
    assert gateway.call("DELETE", base + "/t/me").text == "DELETE /t/{id}"
    refused = gateway.call("POST", base + "/t/me")
    assert (refused.status, refused.json()["code"]) == (405, "route.method_not_allowed")
    assert {name.strip() for name in refused.header("Allow").split(",")} == {"GET", "DELETE"}
    for target in ("/t", "/t/7/", "/T/7", "/none"):
        assert gateway.call("GET", base + target).status == 404, target


def test_both_forms_of_the_call_address_answer(gateway, build):
    service, base = build.published()
    host = f"{service['code']}-release.localhost"
    assert gateway.call("GET", base + "/hello").status == 200
    assert gateway.call("GET", "/hello", {"Host": host}).status == 200
    assert gateway.call("GET", "/hello", {"Host": host.upper() + ":8080"}).status == 200
    for wrong in (f"{service['code']}-test.localhost", f"x{host}", "localhost"):
        assert gateway.call("GET", "/hello", {"Host": wrong}).status == 404, wrong


@pytest.mark.parametrize("path", ["/any/%2e%2e/x%2fy", "/any/a%5cb", "/any/a%00", "/any/a%0a", "/any/a\\b"])
def test_paths_that_hide_something_are_refused_before_anything_else(gateway, base, path):
    answer = raw(gateway, f"GET {base}{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_a_path_that_climbs_out_is_matched_as_what_it_is(gateway, base):
    code = base.rsplit("/", 1)[1]
    assert gateway.call("GET", f"/release/{code}/any/../pets/7").text == "hello"
    assert gateway.call("GET", f"/release/{code}/../{code}/%70ets//7").text == "hello"
    assert gateway.call("GET", f"/release/{code}/../../x").status == 404


@pytest.mark.parametrize("request_text,status", [
    ("GET {base}/any/x HTTP/1.1\r\n\r\n", 400),
    ("GET {base}/any/x HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    ("GET {base}/any/x HTTP/1.1\r\nHost: a\r\n folded: x\r\n\r\n", 400),
    ("GET {base}/any/x HTTP/1.1\r\nHost: a\r\nX Y: 1\r\n\r\n", 400),
    ("GET {base}/any/x HTTP/1.1\nHost: a\n\n", 400),
    ("POST {base}/any/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("POST {base}/any/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx", 400),
    ("GET {base}/any/x HTTP/3.0\r\nHost: a\r\n\r\n", 505),
    ("GET {base}/any/" + "x" * 9000 + " HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    ("GET {base}/any/x HTTP/1.1\r\nHost: a\r\n" + "X-A: 1\r\n" * 200 + "\r\n", 431),
    ("GET {base}/any/x HTTP/1.1\r\nHost: a\r\nX-A: " + "1" * 70000 + "\r\n\r\n", 431),
    ("TRACE {base}/any/x HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    ("complete nonsense\r\n\r\n", 400)])
def test_what_is_not_http_is_refused_and_the_connection_ends(gateway, base, request_text, status):
    request = request_text.replace("{base}", base)
    if status == 405:
        request = request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
    answer = raw(gateway, request)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:300]
    assert b"application/problem+json" in answer


def test_the_gateway_goes_on_when_clients_hang_up_in_the_middle(gateway, base, recorder):
    host, port = gateway.address.split(":")
    for number in range(20):
        connection = socket.create_connection((host, int(port)), timeout=10)
        connection.sendall(f"POST {base}/any/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nhalf".encode())
        connection.close()
    assert gateway.call("GET", base + "/any/x").status == 200


@contextlib.contextmanager
def answering(data):
    """A backend that answers every connection with these bytes and hangs up. -> its address"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            with contextlib.suppress(OSError):
                while True:
                    plain, _ = listener.accept()
                    with plain:
                        plain.recv(65536)
                        plain.sendall(data)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_an_answer_that_breaks_before_its_first_byte_becomes_a_502(gateway, build):
    with answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n") as address:
        _, base = build.published(build.api("GET", "/hello", backend=build.http(address)))
        refused = gateway.call("GET", base + "/hello")
        over_http2 = subprocess.run(["curl", "-s", "--http2-prior-knowledge", "-w", " %{http_code} %{http_version}",
                                     f"http://{gateway.address}{base}/hello"], capture_output=True, text=True, timeout=20)
    assert over_http2.stdout.endswith(" 502 2"), over_http2
    assert refused.status == 502 and refused.json()["code"].startswith("backend."), refused
    assert refused.header("Content-Type") == "application/problem+json" and refused.header("X-Request-Id")
    line = gateway.logged(refused)
    assert (line["status"], line["code"], line["phase"]) == (502, refused.json()["code"], "send")
