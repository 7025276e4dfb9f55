"""What HTTP/2 abuse costs a proxy: memory it pins, CPU it burns, and whether the connection is ended."""
import time

from machine import resident_kib, run_time_ns
from rig.abuse import PROBES, Probe

SETTLE_S = 0.5


def report(proxy):
    """Every probe once -> {probe: figures}"""
    return {name: probe_once(proxy, name) for name in PROBES}


def probe_once(proxy, name):
    resident, spent, own = resident_kib(proxy.pid), run_time_ns(proxy.pid), time.process_time()
    with Probe(proxy.port, proxy.paths[0]) as probe:
        PROBES[name](probe)
        outcome = probe.outcome()
        own = time.process_time() - own
        time.sleep(SETTLE_S)
        figures = {"offered": outcome.offered, "frames": outcome.frames, "sent_kib": round(outcome.sent / 1024),
                   "connections": outcome.connections, "ended": outcome.ended, "stalled": outcome.stalled,
                   "goaways": outcome.goaways, "pinned_kib": resident_kib(proxy.pid) - resident,
                   "cpu_ms": round((run_time_ns(proxy.pid) - spent) / 1e6), "attacker_cpu_ms": round(own * 1000)}
    time.sleep(SETTLE_S)
    return figures
