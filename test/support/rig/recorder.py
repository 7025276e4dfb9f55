"""A backend that remembers what it was sent and answers with it."""
import base64
import http.server
import json
import ssl
import threading
import urllib.parse


class Recorder:
    """Serves on loopback until closed. Answers 200 with what it saw as JSON; `answer` replaces that for every request:
    a function of (seen) that returns (status, headers, body). With a certificate (file, key file) it speaks TLS, and with
    a client authority (file) to clients with a certificate of it only."""

    def __init__(self, certificate=None, client_authority=None, port=0):
        self.requests = []
        self.server_names = []
        self.client_names = []  # the common name in the certificate of each request's client
        self.connections = []  # the client port of each request
        self._scheme = "https" if certificate else "http"
        self.answer = None
        self._lock = threading.Lock()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        if certificate:
            self._secure(certificate, client_authority)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def port(self):
        return self._server.server_address[1]

    @property
    def url(self):
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def _secure(self, certificate, client_authority):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        if client_authority:
            context.load_verify_locations(client_authority)
            context.verify_mode = ssl.CERT_REQUIRED
        context.sni_callback = lambda _socket, name, _context: self.server_names.append(name)
        # The handshake is made by the thread of the connection: a client that fails it stops nobody else.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._server.handle_error = lambda *_: None

    def clear(self):
        with self._lock:
            self.requests.clear()

    @property
    def last(self):
        with self._lock:
            return self.requests[-1]

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _note_client(self, connection):
        shown = connection.getpeercert() if isinstance(connection, ssl.SSLSocket) else None
        if shown:
            self.client_names.append({name: value for part in shown["subject"] for name, value in part}["commonName"])

    def _record(self, seen):
        with self._lock:
            self.requests.append(seen)

    def _handler(recorder):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def _read_body(self):
                if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                    body = b""
                    while size := int(self.rfile.readline(), 16):
                        body += self.rfile.read(size)
                        self.rfile.readline()
                    self.rfile.readline()
                    return body
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))

            def _serve(self):
                path, _, query = self.path.partition("?")
                body = self._read_body()
                seen = {
                    "method": self.command,
                    "target": self.path,
                    "path": path,
                    "query": urllib.parse.parse_qsl(query, keep_blank_values=True),
                    "headers": [[name.lower(), value] for name, value in self.headers.items()],
                    "body": body.decode("utf-8", "replace"),
                    "body_base64": base64.b64encode(body).decode(),
                }
                recorder._record(seen)
                recorder.connections.append(self.client_address[1])
                recorder._note_client(self.connection)
                status, headers, content = 200, {}, json.dumps(seen).encode()
                if recorder.answer:
                    status, headers, content = recorder.answer(seen)
                self.send_response(status)
                names = {name.lower() for name in headers}
                if "content-type" not in names:
                    self.send_header("Content-Type", "application/json")
                if "content-length" not in names and "transfer-encoding" not in names and status not in (204, 304):
                    self.send_header("Content-Length", str(len(content)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve

        return Handler
