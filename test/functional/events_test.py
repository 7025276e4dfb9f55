"""Events that others receive: webhooks with signatures and retries, and mails."""
import base64
import hashlib
import hmac
import json
import re
import ssl
import threading

import pytest
import rig
from aiosmtpd.smtp import AuthResult
from conftest import Builder
from rig.mail_server import MailServer

ADMIN_MAIL = "admin@example.org"


def verified(secret, seen):
    """The event of a request, when one of its signatures is right."""
    fields = dict(seen["headers"])
    body = base64.b64decode(seen["body_base64"])
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{fields['webhook-id']}.{fields['webhook-timestamp']}.".encode() + body
    right = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return json.loads(body) if right in fields["webhook-signature"].split(" ") else None


def hook(management, url, **more):
    return management.post("webhooks", {"name": "hook", "url": url, **more}).json()


def delivered(management, webhook, status="delivered", within=10):
    """The deliveries that ended so, once there is one."""
    return rig.eventually(lambda: management.get(f"webhooks/{webhook['id']}/deliveries?status={status}")["items"], within)


def attempted(management, webhook, attempts=1, within=10):
    """The newest delivery, once it was tried so often and waits for the next attempt."""
    def look():
        newest = management.get(f"webhooks/{webhook['id']}/deliveries")["items"][0]
        return newest if newest["attempts"] >= attempts and newest["error"] else None
    return rig.eventually(look, within)


def received(recorder, count=1, within=10):
    return rig.eventually(lambda: recorder.requests if len(recorder.requests) >= count else None, within)


def metric(lintel, **labels):
    wanted = ",".join(f'{name}="{value}"' for name, value in labels.items())
    match = re.search(rf"^lintel_deliveries_total\{{{wanted}\}} (\d+)$", lintel.admin_call("GET", "/metrics").text, re.M)
    return int(match[1])


# --- webhooks ---

def test_each_step_of_a_service_is_told_with_a_signature(world, management, recorder):
    made = hook(management, recorder.url, project=world.project["id"])
    world.listed()
    ada = world.user()
    subscription = world.subscribed(ada)
    ada.post(f"subscriptions/{subscription['id']}/unsubscribe")
    world.boss.patch(f"services/{world.code}/deployments", {"state": "stopped"})
    seen = [verified(made["secret"], request) for request in received(recorder, 7)]
    assert sorted(event["type"] for event in seen) == [
        "application.approved", "application.approved", "application.submitted", "application.submitted", "service.listed",
        "service.stopped", "subscription.ended"]
    for event in seen:
        assert event["gateway"] == "default" and event["project"]["id"] == world.project["id"], event
        assert event["data"]["service"]["code"] == world.code
    ended = next(event for event in seen if event["type"] == "subscription.ended")
    assert ended["actor"] == ada.name and ended["data"]["status"] == "unsubscribed"
    assert len({event["id"] for event in seen}) == len(seen)


def test_a_webhook_hears_of_its_project_and_its_types_only(world, management, recorder):
    other = management.post("projects", {"name": world.build.unique("other")}).json()
    hook(management, recorder.url + "/other", project=other["id"])
    hook(management, recorder.url + "/stops", project=world.project["id"], events=["service.stopped"])
    hook(management, recorder.url + "/disabled", project=world.project["id"], enabled=False)
    hook(management, recorder.url + "/all", project=world.project["id"])
    world.apply("launch")
    world.boss.patch(f"services/{world.code}/deployments", {"state": "stopped"})
    received(recorder, 3)
    assert sorted(seen["path"] for seen in recorder.requests) == ["/all", "/all", "/stops"]


def test_what_fails_is_sent_again_as_the_same_event(gateway, management, recorder):
    made = hook(management, recorder.url, project="Default")
    recorder.answer = lambda _: (500, {}, b"") if len(recorder.requests) < 2 else (204, {}, b"")
    retried, went = metric(gateway, receiver="webhook", result="retried"), metric(gateway, receiver="webhook", result="delivered")
    management.post(f"webhooks/{made['id']}/test")
    pending = attempted(management, made)
    assert pending["status"] == "pending" and pending["answer_status"] == 500 and "500" in pending["error"]
    assert pending["next_attempt_at"] and not pending["finished_at"]
    ended = delivered(management, made, within=15)[0]
    assert (ended["attempts"], ended["answer_status"], ended["error"]) == (2, 204, "")
    first, second = (verified(made["secret"], seen) for seen in recorder.requests)
    assert first == second and first["type"] == "webhook.test" and first["id"] == ended["event"]
    assert metric(gateway, receiver="webhook", result="retried") > retried
    assert metric(gateway, receiver="webhook", result="delivered") > went


