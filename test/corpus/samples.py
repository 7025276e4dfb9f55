#!/usr/bin/python3
"""Imports the description files of samples/ and our own contract, exports them, and has a validator judge the exports.

    samples.py PROGRAM      PROGRAM is the built import_probe
"""
import pathlib
import sys
import tempfile

import corpus

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    files = sorted((ROOT / "test" / "corpus" / "samples").glob("*.yaml")) + [ROOT / "api" / "management.yaml"]
    found = {str(path): {} for path in files if path.exists()}
    with tempfile.TemporaryDirectory() as exports:
        results = corpus.probe(sys.argv[1], "yaml", 1 << 20, found, exports)
        good = corpus.report("samples", results, set(found), ROOT, True) and all(result["imported"] for result in results)
        return 0 if corpus.validate(results, found) and good else 1


if __name__ == "__main__":
    sys.exit(main())
