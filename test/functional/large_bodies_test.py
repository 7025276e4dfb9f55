"""Bodies far larger than any buffer pass through, both ways at once, byte for byte."""
import asyncio
import hashlib
import os
import re
import threading

from conftest import Builder

BODIES = int(os.environ.get("LINTEL_TEST_BODIES", "8"))
BODY_MIB = int(os.environ.get("LINTEL_TEST_BODY_MIB", "16"))
PIECE, PIECES = 64 << 10, BODY_MIB << 4
GROWTH_KIB = 64 << 10


async def read_head(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    return head, int(re.search(rb"(?i)\r\ncontent-length: (\d+)", head)[1])


async def pieces_of(reader, size):
    while size:
        piece = await reader.read(min(PIECE, size))
        assert piece, "the body was cut"
        size -= len(piece)
        yield piece


class Echo:
    """A backend that sends each body back while it arrives."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    async def _serve(self, reader, writer):
        _, size = await read_head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size)
        async for piece in pieces_of(reader, size):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._server.close()
        self._loop.close()


async def send(writer, number, digest):
    piece = bytes(f"{number:08}", "ascii") * (PIECE // 8)
    for count in range(PIECES):
        sent = count.to_bytes(8, "big") + piece[8:]
        digest.update(sent)
        writer.write(sent)
        await writer.drain()
        await asyncio.sleep(0)  # drain() alone lets nobody else work while the other side keeps up


async def there_and_back(gateway, target, number):
    """-> whether what came back is what was sent"""
    reader, writer = await asyncio.open_connection(*gateway.address.split(":"))
    sent, received = hashlib.blake2b(), hashlib.blake2b()
    writer.write(f"POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: {PIECE * PIECES}\r\n\r\n".encode())
    sending = asyncio.ensure_future(send(writer, number, sent))
    head, size = await read_head(reader)
    assert head.startswith(b"HTTP/1.1 200 ") and size == PIECE * PIECES, head
    async for piece in pieces_of(reader, size):
        received.update(piece)
    await sending
    writer.close()
    return sent.digest() == received.digest()


def test_large_bodies_at_once_are_exact_and_take_no_memory(own_gateway):
    own_gateway.flags += ["--body-max-bytes", str(PIECE * PIECES), "--connections-per-client", "0"]
    own_gateway.start()
    builder = Builder(own_gateway.management())
    most = 0

    async def all_at_once(target):
        nonlocal most
        calls = [asyncio.ensure_future(there_and_back(own_gateway, target, number)) for number in range(BODIES)]
        while not all(call.done() for call in calls):
            most = max(most, own_gateway.resident_kib())
            await asyncio.sleep(0.02)
        return [await call for call in calls]

    with Echo() as echo:
        target = builder.published(builder.api("POST", "/echo", backend=builder.http(echo.url)))[1] + "/echo"
        before = own_gateway.resident_kib()
        assert all(asyncio.run(all_at_once(target)))
    print(f"{BODIES} bodies of {BODY_MIB} MiB both ways: {most - before} KiB more in memory at most")
    assert most - before <= GROWTH_KIB
