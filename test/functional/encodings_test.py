"""However a path is written: what is matched is what is authorised, logged and sent (or it is refused).

The kinds of writing are those of the published path bypasses of gateways: percent-encoding once, twice and in either case,
dot segments, empty segments, encoded separators, backslashes, parameters behind semicolons, overlong UTF-8, other cases.
"""
import itertools
import random
import re
import socket

import pytest
import rig

PROTECTED = ("/admin/users", "/admin/users/7/keys", "/secret")
WRITINGS = 50_000


def encoded(rng, text, share, double=False):
    out = ""
    for char in text:
        if rng.random() >= share or (char == "/" and rng.random() < 0.7):
            out += char
            continue
        code = f"%{ord(char):02x}"
        code = code.upper() if rng.random() < 0.5 else code
        out += code.replace("%", "%25") if double else code
    return out


DETOURS = ["/.", "/x/..", "/%2e", "/x/%2e%2e", "/x/.%2E", "/", "//", "/x/y/../..", "/public/..", "/public/x/../..", "/./.",
           "/%2e%2e/%2e", "/public%2f..", "/public/%2e%2e%2f", "/..;", "/x/..;", "/.;a=b", "/%5c..", "/\\..", "/x\\..\\"]
ENDINGS = ["", "/", "/.", "//", "%2f", ";", ";a=b", "%3b", "%20", "%00", "%23", "?", "?x", "%3fx", ".", "..", "%2e", "\\", "%5c",
           "/..", "/../users", "%c0%af", "%e0%80%af", "%ff", "%", "%2", "%zz", "%u002f", "+", "%0d%0a", "%09"]
SLASHES = ["/", "//", "%2f", "%2F", "%252f", "\\", "%5c", "/./", "/;/", "%c0%af", "/%2e/", "/x/../"]


def writings(seed):
    """An endless stream of ways to write protected paths."""
    rng = random.Random(seed)
    while True:
        path = rng.choice(PROTECTED)
        for _ in range(rng.randrange(3)):
            at = rng.choice([match.start() for match in re.finditer("/", path)])
            path = path[:at] + rng.choice(DETOURS) + path[at:]
        if rng.random() < 0.3:
            parts = path.split("/")
            path = "/" + rng.choice(SLASHES).join(parts[1:])
        if rng.random() < 0.5:
            path = encoded(rng, path, rng.choice((0.1, 0.5, 1)), double=rng.random() < 0.2)
        if rng.random() < 0.1:
            path = path.swapcase()
        yield path + rng.choice(ENDINGS)


class Line:
    """A connection that is asked one thing after the other, and made anew when it was closed."""

    def __init__(self, gateway):
        self._host, self._port = gateway.address.split(":")
        self._socket, self._rest = None, b""

    def close(self):
        if self._socket:
            self._socket.close()
        self._socket, self._rest = None, b""

    def ask(self, target, headers=""):
        """-> (status, request id)"""
        request = f"GET {target} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode("latin-1")
        for _ in range(2):
            if self._socket is None:
                self._socket = socket.create_connection((self._host, int(self._port)), timeout=15)
            try:
                self._socket.sendall(request)
                head = self._answer()
            except ConnectionError:
                head = b""
            if head:
                break
            self.close()
        if b"\r\nConnection: close" in head:
            self.close()
        name = re.search(rb"X-Request-Id: (\S+)", head)
        return int(head.split(b" ")[1]), name[1].decode() if name else None

    def _answer(self):
        while b"\r\n\r\n" not in self._rest:
            piece = self._socket.recv(65536)
            if not piece:
                return b""
            self._rest += piece
        head, self._rest = self._rest.split(b"\r\n\r\n", 1)
        length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
        while len(self._rest) < length:
            self._rest += self._socket.recv(65536)
        self._rest = self._rest[length:]
        return head


@pytest.fixture
def shop(build):
    """-> (service, call base, backend of what is protected, backend of what is not)"""
    with rig.RawBackend() as guarded, rig.RawBackend() as public:
        service, base = build.published(
            *(build.api("GET", path, auth="basic", backend=build.http(guarded.url)) for path in
              ("/admin/users", "/admin/users/{id}/keys", "/secret")),
            build.api("GET", "/public/*", backend=build.http(public.url)))
        yield service, base, guarded, public


def test_no_writing_of_a_protected_path_gets_past_its_lock(gateway, shop):
    _, base, guarded, public = shop
    line = Line(gateway)
    answers = [(target, *line.ask(base + target)) for target in itertools.islice(writings(8), WRITINGS)]
    line.close()
    assert guarded.heads() == []
    statuses = {status for _, status, _ in answers}
    assert {400, 401, 404} <= statuses and not {500, 502} & statuses
    # What reached the other backend is the path that was matched and logged.
    sent = [head.split(b" ")[1].decode().split("?")[0] for head in public.heads()]
    served = {name for _, status, name in answers if status == 200}
    assert len(sent) == len(served) > 0
    logged = [one["path"] for one in gateway.access_log(at_least=WRITINGS, within=30) if one["request_id"] in served]
    assert sorted(logged) == sorted(base + path for path in sent)
    assert all(path.startswith("/public/") and canonical(path) for path in sent)


def test_with_the_key_they_all_become_the_one_path(gateway, management, shop):
    service, base, guarded, _ = shop
    pair = management.create_credential(service)["key_pairs"]["basic"]
    key = "".join(f"{name}: {value}\r\n" for name, value in rig.basic(pair).items())
    line = Line(gateway)
    opened = sum(line.ask(base + target, key)[0] == 200 for target in itertools.islice(writings(9), 3000))
    line.close()
    sent = [head.split(b" ")[1].decode().split("?")[0] for head in guarded.heads()]
    assert len(sent) > 100 and opened >= len(sent)
    assert set(sent) <= {"/admin/users", "/admin/users/7/keys", "/secret"}


def canonical(path):
    return not re.search(r"//|/\.{1,2}(/|$)|%2e|%2f|%5c|%00|[\\#\x00-\x20\x7f]", path, re.I)
