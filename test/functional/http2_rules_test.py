"""The rules of RFC 9113 and RFC 7541 that a server can break, each by frames that break or stretch them.

Each row: section, what is sent, and what may come of it: "status 200", "reset X" of the stream, "goaway X" (then the
connection ends), "closed" without a word, or "alive" (the connection answers a ping, and nothing was held against it).
"""
import socket
import struct

import pytest
import rig
from conftest import Builder
from rig.http2 import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PADDED, PING, PREFACE,
                       PRIORITISED, PRIORITY, PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE, Http2, frame, setting)

RULES = []


def rule(section, name, *outcomes):
    def keep(send):
        RULES.append(pytest.param(send, outcomes, id=f"{section} {name}"))
        return send
    return keep


def header_rule(section, name, fields, *outcomes):
    """A head of these fields, alone on stream 1."""
    rule(section, name, *outcomes)(lambda h: h.frame(HEADERS, END_HEADERS | END_STREAM, 1, h.block(fields)))


def frame_rule(section, name, outcomes, *frames):
    """Frames on a fresh connection."""
    rule(section, name, *outcomes)(lambda h: h.send(b"".join(frame(*one) for one in frames)))


def block_rule(section, name, block, *outcomes):
    """A header block as bytes."""
    rule(section, name, *outcomes)(lambda h: h.frame(HEADERS, END_HEADERS | END_STREAM, 1, block))


def form(h, more=(), end=False):
    """Begins a request that is answered when all of its body is there; that it is no JSON is answered by 400."""
    return h.open(h.form, "POST", more=[("content-type", "application/json"), *more], end=end)


GOOD = Http2.request("/-/none")
MINIMAL = b"\x82\x86\x84\x41\x09localhost"  # GET http / localhost, all of it indexed or literal
PROTOCOL = "goaway PROTOCOL_ERROR"
SIZE = "goaway FRAME_SIZE_ERROR"
BAD_STREAM = "reset PROTOCOL_ERROR"

# --- 3.4, 4: the preface, frames ----------------------------------------------------------------------------------------

frame_rule("4.1", "unknown kinds of frames are ignored", ["alive"], (0x77, 0, 0, b"what"), (0x77, 0, 1, b"?"))
frame_rule("4.1", "undefined flags are ignored", ["alive"], (PING, 0x16, 0, b"12345678"))
frame_rule("4.1", "the reserved bit is ignored", ["alive"], (PING, 0, 0x80000000, b"12345678"))
frame_rule("4.2", "a frame larger than we allow", [SIZE], (PING, 0, 0, bytes(16385)))
block_rule("4.3", "a block that is no HPACK", b"\x80", "goaway COMPRESSION_ERROR")
block_rule("4.3", "a block that ends inside a field", MINIMAL + b"\x00\x05ab", "goaway COMPRESSION_ERROR")


@rule("4.2", "a DATA frame larger than we allow", SIZE, "reset FRAME_SIZE_ERROR")
def _(h):
    h.frame(DATA, 0, form(h), bytes(16385))


@rule("4.2", "a DATA frame as large as we allow", "status 400")
def _(h):
    h.frame(DATA, END_STREAM, form(h), bytes(16384))


@rule("4.2", "a HEADERS frame larger than we allow", SIZE)
def _(h):
    h.frame(HEADERS, END_HEADERS | END_STREAM, 1, h.block(GOOD) + h.block([("x", "y" * 17000)]))


@rule("4.3", "another frame inside a head", PROTOCOL)
def _(h):
    h.send(frame(HEADERS, END_STREAM, 1, h.block(GOOD)) + frame(PRIORITY, 0, 1, bytes(4) + b"\x10") +
           frame(CONTINUATION, END_HEADERS, 1, h.block([("a", "b")])))


@rule("4.3", "another stream's head inside a head", PROTOCOL)
def _(h):
    block = h.block(GOOD)
    h.send(frame(HEADERS, END_STREAM, 1, block) + frame(HEADERS, END_STREAM | END_HEADERS, 3, block))


