"""Writes docs/benchmarks.md and its pictures from the samples that were kept."""
from chart import bars
from report import ABUSE_COLUMNS, abuse_rows, held

INTRODUCTION = """# Benchmarks

What Lintel costs beside nginx and HAProxy, measured as [performance.md](performance.md) says. This page and its pictures are
written by `./dev bench --page` from the samples of the runs named below; nothing in it is edited by hand.

The figure is CPU time per request, all of it: user space and the kernel's work for the proxy. It holds from run to run where
request rates do not. A ratio below 1 means that Lintel costs less than the better of its peers; differences below 8 % are noise.
The peers write no access log, and where they only pass calls on, neither does Lintel; its metrics are always on. With policies, and
where Lintel is compared with itself, it logs every call.

The relay hands the bytes on unread: what it costs is the kernel's work alone, and no proxy on this machine can cost less. Where
system calls are dear, as on some virtual machines, it comes close to everybody, and the ratios come close to 1.
"""


def write(kept, docs):
    """-> the files that were written"""
    cpu = {name: one for name, one in kept.items() if one["result"]["kind"] == "cpu" and one["result"]["summary"]}
    pictures, parts = {}, [INTRODUCTION, machines(kept)]
    if ratios := {name: compared(one) for name, one in cpu.items() if compared(one) is not None}:
        goals = {name: cpu[name]["result"]["goal"] for name in ratios if cpu[name]["result"]["goal"] is not None}
        pictures["ratio.svg"] = bars("CPU per request, as a ratio to the better peer (dashed: the goal; line: the peer)",
                                     {name: {"lintel": ratio} for name, ratio in ratios.items()}, marks=goals, reference=1)
        pictures["cpu.svg"] = bars("CPU per request, µs", {
            name: {proxy: row["us_per_request_median"] for proxy, row in one["result"]["summary"].items()}
            for name, one in cpu.items()})
        parts += ["## CPU per request", "![Ratios to the better peer](benchmarks/ratio.svg)",
                  "![CPU per request of each proxy](benchmarks/cpu.svg)"]
    if cpu:
        parts += [scenarios(cpu), proxies(cpu)]
    if changes := [churn(kept[name]["result"]) for name in ("churn", "live") if name in kept]:
        parts += ["## Changes under load", *changes]
    if "start" in kept:
        parts += ["## Start", start(kept["start"]["result"])]
    if "abuse" in kept:
        parts += ["## HTTP/2 abuse", kept["abuse"]["about"] + ".",
                  table(ABUSE_COLUMNS, sorted(abuse_rows(kept["abuse"]["result"]), key=lambda row: row[0]))]
    parts += ["## Runs", runs(kept)]
    (docs / "benchmarks").mkdir(exist_ok=True)
    for name, picture in pictures.items():
        (docs / "benchmarks" / name).write_text(picture)
    (docs / "benchmarks.md").write_text("\n\n".join(part.strip() for part in parts) + "\n")
    return [docs / "benchmarks.md", *(docs / "benchmarks" / name for name in pictures)]


def table(columns, rows):
    return "\n".join("| " + " | ".join(row) + " |" for row in (columns, ["---"] * len(columns), *rows))


def compared(one):
    return one["result"]["summary"].get(one["result"]["subject"], {}).get("ratio_to_better_peer")


def machines(kept):
    """Once, where all runs were made on one machine with the same programs."""
    told = {}
    for name, one in kept.items():
        machine = one["machine"]
        lines = [f"{machine['cpu']}, {machine['memory_gib']} GiB, kernel {machine['kernel']}.",
                 *(f"`{program}`: {version}." for program, version in sorted(machine["programs"].items()))]
        told.setdefault("\n".join(f"- {line}" for line in lines), []).append(name)
    parts = ["## Machine"]
    for text, names in told.items():
        parts += ([f"For {', '.join(names)}:"] if len(told) > 1 else []) + [text]
    return "\n\n".join(parts)


def scenarios(cpu):
    rows = []
    for name, one in cpu.items():
        result = one["result"]
        subject = result["summary"].get(result["subject"], {})
        ratio, goal = subject.get("ratio_to_better_peer"), result["goal"]
        rows.append((name, one["about"], str(result["connections"]), "–" if ratio is None else f"{ratio:.2f}",
                     subject.get("better_peer", "–"), "–" if goal is None else f"{goal:.2f}",
                     {True: "held", False: "missed", None: "–"}[held(result)]))
    return table(("scenario", "what is measured", "connections", "ratio", "to", "goal", ""), rows)


def proxies(cpu):
    rows = []
    for name, one in cpu.items():
        for proxy, row in one["result"]["summary"].items():
            rows.append((name, proxy, f"{row['us_per_request_median']:.2f}", f"{row['us_per_request_min']:.2f}",
                         f"{row['user_share_median']:.0%}", f"{row['requests_per_second_median']:.0f}",
                         f"{row['resident_peak_kib'] / 1024:.0f}"))
        rows.extend((name, proxy, "left out: " + why.replace("|", "/"), "", "", "", "")
                    for proxy, why in one["result"]["left_out"].items())
    return table(("scenario", "proxy", "µs/request", "least", "in user space", "requests/s", "MiB at most"), rows)


def churn(result):
    pace = result.get("pace")
    how = f"{pace['per_second']} a second among {pace['routes']} routes" if pace else "one after the other"
    text = (f"{result['publishes']} releases were published, {how}, while {result['connections']} connections called without a "
            f"pause. A publish took {result['publish_ms_median']} ms (median; 99 % within {result['publish_ms_p99']} ms, longest "
            f"{result['publish_ms_max']} ms). Of {result['calls']} answers {result['wrong']} were wrong, {result['mixed']} mixed two "
            f"releases and {result['broken']} were broken off.")
    if not pace:
        return text
    verdict = "held" if result["ratio_to_quiet"] <= result["goal"] else "missed"
    return f"{text} A request cost {result['ratio_to_quiet']:.3f} times what it costs without changes (goal {result['goal']:.2f}: {verdict})."


def start(result):
    return (f"With {result['routes']} routes and {result['credentials']} credentials the first right answer came "
            f"{result['seconds_median']:.2f} s after the start of the program (median of {len(result['seconds'])}; "
            f"{min(result['seconds']):.2f} to {max(result['seconds']):.2f}). It took {result['peak_mb']:.0f} MB at the peak "
            f"(goal {result['goal_mb']}: {'held' if result['held'] else 'missed'}).")


def runs(kept):
    return table(("scenario", "date", "commit", "command", "rounds", "worst steal", "others on the CPU"), [
        (name, one["date"], one["machine"]["commit"], f"`{one['command']}`", str(len(one["result"].get("rounds", [])) or "–"),
         worst(one["result"], "steal"), worst(one["result"], "others")) for name, one in kept.items()])


def worst(result, share):
    of_all = [sample[share] for samples in result.get("rounds", []) for sample in samples.values()]
    return f"{max(of_all):.1%}" if of_all else "–"
