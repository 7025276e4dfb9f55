#!/usr/bin/python3
"""Writes docs/errors.md from src/base/error_codes.def: errors_doc.py [--check] (exit status 1 when the page is stale)."""
import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
TABLE = ROOT / "src/base/error_codes.def"
PAGE = ROOT / "docs/errors.md"
PHASES = ("accept", "parse", "match", "access", "authenticate", "authorize", "limit", "validate", "transform", "backend",
          "transform_response", "send", "log")
STRING = r'"((?:\\.|[^"\\])*)"'
ROW = re.compile(rf"LINTEL_CODE\(\s*(\w+),\s*{STRING},\s*{STRING},\s*(\d+),\s*{STRING},\s*((?:{STRING}\s*)+)\)")


def rows():
    # Comments explain the macro by writing it out.
    text = re.sub(r"^\s*//.*$", "", TABLE.read_text(), flags=re.M)
    found = [{"name": row[2], "phase": row[3], "status": int(row[4]), "title": row[5],
              "fix": "".join(re.findall(STRING, row[6]))} for row in ROW.finditer(text)]
    if len(found) != text.count("LINTEL_CODE("):
        sys.exit(f"errors_doc: only {len(found)} of {text.count('LINTEL_CODE(')} rows of {TABLE} could be read")
    return found


def section(title, intro, part):
    lines = [f"## {title}", "", intro, "", "| code | status | what it means | what to do |", "|---|---|---|---|"]
    for row in part:
        lines.append(f'| <a id="{row["name"]}"></a>`{row["name"]}` | {row["status"]} | {row["title"]} | {row["fix"]} |')
    return lines + [""]


def page():
    lines = [
        "# Error codes", "",
        "Every refusal and failure Lintel can answer with. A body is `application/problem+json` with `type`, `title`, `status`,",
        "`detail`, `code` and `request_id`; `errors` lists every fault with its place. Codes are a contract: none is renamed or",
        "reused. This page is generated from `src/base/error_codes.def` by `tools/errors_doc.py`; do not edit it.", ""]
    found = rows()
    for phase in PHASES:
        part = [row for row in found if row["phase"] == phase]
        if part:
            lines += section(f"Calls to your APIs: {phase}", f"The gateway refuses in the phase `{phase}`.", part)
    lines += section("Management and everything else", "The management API, the command line, and failures inside Lintel.",
                     [row for row in found if not row["phase"]])
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; say whether the page is current")
    wanted = page()
    if parser.parse_args().check:
        if not PAGE.exists() or PAGE.read_text() != wanted:
            print("docs/errors.md does not match src/base/error_codes.def; run tools/errors_doc.py and commit the page")
            return 1
        return 0
    PAGE.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
