#!/usr/bin/python3
"""The rules of the house that no compiler knows: tidy.py [--root DIR].

Prints one sentence for each broken rule, saying where, what and what to do instead; exit status 1 when there is any.
The floors are data here (MODULES); ARCHITECTURE.md explains them. Add a rule the second time a reviewer says the same.
"""
import argparse
import os
import re
import subprocess
import sys

# Module -> the modules it may include besides itself, lowest floor first. Two modules of one floor never meet, the
# gateway knows nothing of the design-time nouns, management knows nothing of the gateway: only the compiler sees both.
MODULES = {
    "base": (),
    "async": ("base",),
    "data": ("base",),
    "crypto": ("base",),
    "http": ("base", "async", "data", "crypto"),
    "sql": ("base", "data", "crypto"),
    "openapi": ("base", "data", "crypto"),
    "model": ("base", "data", "crypto"),
    "gateway": ("base", "async", "data", "crypto", "http"),
    "store": ("base", "data", "crypto", "sql", "model"),
    "policies": ("base", "async", "data", "crypto", "http", "gateway"),
    "auth": ("base", "async", "data", "crypto", "http", "gateway"),
    "backends": ("base", "async", "data", "crypto", "http", "gateway"),
    "management": ("base", "data", "crypto", "openapi", "model", "store"),
    "notify": ("base", "async", "data", "crypto", "model", "store"),
    "compiler": ("base", "async", "data", "crypto", "http", "openapi", "model", "gateway", "store", "policies", "auth",
                 "backends", "management"),
    "admin": ("base", "async", "data", "crypto", "http", "openapi", "model", "store", "management"),
    "app": ("base", "async", "data", "crypto", "http", "sql", "openapi", "model", "gateway", "store", "policies",
            "auth", "backends", "management", "notify", "compiler", "admin"),
}

# Library header -> the modules that wrap it. Everyone else goes through those.
LIBRARIES = {
    r"nlohmann/": ("data",),
    r"yaml-cpp/": ("data",),
    r"re2/": ("data",),
    r"sqlite3\.h": ("sql",),
    r"libpq": ("sql",),
    r"openssl/": ("crypto", "async"),
    r"sodium": ("crypto",),
    r"ares": ("async",),
    r"curl/": ("notify",),
    r"spdlog/": ("base",),
    r"jemalloc/": ("base",),
    r"CLI/": ("app",),
}
# A header may show std, fmt and the system; the one exception is the JSON type, which data/ names for everyone.
HEADERS_THAT_SHOW_A_LIBRARY = {"src/data/json.h"}

# (pattern, modules where it is fine, applies to tests, sentence)
BANNED = [
    (r"\bthrow\b", (), False, "'throw' is not used here; return an Error (base/error.h)"),
    (r"\bstd::w?(regex|smatch|cmatch)\b|#include <regex>", (), True,
     "std::regex overflows the stack on long input; use the patterns of data/ (RE2)"),
    (r"(?<![\w.>])s?rand\s*\(\s*\)|\bsrand\s*\(", (), True, "rand() can be guessed; take random bytes from crypto/"),
    (r"(?<![\w.>])(strcpy|strcat|sprintf|vsprintf|gets|strtok)\s*\(", (), True,
     "this C function knows no bounds; use std::string or fmt"),
    (r"(?<![\w.>])(system|popen)\s*\(", (), True, "no shell is started from Lintel; call the library instead"),
    (r"\busing\s+namespace\s+std\s*;", (), True, "'using namespace std' hides where names come from; write std::"),
    (r"\bstd::(cout|cerr|clog)\b", ("app",), False, "only app/ talks to the terminal; log with base/log.h"),
    (r"\bthread_local\b", ("async",), False, "thread_local lives in async/ only; keep per-worker state in the Worker"),
    (r"\b(std::this_thread::sleep_(for|until)|usleep|nanosleep)\s*\(", (), True,
     "a sleep makes a test slow and a server deaf; wait for the event, or use the fake clock"),
    (r"\bstatic\s+\w+[&*]\s*instance\s*\(", (), True, "no singletons; app/ constructs the object and passes it in"),
]
# Comparing a secret byte by byte tells an attacker how far he got.
SECRET_MODULES = ("crypto", "auth", "management", "admin", "store")

