"""Replacing the running program: no call fails, and a program that cannot take over leaves the old one serving."""
import contextlib
import http.client
import os
import shutil
import signal
import socket
import ssl
import threading
import time

import pytest
import rig
from conftest import Builder
from edge_test import call_over

UPGRADES = int(os.environ.get("LINTEL_TEST_UPGRADES", "5"))


class Load:
    """Calls from several threads, on fresh and on lasting connections, until the end of the block; counts what fails."""

    def __init__(self, gateway, target, threads=4):
        self.gateway, self.target = gateway, target
        self.calls, self.failures = 0, []
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number % 2 == 0,)) for number in range(threads)]

    def _run(self, lasting):
        connection = http.client.HTTPConnection(self.gateway.address, timeout=15)
        while not self._done.is_set():
            try:
                answer = rig.exchange("", "GET", self.target, connection=connection)
                if answer.status != 200 or answer.text != "hello":
                    self.failures.append(repr(answer))
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
                connection.close()
            self.calls += 1
            if not lasting:
                connection.close()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def replaceable(own_gateway, binary, tmp_path):
    """A gateway started from a copy of the program, with a published service; -> (gateway, target)"""
    copy = tmp_path / "lintel"
    shutil.copy(binary, copy)
    own_gateway.binary = str(copy)
    own_gateway.flags += ["--connections-per-client", "0"]
    own_gateway.start()
    _, base = Builder(own_gateway.management()).published(Builder.api())
    return own_gateway, base + "/hello"


def put_in_place(gateway, content):
    """As package managers do: a new file under the old name."""
    new = gateway.binary + ".new"
    with open(new, "wb") as file:
        file.write(content)
    os.chmod(new, 0o755)
    os.rename(new, gateway.binary)


def test_upgrades_under_load_fail_no_call(replaceable, binary):
    gateway, target = replaceable
    program = binary.read_bytes()
    pids = {gateway.pid}
    with Load(gateway, target) as load:
        for _ in range(UPGRADES):
            put_in_place(gateway, program)
            before = load.calls
            assert gateway.upgrade() == 0
            pids.add(gateway.pid)
            while load.calls < before + 50:
                time.sleep(0.01)
    assert load.failures == [], (len(load.failures), load.calls, load.failures[:5])
    assert len(pids) == UPGRADES + 1
    # The store came along: the new one publishes, and tokens made before still hold.
    _, base = Builder(gateway.management()).published(Builder.api())
    assert gateway.call("GET", base + "/hello").status == 200
    assert gateway.stop() == 0


def test_a_call_under_way_is_finished_by_the_old_process(own_gateway, recorder):
    release = threading.Event()
    recorder.answer = lambda seen: (release.wait(20), (200, {}, b"late"))[1]
    own_gateway.start()
    _, base = Builder(own_gateway.management()).published(Builder.api(backend=Builder.http(recorder.url)))
    answers = []
    caller = threading.Thread(target=lambda: answers.append(own_gateway.call("GET", base + "/hello")))
    caller.start()
    while not recorder.requests:
        time.sleep(0.01)
    rig.process.become_subreaper()
    old = own_gateway.process
    with socket.create_connection(tuple(own_gateway.address.split(":")), timeout=20) as idle:
        old.send_signal(signal.SIGUSR2)
        while own_gateway.holder() == old.pid or not own_gateway.is_ready():
            time.sleep(0.01)
        assert idle.recv(1) == b"", "the old process lets go of who says nothing"
    assert old.poll() is None and not answers
    release.set()
    caller.join()
    assert (answers[0].status, answers[0].text, answers[0].header("Connection")) == (200, "late", "close")
    assert old.wait(20) == 0
    own_gateway.process = rig.process.Adopted(own_gateway.holder())
    assert own_gateway.call("GET", base + "/hello").status == 200
    assert own_gateway.stop() == 0


def test_unix_and_tls_listeners_are_passed_on(own_gateway, tmp_path):
    path, port = tmp_path / "http.sock", rig.free_port()
    own_gateway.listen = f"{own_gateway.address}, unix:{path}"
    own_gateway.flags += ["--tls-listen", f"127.0.0.1:{port}"]
    own_gateway.start()
    _, base = Builder(own_gateway.management()).published(Builder.api())
    inode = path.stat().st_ino
    assert own_gateway.upgrade() == 0
    assert path.stat().st_ino == inode, "the socket is the same, not another one at its path"
    plain = socket.socket(socket.AF_UNIX)
    plain.connect(str(path))
    assert call_over(plain, base + "/hello").status == 200
    context = ssl.create_default_context(cafile=own_gateway.data / "self-signed.crt")
    plain = socket.create_connection(("127.0.0.1", port), timeout=15)
    assert call_over(context.wrap_socket(plain, server_hostname="localhost"), base + "/hello").status == 200
    assert own_gateway.stop() == 0


def failed_upgrades(gateway):
    return gateway.log().count("the upgrade failed")


