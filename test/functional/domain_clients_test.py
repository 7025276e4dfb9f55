"""Domains whose callers must show a certificate: on each connection, in each session, for each name."""
import ssl

import pytest
import rig
from domains_test import ask, authority, client_authority, edge


@pytest.fixture(scope="module")
def guarded(edge, client_authority):
    """guarded.example wants client certificates, open.example (the same certificate) does not."""
    name, _ = edge.certificate("guarded.example", "open.example", authorities=client_authority.pem)
    edge.domain("guarded.example", name, client_certificates=True)
    edge.domain("open.example", name)
    return edge


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_clients_must_show_a_certificate_of_the_authority(guarded, client_authority, authority, version):
    versions = {"minimum_version": version, "maximum_version": version}
    good, wrong = client_authority.issue(), authority.issue()
    assert guarded.secure("guarded.example", context=guarded.context(good, **versions)).text == "hello"
    for context in (guarded.context(**versions), guarded.context(wrong, **versions)):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            guarded.secure("guarded.example", context=context)
        assert guarded.secure("open.example", context=context).text == "hello"


def test_nobody_comes_in_by_the_connection_of_another_name(guarded, client_authority):
    good = client_authority.issue()
    for name, context in (("open.example", guarded.context()), (None, guarded.context()),
                          ("unknown.example", guarded.context(good))):
        with guarded.connect(name, context) as connection:
            answer = ask(connection, "guarded.example")
            assert (answer.status, answer.json()["code"]) == (421, "route.misdirected")
            assert answer.header("connection") == "close"
    with guarded.connect("guarded.example", guarded.context(good)) as connection:
        assert ask(connection, "guarded.example").status == 200
        assert ask(connection, "open.example").status == 200, "that one asks for less"
    refused = guarded.plain("guarded.example")
    assert (refused.status, refused.json()["code"]) == (426, "route.protocol_required")


def test_over_http2_each_call_is_judged_by_itself(guarded, client_authority):
    for client, server_name, allowed in ((None, "open.example", {"open.example"}),
                                         (client_authority.issue(), "guarded.example", {"open.example", "guarded.example"})):
        with rig.Http2(guarded.port, context=guarded.context(client), server_name=server_name) as connection:
            for name in ("open.example", "guarded.example", "open.example"):
                status, fields, _ = connection.answer(connection.open("/hello", authority=name, scheme="https"))
                assert status == (200 if name in allowed else 421)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_is_resumed_for_its_own_name_only(guarded, client_authority, version):
    good = guarded.context(client_authority.issue(), minimum_version=version, maximum_version=version)
    sessions = {}
    for name in ("open.example", "guarded.example"):
        with guarded.connect(name, good) as first:
            assert ask(first, name).status == 200
            sessions[name] = first.session
        with guarded.connect(name, good, sessions[name]) as second:
            assert second.session_reused
            assert ask(second, name).status == 200
    # A client that throws its certificate away and comes with a session of the open door. Over TLS 1.3 the refusal
    # follows the handshake.
    bare = guarded.context(minimum_version=version, maximum_version=version)
    with guarded.connect("open.example", bare) as first:
        assert ask(first, "open.example").status == 200
        session = first.session
    with pytest.raises((ssl.SSLError, ConnectionError)):
        with guarded.connect("guarded.example", bare, session) as second:
            assert not second.session_reused
            ask(second, "guarded.example")


def test_new_rules_hold_for_old_connections_and_sessions(edge, client_authority):
    name, _ = edge.certificate("later.example", authorities=client_authority.pem)
    edge.domain("later.example", name)
    context = edge.context()
    with edge.connect("later.example", context) as connection:
        assert ask(connection, "later.example").status == 200
        session = connection.session
        edge.management.patch("domains/later.example", {"client_certificates": True})
        assert ask(connection, "later.example").json()["code"] == "route.misdirected"
    with pytest.raises((ssl.SSLError, ConnectionError)):
        with edge.connect("later.example", context, session) as again:
            ask(again, "later.example")
    assert edge.secure("later.example", context=edge.context(client_authority.issue())).status == 200
