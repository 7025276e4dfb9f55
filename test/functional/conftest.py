"""Fixtures of the black-box tests: the real program, a backend that remembers, and builders.

LINTEL_BINARY names the program (default: the release build). LINTEL_TEST_STORE=postgres gives each gateway a database of a
PostgreSQL server; without it the stores are SQLite files. Tests that prove a requirement carry its number in their
name (docs/requirements.md).
"""
import itertools
import os
import pathlib
import re
import shutil
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/support"))
import rig  # noqa: E402

_numbers = itertools.count(1)


STORE = os.environ.get("LINTEL_TEST_STORE", "sqlite")


def pytest_configure(config):
    config.addinivalue_line("markers", "oracle: the long run of the desync oracle")
    config.addinivalue_line("markers", "measured: a promise tried at its full size, for minutes")
    config.addinivalue_line("markers", "sqlite: looks into the file of the store")


def pytest_collection_modifyitems(items):
    if STORE != "sqlite":
        for item in items:
            if item.get_closest_marker("sqlite"):
                item.add_marker(pytest.mark.skip(reason="the store is no file"))


@pytest.fixture(scope="session")
def postgres():
    """A database server for all tests that leave it running."""
    with rig.Postgres() as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def _store(request):
    assert STORE in ("sqlite", "postgres"), STORE
    if STORE == "postgres":
        rig.Lintel.new_store = request.getfixturevalue("postgres").new_store


@pytest.fixture(scope="session")
def binary():
    path = pathlib.Path(os.environ.get("LINTEL_BINARY", ROOT / "build/release/src/app/lintel"))
    assert path.exists(), f"{path} is missing; run: ninja -C build/release lintel"
    return path


@pytest.fixture(scope="session")
def shared_folder():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lintel-test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def gateway(binary, shared_folder):
    """One gateway for all tests that leave each other alone: each makes its own services."""
    lintel = rig.Lintel(binary, shared_folder / "gateway")
    lintel.folder.mkdir()
    yield lintel.start()
    status = lintel.stop()
    assert status in (0, None), f"ended with {status}:\n{lintel.log()[-4000:]}"


@pytest.fixture(scope="session")
def management(gateway):
    return gateway.management()


@pytest.fixture
def own_gateway(binary, tmp_path):
    """A gateway of this test alone, not started yet: to be restarted, killed or started with flags."""
    lintel = rig.Lintel(binary, tmp_path)
    yield lintel
    lintel.kill()


@pytest.fixture
def nodes(binary, tmp_path):
    """Makes gateways with data folders of their own and the master key of the first."""
    made = []

    def node(url, **more):
        folder = tmp_path / f"node-{len(made)}"
        folder.mkdir()
        lintel = rig.Lintel(binary, folder, environment={"LINTEL_STORE": url}, **more)
        if made:
            lintel.environment["LINTEL_MASTER_KEY_FILE"] = str(made[0].data / "master.key")
        made.append(lintel)
        return lintel

    yield node
    for lintel in made:
        lintel.kill()


@pytest.fixture
def recorder():
    backend = rig.Recorder()
    yield backend
    backend.close()


@pytest.fixture
def build(management):
    return Builder(management)


class Builder:
    """Makes what most tests start from; names are unique within the run."""

    def __init__(self, management):
        self.management = management

    @staticmethod
    def unique(prefix="test"):
        return f"{prefix}-{next(_numbers)}-{os.getpid()}"

    @staticmethod
    def api(method="GET", path="/hello", auth="none", backend=None, **more):
        """An API definition; without a backend it is answered by a mock. Path parameters are declared as strings."""
        declared = {parameter["name"] for parameter in more.get("parameters", [])}
        more["parameters"] = more.get("parameters", []) + [
            {"name": name, "location": "path", "type": "string", "required": True}
            for name in re.findall(r"{(\w+)\+?}", path) if name not in declared]
        return {"name": f"{method} {path}", "method": method, "path": path, "auth": {"kind": auth},
                "backend": backend or {"kind": "mock", "config": {"body": "hello"}}, **more}

    @staticmethod
    def http(url, **config):
        return {"kind": "http", "config": {"url": url, **config}}

    def service(self, *apis, **definition):
        name = self.unique()
        return self.management.create_service(name, apis or [self.api()], code=name, **definition)

    def published(self, *apis, environments=("release",), **definition):
        """-> (service, call base of the first environment)"""
        service = self.service(*apis, **definition)
        self.management.publish(service, environments)
        return service, f"/{environments[0]}/{service['code']}"


@pytest.fixture
def world(gateway, management, build):
    """A service of its own, ready for the catalog."""
    return rig.Market(gateway, management, build)
