"""HTTP/2 to callers: the same gateway behind it, many calls on one connection, and nobody can hold it up."""
import hashlib
import json
import os
import socket
import ssl
import struct
import subprocess
import threading
import time

import pytest
import rig
from conftest import Builder
from rig.http2 import ACK, DATA, END_HEADERS, END_STREAM, HEADERS, PING, PRIORITY, RST_STREAM, SETTINGS, Http2, frame, setting
from tls_test import Secure

NO_LIMIT = (1 << 31) - 1  # of the stream in the first goodbye: all are served


def connect(gateway, **more):
    host, port = gateway.address.split(":")
    return Http2(int(port), host, **more)


@pytest.fixture
def base(build, recorder):
    return build.published(build.api("GET", "/any/*", backend=build.http(recorder.url)),
                           build.api("POST", "/any/*", backend=build.http(recorder.url)),
                           build.api("HEAD", "/head", backend={"kind": "mock", "config": {"body": "hello"}}),
                           build.api("GET", "/guarded", auth="basic"))[1]


def test_a_call_reaches_the_backend_as_plain_http1(gateway, base, recorder):
    with connect(gateway) as h:
        status, fields, body = h.answer(h.open(base + "/any/x?q=1", more=[
            ("cookie", "a=1"), ("x-own", "v"), ("cookie", "b=2"), ("te", "trailers")]))
    assert status == 200 and json.loads(body)["path"].endswith("/any/x")
    assert dict(fields)["content-length"] == str(len(body)) and dict(fields)["x-request-id"]
    seen = dict(recorder.last["headers"])
    assert seen["cookie"] == "a=1; b=2" and seen["x-own"] == "v"
    assert not {"te", "connection", "transfer-encoding", ":path"} & set(seen)


def test_refusals_are_the_same_as_over_http1(gateway, base):
    with connect(gateway) as h:
        for path, code in ((base + "/guarded", "auth.missing"), (base + "/nothing", "route.not_found"),
                           (base + "/any/%2e%2e/%2e%2e/x", None)):
            status, fields, body = h.answer(h.open(path))
            plain = gateway.call("GET", path)
            assert (status, json.loads(body)["code"]) == (plain.status, plain.json()["code"])
            assert code in (None, json.loads(body)["code"])
            assert dict(fields)["content-type"] == "application/problem+json"


def test_a_client_that_waits_for_100_is_told_to_go_on_or_refused(gateway, base, recorder):
    with connect(gateway) as h:
        stream = h.open(base + "/any/x", "POST", more=[("expect", "100-continue"), ("content-length", "5")], end=False)
        assert h.until(lambda one: one[:2] == ("status", stream))[2] == 100
        h.data(stream, b"hello")
        assert h.answer(stream)[0] == 200 and recorder.last["body"] == "hello"
        refused = h.open(base + "/nothing", "POST", more=[("expect", "100-continue"), ("content-length", "5")], end=False)
        assert h.answer(refused)[0] == 404
        assert [one[2] for one in h.seen if one[:2] == ("status", refused)] == [404]


def test_head_and_empty_answers(gateway, base):
    with connect(gateway) as h:
        status, fields, body = h.answer(h.open(base + "/head", "HEAD"))
        assert (status, dict(fields)["content-length"], body) == (200, "5", b"")


@pytest.mark.parametrize("size", [0, 1, 16384, 65536, 3_000_000])
def test_bodies_of_any_size_arrive_byte_for_byte(gateway, base, recorder, size):
    import base64
    body = os.urandom(size)
    recorder.answer = lambda seen: (200, {"Content-Type": "application/octet-stream"}, base64.b64decode(seen["body_base64"]))
    with connect(gateway) as h:
        stream = h.open(base + "/any/x", "POST", end=False)
        sender = threading.Thread(target=upload, args=(h, stream, body))
        # Reading and writing at once: windows come back while the body goes out.
        sender.start()
        status, _, got = h.answer(stream)
        sender.join()
    assert status == 200
    assert hashlib.sha256(got).hexdigest() == hashlib.sha256(body).hexdigest()


def upload(h, stream, body):
    """Sends a body within the windows the other side gives; another thread reads."""
    sent = 0
    while sent < len(body):
        granted = 65535 + h.granted.get(stream, 0) - sent
        granted = min(granted, 65535 + h.granted.get(0, 0) - sent, 16384)
        if granted <= 0:
            time.sleep(0.001)
            continue
        h.send(frame(DATA, 0, stream, body[sent:sent + granted]))
        sent += min(granted, len(body) - sent)
    h.send(frame(DATA, END_STREAM, stream, b""))


def test_a_hundred_calls_at_once_on_one_connection(gateway, build):
    with rig.RawBackend(gather=100) as backend:  # nobody is answered before all have come
        base = build.published(build.api("GET", "/any/*", backend=build.http(backend.url)))[1]
        with connect(gateway) as h:
            streams = [h.open(f"{base}/any/{number}") for number in range(100)]
            for number, stream in enumerate(streams):
                status, _, body = h.answer(stream)
                assert status == 200 and body.endswith(f"/any/{number}".encode())