FAMILIES = ("policies", "auth", "backends")
BAD_NAME = re.compile(r"(^|[/_.-])(utils?|commons?|helpers?|managers?|misc)([_.-]|$)")
COLUMNS_MAX = 100
LINES_WARN = 400
LINES_MAX = 600


def strip(code, keep_strings=False):
    """The code with comments (and the inside of strings) blanked out; line numbers stay."""
    def blank(match):
        text = match.group(0)
        if text[0] == "/":
            return re.sub(r"[^\n]", " ", text)
        return text if keep_strings else '""' + "\n" * text.count("\n")
    return re.sub(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![\w])\'(?:\\.|[^\'\\\n])+\'',
                  blank, code, flags=re.S)


def line_of(code, offset):
    return code.count("\n", 0, offset) + 1


def is_test(path):
    return path.endswith(("_test.cc", "_test.h", "_bench.cc")) or path.startswith("test/")


class Tidy:
    def __init__(self, root):
        self.root = root
        self.faults = []
        self.long_files = []

    def files(self):
        """What git tracks or would track: build trees and data folders are not ours."""
        listed = subprocess.run(["git", "-C", self.root, "ls-files", "-co", "--exclude-standard"],
                                capture_output=True, text=True)
        if listed.returncode == 0:
            found = listed.stdout.split("\n")[:-1]
        else:
            found = [os.path.relpath(os.path.join(folder, name), self.root)
                     for folder, _, names in os.walk(self.root) for name in names]
        return sorted(path for path in found if os.path.isfile(os.path.join(self.root, path)))

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8") as file:
            return file.read()

    def fault(self, path, line, sentence):
        self.faults.append(f"{path}:{line}: {sentence}" if line else f"{path}: {sentence}")

    def run(self):
        paths = self.files()
        for path in paths:
            if BAD_NAME.search(path):
                self.fault(path, 0, "the name says nothing; call the file after the thing it holds")
            if path.endswith((".cc", ".h")) and path.startswith(("src/", "test/")):
                self.source(path)
        self.plugins(paths)
        return self.faults

    def source(self, path):
        code = self.read(path)
        lines = code.split("\n")
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS_MAX:
                self.fault(path, number, f"{len(line)} columns; break the line at {COLUMNS_MAX} (clang-format-19 -i)")
        if len(lines) > LINES_MAX:
            self.fault(path, 0, f"{len(lines)} lines hold more than one idea; split the file (limit {LINES_MAX})")
        elif len(lines) > LINES_WARN:
            self.long_files.append(f"{path}: {len(lines)} lines")
        plain = strip(code)
        module = path.split("/")[1] if path.startswith("src/") else None
        self.includes(path, module, strip(code, keep_strings=True))
        self.banned(path, module, plain)
        self.lambdas(path, plain)
        for match in re.finditer(r"\b(TODO|FIXME|XXX)\b", code):
            self.fault(path, line_of(code, match.start()), f"{match[1]}: finish it or drop it; nothing waits in the code")
        if path.endswith(".h"):
            if "#pragma once" not in plain:
                self.fault(path, 1, "the header has no '#pragma once'; add it after the opening comment")
            if not code.startswith("//"):
                self.fault(path, 1, "the header does not open with a comment; say what lives here and why")

    def includes(self, path, module, code):
        if module is not None and module not in MODULES:
            self.fault(path, 0, f"'{module}' is not in the table of floors; add it to MODULES in tools/tidy.py")
            return
        # The precompiled header would hide it until somebody builds without one.
        if re.search(r"\bfmt::", strip(code)) and not re.search(r"#include <fmt/", code):
            self.fault(path, 1, "fmt is used and not included; add '#include <fmt/format.h>'")
        for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', code, flags=re.M):
            line = line_of(code, match.start())
            if match[1] and module:
                self.house_include(path, module, match[1], line)
            elif match[2]:
                self.library_include(path, module, match[2], line)

    def house_include(self, path, module, target, line):
        other = target.split("/")[0]
        if other in ("embedded", "scenarios", "support") and "/" in target:
            if other != "embedded" and not is_test(path):
                self.fault(path, line, f'"{target}" is for tests; the product does not include it')
            return
        if target.endswith("_test.h") and not is_test(path):
            self.fault(path, line, f'"{target}" is for tests; the product does not include it')
        if other not in MODULES or "/" not in target:
            self.fault(path, line, f'"{target}" is not a path from src/; write "module/file.h"')
        elif other != module and other not in MODULES[module]:
            allowed = ", ".join(MODULES[module]) or "nothing"
            self.fault(path, line, f"{module}/ may not include {other}/ (it may include {allowed}); "
                                   "move the code, or pass an interface in from above")
        elif other in FAMILIES and not is_test(path) and target.count("/") > 1 and os.path.dirname("src/" + target) != os.path.dirname(path):
            self.fault(path, line, f'"{target}" is private to its plugin; go through the registry')

    def library_include(self, path, module, target, line):
        for pattern, owners in LIBRARIES.items():
            if not re.match(pattern, target):
                continue
            if module and module not in owners and not is_test(path):
                self.fault(path, line, f"<{target}> belongs to {' and '.join(owners)}/; use what that module offers")
            elif module and path.endswith(".h") and path not in HEADERS_THAT_SHOW_A_LIBRARY:
                self.fault(path, line, f"<{target}> shows in a header; include it in the .cc and hide the type")

    def banned(self, path, module, code):
        for pattern, fine_in, in_tests, sentence in BANNED:
            if module in fine_in or (is_test(path) and not in_tests):
                continue
            for match in re.finditer(pattern, code):
                self.fault(path, line_of(code, match.start()), sentence)
        if module in SECRET_MODULES and not is_test(path):
            for match in re.finditer(r"\b(std::)?memcmp\s*\(", code):
                self.fault(path, line_of(code, match.start()),
                           "memcmp tells an attacker how far he got; use constant_time_equal (base/secret.h)")
        if module in FAMILIES:
            for match in re.finditer(r"\b\w*priority\w*\b", code, flags=re.I):
                self.fault(path, line_of(code, match.start()), "plugins have no priority; the phase is their place")
        if module and module not in ("sql", "app") and not is_test(path):
            for match in re.finditer(r"\b\w*(sqlite|postgres)\w*", code, flags=re.I):
                self.fault(path, line_of(code, match.start()), f"'{match[0]}' names an engine; only sql/ and app/ know it")

    def lambdas(self, path, code):
        """A lambda that captures and is itself a coroutine dies before its frame does."""
        opening = re.compile(r"(?<![\w\])\[])\[(?!\[)([^\[\]]*)\]\s*(?:\((?:[^()]|\([^()]*\))*\))?"
                             r"\s*(?:mutable\b|noexcept\b|->\s*[\w:<>&*, ]+)*\s*\{")
        for match in opening.finditer(code):
            if not match[1].strip():
                continue
            body = self.body(code, match.end())
            # What a lambda inside this one awaits is that lambda's affair.
            for inner in opening.finditer(body):
                nested = self.body(body, inner.end())
                body = body[:inner.end()] + " " * len(nested) + body[inner.end() + len(nested):]
            if re.search(r"\bco_(await|return|yield)\b", body):
                self.fault(path, line_of(code, match.start()),
                           "a capturing lambda is a coroutine: its captures die first; make it a function with parameters")

    @staticmethod
    def body(code, start):
        depth = 1
        for at in range(start, len(code)):
            depth += {"{": 1, "}": -1}.get(code[at], 0)
            if depth == 0:
                return code[start:at]
        return code[start:]

    def plugins(self, paths):
        known = set(paths)
        for family in FAMILIES:
            folders = sorted({path.split("/")[2] for path in paths
                              if path.startswith(f"src/{family}/") and path.count("/") > 2})
            registry = f"src/{family}/{family}.cc"
            lines = strip(self.read(registry)) if registry in known else ""
            for name in folders:
                base = f"src/{family}/{name}/{name}"
                for suffix in (".cc", ".schema.json", "_test.cc", ".md"):
                    if base + suffix not in known:
                        self.fault(f"src/{family}/{name}", 0, f"{name}{suffix} is missing; a plugin is its code, its "
                                                              "schema, its test and its page")
                if not re.search(rf"[({{,]\s*{name}\(\)\s*[,)}}]", lines):
                    self.fault(registry, 0, f"'{name}' is not registered; add the line that pushes {name}()")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    tidy = Tidy(parser.parse_args().root)
    faults = tidy.run()
    for line in tidy.long_files:
        print(f"note: {line}; over {LINES_WARN} a file may hold more than one idea")
    for fault in faults:
        print(fault)
    print(f"tidy: {len(faults)} broken rules" if faults else "tidy: clean")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
