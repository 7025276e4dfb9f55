"""docs/errors.md is what the table of codes says today."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_the_page_is_current():
    run = subprocess.run([sys.executable, ROOT / "tools/errors_doc.py", "--check"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_every_code_of_the_table_has_its_row():
    page = (ROOT / "docs/errors.md").read_text()
    for line in (ROOT / "src/base/error_codes.def").read_text().splitlines():
        if line.startswith("LINTEL_CODE("):
            assert f'`{line.split(chr(34))[1]}`' in page, line
