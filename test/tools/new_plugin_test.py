"""What tools/new_plugin.py writes keeps the house rules and is registered."""
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
REGISTRY = """\
gateway::{kind}Kind first();

void register_all(gateway::Kinds& kinds) {{
    kinds.{member}.push_back(first());
}}
"""


def run(tool, *arguments):
    return subprocess.run([sys.executable, ROOT / "tools" / tool, *arguments], capture_output=True, text=True)


@pytest.mark.parametrize("family,folder,kind,member", [("policy", "policies", "Policy", "policies"),
                                                       ("auth", "auth", "Auth", "auths"),
                                                       ("backend", "backends", "Backend", "backends")])
def test_a_new_plugin_keeps_the_rules(tmp_path, family, folder, kind, member):
    registry = tmp_path / f"src/{folder}/{folder}.cc"
    registry.parent.mkdir(parents=True)
    registry.write_text(REGISTRY.format(kind=kind, member=member))
    made = run("new_plugin.py", family, "api_key", "--root", tmp_path)
    assert made.returncode == 0, made.stderr
    assert registry.read_text() == REGISTRY.format(kind=kind, member=member).replace(
        "first();\n", f"first();\ngateway::{kind}Kind api_key();\n").replace(
        "(first());\n", f"(first());\n    kinds.{member}.push_back(api_key());\n")
    checked = run("tidy.py", "--root", tmp_path)
    assert checked.returncode == 0, checked.stdout
    code = [str(path) for path in (tmp_path / f"src/{folder}/api_key").glob("*.cc")]
    formatted = subprocess.run(["clang-format-19", f"--style=file:{ROOT}/.clang-format", "--dry-run", "--Werror", *code],
                               capture_output=True, text=True)
    assert formatted.returncode == 0, formatted.stderr
    assert run("new_plugin.py", family, "api_key", "--root", tmp_path).returncode != 0, "it must not overwrite"


def test_a_bad_name_is_refused(tmp_path):
    assert "snake_case" in run("new_plugin.py", "auth", "ApiKey", "--root", tmp_path).stderr
