"""Publishes release after release under full load: no call may fail, and none may be of two releases.

Each release answers with its own number twice, in a header and in the body, which are compared for every answer. At a steady
pace changes come in rounds, and what a request costs in one is compared with what it costs just before and just after it,
when nobody changes anything.
"""
import dataclasses
import itertools
import re
import statistics
import subprocess
import time

from machine import PROXY_CPU, as_load, run_time_ns
from rig import Lintel

APIS_OF_A_SERVICE = 1000
CHANGES_OF_A_ROUND = 100
QUIET_S = 5
HOUR_MS = 3_600_000
EDGE_S = 0.2  # calls before the first change and after the last
QUIET_RATIO = 1.10  # the goal


@dataclasses.dataclass
class Pace:
    """So many changes a second, among so many routes."""
    per_second: int
    routes: int


def api(number, path="/hello"):
    return {"name": path, "method": "GET", "path": path, "auth": {"kind": "none"},
            "backend": {"kind": "mock", "config": {"headers": {"X-Release": str(number)}, "body": str(number)}}}


def add_routes(management, count):
    for begin in range(0, count, APIS_OF_A_SERVICE):
        code = f"other-{begin // APIS_OF_A_SERVICE}"
        management.publish(management.create_service(code, code=code, apis=[
            api(1, f"/things/{at}/items") for at in range(min(APIS_OF_A_SERVICE, count - begin))]))


def publish_all(management, service, numbers, pace):
    """-> milliseconds the publish of each release took, seen from outside"""
    path = f"services/{service['id']}"
    management.post(path + "/draft", {"overwrite": True})
    changed = f"{path}/apis/{management.get(path + '/apis')['items'][0]['id']}"
    took, start = [], time.monotonic()
    for number in numbers:
        if pace:
            time.sleep(max(0, start + len(took) / pace.per_second - time.monotonic()))
        management.post(path + "/draft", {"overwrite": True})
        management.patch(changed, {"backend": api(number)["backend"]})
        began = time.monotonic()
        management.publish(service)
        took.append((time.monotonic() - began) * 1000)
    return took


class Load:
    """Full load until the end of the block; then `counts` has what came of it, and `us` what a request cost."""
    REQUEST = "GET /release/churn/hello HTTP/1.1\r\nHost: churn\r\n\r\n"

    def __init__(self, gateway, program, connections):
        self._gateway = gateway
        request = gateway.folder / "churn.request"
        request.write_text(self.REQUEST, newline="")
        port = gateway.address.split(":")[1]
        self._command = [program, "http", port, str(connections), str(HOUR_MS), request, "X-Release"]

    def __enter__(self):
        self._gateway.empty_access_log()
        self._before = run_time_ns(self._gateway.pid)
        self._load = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True, preexec_fn=as_load())
        time.sleep(EDGE_S)
        return self

    def __exit__(self, failed, *_):
        if failed:
            self._load.kill()
            return
        time.sleep(EDGE_S)
        self._load.send_signal(2)
        output = self._load.communicate(timeout=30)[0]
        found = re.search(r"answers (\d+) refused (\d+) mixed (\d+) lost (\d+)", output)
        self.counts = dict(zip(("calls", "wrong", "mixed", "broken"), map(int, found.groups())))
        self.us = (run_time_ns(self._gateway.pid) - self._before) / 1000 / max(1, self.counts["calls"])
        self.good = self.counts["calls"] > 0 and not sum(self.counts[fault] for fault in ("wrong", "mixed", "broken"))


def quiet_us(gateway, program, connections):
    with Load(gateway, program, connections) as load:
        time.sleep(QUIET_S)
    return load.us


def run(lintel, program, folder, publishes, connections, pace=None):
    """`program` is bench_load -> the result as it goes into the JSON file"""
    gateway = Lintel(lintel, folder / "lintel", workers=1, wrapper=("taskset", "-c", str(PROXY_CPU)))
    gateway.folder.mkdir()
    last = publishes + 1
    size = CHANGES_OF_A_ROUND if pace else publishes
    quiet, loads, took = [], [], []
    try:
        gateway.start()
        management = gateway.management()
        service = management.create_service("churn", code="churn", apis=[api(1)])
        management.publish(service)
        if pace:
            add_routes(management, pace.routes)
            quiet.append(quiet_us(gateway, program, connections))
        for first in range(2, last + 1, size):
            with Load(gateway, program, connections) as load:
                took += publish_all(management, service, range(first, min(first + size, last + 1)), pace)
            loads.append(load)
            if pace:
                quiet.append(quiet_us(gateway, program, connections))
        resident = gateway.resident_kib()
        held = gateway.call("GET", "/release/churn/hello").text == str(last) and all(load.good for load in loads)
    finally:
        gateway.stop()
    took.sort()
    result = {"kind": "churn", "publishes": publishes, "connections": connections,
              **{name: sum(load.counts[name] for load in loads) for name in loads[0].counts},
              "publish_ms_median": round(statistics.median(took), 1), "publish_ms_p99": round(took[len(took) * 99 // 100], 1),
              "publish_ms_max": round(took[-1], 1), "resident_kib": resident, "held": held}
    if pace:
        us = [load.us for load in loads]
        ratio = statistics.median(here / statistics.mean(around) for here, around in zip(us, itertools.pairwise(quiet)))
        result |= {"pace": dataclasses.asdict(pace), "quiet_us": quiet, "us": us, "ratio_to_quiet": ratio, "goal": QUIET_RATIO,
                   "held": held and ratio <= QUIET_RATIO}
    return result