# --- 5.1: states of streams ---------------------------------------------------------------------------------------------

frame_rule("5.1", "idle: DATA", [PROTOCOL], (DATA, END_STREAM, 1, b"x"))
frame_rule("5.1", "idle: RST_STREAM", [PROTOCOL], (RST_STREAM, 0, 1, bytes(4)))
frame_rule("5.1", "idle: WINDOW_UPDATE", [PROTOCOL], (WINDOW_UPDATE, 0, 1, struct.pack(">I", 9)))
frame_rule("5.1", "idle: CONTINUATION", [PROTOCOL], (CONTINUATION, END_HEADERS, 1, MINIMAL))
frame_rule("5.1", "idle: PRIORITY is allowed", ["alive"], (PRIORITY, 0, 1, bytes(4) + b"\x10"))


def half_closed(kind, flags, payload):
    def send(h):
        stream = h.open(h.silent, end=True)
        h.frame(kind, flags, stream, payload if isinstance(payload, bytes) else h.block(payload))
    return send


CLOSED = ["goaway STREAM_CLOSED", "reset STREAM_CLOSED"]
rule("5.1", "half closed by the client: DATA", *CLOSED)(half_closed(DATA, END_STREAM, b"x"))
rule("5.1", "half closed by the client: HEADERS", *CLOSED, PROTOCOL)(half_closed(HEADERS, END_HEADERS | END_STREAM, GOOD))
rule("5.1", "half closed by the client: CONTINUATION", *CLOSED, PROTOCOL)(half_closed(CONTINUATION, END_HEADERS, GOOD))
rule("5.1", "half closed by the client: WINDOW_UPDATE is allowed", "alive")(
    half_closed(WINDOW_UPDATE, 0, struct.pack(">I", 100)))
rule("5.1", "half closed by the client: RST_STREAM is allowed", "alive")(half_closed(RST_STREAM, 0, struct.pack(">I", 8)))


def after_reset(kind, flags, payload):
    def send(h):
        stream = form(h)
        h.frame(RST_STREAM, 0, stream, struct.pack(">I", 8))
        h.frame(kind, flags, stream, payload if isinstance(payload, bytes) else h.block(payload))
    return send


rule("5.1", "reset by the client: DATA", *CLOSED)(after_reset(DATA, END_STREAM, b"x"))
rule("5.1", "reset by the client: HEADERS", *CLOSED, PROTOCOL)(after_reset(HEADERS, END_HEADERS | END_STREAM, GOOD))
rule("5.1", "reset by the client: CONTINUATION", *CLOSED, PROTOCOL)(after_reset(CONTINUATION, END_HEADERS, GOOD))


def closed(kind, flags, payload):
    def send(h):
        stream = h.open("/-/none")
        h.answer(stream)
        h.frame(kind, flags, stream, payload if isinstance(payload, bytes) else h.block(payload))
    return send


rule("5.1", "closed: DATA", *CLOSED)(closed(DATA, END_STREAM, b"x"))
rule("5.1", "closed: HEADERS", *CLOSED, PROTOCOL)(closed(HEADERS, END_HEADERS | END_STREAM, GOOD))
rule("5.1", "closed: WINDOW_UPDATE for a while is allowed", "status 404")(closed(WINDOW_UPDATE, 0, struct.pack(">I", 5)))
rule("5.1", "closed: PRIORITY is allowed", "status 404")(closed(PRIORITY, 0, bytes(4) + b"\x10"))
rule("5.1.1", "streams of even number", PROTOCOL)(lambda h: h.open("/-/none", stream=2))


@rule("5.1.1", "numbers that go down", PROTOCOL, "goaway STREAM_CLOSED")
def _(h):
    h.open("/-/none", stream=5)
    h.open("/-/none", stream=3)


@rule("5.1.2", "more streams at once than we allow", "reset REFUSED_STREAM", PROTOCOL)
def _(h):
    h.settled()  # our settings are known
    for _ in range(101):
        form(h)