def test_many_calls_one_after_the_other(gateway, base):
    with connect(gateway) as h:
        for number in range(500):
            assert h.answer(h.open(f"{base}/head", "HEAD"))[0] == 200, number


def test_over_tls_by_alpn(own_gateway):
    secure = Secure(own_gateway)
    own_gateway.start()
    builder = Builder(own_gateway.management())
    base = builder.published(builder.api())[1]
    with Http2(secure.port, context=secure.context()) as h:
        status, _, body = h.answer(h.open(base + "/hello", scheme="https"))
        assert (status, body) == (200, b"hello")
    # Who offers only HTTP/1.1, or nothing, gets that.
    assert secure.call("GET", base + "/hello").text == "hello"


def test_who_leaves_a_secure_connection_before_his_answers_costs_nothing(own_gateway):
    """He asks, says goodbye and is gone when the answers are to be sent: nobody may try to send them for ever."""
    secure = Secure(own_gateway)
    own_gateway.start()
    builder = Builder(own_gateway.management())
    base = builder.published(builder.api())[1]
    for _ in range(50):
        h = Http2(secure.port, context=secure.context())
        # All of it arrives at once, and the settings that he leaves unread turn his end into a reset.
        h.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        for _ in range(50):
            h.open(base + "/hello", scheme="https")
        h.socket.setblocking(False)
        with pytest.raises(ssl.SSLError):  # the goodbye is out; there is none from the other side yet
            h.socket.unwrap()
        h.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
        h.socket.close()
    for _ in range(20):  # by both workers
        assert secure.call("GET", base + "/hello").text == "hello"


def test_curl_speaks_it_without_being_told_more(gateway, base):
    answer = subprocess.run(["curl", "-s", "--http2-prior-knowledge", "-w", "%{http_version} %{http_code}",
                             f"http://{gateway.address}{base}/any/x"], capture_output=True, text=True, timeout=20)
    assert answer.stdout.endswith("2 200"), answer


def test_a_client_that_gives_up_cancels_the_call(gateway, base, recorder):
    arrived, release = threading.Event(), threading.Event()

    def answer(_seen):
        arrived.set()
        release.wait(20)
        return 200, {}, b"late"

    recorder.answer = answer
    try:
        with connect(gateway) as h:
            stream = h.open(base + "/any/slow")
            assert arrived.wait(10)
            h.frame(RST_STREAM, 0, stream, struct.pack(">I", 8))
            recorder.answer = None
            assert h.answer(h.open(base + "/any/other"))[0] == 200
            assert not any(one[:2] == ("status", stream) for one in h.seen)
            line = rig.eventually(lambda: next((one for one in gateway.access_log() if one.get("path", "").endswith("/any/slow")), None))
            assert (line["status"], line["code"]) == (499, "client.closed")
    finally:
        release.set()


def test_a_reader_that_stalls_holds_up_nobody_else(gateway, base, recorder):
    recorder.answer = lambda seen: (200, {}, b"x" * (5_000_000 if "big" in seen["path"] else 5))
    with connect(gateway) as stalled, connect(gateway) as other:
        stalled.give_back_windows = False
        stream = stalled.open(base + "/any/big")
        stalled.until(lambda one: one[0] == "data")
        for _ in range(20):
            assert other.answer(other.open(base + "/any/small"))[2] == b"xxxxx"
        # On the stalled connection itself as well: its own window is for all streams, but heads need none.
        assert stalled.answer(stalled.open(base + "/head", "HEAD"))[0] == 200
        stalled.give_back_windows = True
        credit = struct.pack(">I", 5_000_000)
        stalled.send(frame(8, 0, 0, credit) + frame(8, 0, stream, credit))
        assert len(stalled.answer(stream)[2]) == 5_000_000


def test_an_early_answer_ends_the_upload(gateway, base):
    with connect(gateway) as h:
        stream = h.open(base + "/nothing", "POST", end=False)
        h.data(stream, b"x" * 100, end=False)
        assert h.answer(stream)[0] == 404
        h.until(lambda one: one[:2] == ("reset", stream))
        assert h.reset_of(stream) == "NO_ERROR"
        assert h.answer(h.open(base + "/head", "HEAD"))[0] == 200


def test_what_never_comes_again_takes_no_place_in_the_table_of_the_client(gateway, base):
    with connect(gateway) as h:
        ids = {dict(h.answer(h.open(base + "/any/x"))[1])["x-request-id"] for _ in range(3)}
        remembered = {bytes(name) for name, _ in h.decoder.header_table.dynamic_entries}
    assert len(ids) == 3
    assert b"content-type" in remembered and b"x-request-id" not in remembered


def test_a_head_too_large_is_refused_and_the_connection_lives(gateway, base):
    with connect(gateway) as h:
        many = h.open(base + "/any/x", more=[(f"x-{number}", "1") for number in range(101)])
        assert h.answer(many)[0] == 431
        assert h.answer(h.open(base + "/head", "HEAD"))[0] == 200


