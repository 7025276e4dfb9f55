"""What is measured: Lintel, nginx, HAProxy, the relay that shows the floor, and any further peer given on the command line.

Every proxy has one worker on PROXY_CPU and passes on to an upstream of its own. A scenario says by its `Way` how callers come."""
import dataclasses
import os
import pathlib
import shlex
import subprocess

from machine import PROXY_CPU, as_load, bound, started

from rig import Lintel, free_port

CONNECTIONS_MIN, CONNECTIONS_SPARE = 4096, 64
KEPT_MIN, KEPT_S = 256, 300  # idle connections to the upstream, and for how long
BACKLOG = 16384


class Certificate:
    """What all proxies show in a run with TLS: ECDSA on P-256, made for the run."""

    def __init__(self, folder):
        self.certificate, self.key, self.both = folder / "bench.crt", folder / "bench.key", folder / "bench.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.key,
                        "-out", self.certificate], check=True, capture_output=True)
        self.both.write_text(self.certificate.read_text() + self.key.read_text())


class Upstreams:
    """Servers of a fixed answer, one for each proxy: the connections that a proxy keeps take no place from another's."""

    def __init__(self, binary, answer_bytes):
        self._binary, self._answer_bytes, self._processes = binary, answer_bytes, []

    def start(self):
        """-> its port"""
        port = free_port()
        self._processes.append(started([self._binary, port, self._answer_bytes], as_load()))
        return port

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self._processes:
            process.kill()
            process.wait()


@dataclasses.dataclass
class Way:
    """How callers come to the proxies of one scenario, and where those pass on to."""
    folder: pathlib.Path
    upstreams: Upstreams
    connections: int
    certificate: Certificate | None = None
    http2: bool = False
    websocket: bool = False
    paths: tuple = ("/pets",)
    upstream: int | None = None  # its port, for one proxy

    def of_a_proxy(self):
        return dataclasses.replace(self, upstream=self.upstreams.start())

    @property
    def scheme(self):
        return "https" if self.certificate else "http"

    @property
    def connections_max(self):
        """What a proxy must be allowed: both ends of each connection, and room for calls that are many on one connection."""
        return max(CONNECTIONS_MIN, 2 * self.connections + CONNECTIONS_SPARE)


class Proxy:
    """A proxy under test: its process, its port and the paths that lead to the upstream."""

    def __init__(self, name, process, port, way):
        self.name, self.process, self.port, self.scheme, self.paths = name, process, port, way.scheme, way.paths
        self.key_pair = None  # that calls must be signed with

    @property
    def pid(self):
        return self.process.pid

    @property
    def origin(self):
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def before_turn(self):
        """What is done between turns, and not counted."""

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def start_nginx(way):
    port, folder = free_port(), way.folder
    protocols = (" ssl" if way.certificate else "") + (" http2" if way.http2 else "")
    secured = (f"ssl_certificate {way.certificate.certificate}; ssl_certificate_key {way.certificate.key}; "
               "ssl_protocols TLSv1.2 TLSv1.3;") if way.certificate else ""
    upgrade = ('proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; proxy_read_timeout 300s;'
               if way.websocket else 'proxy_set_header Connection "";')
    # It ends idle connections when less than a sixteenth is free.
    room, kept = way.connections_max * 5 // 4, max(KEPT_MIN, way.connections)
    config = folder / "nginx.conf"
    config.write_text(f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log warn;
user {'root' if os.geteuid() == 0 else 'nobody'};
events {{ worker_connections {room}; }}
http {{
    access_log off; keepalive_requests 1000000000; keepalive_timeout 300s;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    upstream backend {{ server 127.0.0.1:{way.upstream}; keepalive {kept}; keepalive_requests 1000000000; keepalive_timeout {KEPT_S}s; }}
    server {{
        listen 127.0.0.1:{port}{protocols} backlog={BACKLOG}; {secured}
        location / {{
            proxy_pass http://backend; proxy_http_version 1.1; {upgrade}
            proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
    }}
}}""")
    return Proxy("nginx", started(["nginx", "-c", config, "-p", folder], bound(PROXY_CPU)), port, way)


def start_haproxy(way):
    port = free_port()
    protocols = ""
    if way.certificate:
        protocols = f" ssl crt {way.certificate.both}" + (" alpn h2,http/1.1" if way.http2 else "")
    elif way.http2:
        protocols = " proto h2"
    config = way.folder / "haproxy.cfg"
    config.write_text(f"""
global
    nbthread 1
    maxconn {way.connections_max // 2}
defaults
    mode http
    http-reuse always
    option forwardfor
    backlog {BACKLOG}
    timeout connect 5s
    timeout client 300s
    timeout server 300s
    timeout tunnel 300s
    timeout http-keep-alive 300s
frontend in
    bind 127.0.0.1:{port}{protocols}
    default_backend out
backend out
    server upstream 127.0.0.1:{way.upstream} pool-purge-delay {KEPT_S}s
""")
    return Proxy("haproxy", started(["haproxy", "-f", config, "-db"], bound(PROXY_CPU)), port, way)


def start_relay(way, binary):
    """The floor: bytes are passed on unread, so this is what the kernel costs and no proxy can go below it."""
    port = free_port()
    return Proxy("relay", started([binary, port, way.upstream], bound(PROXY_CPU)), port, way)


def start_peer(way, name, command):
    """Any further peer: a command with {port} and {upstream} in it, and if it likes {folder}, {scheme}, {certificate}, {key}."""
    port = free_port()
    filled = command.format(port=port, upstream=way.upstream, folder=way.folder, scheme=way.scheme,
                            certificate=way.certificate and way.certificate.certificate,
                            key=way.certificate and way.certificate.key)
    return Proxy(name, started(shlex.split(filled), bound(PROXY_CPU)), port, way)


class LintelProxy(Proxy):
    """Metrics are on, as they always are. `publish` makes what callers call."""

    def __init__(self, way, binary, publish, name="lintel", workers=1, logs=True):
        secure_port = free_port() if way.certificate else None
        flags = ["--tls-listen", f"127.0.0.1:{secure_port}", "--tls-certificate", str(way.certificate.certificate),
                 "--tls-key", str(way.certificate.key)] if way.certificate else []
        # The load comes from one address; its connections are the measured thing, not the limit on them.
        flags += ["--connections-per-client", "0"]
        self.gateway = Lintel(binary, way.folder / name, workers=workers, flags=flags, wrapper=["taskset", "-c", str(PROXY_CPU)])
        if not logs:
            self.gateway.access_log_path = "off"
        self.gateway.folder.mkdir()
        self.gateway.start()
        super().__init__(name, self.gateway.process, secure_port or int(self.gateway.address.split(":")[1]), way)
        try:
            publish(self, self.gateway.management(), way)
        except BaseException:
            self.stop()
            raise

    def before_turn(self):
        self.gateway.empty_access_log()
