#!/usr/bin/python3
"""Starts a plugin: new_plugin.py policy|auth|backend NAME [--phase PHASE] writes its four files and its registry lines.

What it writes compiles, registers and passes its test, and does nothing yet: an authenticator refuses everybody, a policy
and a backend let everything pass or answer emptily. CONTRIBUTING.md says what to fill in.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
FAMILIES = {"policy": ("policies", "Policy", "policies"), "auth": ("auth", "Auth", "auths"),
            "backend": ("backends", "Backend", "backends")}
POLICY_PHASES = {"access": "Access", "authorize": "Authorize", "limit": "Limit", "backend": "Backend",
                 "transform_response": "TransformResponse"}

FILE = """\
// {what}
#include <memory>
{includes}
#include "embedded/{name}_schema_json.h"
#include "gateway/exchange.h"
#include "gateway/plugin.h"

namespace lintel::{family} {{

gateway::{kind}Kind {name}();

namespace {{

using gateway::Exchange;
using gateway::Verdict;

/// Immutable; shared by all workers.
class {type} final : public gateway::{base} {{
public:
{method}
}};

Result<std::unique_ptr<const gateway::{base}>> build(const data::Json&,
                                                     const gateway::BuildContext&) {{
    return std::make_unique<const {type}>();
}}

}}  // namespace

gateway::{kind}Kind {name}() {{
    return {{.name = "{name}",{phase} .schema = embedded::{name}_schema_json, .build = build}};
}}

}}  // namespace lintel::{family}
"""

METHODS = {
    "policy": "    Verdict on_request(Exchange&) const override { return Verdict::proceed(); }",
    "auth": """\
    Task<Verdict> authenticate(Exchange& exchange) const override {{
        co_return exchange.refuse({{.code = Code::AuthMissing,
                                   .reason = "{name} admits nobody yet",
                                   .rule = "auth {name}",
                                   .www_authenticate = "{title}"}});
    }}""",
    "backend": """\
    Task<Verdict> call(Exchange& exchange) const override {{
        exchange.response.status = 204;
        co_return Verdict::proceed();
    }}""",
}

TEST = """\
#include <gtest/gtest.h>

#include "{family}/{family}.h"
#include "scenarios/scenario.h"

namespace lintel::{family} {{
namespace {{

gateway::Kinds kinds() {{
    gateway::Kinds all;
    register_{registry}(all);
    return all;
}}

TEST({type}, Scenarios) {{
    scenarios::run_scenarios(kinds(), "{name}",
                             {{
                                 {{.name = "{case}", .status = {status}{code}}},
                                 {{.name = "unknown settings are refused",
                                  .config = R"({{"surprise": 1}})",
                                  .faults = {{"/surprise"}}}},
                             }});
}}

}}  // namespace
}}  // namespace lintel::{family}
"""

EXPECTED = {"policy": ("a plain call passes", 200, ""),
            "auth": ("a call without credentials is refused", 401, ', .code = "auth.missing"'),
            "backend": ("a plain call is answered", 204, "")}

PAGE = """\
# {title}

One sentence: what it does.

## When

- When to use it, and what to use instead.

## Examples

```json
{{"kind": "{name}", "config": {{}}}}
```

## Settings

| name | type | default | meaning |
|---|---|---|---|

## Security posture

What it trusts, what it buffers, and what bounds it.
"""


def register(path, declaration, registration, name):
    """The declaration after the last one, the registration after the last one."""
    text = path.read_text()
    for line, pattern in ((declaration, r"^gateway::\w+Kind \w+\(\);\n"), (registration, r"^    kinds\.\w+\.push_back\(.*\n")):
        found = list(re.finditer(pattern, text, flags=re.M))
        if not found:
            sys.exit(f"new_plugin: {path} has no line like '{line.strip()}'; add {name}() to the catalogue by hand")
        text = text[:found[-1].end()] + line + text[found[-1].end():]
    path.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("family", choices=FAMILIES)
    parser.add_argument("name", help="snake_case, such as api_key")
    parser.add_argument("--phase", choices=POLICY_PHASES, default="access", help="of a policy")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    arguments = parser.parse_args()
    name = arguments.name
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        sys.exit(f"new_plugin: '{name}' is not snake_case")
    family, kind, member = FAMILIES[arguments.family]
    folder = arguments.root / "src" / family / name
    if folder.exists():
        sys.exit(f"new_plugin: {folder} exists already")
    title = name.replace("_", " ").capitalize()
    case, status, code = EXPECTED[arguments.family]
    fields = {
        "name": name, "title": title, "family": family, "kind": kind, "registry": member,
        "type": "".join(part.capitalize() for part in name.split("_")),
        "base": {"policy": "Policy", "auth": "Authenticator", "backend": "Backend"}[arguments.family],
        "what": f"{title}: one sentence that says what it does.",
        "includes": "" if arguments.family == "policy" else '\n#include "async/task.h"',
        "phase": f" .phase = gateway::Phase::{POLICY_PHASES[arguments.phase]}," if arguments.family == "policy" else "",
        "case": case, "status": status, "code": code}
    method = METHODS[arguments.family]
    fields["method"] = method if arguments.family == "policy" else method.format(**fields)
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "title": title,
              "description": "One sentence for whoever fills in the settings.", "type": "object",
              "additionalProperties": False, "properties": {}}
    folder.mkdir()
    (folder / f"{name}.cc").write_text(FILE.format(**fields))
    (folder / f"{name}.schema.json").write_text(json.dumps(schema, indent=2) + "\n")
    (folder / f"{name}_test.cc").write_text(TEST.format(**fields))
    (folder / f"{name}.md").write_text(PAGE.format(**fields))
    if shutil.which("clang-format-19"):  # where lines break depends on the name
        subprocess.run(["clang-format-19", "-i", f"--style=file:{ROOT}/.clang-format", *folder.glob("*.cc")], check=True)
    register(arguments.root / "src" / family / f"{family}.cc", f"gateway::{kind}Kind {name}();\n",
             f"    kinds.{member}.push_back({name}());\n", name)
    print(f"{folder} is there and registered; CONTRIBUTING.md says what to fill in")
    return 0


if __name__ == "__main__":
    sys.exit(main())