def try_upgrade(gateway):
    before = failed_upgrades(gateway)
    os.kill(gateway.pid, signal.SIGUSR2)
    deadline = time.monotonic() + 30
    while failed_upgrades(gateway) == before:
        assert time.monotonic() < deadline and gateway.process.poll() is None, gateway.log()[-2000:]
        time.sleep(0.02)


@pytest.mark.parametrize("program", [b"", b"#!/bin/sh\nexit 3\n", b"#!/bin/sh\nprintf p >&$LINTEL_UPGRADE_FD; exit 3\n"],
                         ids=["no program", "ends at once", "ends after it was given everything"])
def test_a_program_that_fails_leaves_the_old_one_serving(replaceable, binary, program):
    gateway, target = replaceable
    put_in_place(gateway, program)
    with Load(gateway, target) as load:
        try_upgrade(gateway)
    assert load.failures == [] and load.calls > 0
    # Its management side is its own again, and the next program may be a good one.
    deadline = time.monotonic() + 20
    while not gateway.is_ready() and time.monotonic() < deadline:
        time.sleep(0.02)
    _, base = Builder(gateway.management()).published(Builder.api())
    assert gateway.call("GET", base + "/hello").status == 200
    put_in_place(gateway, binary.read_bytes())
    assert gateway.upgrade() == 0
    assert gateway.call("GET", base + "/hello").status == 200
    assert gateway.stop() == 0


def test_settings_that_became_wrong_stop_an_upgrade_before_anything_is_given_away(own_gateway, tmp_path):
    settings = tmp_path / "lintel.yaml"
    settings.write_text("log_level: info\n")
    own_gateway.flags += ["--config", str(settings)]
    own_gateway.start()
    management = own_gateway.management()
    settings.write_text("log_level: loud\n")
    try_upgrade(own_gateway)
    assert management.get("/api/v1/whoami")
    assert "loud" in own_gateway.log()


# --- signals ---------------------------------------------------------------------------------------------------------


def test_sighup_reads_settings_that_may_change_and_tells_of_others(own_gateway, tmp_path):
    settings = tmp_path / "lintel.yaml"
    settings.write_text("trusted_proxies: []\n")
    own_gateway.flags += ["--config", str(settings)]
    own_gateway.start()
    _, base = Builder(own_gateway.management()).published(Builder.api())

    def client():
        answer = own_gateway.call("GET", base + "/hello", {"X-Forwarded-For": "203.0.113.7"})
        return own_gateway.logged(answer)["client"]

    def hang_up(sign):
        before = own_gateway.log().count(sign)
        os.kill(own_gateway.pid, signal.SIGHUP)
        deadline = time.monotonic() + 10
        while own_gateway.log().count(sign) == before:
            assert time.monotonic() < deadline, own_gateway.log()[-2000:]
            time.sleep(0.01)

    assert client() == "127.0.0.1"
    settings.write_text("trusted_proxies: [127.0.0.1]\nbody:\n  max_bytes: 2048\nlog_level: debug\n")
    hang_up("settings reloaded")
    assert client() == "203.0.113.7"
    assert '"setting":"body.max_bytes"' in own_gateway.log()
    settings.write_text("trusted_proxies: [nowhere]\n")
    hang_up("stay in force")
    assert client() == "203.0.113.7"


def test_sigterm_is_not_ready_at_once_and_takes_a_late_request_along(own_gateway):
    """A connection that was idle when the stop began brings one more request: it is answered, as the last one."""
    own_gateway.start()
    _, base = Builder(own_gateway.management()).published(Builder.api())
    connection = http.client.HTTPConnection(own_gateway.address, timeout=15)
    with contextlib.closing(connection):
        assert rig.exchange("", "GET", base + "/hello", connection=connection).status == 200
        os.kill(own_gateway.pid, signal.SIGTERM)
        with contextlib.suppress(OSError):
            while own_gateway.admin_call("GET", "/readyz").status != 503:
                time.sleep(0.01)
        # A worker hears of the stop a moment after the probes: until then it answers as ever.
        said = None
        while said is None:
            answer = rig.exchange("", "GET", base + "/hello", connection=connection)
            assert answer.status == 200
            said = answer.header("Connection")
        assert said == "close"
    assert own_gateway.process.wait(20) == 0


PASS_ON = """import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])"""


def test_sockets_of_systemd_are_used_and_stay_open(own_gateway):
    """The form of LISTEN_FDS: the listener is somebody else's, so a kill refuses nobody."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        host, port = listener.getsockname()
        own_gateway.address = own_gateway.listen = f"{host}:{port}"
        own_gateway.wrapper = ["/usr/bin/python3", "-c", PASS_ON, str(listener.fileno())]
        os.set_inheritable(listener.fileno(), True)
        own_gateway.inherit = [listener.fileno()]
        own_gateway.start()
        _, base = Builder(own_gateway.management()).published(Builder.api())
        assert own_gateway.call("GET", base + "/hello").status == 200
        own_gateway.kill()
        waiting = socket.create_connection((host, port), timeout=15)
        own_gateway.start()
        assert call_over(waiting, base + "/hello").status == 200
