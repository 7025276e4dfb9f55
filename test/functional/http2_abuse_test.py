"""HTTP/2 as it was abused elsewhere: each probe is stopped or bounded, and honest callers notice nothing of it."""
import threading

import pytest
import rig
from conftest import Builder
from rig.abuse import PROBES, Probe
from rig.http2 import Http2

MIB = 1 << 20
# What an attacker's bytes may pin, at most; little enough in all is fine as well.
PINNED_PER_BYTE, PINNED_ALWAYS = 10, 4 * MIB
ZERO_WINDOW_PINNED = 32 * MIB
ANSWER = bytes(65536)
CUT = {"rapid_reset", "made_you_reset", "continuation", "bomb", "ping", "settings", "empty_data", "priority"}


@pytest.fixture
def victim(binary, tmp_path, recorder):
    """-> (gateway, path of an API, path that nobody attacks); one worker, so that honest callers share it with the attacker"""
    recorder.answer = lambda _seen: (200, {"Content-Type": "application/octet-stream"}, ANSWER)
    lintel = rig.Lintel(binary, tmp_path, workers=1)
    lintel.start()
    builder = Builder(lintel.management())
    base = builder.published(builder.api(), builder.api("GET", "/large", backend=builder.http(recorder.url)),
                             builder.api("POST", "/large", backend=builder.http(recorder.url)))[1]
    yield lintel, base + "/large", base + "/hello"
    lintel.kill()


class Honest(threading.Thread):
    """Calls by HTTP/1.1 and HTTP/2 from before an attack until after it."""

    def __init__(self, gateway, path):
        super().__init__()
        self.gateway, self.path, self.calls, self.faults = gateway, path, 0, []
        self._begun, self._over = threading.Event(), threading.Event()

    def run(self):
        with Http2(int(self.gateway.address.split(":")[1])) as h:
            last = False
            while not last:
                last = self._over.wait(0.005)
                for status in (self.gateway.call("GET", self.path).status, h.answer(h.open(self.path))[0]):
                    self.calls += 1
                    if status != 200:
                        self.faults.append(status)
                self._begun.set()

    def __enter__(self):
        self.start()
        assert self._begun.wait(20)
        return self

    def __exit__(self, *_):
        self._over.set()
        self.join()


def pinned(gateway, before_kib):
    return (gateway.resident_kib() - before_kib) * 1024


@pytest.mark.parametrize("name", PROBES)
def test_honest_callers_notice_nothing_of(victim, name):
    gateway, target, path = victim
    assert gateway.call("GET", target).status == 200
    before_kib = gateway.resident_kib()
    with Honest(gateway, path) as honest, Probe(int(gateway.address.split(":")[1]), target) as probe:
        PROBES[name](probe)
        outcome = probe.outcome()
        grown = pinned(gateway, before_kib)
    assert honest.calls >= 4 and honest.faults == []
    if name in CUT:
        assert outcome.ended == outcome.connections, outcome
    allowed = ZERO_WINDOW_PINNED if name == "zero_window" else max(PINNED_ALWAYS, PINNED_PER_BYTE * outcome.sent)
    assert grown <= allowed, f"{grown / MIB:.1f} MiB: {outcome}"


def test_resets_begin_no_more_calls_than_a_connection_may_reset(victim, recorder):
    """What is given up at once reaches the backend a bounded number of times, however many streams were begun."""
    gateway, target, _ = victim
    with Probe(int(gateway.address.split(":")[1]), target) as probe:
        PROBES["rapid_reset"](probe)
        assert probe.outcome().ended == 1
    assert len(recorder.requests) <= 1000
