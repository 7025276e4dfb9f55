"""Description files: import is all or nothing, and what was exported imports again."""
from conftest import ROOT

PETSTORE = (ROOT / "examples/petstore.yaml").read_text()


def problem(answer, status, code):
    body = answer.json()
    assert (answer.status, body["code"]) == (status, code), answer
    return body


def test_r10_r12_r13_import_is_all_or_nothing(management, build):
    name = build.unique()
    made = management.import_file(PETSTORE, format="yaml", name=name, backend="mock")
    assert made["api_count"] == len(management.get(f"services/{made['service']['id']}/apis")["items"]) == 6
    problem(management.call("POST", "imports", {"document": PETSTORE, "format": "json", "name": build.unique()}), 400, "file.invalid")
    for text in ("", "just text", "openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths: {}\n", PETSTORE.replace("3.0.3", "2.0")):
        assert management.call("POST", "imports", {"document": text, "name": build.unique()}).status == 400, text[:40]
    outside = PETSTORE.replace("'#/components/schemas/NewPet'", "'https://example.com/pet.yaml'", 1)
    body = problem(management.call("POST", "imports", {"document": outside, "name": name + "-out"}), 400, "file.invalid")
    assert body["errors"][0]["pointer"].startswith("/"), body
    assert management.get(f"services?name={name}-out")["items"] == []


def test_r11_the_limit_of_imported_files_is_102400_bytes(management, build):
    def padded(size):
        return PETSTORE + "#" * (size - len(PETSTORE.encode()))
    assert management.call("POST", "imports", {"document": padded(102400), "name": build.unique()}).status == 201
    body = problem(management.call("POST", "imports", {"document": padded(102401), "name": build.unique()}), 413, "file.too_large")
    assert "import.max_bytes" in body["fix"]


def test_r8_r57_the_description_file_imports_again(management, build):
    made = management.import_file(PETSTORE, name=build.unique(), backend="mock")
    text = management.call("GET", f"services/{made['service']['id']}/description-file?backends=true")
    assert text.header("Content-Type") == "application/yaml"
    again = management.import_file(text.text, name=build.unique())

    def apis(service):
        items = management.get(f"services/{service['id']}/apis?page_size=500")["items"]
        return sorted((item["method"], item["path"], item["name"], item["auth"]["kind"]) for item in items)
    assert apis(made["service"]) == apis(again["service"])
    as_json = management.call("GET", f"services/{made['service']['id']}/description-file?format=json").json()
    assert as_json["openapi"].startswith("3.0.")
