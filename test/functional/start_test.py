"""Starting: what is right from the first second, and a clear word when it cannot start."""
import os
import re
import shutil
import socket
import sqlite3
import stat
import subprocess

import pytest
import rig


def fails_to_start(lintel):
    """-> its last words; they must be few and must not be a trace"""
    with pytest.raises(rig.StartFailed):
        lintel.start(ready_within=30)
    assert lintel.process.returncode not in (0, None) and lintel.process.returncode > 0, "it ended by a signal"
    words = lintel.log()
    assert len(words) < 2000
    return words


def test_a_port_in_use_is_named(own_gateway):
    with socket.create_server(tuple([own_gateway.address.split(":")[0], int(own_gateway.address.split(":")[1])])):
        assert own_gateway.address in fails_to_start(own_gateway)


def test_the_port_of_the_management_api_in_use_is_named(own_gateway):
    with socket.create_server(tuple([own_gateway.admin_address.split(":")[0], int(own_gateway.admin_address.split(":")[1])])):
        assert own_gateway.admin_address in fails_to_start(own_gateway)


def test_a_data_folder_that_cannot_be_made_is_named(own_gateway):
    # A file where the folder should be: this stops root, too.
    own_gateway.data.write_text("in the way")
    words = fails_to_start(own_gateway)
    assert str(own_gateway.data) in words and "--data" in words


def test_a_lost_master_key_stops_the_start(own_gateway):
    own_gateway.start()
    own_gateway.stop()
    (own_gateway.data / "master.key").rename(own_gateway.folder / "away")
    words = fails_to_start(own_gateway)
    assert "master.key" in words
    # Nothing was made in its place; with the right key all is well again.
    assert not (own_gateway.data / "master.key").exists()
    (own_gateway.folder / "away").rename(own_gateway.data / "master.key")
    own_gateway.start()


def test_a_wrong_master_key_stops_the_start(own_gateway, binary, tmp_path):
    other = rig.Lintel(binary, tmp_path / "other")
    other.folder.mkdir()
    other.start()
    other.stop()
    own_gateway.start()
    own_gateway.stop()
    shutil.copy(other.data / "master.key", own_gateway.data / "master.key")
    assert "key" in fails_to_start(own_gateway)


def test_a_readable_master_key_stops_the_start(own_gateway):
    own_gateway.start()
    key = own_gateway.data / "master.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o400
    own_gateway.stop()
    key.chmod(0o644)
    assert "master.key" in fails_to_start(own_gateway)


@pytest.mark.sqlite
def test_a_store_of_a_newer_program_stops_the_start(own_gateway):
    own_gateway.start()
    own_gateway.stop()
    store = next(path for path in own_gateway.data.rglob("*") if path.is_file() and
                 path.read_bytes()[:15] == b"SQLite format 3")
    connection = sqlite3.connect(store)
    table = next(name for name, in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
                 if "migration" in name)
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    number = connection.execute(f"SELECT MAX({columns[0]}) FROM {table}").fetchone()[0]
    row = list(connection.execute(f"SELECT * FROM {table} ORDER BY {columns[0]} DESC LIMIT 1").fetchone())
    row[0] = number + 1000
    connection.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(row))})", row)
    connection.commit()
    connection.close()
    assert "newer" in fails_to_start(own_gateway)


@pytest.mark.parametrize("flag,value,word", [("--workers", "many", "workers"), ("--listen", "nowhere", "listen"),
                                             ("--log-level", "loud", "loud"), ("--worker", "1", "--workers")])
def test_a_wrong_setting_is_named_with_what_would_be_right(own_gateway, flag, value, word):
    own_gateway.flags += [flag, value]
    assert word in fails_to_start(own_gateway)


def test_before_it_is_ready_a_call_gets_503_and_never_404(own_gateway, build):
    """From the first accepted connection on, a published address answers 200 or 503."""
    own_gateway.start()
    management = own_gateway.management()
    for number in range(50):
        code = f"early-{number}"
        management.publish(management.create_service(code, [build.api(path=f"/p{i}") for i in range(20)], code=code))
    own_gateway.kill()
    seen = set()
    import threading
    done = threading.Event()

    def knock():
        while not done.is_set():
            try:
                seen.add(own_gateway.call("GET", "/release/early-49/p19", timeout=2).status)
            except OSError:
                pass
    thread = threading.Thread(target=knock)
    thread.start()
    own_gateway.start()
    done.set()
    thread.join()
    assert seen <= {200, 503}
    assert own_gateway.call("GET", "/release/early-49/p19").status == 200


def test_the_first_administrator_comes_from_a_code_that_works_once(own_gateway):
    own_gateway.environment = {}
    own_gateway.start()
    code = re.search(r"set-up code: (\S+)", own_gateway.log())[1]
    management = rig.Management(own_gateway.admin_address)
    body = {"code": code, "name": "ann", "password": "a long enough password"}
    wrong = management.call("POST", "/api/v1/setup", {**body, "code": "x" * len(code)})
    assert (wrong.status, wrong.json()["code"]) == (403, "setup.code_invalid")
    made = management.call("POST", "/api/v1/setup", body)
    assert made.status == 201
    assert rig.Management(own_gateway.admin_address, made.json()["token"]).get("/api/v1/whoami")
    again = management.call("POST", "/api/v1/setup", {**body, "name": "eve"})
    assert (again.status, again.json()["code"]) == (409, "setup.done")
    assert management.log_in("ann", "a long enough password").get("/api/v1/whoami")


def test_no_account_exists_that_nobody_made(own_gateway):
    own_gateway.environment = {}
    own_gateway.start()
    management = rig.Management(own_gateway.admin_address)
    for name in ("admin", "root", "lintel"):
        for password in ("", "admin", "password", "lintel"):
            assert management.call("POST", "/api/v1/sessions", {"name": name, "password": password}).status in (400, 401, 429)


def test_sigterm_lets_a_running_call_finish(own_gateway, build, recorder):
    import threading
    import time
    started = threading.Event()

    def slow(_):
        started.set()
        time.sleep(1)
        return 200, {}, b"late"

    recorder.answer = slow
    own_gateway.start()
    management = own_gateway.management()
    management.publish(management.create_service("slow", [build.api(backend=build.http(recorder.url))], code="slow"))
    answers = []
    thread = threading.Thread(target=lambda: answers.append(own_gateway.call("GET", "/release/slow/hello")))
    thread.start()
    assert started.wait(10)
    assert own_gateway.stop() == 0
    thread.join(10)
    assert (answers[0].status, answers[0].text) == (200, "late")


def test_an_idle_gateway_stays_below_40_mb(own_gateway):
    own_gateway.start()
    assert own_gateway.resident_kib() < 40 * 1024


def test_the_program_needs_no_files_beside_it(binary, tmp_path):
    copy = tmp_path / "lintel"
    shutil.copy(binary, copy)
    lintel = rig.Lintel(copy, tmp_path)
    try:
        lintel.start()
        assert lintel.admin_call("GET", "/api/v1/openapi.json").status == 200
    finally:
        lintel.stop()


def test_the_program_is_hardened(binary):
    """Position-independent, bindings resolved at start and then read-only, no executable stack."""
    headers = subprocess.run(["readelf", "-W", "-h", "-l", "-d", binary], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Type:\s+DYN", headers)
    assert "BIND_NOW" in headers or re.search(r"FLAGS.*NOW", headers)
    assert "GNU_RELRO" in headers
    assert re.search(r"GNU_STACK\s+\S+ \S+ \S+ \S+ \S+ RW\s", headers)
    assert os.access(binary, os.X_OK)
