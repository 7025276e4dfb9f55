#!/usr/bin/python3
"""Real OpenAPI documents through the real program: import as JSON and as YAML, publish with mocks, answer one call each.

Documents and what makes one usable are those of corpus.py. At least 98 % of the usable ones must go all the way, and every
refusal must have a reason. Run by hand: ./dev test --corpus [--only PART] [--limit N]
"""
import argparse
import collections
import itertools
import json
import os
import pathlib
import re
import sys
import tempfile
import urllib.parse

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import npm_package  # noqa: E402
from corpus import PACKAGE, documents, is_usable  # noqa: E402
from rig import Lintel, basic, signed  # noqa: E402

SHARE_MIN = 0.98
FORMATS = {"date": "2026-11-20", "date-time": "2026-11-20T08:30:00Z", "uuid": "7f8c9c1e-4f0e-4e0c-9a52-0f0f6d0c2b11",
           "email": "ann@example.org", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "uri": "http://example.org/",
           "byte": "aGk=", "url": "http://example.org/"}


def text_for(pattern):
    """A short text that a regular expression matches, for the plain ones that documents use."""
    def of(parsed):
        text = ""
        for operator, argument in parsed:
            name = str(operator)
            if name == "LITERAL":
                text += chr(argument)
            elif name == "IN":
                kind, value = argument[0]
                text += {"LITERAL": lambda: chr(value), "RANGE": lambda: chr(value[0])}.get(str(kind), lambda: "1")()
            elif name in ("MAX_REPEAT", "MIN_REPEAT"):
                least, most, inner = argument
                text += of(inner) * max(least, min(1, most))
            elif name == "SUBPATTERN":
                text += of(argument[-1])
            elif name == "BRANCH":
                text += of(argument[1][0])
            elif name in ("ANY", "NOT_LITERAL"):
                text += "x"
        return text
    try:
        return of(re._parser.parse(pattern))
    except (re.error, OverflowError):
        return "abc"


SHAPES = {"date": r"\d{4}-\d\d-\d\d", "date-time": r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)",
          "uuid": r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "email": r"[^@\s]+@[^@\s]+",
          "ipv4": r"\d+(\.\d+){3}", "ipv6": r"[0-9a-fA-F:.]*:[0-9a-fA-F:.]*", "uri": r"[a-zA-Z][a-zA-Z0-9+.-]*:\S*",
          "byte": r"[A-Za-z0-9+/]*=*", "hostname": r"[A-Za-z0-9.-]+"}
TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}


def fits_text(schema, text):
    pattern, shape = schema.get("pattern"), SHAPES.get(schema.get("format"))
    try:
        if pattern and not re.search(pattern, text):
            return False
    except re.error:
        return False
    return ((not shape or bool(re.fullmatch(shape, text))) and
            schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", 10**9))


class Values:
    """Values that a schema admits; enough of one for a call. Examples in documents are often wrong: one that its own
    schema refuses is left aside, and all of them can be."""

    def __init__(self, components, by_example):
        self.components = components
        self.by_example = by_example

    def resolve(self, schema):
        for _ in range(20):
            reference = (schema or {}).get("$ref")
            if not reference:
                break
            schema = {"components": self.components}
            for part in reference.removeprefix("#/").split("/"):
                schema = schema[part.replace("~1", "/").replace("~0", "~")]
        return schema or {}

    def fits(self, schema, value, depth=0):
        """Whether an example is worth sending; far from a validator."""
        schema = self.resolve(schema)
        if depth > 8 or any(not self.fits(part, value, depth + 1) for part in schema.get("allOf") or []):
            return False
        if schema.get("enum") and value not in schema["enum"]:
            return False
        wanted = TYPES.get(schema.get("type"))
        if wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool)):
            return False
        if isinstance(value, str):
            return fits_text(schema, value)
        if isinstance(value, list):
            return (len(value) >= schema.get("minItems", 0) and
                    all(self.fits(schema.get("items"), item, depth + 1) for item in value))
        if isinstance(value, dict):
            parts = schema.get("properties") or {}
            return (all(name in value for name in schema.get("required") or []) and
                    all(self.fits(parts[name], part, depth + 1) for name, part in value.items() if name in parts))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return schema.get("minimum", value) <= value <= schema.get("maximum", value)
        return True

    def of(self, schema, depth=0):
        schema = self.resolve(schema)
        for key in ("example", "default"):
            if self.by_example and schema.get(key) is not None and self.fits(schema, schema[key]):
                return schema[key]
        if schema.get("enum"):
            return schema["enum"][0]
        for key in ("oneOf", "anyOf"):
            if schema.get(key):
                return self.of(schema[key][0], depth + 1)
        if schema.get("allOf"):
            merged = {}
            for part in schema["allOf"]:
                value = self.of(part, depth + 1)
                if not isinstance(value, dict):
                    return value
                merged.update(value)
            return merged
        kind = schema.get("type") or ("object" if "properties" in schema else "string")
        if kind == "object":
            required = schema.get("required") or []
            return {name: self.of(part, depth + 1) for name, part in (schema.get("properties") or {}).items()
                    if name in required and depth < 8}
        if kind == "array":
            return [self.of(schema.get("items"), depth + 1)] * max(1, schema.get("minItems", 1))
        if kind in ("integer", "number"):
            least = schema.get("minimum", 1) + (1 if schema.get("exclusiveMinimum") else 0)
            return min(least if least > 0 else 1, schema.get("maximum", 10**9))
        if kind == "boolean":
            return True
        if schema.get("pattern"):
            text = text_for(schema["pattern"])
            return text.ljust(schema.get("minLength", 0), text[-1:] or "a")
        text = FORMATS.get(schema.get("format"), "abc")
        return text.ljust(schema.get("minLength", 0), "a")[:schema.get("maxLength", 10**6)]