# --- 6.1-6.4: DATA, HEADERS, PRIORITY, RST_STREAM ------------------------------------------------------------------------

frame_rule("6.1", "DATA on stream 0", [PROTOCOL], (DATA, 0, 0, b"x"))


@rule("6.1", "padding as long as the frame", PROTOCOL)
def _(h):
    h.frame(DATA, END_STREAM | PADDED, form(h), b"\x06" + b"12345")


@rule("6.1", "padding is taken off and counts for the windows", "status 400")
def _(h):
    stream = form(h)
    h.frame(DATA, PADDED, stream, b"\x05" + b"ab" + bytes(5))
    h.frame(DATA, END_STREAM | PADDED, stream, b"\x00")


frame_rule("6.2", "HEADERS on stream 0", [PROTOCOL], (HEADERS, END_HEADERS | END_STREAM, 0, MINIMAL))
frame_rule("6.2", "padding of HEADERS longer than the frame", [PROTOCOL],
           (HEADERS, END_HEADERS | END_STREAM | PADDED, 1, b"\x50" + MINIMAL))
frame_rule("6.2", "padding and priority of HEADERS are taken off", ["status 404"],
           (HEADERS, END_HEADERS | END_STREAM | PADDED | PRIORITISED, 1, b"\x03" + bytes(4) + b"\x10" + MINIMAL + bytes(3)))
frame_rule("6.3", "PRIORITY on stream 0", [PROTOCOL], (PRIORITY, 0, 0, bytes(5)))
frame_rule("6.3", "PRIORITY of another length", ["reset FRAME_SIZE_ERROR", SIZE], (PRIORITY, 0, 1, bytes(4)))
frame_rule("6.4", "RST_STREAM on stream 0", [PROTOCOL], (RST_STREAM, 0, 0, bytes(4)))


@rule("6.4", "RST_STREAM of another length", SIZE)
def _(h):
    h.frame(RST_STREAM, 0, form(h), bytes(3))


# --- 6.5-6.10 ------------------------------------------------------------------------------------------------------------

frame_rule("6.5", "SETTINGS on a stream", [PROTOCOL], (SETTINGS, 0, 1, b""))
frame_rule("6.5", "an acknowledgement with settings", [SIZE], (SETTINGS, ACK, 0, setting(1, 1)))
frame_rule("6.5", "settings of another length", [SIZE], (SETTINGS, 0, 0, b"\x00\x01\x00"))
frame_rule("6.5.2", "ENABLE_PUSH beyond 1", [PROTOCOL], (SETTINGS, 0, 0, setting(2, 2)))
frame_rule("6.5.2", "a window beyond 2^31-1", ["goaway FLOW_CONTROL_ERROR"], (SETTINGS, 0, 0, setting(4, 1 << 31)))
frame_rule("6.5.2", "frames smaller than 16384", [PROTOCOL], (SETTINGS, 0, 0, setting(5, 16383)))
frame_rule("6.5.2", "frames beyond 2^24-1", [PROTOCOL], (SETTINGS, 0, 0, setting(5, 1 << 24)))
frame_rule("6.5.2", "unknown settings are ignored", ["alive"], (SETTINGS, 0, 0, setting(0x99, 5)))
frame_rule("6.6", "PUSH_PROMISE from a client", [PROTOCOL], (PUSH_PROMISE, END_HEADERS, 1, struct.pack(">I", 2) + MINIMAL))
frame_rule("6.7", "PING on a stream", [PROTOCOL], (PING, 0, 1, bytes(8)))
frame_rule("6.7", "PING of another length", [SIZE], (PING, 0, 0, bytes(6)))
frame_rule("6.8", "GOAWAY on a stream", [PROTOCOL], (GOAWAY, 0, 1, bytes(8)))
frame_rule("6.9", "an increment of 0 for the connection", [PROTOCOL], (WINDOW_UPDATE, 0, 0, bytes(4)))
frame_rule("6.9", "WINDOW_UPDATE of another length", [SIZE], (WINDOW_UPDATE, 0, 0, bytes(3)))
frame_rule("6.9.1", "the connection's window beyond 2^31-1", ["goaway FLOW_CONTROL_ERROR"],
           (WINDOW_UPDATE, 0, 0, struct.pack(">I", 0x7FFFFFFF)), (WINDOW_UPDATE, 0, 0, struct.pack(">I", 0x7FFFFFFF)))
