"""Custom domains and certificates: what a client sees, live, over real handshakes."""
import hashlib
import socket
import ssl
import threading

import pytest
import rig
from conftest import Builder


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return rig.Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def client_authority(tmp_path_factory):
    return rig.Authority(tmp_path_factory.mktemp("clients"), "clients")


class Edge:
    """A gateway with both listeners, and clients that ask for names which all lead to it."""

    def __init__(self, lintel, authority):
        self.lintel, self.authority = lintel, authority
        self.port = rig.free_port()
        lintel.flags += ["--tls-listen", f"127.0.0.1:{self.port}"]
        lintel.start()
        self.log_in()

    def log_in(self):
        self.management = self.lintel.management()
        self.build = Builder(self.management)

    def certificate(self, *names, kind="ECC", name=None, **more):
        """Uploads a new one; -> (its name, the certificate)"""
        made = self.authority.issue(*names, kind=kind)
        name = name or self.build.unique("certificate")
        self.management.post("certificates", {"name": name, **made.upload(**more)})
        return name, made

    def domain(self, name, *certificates, service=None, environment="release", prefix="/", **more):
        service = service or self.build.published()[0]
        mappings = [{"prefix": prefix, "service": service["code"], "environment": environment}]
        return self.management.post("domains", {"name": name, "mappings": mappings, "certificates": list(certificates),
                                                **more}).json()

    def context(self, client=None, **settings):
        context = ssl.create_default_context(cafile=self.authority.file)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # what is shown is compared by its fingerprint
        for name, value in settings.items():
            setattr(context, name, value)
        if client:
            context.load_cert_chain(client.file, client.key_file)
        return context

    def connect(self, name, context=None, session=None):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=15)
        return (context or self.context()).wrap_socket(plain, server_hostname=name, session=session)

    def shown(self, name, **settings):
        """The fingerprint of the certificate a client is shown."""
        with self.connect(name, self.context(**settings)) as connection:
            return fingerprint(connection)

    def secure(self, name, target="/hello", context=None, host=None, **headers):
        with self.connect(name, context) as connection:
            return ask(connection, host or name, target, headers)

    def plain(self, host, target="/hello", method="GET", **headers):
        return self.lintel.call(method, target, {"Host": host, **fields(headers)})


def fields(headers):
    return {name.replace("_", "-"): value for name, value in headers.items()}


