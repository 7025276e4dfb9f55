"""A PostgreSQL server of Debian's with a folder of its own, on loopback, to be stopped and started again."""
import itertools
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time

from .process import free_port

USER, PASSWORD = "lintel", "a password with @ and /"
_ENCODED = "a%20password%20with%20%40%20and%20%2F"


def _programs():
    """Where initdb and postgres are; the newest version."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    assert found, "PostgreSQL is missing (package postgresql)"
    return found[-1].parent


class Postgres:
    """Runs until closed. It refuses to be root, so root starts it as the user of the package."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lintel-postgres-"))
        self.port = free_port()
        self._programs = _programs()
        self._numbers = itertools.count(1)
        self._identity = {}
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self._identity = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        self._process = None
        try:
            self._make()
            self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _make(self):
        password = self.folder / "password"
        password.write_text(PASSWORD + "\n")
        password.chmod(0o644)
        subprocess.run([self._programs / "initdb", "--pgdata", self.folder / "data", "--username", USER, "--auth", "scram-sha-256",
                        "--pwfile", password, "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"],
                       check=True, capture_output=True, cwd="/", **self._identity)

    # --- life ---

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self.folder / "data", "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
                 "-c", "unix_socket_directories=", "-c", "max_connections=200",
                 "-c", "fsync=off"],  # processes are killed here, machines are not
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **self._identity)
        deadline = time.monotonic() + 30
        while not self.answers():
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < deadline, f"not ready within 30 s:\n{self.log()}"
            time.sleep(0.02)
        return self

    @property
    def pid(self):
        return self._process.pid

    def processes(self):
        """The ids of those that answer queries, and of the others."""
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [self.pid, *map(int, children.split())]

    def answers(self):
        return subprocess.run([self._programs / "pg_isready", "-h", "127.0.0.1", "-p", str(self.port)],
                              capture_output=True).returncode == 0

    def stop(self, how=signal.SIGINT):
        """SIGINT ends all connections, SIGQUIT is a crash."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    def speak_tls(self, certificate):
        """From now on it shows this certificate, and admits nobody who does not speak TLS."""
        data = self.folder / "data"
        for name, text in (("server.crt", certificate.pem), ("server.key", certificate.key)):
            (data / name).write_text(text)
            (data / name).chmod(0o600)
            if self._identity:
                os.chown(data / name, self._identity["user"], self._identity["group"])
        rules = (data / "pg_hba.conf").read_text()
        (data / "pg_hba.conf").write_text(re.sub("^host ", "hostssl ", rules, flags=re.MULTILINE))
        self.sql("ALTER SYSTEM SET ssl = on")
        self.stop()
        return self.start()

    # --- databases ---

    def url(self, database="postgres", password=_ENCODED, port=None):
        return f"postgres://{USER}:{password}@127.0.0.1:{port or self.port}/{database}"

    def sql(self, text, database="postgres"):
        """Runs statements, each for itself; -> what psql prints, without decoration"""
        return subprocess.run(["psql", "--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", "-d", self.url(database)], input=text,
                              text=True, check=True, capture_output=True).stdout.strip()

    def new_database(self):
        """-> its name"""
        name = f"lintel_{next(self._numbers)}"
        # Texts sort as in English here and not by bytes, which must make no difference.
        self.sql(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
        return name

    def new_store(self):
        """-> the URL of a database nobody has used"""
        return self.url(self.new_database())
