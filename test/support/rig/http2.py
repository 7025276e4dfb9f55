"""HTTP/2 spoken frame by frame, so that rules can be broken on purpose. Header blocks are made by hpack."""
import socket
import ssl
import struct

import hpack

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITISED = 1, 1, 4, 8, 32
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
ERRORS = ["NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
          "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM"]
MAX_HEAD = 1 << 20


def frame(kind, flags, stream, payload=b"", length=None):
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def setting(number, value):
    return struct.pack(">HI", number, value)


class Http2:
    """One connection. `seen` is what the other side did, in order: ("status", stream, code, fields), ("data", stream, bytes),
    ("trailers", stream, fields), ("end", stream), ("reset", stream, error), ("goaway", error), ("pong", bytes),
    ("settings", acknowledged), ("closed",)."""

    def __init__(self, port, host="127.0.0.1", context=None, preface=PREFACE, settings=b"", timeout=10,
                 server_name="localhost"):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        if context:
            context.set_alpn_protocols(["h2"])
            self.socket = context.wrap_socket(self.socket, server_hostname=server_name)
            assert self.socket.selected_alpn_protocol() == "h2"
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.decoder.max_header_list_size = MAX_HEAD
        self.seen, self.body, self._rest, self._streams, self._open_heads = [], {}, b"", 1, {}
        self._marks = 0
        self.granted = {}  # by WINDOW_UPDATE, per stream
        self.give_back_windows = self.answer_pings = True
        self.last_streams = []  # of each GOAWAY: the last stream that is served
        self.send(preface + (frame(SETTINGS, 0, 0, settings) if preface == PREFACE else b""))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """False when the other side has gone."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def frame(self, kind, flags=0, stream=0, payload=b"", length=None):
        return self.send(frame(kind, flags, stream, payload, length))

    def next_stream(self):
        stream, self._streams = self._streams, self._streams + 2
        return stream

    def block(self, fields):
        return self.encoder.encode(fields, huffman=False)

    @staticmethod
    def request(path="/", method="GET", authority="localhost", scheme="http", more=()):
        return [(":method", method), (":scheme", scheme), (":path", path), (":authority", authority), *more]

    def open(self, path="/", method="GET", more=(), end=True, stream=None, **pseudo):
        """Begins a request; -> its stream"""
        stream = stream or self.next_stream()
        self.frame(HEADERS, END_HEADERS | (END_STREAM if end else 0), stream,
                   self.block(self.request(path, method, more=more, **pseudo)))
        return stream

    def data(self, stream, payload, end=True):
        return self.frame(DATA, END_STREAM if end else 0, stream, payload)

    # --- reading -----------------------------------------------------------------------------------------------------

    def read(self):
        """Reads one frame into `seen`; False at the end of the connection."""
        while len(self._rest) < 9 or len(self._rest) < 9 + int.from_bytes(self._rest[:3], "big"):
            try:
                piece = self.socket.recv(65536)
            except (ConnectionError, ssl.SSLError):
                piece = b""
            if not piece:
                if self.seen[-1:] != [("closed",)]:
                    self.seen.append(("closed",))
                return False
            self._rest += piece
        size = int.from_bytes(self._rest[:3], "big")
        kind, flags = self._rest[3], self._rest[4]
        stream = int.from_bytes(self._rest[5:9], "big")
        payload, self._rest = self._rest[9:9 + size], self._rest[9 + size:]
        self._take(kind, flags, stream, payload)
        return True

    def _take(self, kind, flags, stream, payload):
        if kind in (HEADERS, CONTINUATION):
            block = self._open_heads.pop(stream, b"") + payload
            if not flags & END_HEADERS:
                self._open_heads[stream] = block
                return
            fields = [(str(name), str(value)) for name, value in self.decoder.decode(block)]
            status = dict(fields).get(":status")
            self.seen.append(("status", stream, int(status), fields) if status else ("trailers", stream, fields))
        elif kind == DATA:
            self.body[stream] = self.body.get(stream, b"") + payload
            self.seen.append(("data", stream, payload))
            if payload and self.give_back_windows:
                credit = struct.pack(">I", len(payload))
                self.send(frame(WINDOW_UPDATE, 0, 0, credit) + frame(WINDOW_UPDATE, 0, stream, credit))
        elif kind == RST_STREAM:
            self.seen.append(("reset", stream, ERRORS[int.from_bytes(payload, "big")]))
        elif kind == GOAWAY:
            self.seen.append(("goaway", ERRORS[int.from_bytes(payload[4:8], "big")]))
            self.last_streams.append(int.from_bytes(payload[:4], "big"))
        elif kind == WINDOW_UPDATE:
            self.granted[stream] = self.granted.get(stream, 0) + int.from_bytes(payload, "big")
        elif kind == PING:
            self.seen.append(("pong" if flags & ACK else "ping", payload))
            if not flags & ACK and self.answer_pings:
                self.frame(PING, ACK, 0, payload)
        elif kind == SETTINGS:
            self.seen.append(("settings", bool(flags & ACK)))
            if not flags & ACK:
                self.frame(SETTINGS, ACK)
        if kind in (HEADERS, DATA) and flags & END_STREAM:
            self.seen.append(("end", stream))

    def until(self, wanted):
        """Reads until something that `wanted` likes was seen; -> it, or None at the end of the connection."""
        looked_at, more = 0, True
        while more or looked_at < len(self.seen):
            if looked_at == len(self.seen):
                more = self.read()
                continue
            if wanted(self.seen[looked_at]):
                return self.seen[looked_at]
            looked_at += 1
        return None

    def answer(self, stream):
        """-> (status, fields, body) of a complete answer; the status is the error when the stream was reset"""
        self.until(lambda seen: seen[:2] == ("end", stream) or seen[:2] == ("reset", stream))
        heads = [seen for seen in self.seen if seen[:2] == ("status", stream) and seen[2] >= 200]
        resets = [seen for seen in self.seen if seen[:2] == ("reset", stream) and seen[2] != "NO_ERROR"]
        if resets or not heads:
            return (resets[0][2] if resets else "closed"), [], b""
        return heads[0][2], heads[0][3], self.body.get(stream, b"")

    def trailers(self, stream):
        return next((seen[2] for seen in self.seen if seen[:2] == ("trailers", stream)), None)

    def settled(self):
        """Asks for a pong, twice since pongs overtake, so that everything sent before has been dealt with; -> all that was
        seen."""
        for _ in range(2):
            self._marks += 1
            mark = b"mark%04d" % self._marks
            self.frame(PING, 0, 0, mark)
            self.until(lambda seen: seen == ("pong", mark))
        return self.seen

    def goaway(self):
        return next((seen[1] for seen in self.seen if seen[0] == "goaway"), None)

    def reset_of(self, stream):
        return next((seen[2] for seen in self.seen if seen[:2] == ("reset", stream)), None)
