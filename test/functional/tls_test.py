"""TLS to callers: what is spoken, what is refused, and that the bytes are the same."""
import base64
import http.client
import os
import random
import socket
import ssl
import subprocess

import pytest
import rig
from conftest import Builder
from start_test import fails_to_start


class Secure:
    """A gateway with a TLS listener, and a client that trusts its certificate."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.host, self.port = "localhost", rig.free_port()
        gateway.flags += ["--tls-listen", f"127.0.0.1:{self.port}"]

    @property
    def certificate(self):
        return self.gateway.data / "self-signed.crt"

    def context(self, **settings):
        context = ssl.create_default_context(cafile=self.certificate)
        for name, value in settings.items():
            setattr(context, name, value)
        return context

    def connection(self, context=None):
        return http.client.HTTPSConnection(self.host, self.port, context=context or self.context(), timeout=15)

    def call(self, method, target, headers=None, body=None):
        connection = self.connection()
        try:
            return rig.exchange(f"{self.host}:{self.port}", method, target, headers, body, connection=connection)
        finally:
            connection.close()

    def raw(self, context=None, session=None):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=15)
        return (context or self.context()).wrap_socket(plain, server_hostname=self.host, session=session,
                                                          suppress_ragged_eofs=False)


@pytest.fixture
def secure(own_gateway):
    made = Secure(own_gateway)
    own_gateway.start()
    return made


@pytest.fixture
def published(secure):
    """-> make(*apis, **definition): call base of a new service on the secure gateway"""
    return lambda *apis, **definition: Builder(secure.gateway.management()).published(*apis, **definition)[1]


def test_a_self_signed_certificate_serves_first_steps_and_stays(secure, published):
    base = published(Builder.api())
    assert secure.call("GET", base + "/hello").text == "hello"
    assert os.stat(secure.gateway.data / "self-signed.key").st_mode & 0o777 == 0o600
    before = secure.certificate.read_text()
    secure.gateway.restart()
    assert secure.certificate.read_text() == before
    assert secure.call("GET", base + "/hello").status == 200
    assert secure.gateway.call("GET", base + "/hello").status == 200  # the plain listener is still there


def make_certificate(folder, names="DNS:localhost"):
    """-> (file, key file) of a certificate named "own" that is its own authority"""
    certificate, key = folder / "own.crt", folder / "own.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=own",
                    "-addext", f"subjectAltName={names}", "-keyout", key, "-out", certificate], check=True,
                   capture_output=True)
    return certificate, key


def test_a_certificate_of_ones_own(own_gateway, tmp_path):
    certificate, key = make_certificate(tmp_path)
    secure = Secure(own_gateway)
    own_gateway.flags += ["--tls-certificate", str(certificate), "--tls-key", str(key)]
    own_gateway.start()
    assert not secure.certificate.exists()
    with secure.raw(ssl.create_default_context(cafile=certificate)) as connection:
        assert (("commonName", "own"),) in connection.getpeercert()["subject"]


def test_both_versions_and_both_protocols_are_spoken(secure):
    for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
        context = secure.context(minimum_version=version, maximum_version=version)
        context.set_alpn_protocols(["h2", "http/1.1"])
        with secure.raw(context) as connection:
            assert (connection.version(), connection.selected_alpn_protocol()) == (name, "h2")


def test_what_is_old_or_foreign_is_refused_and_hurts_nobody(secure, published):
    base = published(Builder.api())
    with pytest.warns(DeprecationWarning):
        old = secure.context(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError):
        secure.raw(old)
    weak = secure.context(maximum_version=ssl.TLSVersion.TLSv1_2)
    weak.set_ciphers("AES128-SHA")
    with pytest.raises(ssl.SSLError):
        secure.raw(weak)
    foreign = secure.context()
    foreign.set_alpn_protocols(["spdy/1"])
    with pytest.raises(ssl.SSLError):
        secure.raw(foreign)
    with socket.create_connection(("127.0.0.1", secure.port), timeout=15) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = plain.recv(1000)
        assert not answer.startswith(b"HTTP/")
    random.seed(7)
    for size in (1, 5, 100, 20_000):
        with socket.create_connection(("127.0.0.1", secure.port), timeout=15) as garbage:
            garbage.sendall(b"\x16\x03\x01" + random.randbytes(size))
    assert secure.call("GET", base + "/hello").status == 200


def test_sessions_are_resumed(secure, published):
    base = published(Builder.api())
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = secure.context(minimum_version=version, maximum_version=version)
        request = f"GET {base}/hello HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        with secure.raw(context) as first:
            first.sendall(request)
            assert first.recv(4000).startswith(b"HTTP/1.1 200")
            session = first.session
        with secure.raw(context, session) as second:
            assert second.session_reused
            second.sendall(request)
            assert second.recv(4000).startswith(b"HTTP/1.1 200")


def test_requests_that_arrive_together_are_answered_in_order(secure, published):
    base = published(Builder.api())
    with secure.raw() as connection:
        connection.sendall(f"GET {base}/hello HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 20)
        seen = b""
        while seen.count(b"HTTP/1.1 200 OK") < 20 or not seen.endswith(b"hello"):
            piece = connection.recv(65536)
            assert piece, seen
            seen += piece


def test_large_bodies_pass_both_ways_byte_for_byte(secure, published, recorder):
    base = published(Builder.api("POST", "/echo", backend=Builder.http(recorder.url)))
    recorder.answer = lambda seen: (200, {"Content-Type": "application/octet-stream"},
                                    base64.b64decode(seen["body_base64"]))
    random.seed(11)
    for size in (0, 1, 16_383, 16_384, 16_385, 5_000_000):
        body = random.randbytes(size)
        answer = secure.call("POST", base + "/echo", {"Content-Type": "application/octet-stream"}, body)
        assert (answer.status, len(answer.body)) == (200, size)
        assert answer.body == body


def test_r15_the_protocol_of_a_service_is_held_and_the_backend_told(secure, published, recorder):
    api = Builder.api(backend=Builder.http(recorder.url))
    only_secure, only_plain = published(api, protocol="HTTPS"), published(api, protocol="HTTP")
    assert secure.call("GET", only_secure + "/hello").status == 200
    assert dict(recorder.last["headers"])["x-forwarded-proto"] == "https"
    assert secure.gateway.call("GET", only_secure + "/hello").json()["code"] == "route.protocol_required"
    assert secure.gateway.call("GET", only_plain + "/hello").status == 200
    assert dict(recorder.last["headers"])["x-forwarded-proto"] == "http"
    assert secure.call("GET", only_plain + "/hello").json()["code"] == "route.protocol_required"


def test_an_answer_cut_short_does_not_look_complete(secure, published, recorder):
    base = published(Builder.api(backend=Builder.http(recorder.url)))
    recorder.answer = lambda seen: (200, {"Content-Length": "100000", "Connection": "close"}, b"x" * 50_000)
    with secure.raw() as connection:
        connection.sendall(f"GET {base}/hello HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        with pytest.raises((ssl.SSLError, ConnectionError)):
            while connection.recv(65536):
                pass


def test_a_certificate_that_cannot_be_used_stops_the_start_with_the_reason(own_gateway, tmp_path):
    Secure(own_gateway)
    flags = own_gateway.flags
    own_gateway.flags = [*flags, "--tls-certificate", str(tmp_path / "none.crt")]
    assert "tls.certificate and tls.key belong together" in fails_to_start(own_gateway)
    own_gateway.flags += ["--tls-key", str(tmp_path / "none.key")]
    assert "none.crt cannot be read" in fails_to_start(own_gateway)
    (tmp_path / "none.crt").write_text("nothing\n")
    (tmp_path / "none.key").write_text("nothing\n")
    assert "holds no certificate in PEM" in fails_to_start(own_gateway)
    checked = own_gateway.command("config", "check", "--tls-certificate", tmp_path / "none.crt", "--tls-key",
                                  tmp_path / "none.key")
    assert checked.returncode != 0
    assert "holds no certificate in PEM" in checked.stderr


# --- to backends ---

@pytest.fixture
def behind(tmp_path):
    """A backend with TLS whose certificate is for localhost and 127.0.0.1, and its authority in PEM."""
    certificate = make_certificate(tmp_path, "DNS:localhost,IP:127.0.0.1")
    backend = rig.Recorder(certificate)
    backend.authority = certificate[0].read_text()
    yield backend
    backend.close()


def call_by(build, gateway, url, method="GET", body=None, **tls):
    """One call through a new service whose backend is at `url`."""
    backend = build.http(url, tls=tls) if tls else build.http(url)
    _, base = build.published(build.api(method, "/hello", backend=backend))
    return gateway.call(method, base + "/hello", {"Content-Type": "application/octet-stream"} if body else {}, body)


def test_a_backend_with_a_certificate_of_a_known_authority_answers(build, gateway, behind):
    assert call_by(build, gateway, behind.url, authorities=behind.authority).status == 200
    assert dict(behind.last["headers"])["host"] == f"127.0.0.1:{behind.port}"
    assert behind.server_names == [None], "an address is no server name"
    by_name = f"https://localhost:{behind.port}"
    assert call_by(build, gateway, by_name, authorities=behind.authority).status == 200
    assert behind.server_names[-1] == "localhost"


def test_the_authorities_of_the_system_are_trusted(own_gateway, behind, tmp_path):
    own_gateway.environment["SSL_CERT_FILE"] = str(tmp_path / "own.crt")
    own_gateway.start()
    build = Builder(own_gateway.management())
    assert call_by(build, own_gateway, behind.url).status == 200


def test_a_backend_that_is_not_the_one_meant_is_not_asked(build, gateway, behind):
    for tls, reason in (({}, "self-signed certificate"),
                        ({"authorities": behind.authority, "server_name": "pets.example"}, "hostname mismatch"),
                        ({"authorities": behind.authority, "server_name": "127.0.0.2"}, "IP address mismatch")):
        answer = call_by(build, gateway, behind.url, **tls)
        assert (answer.status, answer.json()["code"]) == (502, "backend.connect")
        assert reason in gateway.logged(answer)["reason"]
    assert behind.requests == []
    assert call_by(build, gateway, behind.url, verify=False).status == 200


def test_a_backend_without_tls_is_not_spoken_to_in_plain_text(build, gateway, recorder):
    answer = call_by(build, gateway, recorder.url.replace("http://", "https://"), verify=False)
    assert (answer.status, answer.json()["code"]) == (502, "backend.connect")
    assert recorder.requests == []


def test_bodies_pass_a_backend_with_tls_byte_for_byte(build, gateway, behind):
    behind.answer = lambda seen: (200, {"Content-Type": "application/octet-stream"},
                                  base64.b64decode(seen["body_base64"]))
    random.seed(13)
    for size in (1, 16_384, 3_000_000):
        body = random.randbytes(size)
        answer = call_by(build, gateway, behind.url, "POST", body, authorities=behind.authority)
        assert (answer.status, answer.body == body) == (200, True)


def test_connections_with_tls_are_kept_and_never_shared_across_trust(build, gateway, behind):
    def service(**tls):
        return build.published(build.api(backend=build.http(behind.url, tls=tls)))[1] + "/hello"
    trusting, careful = service(verify=False), service(authorities=behind.authority)
    mistaken = service(authorities=behind.authority, server_name="pets.example")
    for _ in range(20):
        assert gateway.call("GET", trusting).status == 200
        assert gateway.call("GET", careful).status == 200
        assert gateway.call("GET", mistaken).status == 502
    # At most one handshake a worker for each of the two that work; the third never finishes one.
    assert len(set(behind.connections)) <= 4, behind.connections


def test_an_answer_of_a_backend_that_is_cut_is_not_passed_on_as_whole(build, gateway, behind):
    behind.answer = lambda seen: (200, {"Content-Length": "100000", "Connection": "close"}, b"x" * 50_000)
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        call_by(build, gateway, behind.url, authorities=behind.authority)
