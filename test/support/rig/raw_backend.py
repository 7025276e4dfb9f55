"""A backend that keeps what it is sent as bytes."""
import re
import socket
import threading


class RawBackend:
    """Keeps the heads it is sent, byte for byte; answers each with its target once its body, if any, is there, and once so
    many have come."""

    def __init__(self, gather=1):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._gathered = threading.Barrier(gather, timeout=20)
        self._heads, self._lock, self._threads = [], threading.Lock(), []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    url = property(lambda self: "http://127.0.0.1:%d" % self._listener.getsockname()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()

    def heads(self):
        with self._lock:
            return list(self._heads)

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        rest = b""
        while True:
            while b"\r\n\r\n" not in rest:
                piece = connection.recv(65536)
                if not piece:
                    return
                rest += piece
            head, rest = rest.split(b"\r\n\r\n", 1)
            with self._lock:
                self._heads.append(head + b"\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
            wanted = int(length[1]) if length else 0
            if re.search(rb"(?i)\r\ntransfer-encoding:", head):
                while not rest.endswith(b"0\r\n\r\n"):
                    rest += connection.recv(65536)
                rest = b""
            while len(rest) < wanted:
                rest += connection.recv(65536)
            rest = rest[wanted:]
            self._gathered.wait()
            target = head.split(b" ")[1]
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(target), target))
