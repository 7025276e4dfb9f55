#!/usr/bin/python3
"""Gives an instrumented build the kinds of calls a gateway serves, so that the compiler learns which code is hot.

Run by `./dev profile`; LLVM_PROFILE_FILE says where the counts go.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from rig import Lintel, basic, free_port, signed  # noqa: E402

FIELDS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "application/json, text/plain, */*",
    "Accept-Language": "en-GB,en;q=0.7,de;q=0.3",
    "Referer": "https://shop.example.org/catalogue/pets?kind=cat",
    "Cookie": "session=5f1d7a2c9b8e4f60a1c3; theme=dark",
    "X-Tenant": "north-harbour",
}
PET = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 1},
                                                              "age": {"type": "integer", "minimum": 0}}}
LIMITED = [{"kind": "ip_access", "config": {"mode": "allow", "addresses": ["127.0.0.0/8", "::1"]}},
           {"kind": "rate_limit", "config": {"limit": 1000, "unit": "second"}}]


def api(path, upstream, method="GET", auth="none", **more):
    return {"name": f"{method} {path}", "method": method, "path": path, "auth": {"kind": auth},
            "backend": {"kind": "http", "config": {"url": f"http://127.0.0.1:{upstream}"}}, **more}


def apis(upstream, large):
    return [api("/pets", upstream), api("/large", large),
            *(api("/" + auth, upstream, auth=auth) for auth in ("basic", "oauth2", "hmac")),
            api("/pets/{id}", upstream, parameters=[
                {"name": "id", "location": "path", "type": "integer", "required": True},
                {"name": "limit", "location": "query", "type": "integer", "schema": {"type": "integer", "maximum": 100}}]),
            api("/pets", upstream, "POST", body={"required": True, "content": {"application/json": {"schema": PET}}}),
            {"name": "mock", "method": "GET", "path": "/mock", "auth": {"kind": "none"},
             "backend": {"kind": "mock", "config": {"body": "hello"}}}]


class Trainer:
    def __init__(self, binary, upstream, folder):
        self.folder, self.ports = folder, [free_port(), free_port()]
        self.upstreams = [subprocess.Popen([upstream, str(self.ports[0])]),
                          subprocess.Popen([upstream, str(self.ports[1]), "65536"])]
        self.tls = free_port()
        self.gateway = Lintel(binary, folder, workers=1, flags=["--tls-listen", f"127.0.0.1:{self.tls}"])
        self.gateway.start()
        management = self.gateway.management()
        service = management.create_service("pets", code="pets", apis=apis(*self.ports))
        limited = management.create_service("limited", code="limited", apis=apis(*self.ports)[:1], policies=LIMITED)
        for one in (service, limited):
            management.publish(one)
        self.pairs = management.create_credential(service)["key_pairs"]

    def stop(self):
        for upstream in self.upstreams:
            upstream.kill()
        self.gateway.stop()

    def url(self, path, secure=False):
        return f"https://127.0.0.1:{self.tls}{path}" if secure else f"http://{self.gateway.address}{path}"

    def wrk(self, path, seconds, headers=(), post=None, **place):
        command = ["wrk", "-t1", "-c64", f"-d{seconds}s"]
        for name, value in {**FIELDS, **dict(headers)}.items():
            command += ["-H", f"{name}: {value}"]
        if post:
            script = self.folder / "post.lua"
            script.write_text(f"wrk.method = 'POST'\nwrk.body = '{post}'\nwrk.headers['Content-Type'] = 'application/json'\n")
            command += ["-s", str(script)]
        subprocess.run([*command, self.url(path, **place)], check=True, capture_output=True)

    def h2load(self, path, seconds, **place):
        command = ["h2load", "-t1", "-c16", "-m16", "-D", str(seconds), self.url(path, **place)]
        subprocess.run(command, check=True, capture_output=True)

    def train(self):
        base = "/release/pets"
        token = self.gateway.call("GET", f"{base}/-/oauth2/token?client_id={self.pairs['oauth2']['key']}"
                                         f"&client_secret={self.pairs['oauth2']['secret']}").json()["access_token"]
        self.wrk(base + "/pets", 6)
        self.wrk("/release/limited/pets", 2)
        self.wrk(base + "/basic", 2, basic(self.pairs["basic"]))
        self.wrk(base + "/hmac", 2, signed(self.pairs["hmac"], "GET", base + "/hmac"))
        self.wrk(base + "/oauth2", 2, {"Authorization": f"Bearer {token}"})
        self.wrk(base + "/pets/7?limit=10", 2)
        self.wrk(base + "/pets", 2, post='{"name": "Mia", "age": 4}')
        self.wrk(base + "/large", 2)
        self.wrk(base + "/mock", 1)
        self.wrk(base + "/basic", 1)  # refused
        self.wrk(base + "/pets", 3, secure=True)
        self.wrk(base + "/pets", 1, {"Connection": "close"})
        self.h2load(base + "/pets", 3)
        self.h2load(base + "/pets", 2, secure=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lintel", required=True)
    parser.add_argument("--upstream", required=True)
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lintel-profile-"))
    trainer = Trainer(arguments.lintel, arguments.upstream, folder)
    try:
        trainer.train()
    finally:
        trainer.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
