"""The command line: what a script may rely on, and what a person reads."""
import json

import pytest

from conftest import ROOT

PETSTORE = ROOT / "examples/petstore.yaml"


@pytest.fixture
def lintel(gateway, management):
    """Runs a command with a valid token."""
    return lambda *arguments, token=management.token, **more: gateway.command(*arguments, token=token, **more)


def test_from_file_to_answer_in_one_command(gateway, lintel, build):
    code = build.unique("cli")
    run = lintel("import", PETSTORE, "--code", code, "--name", code, "--backend", "mock", "--publish", "release",
                 "--publish", "test", "-o", "json")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["service"]["status"] == "running"
    assert gateway.call("GET", f"/test/{code}/opening-hours").json() == {"opens": "09:00", "closes": "18:00"}

    assert lintel("stop", code).returncode == 0
    assert gateway.call("GET", f"/release/{code}/opening-hours").status == 404
    assert json.loads(lintel("get", "service", code, "-o", "json").stdout)["status"] == "stopped"
    assert lintel("publish", code, "--env", "release").returncode in (0, 2, 6, 7)


def test_data_goes_to_stdout_and_talk_to_stderr(lintel):
    run = lintel("get", "services", "-o", "json")
    assert run.returncode == 0
    json.loads(run.stdout)
    table = lintel("get", "services")
    assert "CODE" in table.stdout.splitlines()[0]


@pytest.mark.parametrize("arguments,token,status", [
    (["get", "nothing"], "valid", 2), (["gett", "services"], "valid", 2), (["get", "services", "--colour"], "valid", 2),
    (["import", "/no/such/file.yaml"], "valid", 2), (["get", "services"], None, 4), (["get", "services"], "wrong", 4),
    (["get", "service", "no-such-service"], "valid", 5)])
def test_exit_codes_tell_what_went_wrong(gateway, management, arguments, token, status):
    run = gateway.command(*arguments, token=management.token if token == "valid" else token)
    assert run.returncode == status, run.stderr
    assert run.stdout == ""
    assert 0 < len(run.stderr) < 2000


def test_a_server_that_is_not_there_is_exit_code_3(gateway, management):
    import rig
    run = gateway.command("--server", f"http://127.0.0.1:{rig.free_port()}", "get", "services", token=management.token)
    assert run.returncode == 3, run.stderr


def test_a_mistyped_command_gets_a_suggestion(gateway):
    assert "publish" in gateway.command("publsh").stderr


def test_a_conflict_is_exit_code_6(lintel, build):
    service, _ = build.published()
    assert lintel("delete", service["code"], "--yes").returncode in (6, 2)


def test_help_and_version_need_no_server(gateway):
    help_text = gateway.command("--help")
    assert help_text.returncode == 0
    for word in ("serve", "import", "publish", "stop", "get", "token", "admin", "config", "version"):
        assert word in help_text.stdout
    assert all(len(line) <= 100 for line in help_text.stdout.splitlines())
    version = gateway.command("version", "-o", "json")
    assert version.returncode == 0 and json.loads(version.stdout)["version"]


def test_settings_are_checked_without_a_start(gateway, tmp_path):
    good = tmp_path / "good.yaml"
    good.write_text("listen: 127.0.0.1:8080\nworkers: 2\n")
    assert gateway.command("config", "check", "--config", good).returncode == 0
    bad = tmp_path / "bad.yaml"
    bad.write_text("lisen: 127.0.0.1:8080\nworkers: many\n")
    run = gateway.command("config", "check", "--config", bad)
    assert run.returncode == 2
    assert "lisen" in run.stderr and "listen" in run.stderr and "workers" in run.stderr
