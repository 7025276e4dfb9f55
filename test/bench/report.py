"""What is shown in the terminal, kept as samples, and told on docs/benchmarks.md."""
import json
import statistics

from machine import describe


def keep(folder, scenario, command, date, lintel, result):
    folder.mkdir(parents=True, exist_ok=True)
    kept = {"scenario": scenario.name, "about": scenario.about, "date": date, "command": command, "machine": describe(lintel),
            "result": result}
    (folder / f"{scenario.name}.json").write_text(json.dumps(kept, indent=1))


def kept(folder, scenarios):
    """-> {name: what was kept}, in the order of the table of scenarios"""
    return {name: json.loads((folder / f"{name}.json").read_text()) for name in scenarios if (folder / f"{name}.json").exists()}


def held(result):
    """Whether the figure the project holds itself to was reached; None where there is none."""
    if result["kind"] in ("churn", "start"):
        return result["held"]
    if result["kind"] != "cpu" or result["goal"] is None:
        return None
    ratio = result["summary"].get(result["subject"], {}).get("ratio_to_better_peer")
    return None if ratio is None else ratio <= result["goal"]


def show(scenario, result):
    print(f"\n{scenario.name}: {scenario.about}")
    {"cpu": show_cpu, "churn": show_churn, "start": show_start, "abuse": show_abuse}[result["kind"]](result)
    for name, why in result.get("left_out", {}).items():
        print(f"  {name} was left out: {why}")


def show_cpu(result):
    names = list(result["summary"])
    print(f"{'proxy':12} {'us/request':>11} {'(min)':>8} {'user':>6} {'requests/s':>11} {'MiB':>6}  " +
          "  ".join(f"{'to ' + name:>10}" for name in names))
    for name, row in result["summary"].items():
        print(f"{name:12} {row['us_per_request_median']:11.2f} {row['us_per_request_min']:8.2f} {row['user_share_median']:6.0%} "
              f"{row['requests_per_second_median']:11.0f} {row['resident_peak_kib'] / 1024:6.0f}  " +
              "  ".join(f"{row['ratio_to'].get(other, 1):10.2f}" for other in names))
    subject = result["summary"].get(result["subject"], {})
    if "better_peer" in subject:
        goal = "" if result["goal"] is None else f"; the goal {result['goal']:.2f} is {'held' if held(result) else 'MISSED'}"
        peer = subject["better_peer"]
        print(f"{result['subject']} costs {subject['ratio_to_better_peer']:.2f} times {peer}{goal}")


def show_churn(result):
    print(f"{result['publishes']} publishes (median {result['publish_ms_median']} ms, 99 % within {result['publish_ms_p99']} ms, "
          f"longest {result['publish_ms_max']} ms) under {result['calls']} calls: {result['wrong']} wrong, {result['mixed']} mixed, "
          f"{result['broken']} broken")
    if "pace" in result:
        print(f"a request costs {statistics.median(result['us']):.2f} us, {result['ratio_to_quiet']:.3f} times what it costs without "
              f"changes; the goal {result['goal']:.2f} is {'held' if result['ratio_to_quiet'] <= result['goal'] else 'MISSED'}")


def show_start(result):
    print(f"{len(result['seconds'])} starts with {result['routes']} routes and {result['credentials']} credentials: right answers after "
          f"{min(result['seconds']):.2f} to {max(result['seconds']):.2f} s; {result['peak_mb']:.0f} MB at the peak; the goal "
          f"{result['goal_mb']} is {'held' if result['held'] else 'MISSED'}")


def abuse_rows(result):
    for proxy, probes in result["proxies"].items():
        for probe, row in probes.items():
            end = f"{row['ended']} of {row['connections']}" + (f" ({', '.join(row['goaways'])})" if row["goaways"] else "")
            yield (probe, proxy, f"{row['frames']} of {row['offered']}", end, f"{row['pinned_kib'] / 1024:+.1f}",
                   str(row["cpu_ms"]), str(row["attacker_cpu_ms"]))


ABUSE_COLUMNS = ("probe", "proxy", "frames sent", "connections ended", "MiB pinned", "CPU ms", "attacker's CPU ms")


def show_abuse(result):
    rows = [ABUSE_COLUMNS, *abuse_rows(result)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(ABUSE_COLUMNS))]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths)))
