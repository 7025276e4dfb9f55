"""The closing line counts what ran, and a crash, a leak at exit or a program that is not there is a failure."""
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def close(folder, files, *options):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"<testsuites><testsuite>{text}</testsuite></testsuites>")
    run = subprocess.run([sys.executable, ROOT / "tools/sum_results.py", folder, *options], capture_output=True, text=True)
    return run.returncode, run.stdout.splitlines()[-1]


def case(name, inner="", status="run"):
    return f'<testcase name="{name}" classname="c" status="{status}">{inner}</testcase>'


BASE = case("a") + case("b")


@pytest.mark.parametrize("files,status,line", [
    ({"functional.xml": BASE}, 0, "2 passed, 0 failed"),
    ({"functional.xml": BASE + case("c", '<failure message="x"/>') + case("d", "<skipped/>")}, 1,
     "2 passed, 1 failed, 1 skipped"),
    ({"unit/ctest.xml": case("base") + case("tidy"), "unit/base_test.xml": BASE}, 0, "3 passed, 0 failed"),
    ({"unit/ctest.xml": case("base", status="fail"), "unit/base_test.xml": BASE + case("c", "<failure/>")}, 1,
     "2 passed, 1 failed"),
    ({"unit/ctest.xml": case("base", status="fail") + case("tidy")}, 1, "1 passed, 1 failed"),
    ({"unit/ctest.xml": case("base", status="fail"), "unit/base_test.xml": BASE}, 1, "2 passed, 1 failed"),
    ({"unit/ctest.xml": case("base", status="notrun") + case("tidy")}, 1, "1 passed, 1 failed"),
    ({}, 1, "0 passed, 1 failed")],
    ids=["all pass", "one fails", "programs count by their tests", "a failed test", "a crash", "a leak at exit",
         "a program that was not built", "nothing ran"])
def test_the_closing_line(tmp_path, files, status, line):
    assert close(tmp_path, files) == (status, line)


def test_a_failed_step_without_results_is_a_failure(tmp_path):
    assert close(tmp_path, {"functional.xml": BASE}, "--failed-steps", "1") == (1, "2 passed, 1 failed")