def test_redirects_are_not_followed(management, recorder):
    recorder.answer = lambda _: (302, {"Location": recorder.url + "/elsewhere"}, b"")
    made = hook(management, recorder.url + "/here", project="Default")
    management.post(f"webhooks/{made['id']}/test")
    assert attempted(management, made)["answer_status"] == 302
    assert {seen["path"] for seen in recorder.requests} == {"/here"}


def test_an_endless_answer_is_cut(management, recorder):
    recorder.answer = lambda _: (200, {}, b"x" * 5_000_000)
    made = hook(management, recorder.url, project="Default")
    management.post(f"webhooks/{made['id']}/test")
    assert delivered(management, made)[0]["answer_status"] == 200


def test_a_slow_receiver_holds_up_nobody_and_is_timed_out(management, recorder):
    over = threading.Event()
    recorder.answer = lambda seen: (over.wait(30), (200, {}, b""))[1] if seen["path"] == "/slow" else (200, {}, b"")
    try:
        slow, fast = (hook(management, f"{recorder.url}/{name}", project="Default") for name in ("slow", "fast"))
        for _ in range(6):
            management.post(f"webhooks/{slow['id']}/test")
        received(recorder, 4)
        management.post(f"webhooks/{fast['id']}/test")
        delivered(management, fast, within=5)
        assert [seen["path"] for seen in recorder.requests].count("/slow") == 4, "few of one receiver at once"
        oldest = management.get(f"webhooks/{slow['id']}/deliveries")["items"][-1]
        assert oldest["status"] == "pending"
        rig.eventually(lambda: "timed out" in management.get(f"webhooks/{slow['id']}/deliveries")["items"][-1]["error"].lower(), 20)
    finally:
        over.set()
        management.delete(f"webhooks/{slow['id']}")


def test_a_delivery_is_sent_again_when_asked(management, recorder):
    made = hook(management, recorder.url, project="Default")
    first = management.post(f"webhooks/{made['id']}/test").json()
    delivered(management, made)
    again = management.post(f"webhooks/{made['id']}/deliveries/{first['id']}/redeliver").json()
    assert again["id"] != first["id"] and again["event"] == first["event"]
    received(recorder, 2)
    assert len({dict(seen["headers"])["webhook-id"] for seen in recorder.requests}) == 1
    rig.refused(management.call("POST", f"webhooks/{made['id']}/deliveries/dlv_0/redeliver"), 404, "resource.not_found")


def test_secrets_overlap_when_they_are_reset(management, recorder):
    made = hook(management, recorder.url, project="Default")
    old = made["secret"]
    new = management.post(f"webhooks/{made['id']}/reset", {}).json()
    assert new["secret"] != old and new["previous_secret_until"]
    assert management.get(f"webhooks/{made['id']}/secret")["secret"] == new["secret"]
    assert "secret" not in management.get(f"webhooks/{made['id']}")
    management.post(f"webhooks/{made['id']}/test")
    both = received(recorder)[0]
    assert verified(old, both) and verified(new["secret"], both)
    given = "whsec_" + base64.b64encode(b"g" * 24).decode()
    only = management.post(f"webhooks/{made['id']}/reset", {"secret": given, "overlap_seconds": 0}).json()
    assert only["secret"] == given and only["previous_secret_until"] is None
    management.post(f"webhooks/{made['id']}/test")
    last = received(recorder, 2)[1]
    assert verified(given, last) and not verified(new["secret"], last)


def test_a_webhook_changes_and_goes(management, recorder):
    made = management.post("webhooks", {"name": "hook", "url": recorder.url})
    assert made.status == 201 and made.json()["project"] is None and made.header("ETag")
    path = f"webhooks/{made.json()['id']}"
    changed = management.patch(path, {"name": "renamed", "events": ["service.published"], "enabled": False}, made.header("ETag"))
    assert changed.json()["events"] == ["service.published"] and changed.json()["enabled"] is False
    rig.refused(management.call("PATCH", path, {"name": "x"}, If_Match=made.header("ETag")), 412, "precondition.failed")
    rig.refused(management.call("POST", path + "/test"), 409, "state.conflict")
    assert path.removeprefix("webhooks/") in [item["id"] for item in management.get("webhooks?page_size=500")["items"]]
    management.delete(path)
    rig.refused(management.call("GET", path), 404, "resource.not_found")


def test_webhooks_of_all_projects_are_for_system_administrators(world, management, recorder):
    everywhere = hook(management, recorder.url, enabled=False)
    own = hook(world.boss, recorder.url, project=world.project["id"])
    assert [item["id"] for item in world.boss.get("webhooks")["items"]] == [own["id"]]
    rig.refused(world.boss.call("POST", "webhooks", {"name": "x", "url": recorder.url}), 403, "permission.denied")
    for method, path in (("GET", ""), ("GET", "/secret"), ("POST", "/test"), ("GET", "/deliveries")):
        rig.refused(world.boss.call(method, f"webhooks/{everywhere['id']}{path}"), 404, "resource.not_found")