def flat(value):
    """A value as text of a parameter."""
    if isinstance(value, list):
        return ",".join(map(flat, value))
    if isinstance(value, dict):
        return ",".join(f"{key},{flat(part)}" for key, part in value.items())
    return json.dumps(value) if isinstance(value, (bool, int, float)) or value is None else str(value)


def body_of(media, value):
    """-> (bytes, Content-Type)"""
    if "urlencoded" in media and isinstance(value, dict):
        return urllib.parse.urlencode({key: flat(part) for key, part in value.items()}).encode(), media
    if "multipart" in media and isinstance(value, dict):
        parts = "".join(f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{flat(part)}\r\n'
                        for key, part in value.items())
        return (parts + "--edge--\r\n").encode(), media + "; boundary=edge"
    return json.dumps(value).encode(), "application/json" if media == "*/*" else media


def request_of(api, values):
    """-> (target, headers, body) of a call that satisfies the contract of the API"""
    path, query, headers, body = api["path"], [], {}, None
    for parameter in api.get("parameters", []):
        schema = parameter.get("schema") or {"type": parameter.get("type", "string")}
        location = parameter.get("location", "query")
        if not parameter.get("required") and location != "path":
            continue
        example = parameter.get("example")
        usable = values.by_example and example is not None and values.fits(schema, example)
        value = example if usable else values.of(schema)
        if location == "path":
            for spelling in ("{" + parameter["name"] + "}", "{" + parameter["name"] + "+}"):
                path = path.replace(spelling, urllib.parse.quote(flat(value), safe=""))
        elif location == "query" and isinstance(value, list):
            query += [(parameter["name"], flat(item)) for item in value]
        elif location == "query":
            query.append((parameter["name"], flat(value)))
        elif location == "header":
            headers[parameter["name"]] = flat(value)
    content = (api.get("body") or {}).get("content") or {}
    if content and (api["body"].get("required") or api["method"] in ("POST", "PUT", "PATCH")):
        media = next((name for part in ("json", "urlencoded", "multipart") for name in content if part in name),
                     next(iter(content)))
        value = values.of(content[media].get("schema"))
        body, headers["Content-Type"] = body_of(media, value)
    return path + ("?" + urllib.parse.urlencode(query) if query else ""), headers, body