def ask(connection, host, target="/hello", headers=None):
    """One request on a connection that stays open unless the answer ends it."""
    lines = [f"GET {target} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in fields(headers or {}).items())]
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    seen = b""
    while b"\r\n\r\n" not in seen:
        piece = connection.recv(65536)
        assert piece, seen
        seen += piece
    head, _, body = seen.partition(b"\r\n\r\n")
    status = int(head.split(b" ")[1])
    named = {name.lower(): value.strip() for name, _, value in
             (line.partition(":") for line in head.decode().split("\r\n")[1:])}
    while len(body) < int(named.get("content-length", 0)):
        body += connection.recv(65536)
    return rig.Answer(status, named, body)


def fingerprint(of):
    der = of.getpeercert(binary_form=True) if hasattr(of, "getpeercert") else ssl.PEM_cert_to_DER_cert(of.pem)
    return hashlib.sha256(der).hexdigest()


@pytest.fixture(scope="module")
def edge(binary, tmp_path_factory, authority):
    lintel = rig.Lintel(binary, tmp_path_factory.mktemp("edge"))
    yield Edge(lintel, authority)
    status = lintel.stop()
    assert status in (0, None), f"ended with {status}:\n{lintel.log()[-4000:]}"


@pytest.fixture
def own_edge(own_gateway, authority):
    return Edge(own_gateway, authority)


# --- which certificate ---

def test_the_name_a_client_asks_for_decides_what_it_is_shown(edge):
    exact, one = edge.certificate("exact.sni.example")
    wild, other = edge.certificate("*.sni.example")
    edge.domain("exact.sni.example", exact)
    edge.domain("*.sni.example", wild)
    own = hashlib.sha256(ssl.PEM_cert_to_DER_cert((edge.lintel.data / "self-signed.crt").read_text())).hexdigest()
    assert edge.shown("exact.sni.example") == fingerprint(one)
    assert edge.shown("EXACT.sni.example") == fingerprint(one)
    assert edge.shown("any.sni.example") == fingerprint(other)
    assert edge.shown("sni.example") == own
    assert edge.shown("unknown.example") == own
    assert edge.shown(None) == own
    assert edge.secure("any.sni.example").text == "hello"


def test_the_chain_is_good_for_a_client_that_checks_it(edge):
    name, _ = edge.certificate("checked.example", kind="RSA")
    edge.domain("checked.example", name)
    with edge.connect("checked.example", ssl.create_default_context(cafile=edge.authority.file)) as connection:
        assert ask(connection, "checked.example").text == "hello"


def test_rsa_and_ecc_stand_side_by_side(edge):
    rsa_name, rsa = edge.certificate("both.example", kind="RSA")
    ecc_name, ecc = edge.certificate("both.example", kind="ECC")
    edge.domain("both.example", rsa_name, ecc_name)
    assert edge.shown("both.example") == fingerprint(ecc)
    old = edge.context(maximum_version=ssl.TLSVersion.TLSv1_2)
    for ciphers, certificate in (("ECDHE-RSA-AES128-GCM-SHA256", rsa), ("ECDHE-ECDSA-AES128-GCM-SHA256", ecc)):
        old.set_ciphers(ciphers)
        with edge.connect("both.example", old) as connection:
            assert fingerprint(connection) == fingerprint(certificate)
            assert ask(connection, "both.example").text == "hello"


def test_the_lowest_version_is_held_for_its_domain_alone(edge):
    name, made = edge.certificate("new.version.example", "old.version.example")
    edge.domain("new.version.example", name, min_tls_version="1.3")
    edge.domain("old.version.example", name)
    old = edge.context(maximum_version=ssl.TLSVersion.TLSv1_2)
    with pytest.raises(ssl.SSLError):
        edge.connect("new.version.example", old)
    with edge.connect("new.version.example") as connection:
        assert (connection.version(), fingerprint(connection)) == ("TLSv1.3", fingerprint(made))
    with edge.connect("old.version.example", old) as connection:
        assert ask(connection, "old.version.example").status == 200
        # The way round: an old handshake for one name, a request for the other.
        assert ask(connection, "new.version.example").json()["code"] == "route.misdirected"


# --- where it leads ---

def test_prefixes_lead_to_services_and_the_backend_never_sees_them(edge, recorder):
    def service():
        return edge.build.published(edge.build.api(path="/{rest+}", backend=edge.build.http(recorder.url)),
                                    environments=("release", "test"))[0]
    root, below = service(), service()
    edge.management.post("domains", {"name": "paths.example", "mappings": [
        {"prefix": "/", "service": root["id"], "environment": "release"},
        {"prefix": "/v1/pets", "service": below["code"], "environment": "test"}]})
    for target, seen in (("/x", "/x"), ("/v1/pets/7?a=b", "/7?a=b"), ("/v1/petshop", "/v1/petshop"),
                         ("/v1//pets/./7", "/7"), ("/v1/pets/../y", "/v1/y")):
        answer = edge.plain("Paths.Example:8080", target)
        assert answer.status == 200, answer
        assert recorder.last["target"] == seen
        entry = edge.lintel.logged(answer)
        assert (entry["service"], entry["environment"]) == (
            (below["code"], "test") if seen.startswith("/7") else (root["code"], "release"))
    # Under a name of one's own nothing but its mappings answers.
    edge.domain("only.example", service=root, prefix="/api")
    for target in ("/hello", f"/release/{root['code']}/hello", "/"):
        refused = edge.plain("only.example", target)
        assert (refused.status, refused.json()["code"]) == (404, "route.not_found")
    assert edge.plain("other.example", f"/release/{root['code']}/x").status == 200


def test_x_stage_chooses_the_environment_and_stays_here(edge, recorder):
    service, _ = edge.build.published(edge.build.api(backend=edge.build.http(recorder.url)), environments=("release", "test"))
    edge.domain("stage.example", service=service)
    for stage, environment in (({}, "release"), ({"X_Stage": "test"}, "test"), ({"x_stage": "release"}, "release")):
        answer = edge.plain("stage.example", **stage)
        assert answer.status == 200
        assert edge.lintel.logged(answer)["environment"] == environment
        assert "x-stage" not in dict(recorder.last["headers"])
    for stage in ("prepub", "nowhere", "", "a" * 200, "test/../release"):
        refused = edge.plain("stage.example", X_Stage=stage)
        assert (refused.status, refused.json()["code"]) == (404, "route.stage_unknown")
    with socket.create_connection(edge.lintel.address.split(":"), timeout=15) as twice:
        twice.sendall(b"GET /hello HTTP/1.1\r\nHost: stage.example\r\nX-Stage: test\r\nX-Stage: test\r\n\r\n")
        assert b"request.header_forbidden" in twice.recv(65536)


def test_plain_calls_are_sent_on_to_https(edge):
    name, _ = edge.certificate("moved.example")
    edge.domain("moved.example", name, redirect_to_https=True)
    for method in ("GET", "POST"):
        answer = edge.plain("moved.example", "/hello?a=%20b", method)
        assert (answer.status, answer.header("Location")) == (308, f"https://moved.example:{edge.port}/hello?a=%20b")
    assert edge.secure("moved.example").status == 200
    only_plain, _ = edge.build.published(protocol="HTTP")
    edge.domain("plain.example", edge.certificate("plain.example")[0], service=only_plain, redirect_to_https=True)
    assert edge.plain("plain.example").status == 200, "a service that speaks no https is not sent there"
    refused = edge.management.call("POST", "domains", {"name": "bare.example", "redirect_to_https": True, "mappings": [
        {"prefix": "/", "service": only_plain["code"], "environment": "release"}]})
    assert refused.json()["errors"][0]["code"] == "domain.no_certificate"


def test_who_came_to_a_trusted_proxy_by_https_is_not_sent_there_again(own_gateway, authority, client_authority):
    own_gateway.flags += ["--trusted-proxies", "127.0.0.1"]
    edge = Edge(own_gateway, authority)
    name, _ = edge.certificate("front.example", "mutual.example", authorities=client_authority.pem)
    edge.domain("front.example", name, redirect_to_https=True)
    edge.domain("mutual.example", name, redirect_to_https=True, client_certificates=True)
    https = {"X_Forwarded_For": "203.0.113.7", "X_Forwarded_Proto": "https"}
    assert edge.plain("front.example", **https).status == 200
    assert edge.plain("front.example", **{**https, "X_Forwarded_Proto": "http"}).status == 308
    # A certificate shown to the proxy was not shown to us.
    answer = edge.plain("mutual.example", **https)
    assert (answer.status, answer.json()["code"]) == (426, "route.protocol_required")


def test_what_cannot_be_is_refused(edge):
    name, _ = edge.certificate("fits.example", "*.fits.example")
    service, _ = edge.build.published()
    edge.domain("fits.example", name, service=service)
    mappings = [{"prefix": "/", "service": service["code"], "environment": "release"}]
    for body, status, code, pointer in (
            ({"name": "FITS.example."}, 409, "name.taken", "/name"),
            ({"name": "other.example", "certificates": [name]}, 400, "certificate.name_mismatch", "/certificates/0"),
            ({"name": "a.b.fits.example", "certificates": [name]}, 400, "certificate.name_mismatch", "/certificates/0"),
            ({"name": "bücher.example"}, 400, "domain.name", "/name"),
            ({"name": "192.0.2.1"}, 400, "domain.name", "/name"),
            ({"name": "x.example", "mappings": [{**mappings[0], "prefix": "/a/"}]}, 400, "domain.prefix",
             "/mappings/0/prefix"),
            ({"name": "x.example", "mappings": [{**mappings[0], "service": "none"}]}, 400, "service.unknown",
             "/mappings/0/service"),
            ({"name": "x.example", "client_certificates": True, "certificates": []}, 400, "domain.no_authorities",
             "/client_certificates")):
        answer = edge.management.call("POST", "domains", {"mappings": mappings, **body})
        assert answer.status == status, (body, answer)
        assert (pointer, code) in [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]], (body, answer)
    other = edge.authority.issue("elsewhere.example")
    answer = edge.management.call("PUT", f"certificates/{name}", other.upload(), If_Match="*")
    assert (answer.status, answer.json()["errors"][0]["code"]) == (400, "certificate.name_mismatch")
    assert edge.lintel.command("stop", service["code"], token=edge.management.token).returncode == 0
    answer = edge.management.call("DELETE", f"services/{service['id']}", If_Match="*")
    assert (answer.status, "fits.example" in answer.json()["detail"]) == (409, True)