@pytest.mark.parametrize("body,pointer", [
    ({"name": "x", "url": "ftp://example.com"}, "/url"), ({"name": "x", "url": "https://"}, "/url"),
    ({"name": "x", "url": "https://user@example.com"}, "/url"), ({"name": "x", "url": "https://example.com/\u00fc"}, "/url"),
    ({"name": "x", "url": "https://example.com", "events": ["service.exploded"]}, "/events/0"),
    ({"name": " ", "url": "https://example.com"}, "/name"),
    ({"name": "x", "url": "https://example.com", "secret": "whsec_short"}, "/secret")])
def test_what_is_wrong_with_a_webhook_is_told_with_its_place(management, body, pointer):
    assert rig.pointers(rig.refused(management.call("POST", "webhooks", body), 400, "field.invalid")) == {pointer}


# --- what a webhook may reach ---

@pytest.mark.parametrize("host", ["169.254.169.254", "[::ffff:169.254.169.254]", "0.0.0.0", "[::]", "224.0.0.1", "[64:ff9b::a9fe:a9fe]",
                                  "2852039166"])
def test_addresses_nobody_may_reach_are_not_called(management, host):
    made = hook(management, f"http://{host}/latest", project="Default")
    management.post(f"webhooks/{made['id']}/test")
    assert "is not called" in attempted(management, made)["error"]


def test_own_listeners_are_not_called(gateway, management):
    made = hook(management, f"http://{gateway.admin_address}/api/v1/sessions", project="Default")
    management.post(f"webhooks/{made['id']}/test")
    assert "own listeners" in attempted(management, made)["error"]


def test_in_production_private_addresses_need_leave(own_gateway, recorder):
    own_gateway.flags += ["--production"]
    management = own_gateway.start().management()
    made = hook(management, f"http://localhost:{recorder.port}")
    management.post(f"webhooks/{made['id']}/test")
    assert "allow-list" in attempted(management, made)["error"] and not recorder.requests
    own_gateway.flags += ["--outbound-allow", "127.0.0.1"]
    own_gateway.restart()
    delivered(own_gateway.management(), made, within=15)


def test_a_receiver_proves_who_it_is(own_gateway, tmp_path):
    authority = rig.Authority(tmp_path)
    right, wrong = authority.issue("127.0.0.1", "localhost"), rig.Authority(tmp_path, "other").issue("127.0.0.1")
    own_gateway.environment["SSL_CERT_FILE"] = str(authority.file)
    management = own_gateway.start().management()
    for certificate, trusted in ((right, True), (wrong, False)):
        server = rig.Recorder((certificate.file, certificate.key_file))
        made = hook(management, server.url)
        management.post(f"webhooks/{made['id']}/test")
        if trusted:
            assert verified(made["secret"], received(server)[0])
        else:
            assert "certificate" in attempted(management, made)["error"].lower() and not server.requests
        server.close()


# --- nothing is lost, and nothing sent twice ---

def test_what_was_not_delivered_survives_a_crash(own_gateway):
    management = own_gateway.start().management()
    port = rig.free_port()
    made = hook(management, f"http://127.0.0.1:{port}")
    project = management.create_service("Crashing", [{"name": "a", "method": "GET", "path": "/a", "auth": {"kind": "none"},
                                                      "backend": {"kind": "mock", "config": {}}}])
    management.publish(project)
    attempted(management, made)
    own_gateway.kill()
    own_gateway.start()
    management = own_gateway.management()
    recorder = rig.Recorder(port=port)
    event = verified(made["secret"], received(recorder, within=40)[0])
    assert event["type"] == "service.published" and event["data"]["release"] == 1
    delivered(management, made)
    recorder.close()


def test_two_processes_on_one_store_deliver_once(nodes, postgres, recorder):
    url = postgres.new_store()
    management = nodes(url).start().management()
    nodes(url).start()
    made = hook(management, recorder.url)
    for _ in range(40):
        management.post(f"webhooks/{made['id']}/test")
    rig.eventually(lambda: len(management.get(f"webhooks/{made['id']}/deliveries?status=delivered&page_size=500")["items"]) == 40, 20)
    assert len(recorder.requests) == 40
    assert len({dict(seen["headers"])["webhook-id"] for seen in recorder.requests}) == 40


# --- mails ---

@pytest.fixture
def mail_server():
    server = MailServer()
    yield server
    server.close()


@pytest.fixture
def mailing(own_gateway, mail_server):
    """-> (a gateway that sends mails, its market)"""
    own_gateway.flags += ["--smtp-url", mail_server.url, "--smtp-starttls", "none", "--smtp-from", "lintel@example.com",
                          "--admin-url", "https://lintel.example.com"]
    own_gateway.start()
    own_gateway.management().patch("/api/v1/users/admin", {"email": ADMIN_MAIL})
    return own_gateway


