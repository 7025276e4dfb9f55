"""The real program as a child process with a data folder and ports of its own."""
import contextlib
import ctypes
import itertools
import json
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import time

from .answer import exchange
from .management import Management

ADMIN = ("admin", "correct-horse-battery-staple")


class StartFailed(AssertionError):
    """The program ended, or was not ready in time; the message carries its log."""


def free_port():
    """Below those that outgoing connections get, so that none of them takes it before it is listened on."""
    while True:
        port = 10_000 + secrets.randbelow(22_768)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def become_subreaper():
    """Processes whose parent ended become children of this one, so that their exit status can be read."""
    ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def processor_ns(sources):
    """What processes have worked so far; each source is a function that gives their ids."""
    total = 0
    for pid in itertools.chain.from_iterable(source() for source in sources):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # threads come and go
            for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
                total += int((thread / "schedstat").read_text().split()[0])
    return total


class Adopted:
    """A process that something started for us: the part of subprocess.Popen that Lintel uses."""

    def __init__(self, pid):
        self.pid = pid
        self.returncode = None

    def poll(self):
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout=None):
        deadline = time.monotonic() + (timeout or 3600)
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(0.01)
        return self.returncode

    def send_signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        if self.poll() is None:
            self.send_signal(signal.SIGKILL)


class Lintel:
    """One running gateway. Ports, data and logs survive restart() and kill(); everything lies below `folder`."""

    new_store = None  # a function that gives each gateway the URL of a store of its own; None: SQLite below its folder

    def __init__(self, binary, folder, *, workers=2, flags=(), environment=None, wrapper=()):
        self.binary = str(binary)
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.address = f"127.0.0.1:{free_port()}"
        self.listen = self.address  # the setting; may name more places than the one tests call
        self.admin_address = f"127.0.0.1:{free_port()}"
        self.access_log_path = self.folder / "access.log"
        self.log_path = self.folder / "lintel.log"
        self.flags = ["--workers", str(workers), *flags]
        self.environment = {"LINTEL_ADMIN_USER": ADMIN[0], "LINTEL_ADMIN_PASSWORD": ADMIN[1], **(environment or {})}
        if Lintel.new_store:
            self.environment.setdefault("LINTEL_STORE", Lintel.new_store())
        self.wrapper = list(wrapper)
        self.inherit = []  # descriptors the program gets
        self.process = None

    # --- life ---

    def start(self, ready_within=20):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("LINTEL_")}
        command = [*self.wrapper, self.binary, "serve", "--data", str(self.data), "--listen", self.listen,
                   "--admin-listen", self.admin_address, "--access-log", str(self.access_log_path), *self.flags]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, env={**clean, **self.environment}, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, pass_fds=self.inherit)
        deadline = time.monotonic() + ready_within
        while not self.is_ready():
            if self.process.poll() is not None:
                raise StartFailed(f"ended with {self.process.returncode}:\n{self.log()}")
            if time.monotonic() > deadline:
                self.kill()
                raise StartFailed(f"not ready within {ready_within} s:\n{self.log()}")
            time.sleep(0.01)
        return self

    def is_ready(self):
        try:
            return exchange(self.admin_address, "GET", "/readyz", timeout=2).status == 200
        except OSError:
            return False

    def stop(self, within=20):
        """Asks it to end; returns its exit status."""
        if self.process is None or self.process.poll() is not None:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"did not end within {within} s after SIGTERM:\n{self.log()}") from None

    def kill(self):
        """kill -9: no farewell, no flush."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def restart(self):
        self.stop()
        return self.start()

    def upgrade(self, within=60):
        """Has the program replaced by the one in its place; returns the exit status of the old process."""
        become_subreaper()
        old = self.process
        old.send_signal(signal.SIGUSR2)
        status = old.wait(within)
        self.process = Adopted(self.holder())
        return status

    def holder(self):
        """The process that has the data directory."""
        while not (text := (self.data / "serve.lock").read_text()):
            time.sleep(0.01)  # it is being written
        return int(text)

    @property
    def pid(self):
        return self.process.pid

    def processes(self):
        """The ids of all that belongs to it."""
        return [self.pid]

    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    # --- its two sides ---

    def management(self):
        return Management(self.admin_address).log_in(*ADMIN)

    def as_user(self, name, password):
        return Management(self.admin_address).log_in(name, password)

    def call(self, method, target, headers=None, body=None, **more):
        """One request to the data plane."""
        return exchange(self.address, method, target, headers, body, **more)

    def admin_call(self, method, target, headers=None, body=None):
        return exchange(self.admin_address, method, target, headers, body)

    def command(self, *arguments, token=None, stdin=None):
        """Runs the command-line client against this server."""
        environment = {**os.environ, "LINTEL_SERVER": f"http://{self.admin_address}", "NO_COLOR": "1"}
        environment.pop("LINTEL_TOKEN", None)
        if token:
            environment["LINTEL_TOKEN"] = token
        return subprocess.run([self.binary, *map(str, arguments)], env=environment, capture_output=True, text=True,
                              input=stdin, timeout=60)

    # --- what it wrote ---

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def logged(self, answer, within=5):
        """The entry of the access log that belongs to an answer."""
        wanted = answer.header("X-Request-Id")
        deadline = time.monotonic() + within
        while True:
            for entry in self.access_log():
                if entry["request_id"] == wanted:
                    return entry
            if time.monotonic() > deadline:
                raise AssertionError(f"no access-log line of {wanted} within {within} s")
            time.sleep(0.02)

    def empty_access_log(self):
        """The program writes at its end, wherever that is."""
        if isinstance(self.access_log_path, pathlib.Path) and self.access_log_path.exists():
            os.truncate(self.access_log_path, 0)

    def access_log(self, at_least=0, within=5):
        """Entries so far; the log is written behind the request, so wait for as many as the test knows of."""
        deadline = time.monotonic() + within
        while True:
            text = self.access_log_path.read_text() if self.access_log_path.exists() else ""
            entries = [json.loads(line) for line in text.split("\n")[:-1]]
            if len(entries) >= at_least:
                return entries
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(entries)} of {at_least} access-log lines within {within} s")
            time.sleep(0.02)