class Run:
    def __init__(self, gateway):
        self.gateway = gateway
        self.management = gateway.management()
        self.number = 0

    def document(self, document, text):
        """-> (stage reached, what stopped it)"""
        self.number += 1
        code = f"corpus-{self.number}"
        made = {}
        for form, written in (("json", text), ("yaml", yaml.safe_dump(document, allow_unicode=True, sort_keys=False))):
            answer = self.management.call("POST", "imports", {"document": written, "format": form, "backend": "mock",
                                                              "name": f"{code} {form}", "code": f"{code}-{form}"})
            if answer.status != 201:
                return "refused", self.reason(answer)
            made[form] = answer.json()
        if made["json"]["api_count"] != made["yaml"]["api_count"]:
            return "imported", f"{made['json']['api_count']} APIs as JSON, {made['yaml']['api_count']} as YAML"
        try:
            return self.call(made["json"]["service"])
        finally:
            for result in made.values():
                service = f"services/{result['service']['id']}"
                self.management.call("PATCH", service + "/deployments", {"state": "stopped"}, If_Match="*")
                self.management.call("DELETE", service, If_Match="*")

    @staticmethod
    def reason(answer):
        try:
            problem = answer.json()
        except ValueError:
            return f"{answer.status} without a reason"
        faults = problem.get("errors") or []
        first = f": {faults[0].get('pointer')}: {faults[0].get('detail')}" if faults else ""
        return f"{problem.get('code')} {problem.get('detail')}{first}"

    def call(self, service):
        path = f"services/{service['id']}"
        definition = self.management.get(path + "/draft")["definition"]
        answer = self.management.call("POST", path + "/releases", {"environments": ["release"]})
        if answer.status != 201:
            return "imported", self.reason(answer)
        pairs = self.management.create_credential(service)["key_pairs"]
        # The simplest operations first; a few tries, since what a schema's pattern wants cannot always be made up.
        apis = sorted(definition["apis"], key=lambda api: (api["method"] != "GET", bool(api.get("body")),
                                                           sum(bool(p.get("required")) for p in api.get("parameters", []))))
        last = "no operation to call"
        for api, by_example in itertools.product(apis[:12], (True, False)):
            try:
                values = Values(definition.get("components") or {}, by_example)
                target, headers, body = request_of(api, values)
            except (KeyError, TypeError, RecursionError) as error:
                last = f"no request could be made up: {error!r}"
                continue
            target = f"/release/{service['code']}{target}"
            headers.update(self.credentials(service, api, pairs, target))
            answered = self.gateway.call(api["method"], target, headers, body)
            if answered.header("Content-Type") != "application/problem+json":
                return "answered", None
            last = f"{api['method']} {target}: {self.reason(answered)}"
        return "published", last

    def credentials(self, service, api, pairs, target):
        kind = api.get("auth", {}).get("kind", "none")
        if kind == "basic":
            return basic(pairs["basic"])
        if kind == "hmac":
            return signed(pairs["hmac"], api["method"], target)
        if kind == "oauth2":
            pair = pairs["oauth2"]
            token = self.gateway.call("GET", f"/release/{service['code']}/-/oauth2/token?client_id={pair['key']}"
                                             f"&client_secret={pair['secret']}").json()
            return {"Authorization": "Bearer " + token["access_token"]}
        return {}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", help="documents whose name contains this")
    parser.add_argument("--limit", type=int, default=0, help="stop after so many documents")
    parser.add_argument("--json", default="build/logs/corpus.json", help="where the result of each document goes")
    arguments = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory(prefix="lintel-corpus-") as folder:
        gateway = Lintel(os.environ["LINTEL_BINARY"], folder, flags=["--import-max-bytes", "1048576"])
        try:
            gateway.start()
            run = Run(gateway)
            package = npm_package.fetch(*PACKAGE)
            for path, document in documents(package / "api").items():
                name = path.removeprefix(str(package / "api") + "/")
                if arguments.only and arguments.only not in name:
                    continue
                text = json.dumps(document, ensure_ascii=False)
                stage, reason = run.document(document, text)
                results[name] = {"usable": is_usable(document), "stage": stage, "reason": reason}
                if stage != "answered" and results[name]["usable"]:
                    print(f"{name}: {stage}: {reason}")
                if len(results) % 200 == 0:
                    print(f"... {len(results)} documents", file=sys.stderr)
                if arguments.limit and len(results) >= arguments.limit:
                    break
        finally:
            gateway.stop()
    pathlib.Path(arguments.json).write_text(json.dumps(results, indent=1))
    usable = [result for result in results.values() if result["usable"]]
    stages = collections.Counter(result["stage"] for result in usable)
    vague = [name for name, result in results.items() if result["stage"] == "refused" and "without a reason" in result["reason"]]
    share = stages["answered"] / max(1, len(usable))
    print(f"{len(results)} documents of OpenAPI 3.0 up to 100 KB, {len(usable)} usable: {dict(stages)}")
    print(f"{share:.2%} of the usable ones answered a call; {len(vague)} refusals without a reason")
    return 0 if share >= SHARE_MIN and not vague else 1


if __name__ == "__main__":
    sys.exit(main())
