"""docs/requirements.md names the tests there are today, and a run's results go beside them."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools/requirements.py"


def run(*arguments):
    return subprocess.run([sys.executable, TOOL, *arguments], capture_output=True, text=True)


def test_the_page_is_current():
    checked = run("--check")
    assert checked.returncode == 0, checked.stdout


def test_results_stand_beside_their_rows(tmp_path):
    name = "test_r11_the_limit_of_imported_files_is_102400_bytes"
    case = f'<testcase classname="test.functional.description_file_test" name="{name}[%s]">%s</testcase>'
    for step, second in (("functional", ""), ("functional-postgres", "<failure/>")):
        (tmp_path / f"{step}.xml").write_text(f"<testsuite>{case % ('a', '')}{case % ('b', second)}</testsuite>")
    row = next(line for line in run("--results", tmp_path).stdout.splitlines() if line.startswith("| R11 |"))
    assert row.endswith("| 1 passed | FAILED |"), row