# --- live ---

def test_a_certificate_is_swapped_under_load_without_a_failed_call(edge):
    name, before = edge.certificate("swap.example", kind="RSA")
    edge.domain("swap.example", name)
    stop, failures, calls, prints = threading.Event(), [], [], set()

    def keep_calling():
        context = edge.context()
        while not stop.is_set():
            try:
                with edge.connect("swap.example", context) as connection:
                    prints.add(fingerprint(connection))
                    for _ in range(3):
                        calls.append(ask(connection, "swap.example").status)
            except (OSError, AssertionError) as error:
                failures.append(error)

    long_lived = edge.connect("swap.example")
    assert ask(long_lived, "swap.example").status == 200
    threads = [threading.Thread(target=keep_calling) for _ in range(4)]
    for thread in threads:
        thread.start()
    swapped = []
    for kind in ("ECC", "RSA", "ECC", "RSA"):
        made = edge.authority.issue("swap.example", kind=kind)
        edge.management.put(f"certificates/{name}", made.upload())
        assert edge.shown("swap.example") == fingerprint(made), "the next handshake sees it"
        swapped.append(fingerprint(made))
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert set(calls) == {200}
    assert prints <= {fingerprint(before), *swapped} and len(prints) > 1
    assert ask(long_lived, "swap.example").status == 200
    long_lived.close()


