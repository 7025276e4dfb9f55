"""Answers are compressed for callers that accept it, and only what may be."""
import gzip
import json
import socket
import subprocess
import threading
import zlib

import pytest

TEXT = json.dumps([{"id": number, "name": f"pet {number}", "tags": ["a", "b"]} for number in range(2000)])


@pytest.fixture
def base(build, recorder):
    def answer(seen):
        fields = {"Content-Type": "application/json", "ETag": '"v1"', "Accept-Ranges": "bytes"}
        body = TEXT.encode()
        match seen["path"].rsplit("/", 1)[1]:
            case "image":
                fields["Content-Type"] = "image/png"
            case "done":
                fields["Content-Encoding"], body = "gzip", gzip.compress(body)
            case "kept":
                fields["Cache-Control"] = "public, no-transform"
            case "short":
                body = b"[1]"
            case "missing":
                return 404, fields, body
        return 200, fields, body

    recorder.answer = answer
    return build.published(build.api("GET", "/any/*", backend=build.http(recorder.url)),
                           build.api("HEAD", "/any/*", backend=build.http(recorder.url)),
                           build.api("GET", "/mock", backend={"kind": "mock", "config": {
                               "body": TEXT[:5000], "headers": {"Content-Type": "text/plain"}}}),
                           build.api("GET", "/guarded", auth="basic"),
                           policies=[{"kind": "compress", "config": {}}])[1]


def test_gzip_and_what_goes_with_it(gateway, base):
    answer = gateway.call("GET", base + "/any/list", {"Accept-Encoding": "gzip"})
    assert answer.header("Content-Encoding") == "gzip" and answer.header("Vary") == "Accept-Encoding"
    assert answer.header("ETag") == 'W/"v1"'
    assert answer.header("Content-Length") is None and answer.header("Accept-Ranges") is None
    assert gzip.decompress(answer.body).decode() == TEXT and len(answer.body) < len(TEXT) / 5


@pytest.mark.parametrize("version", ["--http1.1", "--http2-prior-knowledge"])
def test_brotli_is_preferred_and_reads_back(gateway, base, version):
    answer = subprocess.run(["curl", "-s", version, "--compressed", "-D", "/dev/stderr", f"http://{gateway.address}{base}/any/x"],
                            capture_output=True, text=True, timeout=20, check=True)
    assert "content-encoding: br" in answer.stderr.lower()
    assert answer.stdout == TEXT


@pytest.mark.parametrize("accepted, coding", [
    ("br", "br"), ("gzip, br", "br"), ("gzip;q=1, br;q=0.5", "gzip"), ("br;q=0, *", "gzip"), ("BR;q=0.1", "br"),
    ("identity", None), ("gzip;q=0", None), ("deflate", None), ("", None), ("gzip;q=2", None), ("gzip;level=1", None),
    ("*;q=0", None), ("gzip;q=0, *;q=0.5", "br")])
def test_the_caller_chooses(gateway, base, accepted, coding):
    answer = gateway.call("GET", base + "/any/list", {"Accept-Encoding": accepted})
    assert answer.header("Content-Encoding") == coding
    assert answer.header("Vary") == "Accept-Encoding"
    if coding is None:
        assert answer.text == TEXT and answer.header("ETag") == '"v1"'


def test_a_caller_that_says_nothing_gets_it_plain(gateway, base):
    assert gateway.call("GET", base + "/any/list").text == TEXT


@pytest.mark.parametrize("what", ["image", "done", "kept", "short", "missing"])
def test_what_is_left_alone(gateway, base, what):
    answer = gateway.call("GET", f"{base}/any/{what}", {"Accept-Encoding": "gzip"})
    assert answer.header("Content-Encoding") == ("gzip" if what == "done" else None)
    assert answer.header("Vary") is None and answer.header("Content-Length") == str(len(answer.body))
    if what == "done":
        assert gzip.decompress(answer.body).decode() == TEXT  # once, not twice


def test_refusals_and_head_are_left_alone(gateway, base):
    assert gateway.call("GET", base + "/guarded", {"Accept-Encoding": "gzip"}).json()["code"] == "auth.missing"
    assert gateway.call("HEAD", base + "/any/list", {"Accept-Encoding": "gzip"}).header("Content-Encoding") is None


def test_a_mock_is_compressed_as_well(gateway, base):
    answer = gateway.call("GET", base + "/mock", {"Accept-Encoding": "gzip"})
    assert gzip.decompress(answer.body).decode() == TEXT[:5000]


def test_an_answer_that_pauses_is_not_held_back(gateway, build):
    go_on = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
                go_on.wait(15)
                connection.sendall(b"6\r\nsecond\r\n0\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        base = build.published(build.api(backend=build.http("http://127.0.0.1:%d" % listener.getsockname()[1])),
                               policies=[{"kind": "compress", "config": {"algorithms": ["gzip"]}}])[1]
        host, port = gateway.address.split(":")
        with socket.create_connection((host, int(port)), timeout=15) as client:
            client.sendall(f"GET {base}/hello HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n".encode())
            unpacked, packed, unpack = b"", b"", zlib.decompressobj(31)
            while unpacked != b"first":
                packed += client.recv(65536)
                head, _, rest = packed.partition(b"\r\n\r\n")
                unpack, unpacked = zlib.decompressobj(31), b""
                for chunk in chunks(rest):
                    unpacked += unpack.decompress(chunk)
            go_on.set()
            while piece := client.recv(65536):
                packed += piece
        unpack = zlib.decompressobj(31)
        assert b"".join(map(unpack.decompress, chunks(packed.partition(b"\r\n\r\n")[2]))) == b"firstsecond" and unpack.eof
        thread.join()


def chunks(data):
    """The whole chunks in the data."""
    found = []
    while b"\r\n" in data:
        size, rest = data.split(b"\r\n", 1)
        if len(rest) < int(size, 16) + 2:
            break
        found.append(rest[:int(size, 16)])
        data = rest[int(size, 16) + 2:]
    return found
