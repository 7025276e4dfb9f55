"""The table of what can be measured. A scenario says how callers come, what they call and who takes part."""
from dataclasses import dataclass, field
from pathlib import Path

import abuse
import churn
import cold
from loads import Call, Echo, H2load, Http1
from machine import descriptors
from method import able, measure_rounds, summarise
from proxies import KEPT_S, Certificate, LintelProxy, Upstreams, Way, start_haproxy, start_nginx, start_peer, start_relay


@dataclass
class Bench:
    """What one run of the program was asked for."""
    lintel: str | None
    tools: Path  # where bench_upstream, bench_relay, bench_load and bench_awake are
    rounds: int
    seconds: int
    publishes: int
    peers: dict = field(default_factory=dict)


class Scenario:
    """Plain unless a scenario says otherwise: one GET at a time on each of 64 kept connections, 1 KiB comes back."""
    name = "plain"
    about = "GET over kept connections, 1 KiB of answer, nothing to check"
    goal = 0.75  # CPU of the subject, as a ratio to the better of its peers
    quick = False  # part of what runs when nobody names a scenario
    connections = 64
    answer_bytes = 1024
    seconds_min = 1
    tls = http2 = websocket = False
    paths = ("/pets",)  # the calls take turns
    relay = False  # messages fit its buffer
    logs = False  # Lintel writes its access log; the peers never do
    subject, subject_peers = "lintel", None  # None: everybody but the relay

    def call(self):
        return Call(answer_bytes=self.answer_bytes)

    def load(self, bench, folder):
        return Http1(self.connections, bench.tools / "bench_load", folder, self.call())

    def publish(self, proxy, management, way):
        """Makes what is called on a fresh Lintel and tells the proxy where it is."""
        service = management.create_service("bench", code="bench", apis=[api(self.call().method, path, way) for path in self.paths])
        management.publish(service)
        proxy.paths = tuple("/release/bench" + path for path in self.paths)

    def start(self, bench, way, proxies):
        """Starts who takes part, into `proxies`, so that what did start is stopped whatever happens."""
        proxies.append(start_nginx(way.of_a_proxy()))
        proxies.append(start_haproxy(way.of_a_proxy()))
        proxies.extend(start_peer(way.of_a_proxy(), name, command) for name, command in bench.peers.items())
        if self.relay:
            proxies.append(start_relay(way.of_a_proxy(), bench.tools / "bench_relay"))
        if bench.lintel:
            proxies.append(LintelProxy(way.of_a_proxy(), bench.lintel, self.publish, logs=self.logs))

    def run(self, bench, folder):
        """-> the result as it goes into the JSON file"""
        certificate = Certificate(folder) if self.tls else None
        proxies = []
        with Upstreams(bench.tools / "bench_upstream", self.answer_bytes) as upstreams:
            way = Way(folder, upstreams, self.connections, certificate, self.http2, self.websocket, self.paths)
            try:
                self.start(bench, way, proxies)
                load = self.load(bench, folder)
                seconds = max(bench.seconds, self.seconds_min)
                serving, left_out = able(proxies, load, seconds, self.subject)
                rounds = measure_rounds(serving, load, bench.rounds, seconds) if serving else []
            finally:
                for proxy in proxies:
                    proxy.stop()
        names = [proxy.name for proxy in reversed(serving)]
        peers = self.subject_peers or [name for name in names if name not in (self.subject, "relay")]
        return {"kind": "cpu", "goal": self.goal, "subject": self.subject, "connections": self.connections, "seconds": seconds,
                "left_out": left_out, "summary": summarise(rounds, names, self.subject, peers) if rounds else {},
                "rounds": rounds}


def api(method, path, way, auth="none", policies=()):
    config = {"url": f"http://127.0.0.1:{way.upstream}", **({"websocket": True} if way.websocket else {})}
    return {"name": f"{method} {path}", "method": method, "path": path, "auth": {"kind": auth}, "policies": list(policies),
            "backend": {"kind": "http", "config": config}}


class Plain(Scenario):
    quick = relay = True


class Large(Scenario):
    name, about, goal = "64k", "GET, 64 KiB of answer", 0.80
    answer_bytes = 65536


class Upload(Scenario):
    name, about = "post-4k", "POST with a body of 4 KiB, 1 KiB of answer"
    relay = True

    def call(self):
        return Call("POST", body='{"note": "' + "x" * 4084 + '"}', headers={"Content-Type": "application/json"})


class Policies(Scenario):
    """A hundred APIs are called in turn, because a limit is at most 1,000 calls a second."""
    name, goal, quick, logs = "policies", 0.90, True, True
    about = "Lintel checks an HMAC signature and a rate limit, counts and logs; the others just pass on"
    paths = tuple(f"/pets/{number}" for number in range(100))

    def publish(self, proxy, management, way):
        limit = {"kind": "rate_limit", "config": {"limit": 1000, "unit": "second"}}
        service = management.create_service("bench", code="bench", apis=[api("GET", path, way, "hmac", [limit])
                                                                         for path in self.paths])
        management.publish(service)
        proxy.paths = tuple("/release/bench" + path for path in self.paths)
        proxy.key_pair = management.create_credential(service)["key_pairs"]["hmac"]