def test_sessions_outlive_a_swap_of_the_certificate(edge):
    name, _ = edge.certificate("ticket.example")
    edge.domain("ticket.example", name)
    context = edge.context()
    with edge.connect("ticket.example", context) as first:
        ask(first, "ticket.example")
        session = first.session
    edge.management.put(f"certificates/{name}", edge.authority.issue("ticket.example").upload())
    with edge.connect("ticket.example", context, session) as second:
        assert second.session_reused
        assert ask(second, "ticket.example").status == 200


def test_a_domain_comes_changes_and_goes_at_once(edge):
    first, second = edge.build.published()[0], edge.build.published()[0]
    edge.domain("live.example", service=first)
    assert edge.lintel.logged(edge.plain("live.example"))["service"] == first["code"]
    edge.management.patch("domains/live.example", {"mappings": [
        {"prefix": "/", "service": second["code"], "environment": "release"}]})
    assert edge.lintel.logged(edge.plain("live.example"))["service"] == second["code"]
    edge.management.delete("domains/live.example")
    assert edge.plain("live.example").status == 404


def test_a_domain_follows_its_service(edge):
    service = edge.build.service()
    edge.domain("follow.example", service=service)
    assert edge.plain("follow.example").status == 404
    renamed = edge.build.unique("renamed")
    edge.management.patch(f"services/{service['id']}", {"code": renamed})
    edge.management.publish(service)
    assert edge.plain("follow.example").status == 200
    assert edge.management.get("domains/follow.example")["mappings"][0]["service"] == renamed


def test_a_restart_keeps_everything_and_no_key_lies_in_the_clear(own_edge, client_authority):
    edge = own_edge
    name, made = edge.certificate("kept.example", authorities=client_authority.pem)
    edge.domain("kept.example", name, client_certificates=True, min_tls_version="1.3")
    before = edge.management.get("domains/kept.example")
    edge.lintel.kill()
    secrets = [line for line in made.key.split("\n") if line and not line.startswith("-")]
    for file in edge.lintel.folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not any(secret.encode() in content for secret in secrets), file
    edge.lintel.start()
    edge.log_in()
    assert edge.management.get("domains/kept.example") == before
    assert edge.shown("kept.example") == fingerprint(made)
    good = edge.context(client_authority.issue())
    assert edge.secure("kept.example", context=good).text == "hello"
    with pytest.raises((ssl.SSLError, ConnectionError)):
        edge.secure("kept.example")
