#!/usr/bin/python3
"""kill -9 while clients write: every write that was acknowledged must be there after the restart.

Each round starts the program on the same data folder, lets eight clients write, kills it at a random moment, checks the
store file with SQLite's own integrity check, starts it again, and compares what the management API shows with what was
acknowledged. A client works on objects of its own and one write at a time, so each object must be in the state of the
last acknowledged write, or in that of the one write whose answer never came.
"""
import argparse
import http.client
import pathlib
import random
import shutil
import sqlite3
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from rig import Lintel  # noqa: E402


class Entry:
    """What one client knows of one service of its own. `pending` is the write whose answer is awaited."""

    def __init__(self, code):
        self.code = code
        self.id = None
        self.description = None
        self.releases = 0
        self.deleted = False
        self.has_draft = True
        self.credentials = set()
        self.pending = None


class Writer(threading.Thread):
    """Writes until the server is gone. Whatever it notes in an Entry after an answer was acknowledged."""

    def __init__(self, management, number, seed):
        super().__init__(daemon=True)
        self.management = management
        self.random = random.Random(f"{seed}-{number}")
        self.prefix = f"w{seed}-{number}"
        self.entries = []
        self.acknowledged = 0
        self.failure = None

    def run(self):
        try:
            while True:
                self.one_service(len(self.entries))
        except (OSError, http.client.HTTPException):
            pass  # the server was killed
        except Exception as error:  # anything else is a finding
            self.failure = error

    def one_service(self, number):
        entry = Entry(f"{self.prefix}-{number}")
        self.entries.append(entry)

        def write(pending, action):
            entry.pending = pending
            result = action()
            entry.pending = None
            self.acknowledged += 1
            return result

        def service(method, path="", *body):
            return getattr(self.management, method)(f"services/{entry.id}{path}", *body)

        api = {"name": "hi", "method": "GET", "path": "/hi", "auth": {"kind": "none"},
               "backend": {"kind": "mock", "config": {"body": "hi"}}}
        made = write("create", lambda: self.management.create_service(entry.code, [api], code=entry.code))
        entry.id = made["id"]
        entry.description = made.get("description", "")
        for step in range(self.random.randrange(1, 6)):
            action = self.random.choice(("describe", "publish", "credential", "describe"))
            if action != "credential" and not entry.has_draft:
                write("copy", lambda: service("post", "/draft", {}))
                entry.has_draft = True
            if action == "describe":
                text = f"{entry.code} step {step}"
                write(("describe", text), lambda: service("patch", "", {"description": text}))
                entry.description = text
            elif action == "publish":
                write("publish", lambda: service("post", "/releases", {"environments": ["release"]}))
                entry.releases += 1
                entry.has_draft = False
            else:
                entry.credentials.add(write("credential", lambda: service(
                    "post", "/credentials", {"name": f"c{step}"}).json()["id"]))
        if not entry.releases and self.random.random() < 0.3:
            write("delete", lambda: service("delete"))
            entry.deleted = True


def check_entry(management, entry):
    """-> what is wrong with this object, or None"""
    if entry.id is None:
        return None  # its creation was never acknowledged
    answer = management.call("GET", f"services/{entry.id}")
    if entry.deleted or entry.pending == "delete":
        if answer.status == 404:
            return None
        if entry.deleted:
            return f"{entry.code} was deleted and is back"
    if answer.status != 200:
        return f"{entry.code} was acknowledged and is gone ({answer.status})"
    found = answer.json()
    allowed = {entry.description}
    if entry.pending and entry.pending[0] == "describe":
        allowed.add(entry.pending[1])
    if found.get("description", "") not in allowed:
        return f"{entry.code} says '{found.get('description')}' and not one of {sorted(allowed)}"
    releases = found.get("latest_release") or 0
    if releases not in (entry.releases, entry.releases + (entry.pending == "publish")):
        return f"{entry.code} has {releases} releases, {entry.releases} were acknowledged"
    # A release without its deployment, or the reverse, would be half a publish.
    running = [deployment["release"] for deployment in found.get("deployments", [])]
    if running != ([releases] if releases else []):
        return f"{entry.code} has release {releases} but runs {running}"
    credentials = {item["id"] for item in management.get(f"services/{entry.id}/credentials?page_size=100")["items"]}
    missing = entry.credentials - credentials
    if missing or len(credentials) > len(entry.credentials) + (entry.pending == "credential"):
        return f"{entry.code}: credentials {sorted(missing)} are gone, or there are too many"
    return None


def check_file(data):
    """SQLite's own opinion, on a copy: looking must not do the recovery the program has to do."""
    with tempfile.TemporaryDirectory(prefix="lintel-crash-copy-") as copy:
        shutil.copytree(data, copy, dirs_exist_ok=True)
        files = [path for path in pathlib.Path(copy).rglob("*") if path.is_file() and
                 path.read_bytes()[:16] == b"SQLite format 3\0"]
        if not files:
            return "there is no store file"
        for path in files:
            connection = sqlite3.connect(path)
            try:
                verdict = [row[0] for row in connection.execute("PRAGMA integrity_check")]
                dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
            finally:
                connection.close()
            if verdict != ["ok"] or dangling:
                return f"{path.name}: {verdict[:3]}, dangling references {dangling[:3]}"
    return None


def run(binary, folder, kills, seed, writers=8, report=print):
    """-> (acknowledged writes, findings, slowest start in seconds)"""
    chance = random.Random(seed)
    gateway = Lintel(binary, folder)
    gateway.start()
    management = gateway.management()
    acknowledged, findings, slowest = 0, [], 0.0
    everything = []
    try:
        for number in range(kills):
            clients = [Writer(management, f"{number}-{index}", seed) for index in range(writers)]
            for client in clients:
                client.start()
            time.sleep(chance.uniform(0.02, 0.6))
            gateway.kill()
            for client in clients:
                client.join(60)
                if client.failure:
                    findings.append(f"round {number}: {client.failure}")
            if "LINTEL_STORE" not in gateway.environment and (wrong := check_file(gateway.data)):
                findings.append(f"round {number}: {wrong}")
            started = time.monotonic()
            gateway.start()
            slowest = max(slowest, time.monotonic() - started)
            if management.call("GET", "/api/v1/whoami").status != 200:
                findings.append(f"round {number}: the acknowledged session is gone")
                management = gateway.management()
            entries = [entry for client in clients for entry in client.entries]
            everything += entries
            findings += [f"round {number}: {wrong}" for entry in entries if (wrong := check_entry(management, entry))]
            acknowledged += sum(client.acknowledged for client in clients)
            if (number + 1) % 20 == 0:
                report(f"{number + 1} kills, {acknowledged} acknowledged writes, {len(findings)} findings")
        # What survived one kill must survive the others, too.
        findings += [f"at the end: {wrong}" for entry in everything if (wrong := check_entry(management, entry))]
    finally:
        gateway.kill()
    return acknowledged, findings, slowest


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default="build/release/src/app/lintel")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lintel-crash-") as folder:
        acknowledged, findings, slowest = run(arguments.binary, folder, arguments.kills, arguments.seed)
    for finding in findings:
        print(finding)
    print(f"{arguments.kills} kills, {acknowledged} acknowledged writes, {len(findings)} findings, "
          f"slowest start {slowest:.2f} s")
    return 1 if findings or acknowledged == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