def test_stopping_says_goodbye_and_finishes_what_runs(own_gateway, recorder):
    own_gateway.start()
    builder = Builder(own_gateway.management())
    base = builder.published(builder.api("GET", "/slow", backend=builder.http(recorder.url)))[1]
    arrived, release = threading.Event(), threading.Event()

    def answer(_seen):
        arrived.set()
        release.wait(20)
        return 200, {}, b"finished"

    recorder.answer = answer
    with connect(own_gateway) as busy, connect(own_gateway) as idle:
        idle.settled()
        stream = busy.open(base + "/slow")
        assert arrived.wait(10)
        stopping = threading.Thread(target=own_gateway.stop)
        stopping.start()
        assert idle.until(lambda one: one[0] == "goaway") == ("goaway", "NO_ERROR")
        assert busy.until(lambda one: one[0] == "goaway") == ("goaway", "NO_ERROR")
        release.set()
        assert busy.answer(stream)[2] == b"finished"
        assert busy.until(lambda one: one == ("closed",)) and idle.until(lambda one: one == ("closed",))
        assert busy.last_streams == [NO_LIMIT, stream] and idle.last_streams == [NO_LIMIT, 0]
        stopping.join()


def test_what_crosses_the_goodbye_on_its_way_is_served(own_gateway, recorder):
    own_gateway.start()
    builder = Builder(own_gateway.management())
    base = builder.published(builder.api("GET", "/slow", backend=builder.http(recorder.url)))[1]
    recorder.answer = lambda _seen: (200, {}, b"finished")
    with connect(own_gateway) as h:
        h.answer_pings = False  # has not read the goodbye yet
        assert h.answer(h.open(base + "/slow"))[2] == b"finished"
        stopping = threading.Thread(target=own_gateway.stop)
        stopping.start()
        assert h.until(lambda one: one[0] == "goaway") == ("goaway", "NO_ERROR")
        _, mark = h.until(lambda one: one[0] == "ping")
        crossing = h.open(base + "/slow")
        assert h.answer(crossing)[2] == b"finished"
        h.frame(PING, ACK, 0, mark)
        assert h.until(lambda one: one == ("closed",))
        assert h.last_streams == [NO_LIMIT, crossing]
        stopping.join()


# --- floods: what is cheap to send and dear to serve --------------------------------------------------------------------

def rapid_resets(h):
    stream = h.open("/-/none", "POST", end=False)
    return h.frame(RST_STREAM, 0, stream, struct.pack(">I", 8))


def made_to_reset(h):
    stream = h.open("/-/none", "POST", end=False)
    return h.frame(8, 0, stream, bytes(4))  # a window that grows by nothing


def refused_heads(h):
    return h.open("/-/none", more=[(f"x-{number}", "1") for number in range(101)]) and h.read()


FLOODS = {
    "rapid resets": (rapid_resets, 110),
    "streams we must reset": (made_to_reset, 110),
    "pings": (lambda h: h.frame(PING, 0, 0, bytes(8)), 110),
    "settings": (lambda h: h.frame(SETTINGS, 0, 0, setting(4, 65535)), 60),
    "empty data": (lambda h: h.frame(DATA, 0, 1, b""), 110),
    "priorities": (lambda h: h.frame(PRIORITY, 0, 99, bytes(4) + b"\x10"), 210),
    "refused heads": (refused_heads, 60),
}


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_ends_the_connection_and_only_that(gateway, base, kind):
    send, enough = FLOODS[kind]
    with connect(gateway) as honest, connect(gateway) as flooding:
        if kind == "empty data":
            flooding.open(base + "/any/x", "POST", end=False)
        for _ in range(enough):
            if not send(flooding):
                break
        flooding.until(lambda one: one == ("closed",))
        assert flooding.goaway() in ("ENHANCE_YOUR_CALM", "PROTOCOL_ERROR", None)
        assert honest.answer(honest.open(base + "/head", "HEAD"))[0] == 200


def test_endless_heads_end_the_connection(gateway):
    with connect(gateway) as h:
        h.send(frame(HEADERS, END_STREAM, 1, h.block(h.request())))
        for _ in range(100):
            if not h.send(frame(9, 0, 1, h.block([("x", "y" * 4000)]))):
                break
        h.until(lambda one: one == ("closed",))
        assert h.goaway() in ("ENHANCE_YOUR_CALM", "PROTOCOL_ERROR", "INTERNAL_ERROR", None)


def test_a_bomb_of_references_is_refused(gateway):
    with connect(gateway) as h:
        block = h.block([*h.request(), ("x-bomb", "z" * 3000)]) + b"\xbe" * 5000  # one byte each
        h.frame(HEADERS, END_HEADERS | END_STREAM, 1, block)
        outcome = h.until(lambda one: one[0] in ("status", "reset", "closed"))
        assert outcome in (None, ("closed",)) or outcome[2] in (431, "PROTOCOL_ERROR", "ENHANCE_YOUR_CALM")
        assert h.body.get(1, b"").count(b"zzz") == 0
