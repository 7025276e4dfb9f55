#!/usr/bin/python3
"""CPU time per proxied request, Lintel beside nginx and HAProxy on the same machine.

Method (docs/performance.md): each proxy has one worker on one CPU; the load and the upstream share another. The figure is the
scheduler run time of all threads of all processes of a proxy (/proc/PID/task/*/schedstat) divided by its requests. The
proxies take turns round by round; a round in which the host took more than 6 % of the time away is repeated at most
three times, then the result is inconclusive. Ratios are medians of the ratios within each round.
"""
import argparse
import datetime
import pathlib
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/support"))
import page  # noqa: E402
import report  # noqa: E402
from machine import awake, prepare  # noqa: E402
from method import Failed, Inconclusive  # noqa: E402
from scenarios import SCENARIOS, Bench  # noqa: E402

SAMPLES = ROOT / "build/bench"
EXIT_FAILED, EXIT_INCONCLUSIVE = 1, 3


def parse():
    quick = [one.name for one in SCENARIOS.values() if one.quick]
    parser = argparse.ArgumentParser(
        prog="./dev bench", description=__doc__.split("\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="scenarios:\n" + "\n".join(f"  {one.name:10} {one.about}" for one in SCENARIOS.values()) +
               f"\n\nWithout a scenario: {' '.join(quick)}. With 'all': each of them.\nSamples go to build/bench/SCENARIO.json.")
    parser.add_argument("scenarios", nargs="*", metavar="scenario", help="what to measure (see below)")
    parser.add_argument("--lintel", help=argparse.SUPPRESS)
    parser.add_argument("--tools", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--without-lintel", action="store_true", help="measure only the peers")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=2, help="of one turn of one proxy")
    parser.add_argument("--publishes", type=int, default=1000, help="of the scenarios churn and live")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND",
                        help="a further peer; {port} and {upstream} in its command are the two ports on 127.0.0.1; {folder} is a "
                             "temporary one, {scheme}, {certificate} and {key} say how callers come")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a goal is missed")
    parser.add_argument("--page", action="store_true",
                        help="write docs/benchmarks.md from the samples; without a scenario nothing is measured before")
    arguments = parser.parse_args()
    if unknown := set(arguments.scenarios) - {"all", *SCENARIOS}:
        parser.error(f"there is no scenario {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    if bad := [peer for peer in arguments.peer if "=" not in peer or "{port}" not in peer]:
        parser.error(f"--peer {bad[0]}: write NAME=COMMAND with {{port}} in the command")
    if "all" in arguments.scenarios:
        arguments.scenarios = list(SCENARIOS)
    elif not arguments.scenarios and not arguments.page:
        arguments.scenarios = quick
    return arguments


def main():
    arguments = parse()
    prepare()
    lintel = None if arguments.without_lintel else arguments.lintel
    bench = Bench(lintel, arguments.tools, arguments.rounds, arguments.seconds, arguments.publishes,
                  dict(peer.split("=", 1) for peer in arguments.peer))
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    missed = inconclusive = failed = False
    for name in arguments.scenarios:
        scenario = SCENARIOS[name]()
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"lintel-bench-{name}-"))
        try:
            with awake(bench.tools / "bench_awake"):
                result = scenario.run(bench, folder)
        except Inconclusive as why:
            print(f"\n{name}: inconclusive: {why}")
            inconclusive = True
            continue
        except Failed as why:
            print(f"\n{name}: failed: {why}")
            failed = True
            continue
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        how_much = {"churn": f"--publishes {bench.publishes}", "start": ""}.get(
            result["kind"], f"--rounds {bench.rounds} --seconds {bench.seconds}")
        report.keep(SAMPLES, scenario, f"./dev bench {name} {how_much}".strip(), date, lintel, result)
        report.show(scenario, result)
        missed = missed or report.held(result) is False
    if arguments.page:
        for file in page.write(report.kept(SAMPLES, SCENARIOS), ROOT / "docs"):
            print(f"wrote {file.relative_to(ROOT)}")
    if failed:
        return EXIT_FAILED
    if inconclusive:
        return EXIT_INCONCLUSIVE
    return EXIT_FAILED if missed and arguments.strict else 0


if __name__ == "__main__":
    sys.exit(main())