frame_rule("6.10", "CONTINUATION on stream 0", [PROTOCOL], (CONTINUATION, END_HEADERS, 0, MINIMAL))


@rule("6.9", "an increment of 0 for a stream", BAD_STREAM, PROTOCOL)
def _(h):
    h.frame(WINDOW_UPDATE, 0, form(h), bytes(4))


@rule("6.9.1", "a stream's window beyond 2^31-1", "reset FLOW_CONTROL_ERROR")
def _(h):
    stream = form(h)
    for _ in range(2):
        h.frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", 0x7FFFFFFF))


@rule("6.9.2", "a window that settings push beyond 2^31-1", "goaway FLOW_CONTROL_ERROR", "reset FLOW_CONTROL_ERROR")
def _(h):
    stream = form(h)
    h.frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", 0x7FFFFFFF - 65535))
    h.frame(SETTINGS, 0, 0, setting(4, 0x7FFFFFFF))


@rule("6.10", "a head in many pieces", "status 404")
def _(h):
    block = h.block(GOOD)
    h.send(frame(HEADERS, END_STREAM, 1, block[:5]) + frame(CONTINUATION, 0, 1, block[5:9]) +
           frame(CONTINUATION, END_HEADERS, 1, block[9:]))


@rule("6.10", "CONTINUATION behind a complete head", PROTOCOL, *CLOSED)
def _(h):
    h.send(frame(HEADERS, END_HEADERS, 1, h.block(GOOD)) + frame(CONTINUATION, END_HEADERS, 1, h.block([("a", "b")])))


@rule("6.10", "CONTINUATION behind DATA", PROTOCOL, *CLOSED)
def _(h):
    stream = form(h)
    h.send(frame(DATA, 0, stream, b"x") + frame(CONTINUATION, END_HEADERS, stream, h.block([("a", "b")])))


# --- 8: what a request may look like -------------------------------------------------------------------------------------

def without(name):
    return [field for field in GOOD if field[0] != name]


def instead(name, value):
    return [(name, value) if field[0] == name else field for field in GOOD]


header_rule("8.2.1", "a name in upper case", GOOD + [("X-Upper", "1")], BAD_STREAM)
header_rule("8.2.1", "a name with a space", GOOD + [("x y", "1")], BAD_STREAM)
header_rule("8.2.1", "a name with a colon inside", GOOD + [("x:y", "1")], BAD_STREAM)
header_rule("8.2.1", "an empty name", GOOD + [("", "1")], BAD_STREAM)
header_rule("8.2.1", "a value with CR LF", GOOD + [("x", "a\r\nhost: b")], BAD_STREAM)
header_rule("8.2.1", "a value with NUL", GOOD + [("x", "a\x00b")], BAD_STREAM)
header_rule("8.2.1", "a value that begins with a space", GOOD + [("x", " a")], BAD_STREAM)
header_rule("8.2.1", "a value that ends with a tab", GOOD + [("x", "a\t")], BAD_STREAM)
for connection_field in [("connection", "keep-alive"), ("keep-alive", "1"), ("proxy-connection", "close"),
                         ("transfer-encoding", "chunked"), ("upgrade", "websocket"), ("te", "gzip"),
                         ("te", "trailers, deflate")]:
    header_rule("8.2.2", f"{connection_field[0]}: {connection_field[1]}", GOOD + [connection_field], BAD_STREAM)
