#!/usr/bin/python3
"""Keeps docs/requirements.md, which shows the black-box tests of each row: requirements.py [--check | --results FOLDER].

--check: exit status 1 when the page is stale. --results: prints the table with what the tests of a run said on each engine.
"""
import argparse
import ast
import itertools
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/requirements.md"
TESTS = ROOT / "test/functional"
ROW = re.compile(r"^\| (R\d+) \| ((?:\\\||[^|])+) \|(?: [^|]* \|)?$")
HEAD = re.compile(r"^\| row \|.*$\n\|[-|]+\|$", re.M)
ENGINES = {"SQLite": ("functional", "oracle"), "PostgreSQL": ("functional-postgres",)}


def rows_of(name):
    """test_r24_r60_what_holds -> R24, R60"""
    parts = name.split("_")[1:]
    return [part.upper() for part in itertools.takewhile(re.compile(r"[rR]\d+$").match, parts)]


def tests_by_row():
    """-> {row: ["file::test"]}"""
    found = {}
    for path in sorted(TESTS.glob("*_test.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for row in rows_of(node.name):
                    found.setdefault(row, []).append((path.stem, node.name))
    return found


def table(head, cell):
    """The page with the columns after the second made anew; `cell(row)` gives them."""
    lines = []
    for line in HEAD.sub(f"| row | requirement → check | {head} |\n|---|---|{'---|' * (head.count('|') + 1)}",
                         PAGE.read_text()).splitlines():
        row = ROW.match(line)
        lines.append(f"| {row[1]} | {row[2]} | {cell(row[1])} |" if row else line)
    return "\n".join(lines) + "\n"


def page():
    tests = tests_by_row()
    return table("tests", lambda row: "<br>".join(f"`{name}`" for _, name in tests.get(row, [])) or "–")


def outcomes(folder, steps):
    """-> {(file, test): "passed" or "FAILED"}; a test with parameters is as good as the worst of them."""
    found = {}
    for path in (folder / f"{step}.xml" for step in steps):
        for case in xml.parse(path).getroot().iter("testcase") if path.exists() else ():
            test = (case.get("classname").split(".")[-1], case.get("name").split("[")[0])
            if case.find("skipped") is not None:
                continue
            bad = case.find("failure") is not None or case.find("error") is not None
            found[test] = "FAILED" if bad or found.get(test) == "FAILED" else "passed"
    return found


def results(folder):
    tests = tests_by_row()
    said = {engine: outcomes(folder, steps) for engine, steps in ENGINES.items()}

    def cell(row):
        def of(engine):
            all_said = [said[engine][test] for test in tests.get(row, []) if test in said[engine]]
            return "–" if not all_said else "FAILED" if "FAILED" in all_said else f"{len(all_said)} passed"
        return " | ".join(map(of, said))
    return table(" | ".join(said), cell)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; say whether the page is current")
    parser.add_argument("--results", type=pathlib.Path, metavar="FOLDER", help="of JUnit files of ./dev test")
    arguments = parser.parse_args()
    if arguments.results:
        print(results(arguments.results), end="")
        return 0
    wanted = page()
    if arguments.check:
        if PAGE.read_text() != wanted:
            print("docs/requirements.md does not match the names of the tests; run tools/requirements.py and commit the page")
            return 1
        return 0
    PAGE.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
