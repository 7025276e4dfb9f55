"""The load of the bench: what it counts is what a figure and "0 wrong" stand on, so it must notice every kind of wrong answer."""
import contextlib
import itertools
import re
import socket
import subprocess
import threading
from collections.abc import Iterator

import pytest

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-Release: abc\r\n"


class Server:
    """Gives every request what `answers` says of its path: pieces to send one by one, and whether to hang up then. An iterator
    gives the pieces of one request after the other."""

    def __init__(self, answers):
        self.answers, self.paths, self.connections = answers, [], 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection = self.listener.accept()[0]
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections += 1
                threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        with connection, contextlib.suppress(OSError):
            while request := connection.recv(4096):
                path = request.split(b" ")[1].decode()
                self.paths.append(path)
                pieces, hangs_up = self.answers[path]
                for piece in next(pieces) if isinstance(pieces, Iterator) else pieces:
                    connection.sendall(piece)
                if hangs_up:
                    return


@pytest.fixture
def load(binary, tmp_path):
    """-> a function that makes load of some paths on answers like those and returns its counts and the server"""
    program = binary.parents[2] / "test/bench/bench_load"
    servers = []

    def run(answers, expected="3", connections=2):
        server = Server(answers)
        servers.append(server)
        requests = tmp_path / "requests"
        requests.write_text("\0".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n" for path in answers), newline="")
        done = subprocess.run([program, "http", str(server.port), str(connections), "200", requests, expected],
                              capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return {name: int(count) for name, count in re.findall(r"(\w+) (\d+)", done.stdout)}, server

    yield run
    for server in servers:
        server.listener.close()


def test_right_answers_are_counted_and_requests_take_turns(load):
    counts, server = load({"/a": ([HEAD + b"\r\nabc"], False), "/b": ([HEAD[:20], HEAD[20:] + b"\r\na", b"bc"], False)}, connections=1)
    assert counts["answers"] > 2 and counts["refused"] == counts["mixed"] == counts["lost"] == 0
    assert {one != other for one, other in zip(server.paths, server.paths[1:])} == {True}
    assert server.connections == 1


@pytest.mark.parametrize("answer", [HEAD.replace(b"200 OK", b"503 No") + b"\r\nabc", HEAD.replace(b"3", b"2", 1) + b"\r\nab"],
                         ids=["status", "size"])
def test_another_status_or_size_is_a_refusal(load, answer):
    counts, _ = load({"/": ([answer], False)})
    assert counts["answers"] == counts["refused"] > 2


def test_a_body_of_another_release_is_mixed(load):
    right, _ = load({"/": ([HEAD + b"\r\nabc"], False)}, expected="X-Release")
    mixed, _ = load({"/": ([HEAD + b"\r\nabd"], False)}, expected="X-Release")
    assert right["answers"] > 2 and right["mixed"] == 0
    assert mixed["mixed"] == mixed["answers"] > 2


@pytest.mark.parametrize("answer", [HEAD + b"\r\nab", HEAD + b"\r\nabcd", b"HTTP/1.1 200 OK\r\n\r\nabc", b""],
                         ids=["cut", "too long", "no length", "nothing"])
def test_a_connection_that_breaks_its_answer_is_lost(load, answer):
    counts, _ = load({"/": ([answer], True)})
    assert counts["lost"] > 2 and counts["answers"] == 0


def test_one_call_that_is_never_answered_is_lost(load):
    """However well the other connection fares."""
    counts, server = load({"/": (itertools.chain([[]], itertools.repeat([HEAD + b"\r\nabc"])), False)}, connections=2)
    assert counts["answers"] > 2 and counts["lost"] == 1
    assert len(server.paths) == counts["answers"] + 1


def test_an_answer_may_end_its_connection(load):
    counts, server = load({"/": ([HEAD + b"Connection: close\r\n\r\nabc"], True)})
    assert counts["answers"] > 2 and counts["lost"] == 0
    assert server.connections >= counts["answers"]
