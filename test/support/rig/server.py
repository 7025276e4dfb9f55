"""A backend in a process of its own, to be killed. What it was asked survives it in a file."""
import pathlib
import subprocess
import sys

PROGRAM = r"""
import http.server, os, sys

log = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def _serve(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        os.write(log, f"{self.command} {self.headers.get('X-Id', '')}\n".encode())
        body = sys.argv[2].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _serve


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[3])), Handler)
server.daemon_threads = True
server.handle_error = lambda *_: None  # a caller that is killed resets its connections
print(server.server_address[1], flush=True)
server.serve_forever()
"""


class Server:
    """Answers every request with its name and notes "METHOD X-Id" before it does."""

    def __init__(self, folder, name, port=0):
        self.name = name
        self._log = pathlib.Path(folder) / f"{name}.log"
        self._process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(self._log), name, str(port)],
                                         stdout=subprocess.PIPE, text=True)
        self.port = int(self._process.stdout.readline())

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def asked(self):
        """Lines of all requests so far."""
        return self._log.read_text().splitlines() if self._log.exists() else []

    def kill(self):
        """kill -9"""
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
