"""Two administrators edit the same things, in random order: nothing that was acknowledged is lost, nothing that was refused is done."""
import collections
import copy
import random

import pytest
import rig

ROUNDS, STEPS = 100, 25

# A number that editors count up: where it is read and written, how, and how it stands there.
Counter = collections.namedtuple("Counter", "read method write look change")


def at(document, path, value=None):
    """-> what stands at the path, after putting a value there if one is given"""
    *way, last = path
    for step in way:
        document = document[step]
    if value is not None:
        document[last] = value
    return document[last]


def counter(path, field, method="PATCH", write=None, body=lambda document: document, text=str):
    """One member of an object that holds the number; PATCH sends the topmost member of it, PUT what `body` makes of the whole."""
    def change(document):
        document = copy.deepcopy(document)
        at(document, field, text(int(at(document, field)) + 1))
        return body(document) if method == "PUT" else {field[0]: document[field[0]]}
    return Counter(path, method, write or path, lambda document: int(at(document, field)), change)


class Editor:
    """Remembers what was read last of each object, as a console does, and writes on top of that."""

    def __init__(self, client):
        self.client, self.seen = client, {}

    def read(self, name, counters):
        answer = self.client.call("GET", counters[name].read)
        assert answer.status == 200, answer
        self.seen[name] = (answer.header("ETag"), answer.json())
        return self.seen[name]

    def write(self, name, counters):
        """-> (ETag it was based on, number it was to become, answer)"""
        etag, document = self.seen[name]
        one = counters[name]
        answer = self.client.call(one.method, one.write, one.change(document), If_Match=etag)
        return etag, one.look(document) + 1, answer


@pytest.fixture(scope="module")
def counters(management):
    limit = {"kind": "rate_limit", "config": {"per_caller": {"limit": 1, "unit": "second"}}}
    api = {"name": "one", "description": "0", "method": "GET", "path": "/one", "auth": {"kind": "none"}, "policies": [limit],
           "backend": {"kind": "mock", "config": {"body": "one"}}}
    service = management.create_service("Edited by two", [api], code="edited-by-two", description="0", labels={"n": "0"})
    path = f"services/{service['id']}"
    api_path = f"{path}/apis/{management.get(path + '/apis')['items'][0]['id']}"
    management.post("environments", {"code": "edited", "name": "0"})
    management.post("/api/v1/access-policies", {"name": "edited-by-two", "description": "0", "statements": [
        {"effect": "Allow", "actions": ["lintel:service:read"], "resources": ["*"]}]})
    management.post("upstreams", {"name": "edited-by-two", "servers": [{"address": "127.0.0.1:9", "weight": 1}]})

    def part(*names):
        return lambda document: {name: document[name] for name in names}
    return {
        "service": counter(path, ["description"]),
        "draft": counter(path + "/draft", ["definition", "labels", "n"], "PUT", body=part("definition")),
        "api": counter(api_path, ["description"]),
        "policy of the api": counter(api_path, ["policies", 0, "config", "per_caller", "limit"], text=int),
        "access policy": counter("/api/v1/access-policies/edited-by-two", ["description"], "PUT",
                                 body=part("name", "description", "statements")),
        "environment": counter("environments/edited", ["name"]),
        "upstream": counter("upstreams/edited-by-two", ["servers", 0, "weight"], "PUT", body=part("name", "servers"), text=int),
    }


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_no_acknowledged_edit_is_lost_and_no_refused_one_is_made(management, counters, seed):
    chance = random.Random(seed)
    editors, observer = (Editor(management), Editor(management)), Editor(management)
    expected = {name: counters[name].look(observer.read(name, counters)[1]) for name in counters}
    for editor in editors:
        for name in counters:
            editor.read(name, counters)
    for step in range(STEPS):
        editor, name = chance.choice(editors), chance.choice(list(counters))
        told = f"seed {seed}, step {step}: {name}"
        if chance.random() < 0.3:
            editor.read(name, counters)
            continue
        before = observer.read(name, counters)
        etag, number, answer = editor.write(name, counters)
        after = observer.read(name, counters)
        if etag == before[0]:
            assert answer.status == 200, f"{told}: {answer}"
            assert number == expected[name] + 1, told
            expected[name] = number
            assert after[0] not in (None, before[0]), told
        else:
            rig.refused(answer, 412, "precondition.failed")
            assert answer.header("ETag") == before[0], told
            assert after == before, told
        assert {one: counters[one].look(observer.read(one, counters)[1]) for one in counters} == expected, told
