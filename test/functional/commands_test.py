"""The command line against a running server: what it prints, and its exit codes (docs/cli.md)."""
import json
import os
import re
import subprocess

import pytest
import rig
from conftest import ROOT


@pytest.fixture
def run(gateway, management):
    """Runs a command with a good token; returns the finished process."""
    def command(*arguments, token=management.token, stdin=None):
        return gateway.command(*arguments, token=token, stdin=stdin)
    return command


def local(binary, *arguments, cwd=None, stdin=None, **environment):
    """A command that needs no server."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LINTEL_")}
    return subprocess.run([binary, *map(str, arguments)], env={**clean, **environment}, capture_output=True, text=True,
                          cwd=cwd, input=stdin, timeout=60)


def test_the_deployment_commands_move_a_service(gateway, run, build):
    service = build.service()
    code = service["code"]
    assert run("publish", code, "--env", "test", "--env", "release", "--note", "first").returncode == 0
    assert gateway.call("GET", f"/test/{code}/hello").status == 200
    assert run("publish", code, "--env", "prepub", "--release", "1").returncode == 0
    assert run("stop", code, "--env", "test").returncode == 0
    assert gateway.call("GET", f"/test/{code}/hello").status == 404
    assert run("start", code, "--env", "test").returncode == 0
    assert gateway.call("GET", f"/test/{code}/hello").status == 200
    assert run("api", "copyRelease", "--param", f"service={code}", "--body", "-", stdin="{}").returncode == 0
    assert run("publish", code, "--env", "test").returncode == 0
    assert run("rollback", code, "--env", "test", "--to", "1", "-o", "json").stdout.count('"release": 1') == 1
    refused = run("delete", code, "--yes")
    assert refused.returncode == 6 and "state.conflict" in refused.stderr
    assert run("stop", code).returncode == 0
    assert run("delete", code).returncode == 2
    assert run("delete", code, "--yes").returncode == 0
    assert run("get", "service", code).returncode == 5


def test_a_pair_gets_a_new_secret_beside_the_old_one(gateway, management, run, build):
    service, base = build.published(build.api(auth="basic"))
    made = management.create_credential(service)
    reset = ("credential", "reset", service["code"], made["id"], "--type", "basic")
    done = run(*reset, "--overlap", "8h", "-o", "json")
    assert done.returncode == 0 and "opens until 20" in done.stderr
    new = json.loads(done.stdout)["key_pairs"]["basic"]
    for pair in (made["key_pairs"]["basic"], new):
        assert gateway.call("GET", base + "/hello", rig.basic(pair)).status == 200
    assert "has ended" in run(*reset).stderr
    assert gateway.call("GET", base + "/hello", rig.basic(new)).status == 401
    assert run(*reset, "--overlap", "soon").returncode == 2
    assert run(*reset, "--overlap", "31d").returncode == 7


def test_lists_are_tables_for_people_and_json_for_programs(run, build):
    service = build.service()
    table = run("get", "services")
    assert table.stdout.split("\n")[0].split()[:3] == ["CODE", "NAME", "STATUS"]
    assert service["code"] in table.stdout and table.stderr == ""
    items = json.loads(run("get", "services", "-o", "json").stdout)["items"]
    assert service["id"] in [item["id"] for item in items]
    shown = run("get", "service", service["code"], "-o", "yaml").stdout
    assert re.search(rf"^code: {service['code']}$", shown, re.M)
    apis = run("get", "apis", "--service", service["code"]).stdout
    assert "/hello" in apis and "mock" in apis
    for what in ("releases", "deployments", "credentials", "records"):
        assert run("get", what, "--service", service["code"]).returncode == 0, what
    for what in ("environments", "groups", "users", "tokens", "audit-events"):
        assert run("get", what).returncode == 0, what


def test_any_operation_can_be_called_by_its_id(run, build):
    service = build.service()
    shown = run("api", "showService", "--param", f"service={service['code']}")
    assert json.loads(shown.stdout)["id"] == service["id"]
    patched = run("api", "editService", "--param", f"service={service['code']}", "--body", "-", stdin='{"description": "by hand"}')
    assert json.loads(patched.stdout)["description"] == "by hand", patched.stderr
    assert "publishService" in run("api").stdout
    assert "did you mean 'showService'?" in run("api", "showServic").stderr


@pytest.mark.parametrize("arguments, code, said", [
    (["get", "service", "no-such-service"], 5, "resource.not_found"),
    (["publish", "no-such-service", "--env", "release"], 5, "no-such-service"),
    (["import", "/no/such/file"], 2, "/no/such/file"),
    (["get", "servces"], 2, "did you mean 'services'?"),
    (["get", "apis"], 2, "--service"),
    (["pubish", "x"], 2, "did you mean 'publish'?"),
    (["stop", "x", "--enw", "test"], 2, "did you mean '--env'?"),
    (["publish", "x"], 2, "--env"),
    ([], 2, "--help"),
    (["get", "services", "-o", "xml"], 2, "xml"),
])
def test_failures_have_their_exit_code_and_say_why(run, arguments, code, said):
    failed = run(*arguments)
    assert failed.returncode == code, failed
    assert said in failed.stderr, failed.stderr
    assert failed.stdout == ""


def test_access_and_reachability_have_exit_codes_of_their_own(run, binary):
    assert run("get", "services", token=None).returncode == 4
    assert run("get", "services", token="lt_wrong").returncode == 4
    unreachable = local(binary, "get", "services", "--server", "http://127.0.0.1:1")
    assert unreachable.returncode == 3 and "lintel serve" in unreachable.stderr


def test_verbose_tells_calls_but_not_the_token(run, management):
    told = run("get", "environments", "-v")
    assert "GET http://127.0.0.1" in told.stderr and management.token not in told.stderr


def test_help_tells_every_command(binary):
    text = local(binary, "--help")
    assert text.returncode == 0
    for command in ("serve", "admin", "token", "config", "import", "publish", "stop", "start", "rollback", "credential", "get", "api", "version"):
        assert re.search(rf"^  {command} ", text.stdout, re.M), command
    assert "--env" in local(binary, "publish", "--help").stdout
    assert re.fullmatch(r"lintel \d+\.\d+\.\d+\n", local(binary, "version").stdout)
    assert json.loads(local(binary, "version", "-o", "json").stdout)["version"]


def test_config_check_names_every_fault(binary, tmp_path):
    (tmp_path / "lintel.yaml").write_text("admin: {lisen: 127.0.0.1:1}\n")
    wrong = local(binary, "config", "check", cwd=tmp_path)
    assert wrong.returncode == 2 and "did you mean 'admin.listen'?" in wrong.stderr
    (tmp_path / "lintel.yaml").write_text("workers: many\nlog_level: loud\n")
    wrong = local(binary, "config", "check", cwd=tmp_path)
    assert wrong.returncode == 2 and "workers" in wrong.stderr and "log_level" in wrong.stderr
    (tmp_path / "lintel.yaml").write_text("workers: 3\n")
    assert local(binary, "config", "check", cwd=tmp_path).returncode == 0
    shown = {item["name"]: item for item in json.loads(
        local(binary, "config", "show", "-o", "json", cwd=tmp_path, LINTEL_LOG_LEVEL="warn").stdout)["items"]}
    assert (shown["workers"]["value"], shown["workers"]["origin"]) == ("3", "file")
    assert (shown["log_level"]["value"], shown["log_level"]["origin"]) == ("warn", "environment")
    assert shown["listen"]["origin"] == "default"


def test_the_settings_page_is_what_the_program_says(binary):
    page = (ROOT / "docs/settings.md").read_text()
    for setting in json.loads(local(binary, "config", "show", "--defaults", "-o", "json").stdout)["items"]:
        section = page.split(f"\n## {setting['name']}\n")[1].split("\n## ")[0]
        assert setting["doc"] in section and setting["flag"] in section and setting["environment"] in section


def test_administrators_and_tokens_are_made_on_an_empty_store(binary, tmp_path):
    data = tmp_path / "data"
    none = local(binary, "token", "create", "--data", data)
    assert none.returncode == 2 and "lintel admin create" in none.stderr
    (tmp_path / "pw").write_text("a-long-enough-password\n")
    made = local(binary, "admin", "create", "ada", "--data", data, "--password-file", tmp_path / "pw")
    assert made.returncode == 0, made.stderr
    assert local(binary, "admin", "create", "ada", "--data", data, "--password-file", tmp_path / "pw").returncode == 6
    token = local(binary, "token", "create", "--data", data)
    assert re.fullmatch(r"lt_\S+\n", token.stdout), token
    assert (data / "master.key").stat().st_mode & 0o777 == 0o400


def test_a_data_folder_has_one_server(own_gateway, binary, tmp_path):
    own_gateway.start()
    second = rig.Lintel(binary, tmp_path)
    with pytest.raises(rig.StartFailed) as failure:
        second.start()
    assert f"process {own_gateway.pid}" in str(failure.value) and "--data" in str(failure.value)
    own_gateway.kill()
    own_gateway.start()


def test_the_commands_reach_every_gateway(gateway, run, management, build):
    code = build.unique("gw").replace("-", "")[:16]
    management.post("/api/v1/gateways", {"code": code, "name": "Second"})
    there = ["--gateway", code]
    made = run("import", "-", "--code", "pets", "--backend", "mock", "--publish", "release", *there, stdin=(
        ROOT / "examples/petstore.yaml").read_text())
    assert made.returncode == 0, made.stderr
    assert "pets" in run("get", "services", *there).stdout
    assert run("get", "service", "pets").returncode == 5
    pair = json.loads(run("credential", "create", "pets", *there, "-o", "json").stdout)["key_pairs"]["basic"]
    address = f"/release.{code}/pets/pets"
    assert gateway.call("GET", address, rig.basic(pair)).status == 200
    assert run("api", "showService", "--param", "service=pets", *there).returncode == 0
    assert run("api", "showService", "--param", "service=pets").returncode == 5
    assert run("api", "showService", "--param", "service=pets", "--param", f"gateway={code}").returncode == 0
    assert run("stop", "pets", *there).returncode == 0
    assert gateway.call("GET", address, rig.basic(pair)).status == 404
    assert run("project", "create", "Only there", *there).returncode == 0
    assert "Only there" not in run("get", "projects").stdout
    assert run("delete", "pets", "--yes", *there).returncode == 0
    assert code in run("get", "gateways").stdout
    assert run("get", "services", "--gateway", "nowhere").returncode == 5
