"""Starts a gateway that has very many routes and credentials: how long until the first right answer, how much memory.

Services are made by the management API. Credentials are copies of one that it made, put into the store by SQL.
"""
import pathlib
import statistics
import time

from churn import add_routes, api
from machine import LOAD_CPU, PROXY_CPU
from rig import Lintel
from rig.credentials import basic
from rig.multitude import Seals, SqliteTables, numbered

ROUTES, CREDENTIALS, STARTS = 50_000, 100_000, 5
PEAK_MB = 400  # the goal
READY_WITHIN_S = 120


def add_credentials(gateway, credential, count):
    """The gateway is stopped."""
    tables, seal = SqliteTables(gateway), Seals((gateway.data / "master.key").read_bytes())
    [template] = tables.rows("credentials", f"id = '{credential['id']}'")
    pairs = tables.rows("key_pairs", f"credential_id = '{credential['id']}'")
    [grant] = tables.rows("grants", f"credential_id = '{credential['id']}'")
    identities = [numbered(template["id"], number) for number in range(count)]
    tables.add("credentials", ({**template, "id": identity, "name": f"key {number}", "searched": f"key {number}"}
                               for number, identity in enumerate(identities)))
    tables.add("key_pairs", (
        {**pair, "credential_id": identity, "access_key": numbered(pair["access_key"], number),
         "sealed_secret": seal(b"x" * 40, f"key_pairs|{identity}/{pair['type']}|sealed_secret|1".encode())}
        for number, identity in enumerate(identities) for pair in pairs))
    tables.add("grants", ({**grant, "id": numbered(grant["id"], number), "credential_id": identity}
                          for number, identity in enumerate(identities)))
    tables.close()


def peak_kib(pid):
    return int(pathlib.Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0])


def run(lintel, folder):
    """-> the result as it goes into the JSON file"""
    gateway = Lintel(lintel, folder / "lintel", wrapper=("taskset", "-c", f"{PROXY_CPU},{LOAD_CPU}"))
    gateway.folder.mkdir()
    took, peaks = [], []
    try:
        gateway.start()
        management = gateway.management()
        add_routes(management, ROUTES)
        protected = {**api(1), "auth": {"kind": "basic"}}
        service = management.create_service("protected", code="protected", apis=[protected])
        management.publish(service)
        credential = management.create_credential(service)
        gateway.stop()
        add_credentials(gateway, credential, CREDENTIALS)
        caller = basic(credential["key_pairs"]["basic"])
        for _ in range(STARTS):
            began = time.monotonic()
            gateway.start(READY_WITHIN_S)
            answer = gateway.call("GET", "/release/protected/hello", caller)
            assert answer.status == 200, (answer.status, answer.text)
            took.append(time.monotonic() - began)
            peaks.append(peak_kib(gateway.pid))
            gateway.stop()
    finally:
        gateway.stop()
    return {"kind": "start", "routes": ROUTES, "credentials": CREDENTIALS, "seconds": took,
            "seconds_median": statistics.median(took), "peak_mb": max(peaks) * 1024 / 1e6, "goal_mb": PEAK_MB,
            "held": max(peaks) * 1024 / 1e6 < PEAK_MB}
