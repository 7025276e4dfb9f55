#!/usr/bin/python3
"""Fetches the npm package json-schema-test-suite and holds our validator to its draft 4 tests.

    run.py PROGRAM      PROGRAM is the built schema_suite

The package is kept in build/npm; it is never part of the repository.
"""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import npm_package  # noqa: E402


def main() -> int:
    package = npm_package.fetch("json-schema-test-suite", "0.0.10")
    failed = 0
    for dialect in ("draft4", "openapi30"):
        print(f"{dialect}: ", end="", flush=True)
        failed |= subprocess.run(
            [sys.argv[1], dialect, HERE / "excluded.json", package / "tests" / "draft4"]
        ).returncode
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