header_rule("8.2.2", "te: trailers is allowed", GOOD + [("te", "trailers")], "status 404")
header_rule("8.3", "an unknown pseudo field", [(":what", "1"), *GOOD], BAD_STREAM)
header_rule("8.3", "a pseudo field of answers", [(":status", "200"), *GOOD], BAD_STREAM)
header_rule("8.3", "a pseudo field behind others", [*without(":path"), ("a", "b"), (":path", "/")], BAD_STREAM)
for missing in (":method", ":scheme", ":path"):
    header_rule("8.3.1", f"{missing} is missing", without(missing), BAD_STREAM)
for twice in GOOD:
    header_rule("8.3.1", f"{twice[0]} is there twice", [twice, *GOOD], BAD_STREAM)
for path in ("", "*", "none", "/a b", "/a#b", "/a\rb", "/\x7f"):
    header_rule("8.3.1", f"the path {path!r}", instead(":path", path), BAD_STREAM)
header_rule("8.3.1", "no host at all", without(":authority"), BAD_STREAM)
header_rule("8.3.1", "host instead of :authority", without(":authority") + [("host", "localhost")], "status 404")
header_rule("8.3.1", "host and :authority that agree", GOOD + [("host", "LOCALHOST")], "status 404")
header_rule("8.3.1", "host and :authority that disagree", GOOD + [("host", "other")], BAD_STREAM)
header_rule("8.3.1", ":authority with a user", instead(":authority", "me@localhost"), "status 400", BAD_STREAM)
header_rule("8.3.1", "another scheme", instead(":scheme", "ftp"), BAD_STREAM)
header_rule("8.3.1", "a method that is no token", instead(":method", "G T"), BAD_STREAM)
header_rule("8.5", "CONNECT", [(":method", "CONNECT"), (":authority", "localhost:80")], BAD_STREAM, "status 405")


def posting(*data, more=(), trailers=None):
    def send(h):
        stream = form(h, more, end=not data and trailers is None)
        for index, piece in enumerate(data):
            h.data(stream, piece, end=index + 1 == len(data) and trailers is None)
        if trailers is not None:
            h.frame(HEADERS, END_HEADERS | END_STREAM, stream, h.block(trailers))
    return send


rule("8.1.1", "content-length of another size, one piece", BAD_STREAM)(posting(b"abc", more=[("content-length", "1")]))
rule("8.1.1", "content-length of another size, two pieces", BAD_STREAM)(posting(b"ab", b"c", more=[("content-length", "4")]))
rule("8.1.1", "content-length without a body", BAD_STREAM)(posting(more=[("content-length", "4")]))
rule("8.1.1", "content-length that is no number", BAD_STREAM)(posting(b"a", more=[("content-length", "x")]))
rule("8.1.1", "content-length twice", BAD_STREAM)(posting(b"a", more=[("content-length", "1"), ("content-length", "1")]))
rule("8.1.1", "content-length that is right", "status 400")(posting(b"abc", more=[("content-length", "3")]))
rule("8.1", "trailers", "status 400")(posting(b"abc", trailers=[("x-sum", "1")]))
rule("8.1", "a pseudo field in trailers", BAD_STREAM)(posting(b"abc", trailers=[(":path", "/")]))


@rule("8.1", "a second head that does not end the stream", BAD_STREAM, PROTOCOL)
def _(h):
    stream = form(h)
    h.frame(HEADERS, END_HEADERS, stream, h.block([("a", "b")]))


# --- RFC 7541 ------------------------------------------------------------------------------------------------------------