def market(lintel):
    management = lintel.management()
    world = rig.Market(lintel, management, Builder(management))
    world.root.patch(f"/api/v1/users/{world.boss.name}", {"email": "boss@example.org"})
    return world


def text_of(message):
    return message.get_content()


def mails_to(server, address, count=1, within=10):
    return rig.eventually(lambda: server.to(address) if len(server.to(address)) >= count else None, within)


def test_mails_go_to_reviewers_to_the_applicant_and_to_who_loses_a_subscription(mailing, mail_server):
    world = market(mailing)
    world.listed()
    ada = world.user()
    world.root.patch(f"/api/v1/users/{ada.name}", {"email": "ada@example.org"})
    made = world.subscribe(ada, reason="für den Laden")
    for address, count in ((ADMIN_MAIL, 2), ("boss@example.org", 1)):  # the launch was the boss's own
        mail = mails_to(mail_server, address, count)[-1]
        assert world.service["name"] in mail["Subject"] and ada.name in text_of(mail) and "für den Laden" in text_of(mail)
        assert f"https://lintel.example.com/api/v1/gateways/default/applications/{made['application']}" in text_of(mail)
    world.boss.post(f"applications/{made['application']}/approve", {"comment": "welcome"})
    mail = mails_to(mail_server, "ada@example.org")[0]
    assert "approved" in mail["Subject"] and "welcome" in text_of(mail) and mail["From"] == "lintel@example.com"
    world.boss.post(f"services/{world.code}/subscriptions/{made['id']}/remove")
    assert "ended" in mails_to(mail_server, "ada@example.org", 2)[1]["Subject"]
    rejected = world.subscribe(ada)
    world.boss.post(f"applications/{rejected['application']}/reject", {"comment": "no\r\nBcc: all@example.org"})
    mail = mails_to(mail_server, "ada@example.org", 3)[2]
    assert "rejected" in mail["Subject"] and mail["Bcc"] is None


def test_who_turned_mails_off_gets_none(mailing, mail_server):
    world = market(mailing)
    world.boss.patch("/api/v1/whoami", {"mail_notifications": False})
    world.listed()
    world.subscribe(world.user())
    mails_to(mail_server, ADMIN_MAIL)
    assert not mail_server.to("boss@example.org")


def test_a_mail_that_is_refused_is_sent_again(mailing, mail_server):
    world = market(mailing)
    mail_server.refusal = "451 later"
    world.listed()
    rig.eventually(lambda: metric(mailing, receiver="mail", result="retried"))
    mail_server.refusal = None
    assert len(mails_to(mail_server, ADMIN_MAIL, within=15)) == 1


def test_no_mail_goes_in_clear_when_starttls_is_wanted(own_gateway, mail_server):
    own_gateway.flags += ["--smtp-url", mail_server.url, "--smtp-from", "lintel@example.com"]
    own_gateway.start()
    own_gateway.management().patch("/api/v1/users/admin", {"email": ADMIN_MAIL})
    world = market(own_gateway)
    world.apply("launch")
    rig.eventually(lambda: metric(own_gateway, receiver="mail", result="retried"))
    assert not mail_server.mails


def test_mails_go_over_starttls_with_a_log_in(own_gateway, tmp_path):
    authority = rig.Authority(tmp_path)
    certificate = authority.issue("localhost", "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key_file)
    tried = []

    def judge(_server, _session, _envelope, _mechanism, given):
        tried.append((given.login, given.password))
        return AuthResult(success=tried[-1] == (b"lintel", b"a password"))

    server = MailServer(tls_context=context, require_starttls=True, authenticator=judge, auth_required=True)
    (tmp_path / "password").write_text("a password\n")
    own_gateway.environment["SSL_CERT_FILE"] = str(authority.file)
    own_gateway.flags += ["--smtp-url", server.url, "--smtp-from", "lintel@example.com", "--smtp-user", "lintel",
                          "--smtp-password-file", str(tmp_path / "password")]
    own_gateway.start()
    own_gateway.management().patch("/api/v1/users/admin", {"email": ADMIN_MAIL})
    market(own_gateway).apply("launch")
    assert "waits for a decision" in mails_to(server, ADMIN_MAIL)[0]["Subject"] and tried
    server.close()


def test_settings_for_mails_that_cannot_be_right_stop_the_start(own_gateway):
    own_gateway.flags += ["--smtp-url", "http://example.com"]
    with pytest.raises(rig.StartFailed) as failed:
        own_gateway.start()
    assert "smtp.url" in str(failed.value) and "smtp.from" in str(failed.value)
