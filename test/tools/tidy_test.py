"""Every rule of tools/tidy.py is broken once here and must be reported, and clean code must not be."""
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = "// A thing.\n#pragma once\n"


def tidy(folder, files):
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    run = subprocess.run([sys.executable, ROOT / "tools/tidy.py", "--root", folder], capture_output=True, text=True)
    return run.returncode, run.stdout


BROKEN = [
    ("src/gateway/a.cc", '#include "model/service.h"\n', "gateway/ may not include model/"),
    ("src/management/a.cc", '#include "gateway/route.h"\n', "management/ may not include gateway/"),
    ("src/data/a.cc", '#include "crypto/hmac.h"\n', "data/ may not include crypto/"),
    ("src/base/a.cc", '#include "text.h"\n', "is not a path from src/"),
    ("src/attic/a.cc", "int x;\n", "not in the table of floors"),
    ("src/http/a.cc", '#include "scenarios/stage.h"\n', "is for tests"),
    ("src/http/a.cc", '#include "http/raw_peer_test.h"\n', "is for tests"),
    ("src/auth/basic/b.cc", '#include "auth/hmac/date.h"\n', "private to its plugin"),
    ("src/model/a.cc", "#include <nlohmann/json.hpp>\n", "belongs to data/"),
    ("src/store/a.cc", "#include <sqlite3.h>\n", "belongs to sql/"),
    ("src/http/a.cc", "#include <openssl/ssl.h>\n", "belongs to crypto and async/"),
    ("src/crypto/a.h", HEADER + "#include <openssl/evp.h>\n", "shows in a header"),
    ("src/base/a.cc", "auto f() { return fmt::format(x); }\n", "fmt is used and not included"),
    ("src/base/a.cc", "void f() { throw 1; }\n", "'throw' is not used"),
    ("src/base/a.cc", "std::regex pattern;\n", "std::regex overflows"),
    ("src/base/a.cc", "int f() { return rand(); }\n", "can be guessed"),
    ("src/base/a.cc", "void f(char* a) { strcpy(a, a); }\n", "knows no bounds"),
    ("src/base/a.cc", "void f() { std::system(0); }\nvoid g() { system(0); }\n", "no shell"),
    ("src/base/a.cc", "using namespace std;\n", "hides where names come from"),
    ("src/base/a.cc", "void f() { std::cout << 1; }\n", "only app/ talks to the terminal"),
    ("src/http/a.cc", "thread_local int x;\n", "lives in async/ only"),
    ("src/http/a_test.cc", "void f() { std::this_thread::sleep_for(t); }\n", "a sleep makes a test slow"),
    ("src/auth/a.cc", "bool f() { return memcmp(a, b, 3) == 0; }\n", "how far he got"),
    ("src/policies/a.cc", "int priority = 3;\n", "plugins have no priority"),
    ("src/store/a.cc", "void f() { open_sqlite(); }\n", "names an engine"),
    ("src/base/a.cc", "// TODO: later\n", "finish it or drop it"),
    ("src/base/a.cc", "// " + "x" * 98 + "\n", "101 columns"),
    ("src/base/a.cc", "\n" * 601, "split the file"),
    ("src/base/a.h", "// A thing.\n", "no '#pragma once'"),
    ("src/base/a.h", "#pragma once\n", "does not open with a comment"),
    ("src/base/string_utils.cc", "\n", "the name says nothing"),
    ("src/base/helper.h", HEADER, "the name says nothing"),
    ("src/http/a.cc", "auto f = [x]() -> Task<void> { co_return; };\n", "a capturing lambda is a coroutine"),
    ("src/http/a.cc", "run([&] { co_await thing(x); });\n", "a capturing lambda is a coroutine"),
    ("src/policies/cors/cors.cc", "\n", "cors.schema.json is missing"),
    ("src/policies/cors/cors.cc", "\n", "cors.md is missing"),
    ("src/policies/cors/cors.cc", "\n", "'cors' is not registered"),
]


@pytest.mark.parametrize("path,text,sentence", BROKEN)
def test_reports_the_broken_rule(tmp_path, path, text, sentence):
    status, output = tidy(tmp_path, {path: text})
    assert status == 1
    assert sentence in output


CLEAN = [
    ("src/gateway/a.cc", '#include "http/message.h"\n#include "embedded/x.h"\n#include <string>\n'),
    ("src/compiler/a.cc", '#include "gateway/route.h"\n#include "management/publisher.h"\n'),
    ("src/data/json.h", HEADER + "#include <nlohmann/json.hpp>\n"),
    ("src/base/a.cc", "// throw, rand(), strcpy(a, b) and std::regex are only talked about here\n"),
    ("src/base/a.cc", 'const char* kText = "throw rand() // not a comment";\nint brand(int);\n'),
    ("src/base/a.cc", 'const char* kText = R"x(throw "1" system(2))x";\n'),
    ("src/auth/a.cc", "bool f() { return constant_time_equal(a, b); }\n"),
    ("src/http/a.cc", "auto f = [](int x) -> Task<void> { co_return; };\n"),
    ("src/http/a.cc", "auto f = [&] { spawn([](int x) -> Task<void> { co_return; }(y)); };\n"),
    ("src/http/a.cc", "int g(int* a) { return a[3]; }\n[[nodiscard]] int f() { co_return 1; }\n"),
    ("src/app/a.cc", "void f() { std::cout << 1; }\n"),
    ("src/base/communal.cc", "\n"),
]


@pytest.mark.parametrize("path,text", CLEAN)
def test_says_nothing_about_clean_code(tmp_path, path, text):
    status, output = tidy(tmp_path, {path: text})
    assert status == 0, output


def test_a_complete_plugin_is_clean(tmp_path):
    files = {f"src/policies/cors/cors{suffix}": "\n" for suffix in (".cc", ".schema.json", "_test.cc", ".md")}
    files["src/policies/policies.cc"] = "Kind cors();\nvoid all(Kinds& kinds) { kinds.push_back(cors()); }\n"
    assert tidy(tmp_path, files)[0] == 0
    # To declare a plugin is not to register it.
    assert "not registered" in tidy(tmp_path, {"src/policies/policies.cc": "Kind cors();\n"})[1]


def test_a_long_file_is_a_note_and_no_fault(tmp_path):
    status, output = tidy(tmp_path, {"src/base/a.cc": "\n" * 450})
    assert status == 0
    assert "may hold more than one idea" in output