class Tls(Scenario):
    name, about, goal, quick, tls = "tls", "plain, but callers come by TLS 1.3 with a P-256 certificate", 0.80, True, True


class H2c(Scenario):
    name, about, goal, quick, http2 = "h2c", "HTTP/2 in clear: 16 connections with 16 calls at once each", 0.90, True, True
    connections, streams = 16, 16

    def load(self, bench, folder):
        return H2load(self.connections, self.streams, self.call())


class H2Tls(H2c):
    name, about, goal, quick, tls = "h2", "HTTP/2 over TLS: 16 connections with 16 calls at once each", 0.90, False, True


class WebSocket(Scenario):
    name, about, goal = "websocket", "messages of 100 bytes, each echoed by the backend before the next", 0.90
    websocket = relay = True

    def load(self, bench, folder):
        return Echo(self.connections, bench.tools / "bench_load")


class Close(Scenario):
    name, about, goal = "close", "a new connection for each call", 1.05

    def call(self):
        return Call(headers={"Connection": "close"})


class Wide(Scenario):
    name, about, relay = "256", "plain, over 256 connections", True
    connections = 256


class Wider(Scenario):
    """The turns are long, since each begins with all the connects. Where files are rationed, there are fewer connections."""
    name, about, seconds_min = "10k", "plain, over 10,000 connections (fewer where a proxy may not have so many), new in each turn", 5
    WANTED, OTHER_FILES = 10_000, 500

    @property
    def connections(self):
        return min(self.WANTED, (descriptors() - self.OTHER_FILES) // 2)

    def publish(self, proxy, management, way):
        """Its peers open as many connections as there are calls; so may Lintel, which would refuse beyond 2,048."""
        management.post("upstreams", {"name": "wide", "servers": [{"address": f"127.0.0.1:{way.upstream}"}], "connections": {
            "max": self.WANTED, "max_pending": self.WANTED, "max_idle": self.WANTED, "idle_timeout_ms": KEPT_S * 1000}})
        wide = api("GET", "/pets", way)
        wide["backend"]["config"] = {"upstream": "wide"}
        management.publish(management.create_service("bench", code="bench", apis=[wide]))
        proxy.paths = ("/release/bench/pets",)


class Routes(Scenario):
    name, about, goal = "routes", "Lintel with 1, 1,000 and 100,000 routes; calls spread over up to 1,000 of them", 1.05
    subject, subject_peers = "lintel-100k", ("lintel-1",)
    SIZES = {"lintel-1": 1, "lintel-1k": 1000, "lintel-100k": 100_000}
    APIS_MAX, CALLED_MAX = 1000, 1000  # of a service; of all

    def publish(self, proxy, management, way):
        size = self.SIZES[proxy.name]
        apis = min(size, self.APIS_MAX)
        for number in range(size // apis):
            code = f"svc-{number:03}"
            management.publish(management.create_service(code, code=code, apis=[
                api("GET", f"/things/{at}/items", way) for at in range(apis)]))
        # A step that is coprime to the sizes, so that every service and every part of it has its calls.
        called = (at * 7919 % size for at in range(min(size, self.CALLED_MAX)))
        proxy.paths = tuple(f"/release/svc-{at // apis:03}/things/{at % apis}/items" for at in called)

    def start(self, bench, way, proxies):
        proxies.extend(LintelProxy(way.of_a_proxy(), bench.lintel, self.publish, name) for name in self.SIZES if bench.lintel)


class Churn(Scenario):
    name, about, goal = "churn", "release after release under full load: none may be lost, none mixed", None

    def run(self, bench, folder):
        return churn.run(bench.lintel, bench.tools / "bench_load", folder, bench.publishes, self.connections)


class Live(Scenario):
    name, about, goal = "live", "ten changes a second among 50,000 routes under full load, against the same load without any", None

    def run(self, bench, folder):
        return churn.run(bench.lintel, bench.tools / "bench_load", folder, bench.publishes, self.connections,
                         churn.Pace(per_second=10, routes=50_000))


class Start(Scenario):
    name, about, goal = "start", "from the start of the program to its first right answer, with 50,000 routes and 100,000 credentials", None

    def run(self, bench, folder):
        return cold.run(bench.lintel, folder)


class Abuse(Scenario):
    name, about, goal = "abuse", "HTTP/2 as an attacker sends it: what is taken, what it costs, what ends it", None
    answer_bytes = 65536
    http2 = True

    def run(self, bench, folder):
        proxies = []
        with Upstreams(bench.tools / "bench_upstream", self.answer_bytes) as upstreams:
            try:
                self.start(bench, Way(folder, upstreams, self.connections, http2=True), proxies)
                serving, left_out = able(proxies, H2load(1, 1, self.call()), bench.seconds, self.subject)
                return {"kind": "abuse", "left_out": left_out, "proxies": {proxy.name: abuse.report(proxy) for proxy in serving}}
            finally:
                for proxy in proxies:
                    proxy.stop()


SCENARIOS = {one.name: one for one in (Plain, Large, Upload, Policies, Tls, H2c, H2Tls, WebSocket, Close, Wide, Wider, Routes, Churn,
                                       Live, Start, Abuse)}