BAD_BLOCK = "goaway COMPRESSION_ERROR"
block_rule("hpack 2.3.3", "an index that is not in the table", MINIMAL + b"\xff\x20", BAD_BLOCK)
block_rule("hpack 2.3.3", "a name's index that is not in the table", MINIMAL + b"\x7f\x20\x01a", BAD_BLOCK)
block_rule("hpack 6.1", "index 0", MINIMAL + b"\x80", BAD_BLOCK)
block_rule("hpack 4.2", "a table's size at the end of a block", MINIMAL + b"\x20", BAD_BLOCK)
block_rule("hpack 6.3", "a table larger than we allow", b"\x3f\xe2\x1f" + MINIMAL, BAD_BLOCK)
block_rule("hpack 6.3", "a smaller table", b"\x20" + MINIMAL, "status 404")
block_rule("hpack 5.1", "a number without an end", MINIMAL + b"\xff" + b"\xff" * 12, BAD_BLOCK)
block_rule("hpack 5.2", "a text longer than the block", MINIMAL + b"\x00\x7f\x7fab", BAD_BLOCK)
block_rule("hpack 5.2", "Huffman padding that is not all ones", b"\x82\x86\x84\x41\x81\x00", BAD_BLOCK)
block_rule("hpack 5.2", "Huffman padding longer than 7 bits", b"\x82\x86\x84\x41\x82\xff\xff", BAD_BLOCK)
block_rule("hpack 5.2", "Huffman with the end symbol", b"\x82\x86\x84\x41\x84\xff\xff\xff\xff", BAD_BLOCK)
block_rule("hpack C.4", "Huffman texts", b"\x82\x86\x84\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff", "status 404")


def outcome_of(h):
    seen = h.settled()
    assert not any(one[0] == "ping" for one in seen)
    if h.goaway() not in (None, "NO_ERROR"):
        h.until(lambda one: one == ("closed",))
        return f"goaway {h.goaway()}"
    resets = [one[2] for one in seen if one[0] == "reset" and one[2] != "NO_ERROR"]
    if resets:
        return f"reset {resets[-1]}"
    statuses = [one for one in seen if one[0] == "status"]
    if statuses:
        return f"status {statuses[-1][2]}"
    return "closed" if seen[-1] == ("closed",) else "alive"


@pytest.fixture(scope="module")
def paths(management):
    """-> (one that answers when it has all of a body, one that never does)"""
    build = Builder(management)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = "http://127.0.0.1:%d" % silent.getsockname()[1]
        body = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
        base = build.published(build.api("GET", "/silent", backend=build.http(url)),
                               build.api("POST", "/form", body=body))[1]
        yield base + "/form", base + "/silent"


@pytest.mark.parametrize("send, outcomes", RULES)
def test_a_rule_of_http2(gateway, paths, send, outcomes):
    host, port = gateway.address.split(":")
    with Http2(int(port), host) as h:
        h.form, h.silent = paths
        send(h)
        assert outcome_of(h) in outcomes
    # Whatever became of that connection, others are served.
    with Http2(int(port), host) as h:
        assert h.answer(h.open("/-/none"))[0] == 404


def test_the_rules_are_many():
    assert len(RULES) >= 110


def test_a_foreign_preface_is_not_answered_as_http2(gateway):
    host, port = gateway.address.split(":")
    with Http2(int(port), host, preface=PREFACE[:-4] + b"XX\r\n") as h:
        assert h.until(lambda one: one == ("closed",) or one[0] == "status") in (None, ("closed",))


def test_settings_are_acknowledged_and_ours_come_first(gateway):
    host, port = gateway.address.split(":")
    with rig.Http2(int(port), host) as h:
        h.settled()
        assert h.seen[0] == ("settings", False)
        assert ("settings", True) in h.seen
        h.frame(PING, ACK, 0, b"unasked!")
        assert ("pong", b"unasked!") not in h.settled()


def test_a_window_of_one_byte_is_kept_to(gateway, build):
    _, base = build.published(build.api(backend={"kind": "mock", "config": {"body": "hello"}}))
    host, port = gateway.address.split(":")
    with rig.Http2(int(port), host, settings=setting(4, 1)) as h:
        stream = h.open(base + "/hello")
        h.until(lambda one: one[0] == "data")
        assert h.body[stream] == b"h"
        h.give_back_windows = False
        h.frame(SETTINGS, 0, 0, setting(4, 3))
        h.until(lambda one: len(h.body[stream]) > 2)
        assert h.body[stream] in (b"hell", b"hel")
        h.frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", 100))
        assert h.answer(stream)[2] == b"hello"
