"""What the bench does with the machine, so that a figure does not depend on the host's mood."""
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

BENCH = pathlib.Path(__file__).parents[1] / "bench"


@pytest.fixture
def machine(monkeypatch):
    if not {0, 1} <= os.sched_getaffinity(0):
        pytest.skip("the bench needs the CPUs 0 and 1")
    monkeypatch.syspath_prepend(BENCH)
    import machine
    return machine


@pytest.fixture
def keeper(binary):
    return binary.parents[2] / "test/bench/bench_awake"


def children(pid):
    return [int(child) for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text().split()]


def keepers(program, parent):
    """-> those processes of `parent` that run it"""
    return [pid for pid in children(parent) if runs(pid, program)]


def runs(pid, program):
    try:
        return pathlib.Path(f"/proc/{pid}/exe").readlink() == program.resolve()
    except OSError:
        return False


def within(seconds, condition):
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return met


def busy_s(cpu):
    """As the kernel counts it, whoever it was."""
    line = next(line for line in pathlib.Path("/proc/stat").read_text().split("\n") if line.startswith(f"cpu{cpu} "))
    return sum(int(line.split()[at]) for at in (1, 2, 3, 6, 7)) / os.sysconf("SC_CLK_TCK")


def test_both_cpus_are_kept_awake_by_who_gives_way_to_all(machine, keeper):
    with machine.awake(keeper):
        running = keepers(keeper, os.getpid())
        assert sorted(cpu for pid in running for cpu in os.sched_getaffinity(pid)) == [0, 1]
        assert [os.sched_getscheduler(pid) for pid in running] == [os.SCHED_IDLE] * 2
    assert keepers(keeper, os.getpid()) == []


def test_figures_of_cpus_that_were_not_kept_awake_are_none(machine):
    with pytest.raises(SystemExit, match="ended early"), machine.awake("/bin/true"):
        time.sleep(0.5)


def test_what_keeps_a_cpu_awake_is_nobody_who_shares_it(machine, keeper):
    cpu = machine.PROXY_CPU
    with machine.awake(keeper):
        [pid] = [one for one in keepers(keeper, os.getpid()) if os.sched_getaffinity(one) == {cpu}]
        if not within(30, lambda: machine.run_time_ns(pid) > 300_000_000):
            pytest.skip("the CPU had no moment free")
        assert busy_s(cpu) - machine.busy_s(cpu) > 0.2


def test_nobody_keeps_a_cpu_awake_after_the_bench_was_killed(machine, keeper):
    code = "import machine, sys, time\nwith machine.awake(sys.argv[1]):\n    print('awake', flush=True)\n    time.sleep(60)"
    bench = subprocess.Popen([sys.executable, "-c", code, keeper], cwd=BENCH, stdout=subprocess.PIPE, text=True)
    try:
        assert bench.stdout.readline() == "awake\n"
        assert within(10, lambda: len(keepers(keeper, bench.pid)) == 2)
        running = keepers(keeper, bench.pid)
    finally:
        bench.send_signal(signal.SIGKILL)
        bench.wait()
    assert within(10, lambda: not any(runs(pid, keeper) for pid in running))


@pytest.mark.parametrize("seconds, order", [({0: 1.0, 1: 1.5}, (1, 0)), ({0: 1.5, 1: 1.0}, (0, 1))])
def test_the_load_has_the_faster_cpu(machine, monkeypatch, seconds, order):
    allowed = os.sched_getaffinity(0)
    monkeypatch.setattr(machine, "calibrate", seconds.get)
    assert tuple(machine.slower_first()) == order
    assert os.sched_getaffinity(0) == allowed


def test_callers_and_upstream_do_not_interrupt_each_other(machine, binary):
    import proxies
    with proxies.Upstreams(binary.parents[2] / "test/bench/bench_upstream", 10) as upstreams:
        upstreams.start()
        [pid] = [pid for pid in children(os.getpid()) if runs(pid, binary.parents[2] / "test/bench/bench_upstream")]
        assert os.sched_getscheduler(pid) == os.SCHED_BATCH
        assert os.sched_getaffinity(pid) == {machine.LOAD_CPU}
    shown = subprocess.run([sys.executable, "-c", "import os; print(os.sched_getscheduler(0), os.sched_getaffinity(0))"],
                           capture_output=True, text=True, preexec_fn=machine.as_load()).stdout
    assert shown.strip() == f"{os.SCHED_BATCH} {{{machine.LOAD_CPU}}}"
