"""What callers make the gateway hold: those who keep a connection, and those who wait for an answer."""
import contextlib
import socket

import pytest
from conftest import Builder
from rig import eventually
from seen_test import metric

FIRST, MORE = 50, 700  # those who come first make the gateway fill its pools
IDLE_KIB = 2  # with an exchange or a buffer it would be more
WAITING_KIB = 32  # with room for every field that is allowed, wherever there is a head, it would be 44
REQUEST = "GET {} HTTP/1.1\r\nHost: localhost\r\n" + "".join(f"X-Field-{number}: abcdef\r\n" for number in range(9)) + "\r\n"


@pytest.fixture
def gateway_for_many(own_gateway):
    own_gateway.flags += ["--connections-per-client", "0"]
    own_gateway.start()
    return own_gateway


@pytest.fixture
def silent_backend():
    """Whoever connects waits for good."""
    with socket.create_server(("127.0.0.1", 0), backlog=2 * (FIRST + MORE)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def kib_of_each(gateway, arrive, settled):
    """-> what each caller adds to the memory of the gateway; `arrive` brings one, `settled(count)` tells that all are there"""
    with contextlib.ExitStack() as stack:
        def bring(count):
            for _ in range(count):
                arrive(stack.enter_context(socket.create_connection(tuple(gateway.address.split(":")), timeout=15)))

        bring(FIRST)
        eventually(lambda: settled(FIRST))
        before = gateway.resident_kib()
        bring(MORE)
        eventually(lambda: settled(FIRST + MORE))
        return (gateway.resident_kib() - before) / MORE


def test_a_connection_between_two_requests_holds_next_to_nothing(gateway_for_many):
    builder = Builder(gateway_for_many.management())
    target = builder.published(builder.api())[1] + "/hello"

    def call(connection):
        connection.sendall(REQUEST.format(target).encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")

    each = kib_of_each(gateway_for_many, call, lambda _: True)
    assert each < IDLE_KIB


def test_a_call_that_waits_for_its_backend_holds_little(gateway_for_many, silent_backend):
    builder = Builder(gateway_for_many.management())
    target = builder.published(builder.api(backend=builder.http(silent_backend)))[1] + "/hello"
    each = kib_of_each(gateway_for_many, lambda connection: connection.sendall(REQUEST.format(target).encode()),
                       lambda count: metric(gateway_for_many, "lintel_requests_in_flight") == count)
    assert each < WAITING_KIB
