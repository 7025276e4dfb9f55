"""What ./dev bench makes of its samples: ratios, goals, the page and its pictures."""
import pathlib
import subprocess
import sys
import xml.dom.minidom

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "test/bench"), str(ROOT / "test/support")]
import chart  # noqa: E402
import method  # noqa: E402
import page  # noqa: E402
import report  # noqa: E402
from loads import Count  # noqa: E402
from scenarios import SCENARIOS  # noqa: E402


def sample(us):
    return {"us_per_request": us, "requests_per_second": 1e6 / us, "user_share": 0.25, "resident_peak_kib": 2048, "steal": 0.01, "others": 0.02}


def rounds(**figures):
    return [{name: sample(us) for name, us in zip(figures, row)} for row in zip(*figures.values())]


def cpu_result(measured, goal=0.75, left_out=None):
    names = list(measured[0])
    return {"kind": "cpu", "goal": goal, "subject": "lintel", "connections": 64, "seconds": 1, "left_out": left_out or {},
            "rounds": measured, "summary": method.summarise(measured, names, "lintel", [n for n in names if n != "lintel"])}


def test_ratios_are_medians_within_rounds_and_go_to_the_better_peer_of_the_run():
    # Round by round lintel is at half of nginx, although the machine was slow in the second and third.
    table = method.summarise(rounds(lintel=[10, 30, 20], nginx=[20, 60, 40], haproxy=[19, 70, 50]),
                             ["lintel", "nginx", "haproxy"], "lintel", ["nginx", "haproxy"])
    assert table["lintel"]["ratio_to"]["nginx"] == 0.5
    assert (table["lintel"]["better_peer"], table["lintel"]["ratio_to_better_peer"]) == ("nginx", 0.5)
    assert table["lintel"]["us_per_request_median"] == 20 and table["lintel"]["us_per_request_min"] == 10


@pytest.mark.parametrize("ours,goal,expected", [(7.5, 0.75, True), (7.6, 0.75, False), (7.5, None, None)])
def test_a_goal_is_held_up_to_its_very_figure(ours, goal, expected):
    assert report.held(cpu_result(rounds(lintel=[ours], nginx=[10]), goal)) is expected


def test_without_a_peer_there_is_nothing_to_hold():
    assert report.held(cpu_result(rounds(lintel=[5]))) is None


class Fake:
    """Stands for a proxy and for its load: serves after so many calls, or never; fails so many of a turn's."""

    class process:
        poll = staticmethod(lambda: None)

    def __init__(self, name, serves_after=0, fails=0):
        self.name, self.calls, self.serves_after, self.fails = name, 0, serves_after, fails

    def problem(self, proxy):
        proxy.calls += 1
        return None if proxy.calls > proxy.serves_after else "503 with 0 bytes"

    def turn(self, proxy, seconds):
        return Count(requests=100, refused=0, errors=proxy.fails)


def test_who_cannot_serve_is_left_out_with_the_reason(monkeypatch):
    monkeypatch.setattr(method, "READY_S", 0.2)
    late, never, weak = Fake("late", 1), Fake("never", 10**9), Fake("weak", fails=7)
    assert method.able([late, weak, never], late, 1, "late") == (
        [late], {"never": "503 with 0 bytes", "weak": "0 refused and 7 failed of 100 requests"})


def test_when_the_subject_fails_there_is_nothing_to_compare():
    weak = Fake("weak", fails=7)
    with pytest.raises(method.Failed, match="weak: 0 refused and 7 failed"):
        method.able([weak], weak, 1, "weak")


def test_a_round_on_a_busy_host_is_repeated_then_given_up(monkeypatch):
    turns = []
    monkeypatch.setattr(method, "measure", lambda proxy, *_: turns.append(proxy) or {"steal": 0.5})
    with pytest.raises(method.Inconclusive):
        method.measure_round([Fake("one", 0)], None, 1)
    assert len(turns) == method.TRIES


def test_pictures_are_well_formed_and_carry_both_grounds():
    svg = chart.bars("a < b & c", {"plain": {"lintel": 0.7, "nginx": 1.0, "envoy-1": 2.0}}, marks={"plain": 0.75}, reference=1)
    drawn = xml.dom.minidom.parseString(svg)
    assert len(drawn.getElementsByTagName("rect")) == 6  # three bars, three in the legend
    assert "prefers-color-scheme: dark" in svg and 'class="other"' in svg


def test_the_page_tells_runs_goals_and_who_was_left_out(tmp_path):
    machine = {"cpu": "2 x CPU", "memory_gib": 4, "kernel": "6", "programs": {"nginx": "1.22"}, "commit": "abc"}
    run = {"about": "as it is", "date": "2026-11-24", "command": "./dev bench plain", "machine": machine}
    churned = {"kind": "churn", "publishes": 9, "connections": 64, "calls": 100, "wrong": 0, "mixed": 0, "broken": 0,
               "publish_ms_median": 5, "publish_ms_p99": 8, "publish_ms_max": 9, "held": True}
    paced = {**churned, "pace": {"per_second": 10, "routes": 50_000}, "us": [4], "ratio_to_quiet": 1.104, "goal": 1.10}
    probe = {"offered": 10, "frames": 5, "sent_kib": 1, "connections": 1, "ended": 1, "stalled": 0, "goaways": ["CANCEL"],
             "pinned_kib": 1024, "cpu_ms": 3, "attacker_cpu_ms": 4}
    kept = {"plain": {**run, "result": cpu_result(rounds(lintel=[7], nginx=[10]), left_out={"haproxy": "503 | none"})},
            "churn": {**run, "result": churned}, "live": {**run, "result": paced},
            "start": {**run, "result": {"kind": "start", "routes": 50_000, "credentials": 9, "seconds": [1.5, 1.25, 2.0],
                                        "seconds_median": 1.5, "peak_mb": 250.3, "goal_mb": 400, "held": True}},
            "abuse": {**run, "result": {"kind": "abuse", "left_out": {}, "proxies": {"lintel": {"ping": probe}}}}}
    written = page.write(kept, tmp_path)
    text = written[0].read_text()
    assert "| plain | as it is | 64 | 0.70 | nginx | 0.75 | held |" in text
    assert "left out: 503 / none" in text and "9 releases" in text and "5 of 10" in text
    assert "1.104 times what it costs without changes (goal 1.10: missed)" in text
    assert "1.50 s after the start of the program (median of 3; 1.25 to 2.00). It took 250 MB at the peak (goal 400: held)" in text
    for picture in written[1:]:
        assert f"benchmarks/{picture.name}" in text
        xml.dom.minidom.parse(str(picture))


def test_every_scenario_is_told_in_the_documentation_and_the_help():
    told = (ROOT / "docs/performance.md").read_text()
    help_text = subprocess.run([sys.executable, ROOT / "test/bench/bench.py", "--help"], capture_output=True, text=True,
                               check=True).stdout
    for name, scenario in SCENARIOS.items():
        assert f"`{name}`" in told, name
        assert f"  {name} " in help_text and scenario.about in help_text, name


@pytest.mark.parametrize("wrong,said", [(["no-such"], "there is no scenario no-such"), (["--peer", "envoy"], "write NAME=COMMAND"),
                                        (["--peer", "envoy=envoy -c x"], "{port} in the command")])
def test_what_is_asked_wrongly_is_told(wrong, said):
    done = subprocess.run([sys.executable, ROOT / "test/bench/bench.py", "--tools", "x", *wrong], capture_output=True, text=True)
    assert done.returncode == 2 and said in done.stderr
