#!/usr/bin/python3
"""Sums every test result below a folder and closes with "N passed, N failed": sum_results.py FOLDER.

Reads JUnit XML of pytest, GoogleTest and ctest. A test program run by ctest counts by its own tests; when it left no
result (a crash), or failed although each test passed (a leak found at exit), it counts as one failure.
"""
import argparse
import pathlib
import sys
import xml.etree.ElementTree as xml


def read(path):
    """-> (passed, failed, skipped, names of the failed)"""
    passed = skipped = 0
    bad = []
    for case in xml.parse(path).getroot().iter("testcase"):
        name = f"{case.get('classname', '')}.{case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            bad.append(name)
        elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            skipped += 1
        else:
            passed += 1
    return passed, len(bad), skipped, bad


def read_ctest(path):
    """The ctest results of one build: programs that wrote their own result are counted there."""
    passed = failed = skipped = 0
    bad = []
    for case in xml.parse(path).getroot().iter("testcase"):
        name = case.get("name")
        own = path.parent / f"{name}_test.xml"
        own_failed = read(own)[1] if own.exists() else 0
        # "notrun" is a program that is not there: it was not built.
        if case.get("status") in ("fail", "notrun") and not own_failed:
            failed += 1
            bad.append(f"{path.parent.name}.{name}")
        elif case.get("status") == "disabled":
            skipped += 1
        elif case.get("status") == "run" and not own.exists():
            passed += 1
    return passed, failed, skipped, bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--failed-steps", type=int, default=0, help="steps that failed, with or without a result")
    arguments = parser.parse_args()
    total = [0, 0, 0]
    for path in sorted(arguments.folder.rglob("*.xml")):
        *counts, bad = (read_ctest if path.name == "ctest.xml" else read)(path)
        total = [sum(pair) for pair in zip(total, counts)]
        for name in bad:
            print(f"failed: {name}")
    passed, failed, skipped = total
    failed = max(failed, arguments.failed_steps)
    if passed == 0:
        failed = max(failed, 1)
        print("no test ran")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
