"""From HTTP/2 down to HTTP/1.1: nothing that could be read in two ways gets through."""
import re

import rig
from http2_test import connect
from rig.http2 import END_HEADERS, END_STREAM, HEADERS, Http2


def downgrades():
    """Heads and bodies that are legal frames and illegal messages, or nearly: -> list of (fields, body or None)"""
    rows = []
    base = lambda **more: Http2.request(**{"path": "/-/mark", **more})  # noqa: E731
    controls = [chr(code) for code in (*range(0x20), 0x7F)] + ["\x80", "\xff", "é"]
    for control in controls:
        for where in ("a{}b", "{}ab", "ab{}"):
            text = where.format(control)
            rows += [([*base(), ("x-value", text)], None), ([*base(), (f"x{text}", "1")], None),
                     ([*base(), ("cookie", text)], None), ([*base(), (text, "1")], None)]
            for pseudo in (":path", ":method", ":authority", ":scheme"):
                value = ("/-/mark" if pseudo == ":path" else "x") + text
                rows.append(([(name, value if name == pseudo else old) for name, old in base()], None))
    smuggled = ["GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n", "chunked", "0\r\n\r\n", "5", "-1", "+3", "0x3", "3, 3", " 3",
                "3 ", "99999999999999999999", ""]
    framing = ["content-length", "transfer-encoding", "Transfer-Encoding", "transfer_encoding", "content_length", "connection",
               "upgrade", "proxy-connection", "keep-alive", "te", "host", "expect", "trailer", "http2-settings", "x\r\nhost"]
    for name in framing:
        for value in smuggled:
            rows += [([*base(method="POST"), (name, value)], b"abc"), ([*base(), (name, value)], None),
                     ([*base(method="POST"), (name, value), (name, value)], b"abc")]
    targets = ["/-/mark HTTP/1.1\r\nHost: evil", "/-/mark#x", "/-/mark x", "//-/mark", "http://evil/-/mark", "*", "", "-/mark",
               "/-/mark\x00", "/-/mark?a b", "/-/mark?\r\nx: y", "\\-\\mark", "/-/mark\t"]
    hosts = ["localhost\r\nx: y", "localhost evil", "a@localhost", "localhost:x", "localhost/x", "localhost?x", "localhost#x",
             "[::1", "", "localhost,evil", "local host", "localhost\x00"]
    methods = ["GET /smuggled HTTP/1.1\r\n", "G ET", "", "GET\x00", "get\r", "CONNECT", "PRI", "TRACE", "GET\t", "<script>"]
    for path in targets:
        for host in ["localhost", *hosts]:
            for method in ["GET", *methods]:
                rows.append((base(path=path, authority=host, method=method) if path else
                             base(authority=host, method=method), None))
    return rows


def test_nothing_ambiguous_goes_to_a_backend(gateway, build):
    """Every request that does reach the backend is canonical HTTP/1.1 and belongs to one stream."""
    rows = downgrades()
    assert len(rows) >= 2000
    with rig.RawBackend() as backend:
        base = build.published(build.api("GET", "/*", backend=build.http(backend.url)),
                               build.api("POST", "/*", backend=build.http(backend.url)))[1]
        h, sent = None, 0
        for fields, body in rows:
            if h is None:
                h = connect(gateway)
            fields = [(name, value.replace("/-/mark", base + "/mark", 1) if name == ":path" else value) for name, value in fields]
            stream = h.next_stream()
            h.frame(HEADERS, END_HEADERS | (END_STREAM if body is None else 0), stream, h.block([
                (name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in fields]))
            if body is not None:
                h.data(stream, body)
            sent += 1
            outcome = h.until(lambda one: one == ("closed",) or one[0] == "goaway" or one[:2] in (
                ("status", stream), ("reset", stream)))
            if outcome is None or outcome[0] in ("closed", "goaway") or sent % 40 == 0:
                h.socket.close()
                h = None
        heads = backend.heads()
    assert sent == len(rows) and len(heads) > 20
    for head in heads:
        assert CANONICAL.fullmatch(head), head
        assert base.encode() not in head.split(b"\r\n")[0] and b"smuggled" not in head.split(b"\r\n")[0]
        names = [line.split(b":")[0].lower() for line in head.split(b"\r\n")[1:-2]]
        for single in (b"host", b"content-length", b"transfer-encoding", b"connection", b"x-request-id"):
            assert names.count(single) <= 1, head
        assert not (b"content-length" in names and b"transfer-encoding" in names), head


CANONICAL = re.compile(rb"[A-Z]+ /[!-\"$-~]* HTTP/1\.1\r\n"
                       rb"(?:[!#$%&'*+.^`|~0-9A-Za-z-]+: (?:[!-~\x80-\xff](?:[ \t!-~\x80-\xff]*[!-~\x80-\xff])?)?\r\n)+\r\n", re.S)
