"""Publishes release after release while wrk calls at full load: no call may fail, and none may be of two releases.

Each release answers with its own number twice, in a header and in the body; wrk compares them for every answer.
"""
import re
import statistics
import subprocess
import time

from rig import Lintel

# wrk sums up what it counts of its own; what this script counts travels through the thread's globals.
COMPARE = """
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init(arguments) mixed = 0; wrong = 0 end
function response(status, headers, body)
    if status ~= 200 then wrong = wrong + 1
    elseif headers["X-Release"] ~= body then mixed = mixed + 1 end
end
function done(summary, latency, requests)
    local mixed, wrong = 0, 0
    for _, thread in ipairs(threads) do
        mixed = mixed + thread:get("mixed"); wrong = wrong + thread:get("wrong")
    end
    local errors = summary.errors
    io.write(string.format("calls %d wrong %d mixed %d broken %d\\n", summary.requests, wrong, mixed,
                           errors.connect + errors.read + errors.write + errors.timeout))
end
"""


def api(number):
    return {"name": "hello", "method": "GET", "path": "/hello", "auth": {"kind": "none"},
            "backend": {"kind": "mock", "config": {"headers": {"X-Release": str(number)}, "body": str(number)}}}


def publish_all(management, service, count):
    """Publishes releases 2 to count + 1 -> milliseconds each publish took, seen from outside"""
    path = f"services/{service['id']}"
    took = []
    for number in range(2, count + 2):
        management.post(path + "/draft", {"overwrite": True})
        found = management.get(path + "/apis")["items"][0]
        management.patch(f"{path}/apis/{found['id']}", {"backend": api(number)["backend"]})
        began = time.monotonic()
        management.publish(service)
        took.append((time.monotonic() - began) * 1000)
    return took


def run(lintel, folder, publishes, connections):
    """-> the result as it goes into the JSON file"""
    (folder / "compare.lua").write_text(COMPARE)
    gateway = Lintel(lintel, folder / "lintel")
    gateway.folder.mkdir()
    load = None
    try:
        gateway.start()
        management = gateway.management()
        service = management.create_service("churn", code="churn", apis=[api(1)])
        management.publish(service)
        load = subprocess.Popen(["wrk", "-t1", f"-c{connections}", "-d3600s", "-s", folder / "compare.lua",
                                 f"http://{gateway.address}/release/churn/hello"], stdout=subprocess.PIPE, text=True)
        time.sleep(1)
        took = publish_all(management, service, publishes)
        time.sleep(1)
        load.send_signal(2)
        output = load.communicate(timeout=30)[0]
        last = gateway.call("GET", "/release/churn/hello").text
    finally:
        if load is not None and load.poll() is None:
            load.kill()
        gateway.stop()
    found = re.search(r"calls (\d+) wrong (\d+) mixed (\d+) broken (\d+)", output)
    calls, wrong, mixed, broken = map(int, found.groups())
    return {"kind": "churn", "publishes": publishes, "connections": connections, "calls": calls, "wrong": wrong, "mixed": mixed,
            "broken": broken, "publish_ms_median": round(statistics.median(took), 1), "publish_ms_max": round(max(took), 1),
            "held": calls > 0 and wrong + mixed + broken == 0 and last == str(publishes + 1)}
