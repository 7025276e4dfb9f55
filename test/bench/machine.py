"""The machine: which CPU does what, what a process cost, and what else can be said about it."""
import contextlib
import os
import pathlib
import platform
import re
import resource
import signal
import subprocess
import sys
import threading
import time

CALIBRATIONS, CALIBRATION_STEPS = 5, 300_000
LOOK_EVERY_S = 0.25
DESCRIPTORS = 65536  # ten thousand connections have two ends in a proxy


def calibrate(cpu):
    """-> seconds the same work takes on a CPU, at best of a few times"""
    os.sched_setaffinity(0, {cpu})

    def once():
        began, total = time.perf_counter(), 0
        for step in range(CALIBRATION_STEPS):
            total += step
        return time.perf_counter() - began
    return min(once() for _ in range(CALIBRATIONS))


def slower_first():
    """-> (CPU of the proxy, CPU of the load). Where neighbours on the host slow one of two virtual CPUs, which no count of stolen
    time shows, the load has the other one: it must not be the one that holds up."""
    allowed = os.sched_getaffinity(0)
    if not {0, 1} <= allowed:
        sys.exit("bench: needs the CPUs 0 and 1, one for the proxy and one for the load")
    try:
        return sorted((0, 1), key=calibrate, reverse=True)
    finally:
        os.sched_setaffinity(0, allowed)


PROXY_CPU, LOAD_CPU = slower_first()
_AWAKE = {}  # by CPU: the process that keeps it from halting


def bound(cpu, policy=os.SCHED_OTHER):
    """-> what a new process does first so that it runs there, and so"""
    def bind():
        os.sched_setaffinity(0, {cpu})
        os.sched_setscheduler(0, policy, os.sched_param(0))
    return bind


def as_load():
    """Callers and upstream share a CPU as if each had its own: nobody there interrupts another (SCHED_BATCH). Otherwise each
    message that a proxy sends to one of them stops the other, and the proxy pays for that interrupt."""
    return bound(LOAD_CPU, os.SCHED_BATCH)


def started(command, bind):
    return subprocess.Popen([*map(str, command)], preexec_fn=bind, stdin=subprocess.DEVNULL)


def prepare():
    """This program is part of the load, and so is what it starts unless told otherwise."""
    os.sched_setaffinity(0, {LOAD_CPU})
    allow_descriptors()
    # Asked to end, it still stops what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def allow_descriptors():
    """As many open files as allowed, for us and everything we start."""
    for wanted in (DESCRIPTORS, resource.getrlimit(resource.RLIMIT_NOFILE)[1]):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            return
        except (ValueError, OSError):
            continue


def descriptors():
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def tree(pid):
    """A process and all its descendants."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += tree(int(child))
    return found


def run_time_ns(pid):
    return sum(int(stat.read_text().split()[0]) for process in tree(pid)
               for stat in pathlib.Path(f"/proc/{process}/task").glob("*/schedstat"))


def cpu_ticks(pid):
    """-> (in user space, in the kernel) of a process and its descendants"""
    user = system = 0
    for process in tree(pid):
        fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        user, system = user + int(fields[11]), system + int(fields[12])
    return user, system


def resident_kib(pid):
    """Of a process and its descendants."""
    return sum(int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{process}/status").read_text())[1]) for process in tree(pid))


class ResidentPeak:
    """The most a process and its descendants hold while the block runs. What the kernel itself remembers would include the
    start, with what that took for hashing passwords."""

    def __init__(self, pid):
        self.kib, self._pid, self._over = 0, pid, threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _watch(self):
        while True:
            self.kib = max(self.kib, resident_kib(self._pid))
            if self._over.wait(LOOK_EVERY_S):
                return


@contextlib.contextmanager
def awake(program):
    """While the block runs, no CPU halts when it has nothing to do; `program` is bench_awake. A virtual CPU that halts is given
    away by its host and comes back late. Meanwhile messages gather, and a proxy that sends them one by one is spared wake-ups that
    it would cause anywhere else: how many, the host decides."""
    try:
        for cpu in (PROXY_CPU, LOAD_CPU):
            _AWAKE[cpu] = started([program, os.getpid()], bound(cpu, os.SCHED_IDLE))
        yield
        if any(process.poll() is not None for process in _AWAKE.values()):
            sys.exit(f"bench: {program} ended early, so a CPU may have halted and the figures say nothing")
    finally:
        for process in _AWAKE.values():
            process.kill()
            process.wait()
        _AWAKE.clear()


def machine_ticks():
    """-> (stolen, all) ticks of all CPUs since boot"""
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return fields[7], sum(fields)


def busy_s(cpu):
    """Seconds since boot in which a CPU worked, for whomever but what keeps it awake."""
    line = next(line for line in pathlib.Path("/proc/stat").read_text().split("\n") if line.startswith(f"cpu{cpu} "))
    user, nice, system, _idle, _waiting, hard, soft = map(int, line.split()[1:8])
    kept_awake = run_time_ns(_AWAKE[cpu].pid) / 1e9 if cpu in _AWAKE else 0
    return (user + nice + system + hard + soft) / os.sysconf("SC_CLK_TCK") - kept_awake


def first_line(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except OSError:
        return "absent"
    return (done.stdout or done.stderr).split("\n")[0].strip()


def describe(lintel):
    """What a reader needs to judge the figures."""
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())[1])
    programs = {"nginx": ["nginx", "-v"], "haproxy": ["haproxy", "-v"], "h2load": ["h2load", "--version"]}
    if lintel:
        programs["lintel"] = [lintel, "version"]
    return {
        "cpu": f"{os.cpu_count()} x {cpu[1] if cpu else platform.machine()}",
        "memory_gib": round(memory / 1048576, 1),
        "kernel": platform.release(),
        "programs": {name: first_line(command) for name, command in programs.items()},
        "commit": first_line(["git", "-C", str(pathlib.Path(__file__).parent), "describe", "--always", "--dirty"]),
    }
