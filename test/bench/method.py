"""How a figure comes about: interleaved rounds, the gate against a busy host, medians of ratios within a round."""
import statistics
import sys
import time

from machine import PROXY_CPU, ResidentPeak, busy_s, cpu_ticks, machine_ticks, run_time_ns

STEAL_MAX = 0.06
OTHERS_MAX = 0.10  # of the proxy's CPU; more is told, since it cools the caches
TRIES = 4
READY_S = 10


class Inconclusive(Exception):
    """The host took too much time away, again and again."""


class Failed(Exception):
    """An answer was wrong or never came: what the others cost beside it says nothing."""


def wrong(count):
    """-> what to say when not all answers were right, or None"""
    if count.refused or count.errors or not count.requests:
        return f"{count.refused} refused and {count.errors} failed of {count.requests} requests"
    return None


def measure(proxy, load, seconds):
    """One turn of one proxy; ends the scenario when any answer was wrong, since errors are cheap to make."""
    proxy.before_turn()
    stolen, all_ticks = machine_ticks()
    user, system = cpu_ticks(proxy.pid)
    busy, began = busy_s(PROXY_CPU), time.monotonic()
    before = run_time_ns(proxy.pid)
    with ResidentPeak(proxy.pid) as resident:
        count = load.turn(proxy, seconds)
    spent = run_time_ns(proxy.pid) - before
    others = max(0, busy_s(PROXY_CPU) - busy - spent / 1e9) / (time.monotonic() - began)
    user_after, system_after = cpu_ticks(proxy.pid)
    stolen_after, all_after = machine_ticks()
    if problem := wrong(count):
        raise Failed(f"{proxy.name}: {problem}")
    user, system = user_after - user, system_after - system
    if others > OTHERS_MAX:
        print(f"  {proxy.name} had to share its CPU: others took {others:.0%} of it", file=sys.stderr)
    return {"us_per_request": spent / 1000 / count.requests, "requests_per_second": count.requests / seconds,
            "user_share": user / max(1, user + system), "resident_peak_kib": resident.kib,
            "others": others, "steal": (stolen_after - stolen) / max(1, all_after - all_ticks)}


def measure_round(proxies, load, seconds):
    """Every proxy once -> {name: sample}"""
    for _ in range(TRIES):
        samples = {proxy.name: measure(proxy, load, seconds) for proxy in proxies}
        worst = max(sample["steal"] for sample in samples.values())
        if worst <= STEAL_MAX:
            return samples
        print(f"  round repeated: {worst:.0%} of the time was stolen", file=sys.stderr)
    raise Inconclusive(f"more than {STEAL_MAX:.0%} of the time was stolen in {TRIES} tries of a round")


def measure_rounds(proxies, load, rounds, seconds):
    """-> [{name: sample}]"""
    done = []
    for number in range(rounds):
        # Another one goes first each time, so that nobody always follows the same neighbour.
        first = number % len(proxies)
        done.append(measure_round(proxies[first:] + proxies[:first], load, seconds))
    return done


def able(proxies, load, seconds, subject):
    """-> (those that serve the first call and then a turn, {name: why not} of the others)"""
    serving, left_out = [], {}
    deadline = time.monotonic() + READY_S
    for proxy in proxies:
        while (problem := load.problem(proxy)) is not None and proxy.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        # The turn that does not count: after it connections, caches and pools are there.
        problem = problem or wrong(load.turn(proxy, seconds))
        if problem is None:
            serving.append(proxy)
        elif proxy.name == subject:
            raise Failed(f"{proxy.name}: {problem}")
        else:
            left_out[proxy.name] = problem
    return serving, left_out


def summarise(rounds, names, subject, peers):
    """Medians of each proxy and, within each round, its ratios to the others. The subject is compared with the better of its
    peers: the better one of the run, not of each round, for the luck of a round must not choose whom we are compared with."""
    table = {}
    for name in names:
        of_name = [samples[name] for samples in rounds]
        table[name] = {
            "us_per_request_median": statistics.median(s["us_per_request"] for s in of_name),
            "us_per_request_min": min(s["us_per_request"] for s in of_name),
            "user_share_median": statistics.median(s["user_share"] for s in of_name),
            "requests_per_second_median": statistics.median(s["requests_per_second"] for s in of_name),
            "resident_peak_kib": max(s["resident_peak_kib"] for s in of_name),
            "ratio_to": {other: statistics.median(s[name]["us_per_request"] / s[other]["us_per_request"] for s in rounds)
                         for other in names if other != name},
        }
    compared = [name for name in peers if name in table]
    if subject in table and compared:
        better = min(compared, key=lambda name: table[name]["us_per_request_median"])
        table[subject]["better_peer"] = better
        table[subject]["ratio_to_better_peer"] = table[subject]["ratio_to"][better]
    return table
