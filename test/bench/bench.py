#!/usr/bin/python3
"""CPU time per proxied request, Lintel beside nginx and HAProxy on the same machine.

Method (docs/performance.md): each proxy has one worker on CPU 0; wrk and the upstream share CPU 1. The figure is the
scheduler run time of all threads of all processes of a proxy (/proc/PID/task/*/schedstat) divided by its requests. The
proxies take turns round by round; a round in which the host took more than 6 % of the time away is repeated at most
three times, then the result is inconclusive. Ratios are medians of the ratios within each round.
"""
import argparse
import http.client
import json
import os
import pathlib
import re
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from rig import Lintel, exchange, free_port  # noqa: E402

PROXY_CPU, LOAD_CPU = 0, 1
STEAL_MAX = 0.06
TRIES = 4
# With Host, which wrk adds, nine request headers.
REQUEST_HEADERS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "application/json, text/plain, */*",
    "Accept-Language": "en-GB,en;q=0.7,de;q=0.3",
    "Referer": "https://shop.example.org/catalogue/pets?kind=cat",
    "Cookie": "session=5f1d7a2c9b8e4f60a1c3; theme=dark",
    "X-Correlation-Id": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "X-Tenant": "north-harbour",
    "Cache-Control": "no-cache",
}


def pinned(command, cpu, **more):
    return subprocess.Popen(command, preexec_fn=lambda: os.sched_setaffinity(0, {cpu}), stdin=subprocess.DEVNULL, **more)


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


def machine_ticks():
    """-> (stolen, all) ticks of all CPUs since boot."""
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return fields[7], sum(fields)


class Certificate:
    """What all proxies show in a run with TLS: ECDSA on P-256, made for the run."""

    def __init__(self, folder):
        self.certificate, self.key, self.both = folder / "bench.crt", folder / "bench.key", folder / "bench.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.key,
                        "-out", self.certificate], check=True, capture_output=True)
        self.both.write_text(self.certificate.read_text() + self.key.read_text())


class Proxy:
    """A proxy under test: its process, its port and the path that leads to the upstream."""

    def __init__(self, name, process, port, path, certificate=None):
        self.name, self.process, self.port, self.path = name, process, port, path
        self.scheme = "https" if certificate else "http"

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def start_nginx(folder, upstream, certificate):
    port = free_port()
    listen = f"listen 127.0.0.1:{port};"
    if certificate:
        listen = (f"listen 127.0.0.1:{port} ssl; ssl_certificate {certificate.certificate}; "
                  f"ssl_certificate_key {certificate.key}; ssl_protocols TLSv1.2 TLSv1.3;")
    config = folder / "nginx.conf"
    config.write_text(f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log warn;
user {'root' if os.geteuid() == 0 else 'nobody'};
events {{ worker_connections 2048; }}
http {{
    access_log off; keepalive_requests 1000000000; keepalive_timeout 300s;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    upstream backend {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 1000000000; }}
    server {{
        {listen}
        location / {{
            proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
    }}
}}""")
    return Proxy("nginx", pinned(["nginx", "-c", config, "-p", folder], PROXY_CPU), port, "/pets", certificate)


def start_haproxy(folder, upstream, certificate):
    port = free_port()
    secured = f" ssl crt {certificate.both}" if certificate else ""
    config = folder / "haproxy.cfg"
    config.write_text(f"""
global
    nbthread 1
    maxconn 4096
defaults
    mode http
    http-reuse always
    option forwardfor
    timeout connect 5s
    timeout client 300s
    timeout server 300s
    timeout http-keep-alive 300s
frontend in
    bind 127.0.0.1:{port}{secured}
    default_backend out
backend out
    server upstream 127.0.0.1:{upstream}
""")
    return Proxy("haproxy", pinned(["haproxy", "-f", config, "-db"], PROXY_CPU), port, "/pets", certificate)


def start_relay(upstream, binary):
    """The floor: bytes are passed on unread, so this is what the kernel costs and no proxy can go below it."""
    port = free_port()
    return Proxy("relay", pinned([binary, str(port), str(upstream)], PROXY_CPU), port, "/pets")


def start_lintel(folder, upstream, binary, certificate=None):
    """A published service without authentication; access log and metrics are on, as they always are."""
    port = free_port()
    flags = ["--tls-listen", f"127.0.0.1:{port}", "--tls-certificate", str(certificate.certificate), "--tls-key",
             str(certificate.key)] if certificate else []
    gateway = Lintel(binary, folder / "lintel", workers=1, flags=flags, wrapper=["taskset", "-c", str(PROXY_CPU)])
    gateway.folder.mkdir()
    gateway.start()
    management = gateway.management()
    service = management.create_service("bench", code="bench", apis=[{
        "name": "pets", "method": "GET", "path": "/pets", "auth": {"kind": "none"},
        "backend": {"kind": "http", "config": {"url": f"http://127.0.0.1:{upstream}"}}}])
    management.publish(service)
    port = port if certificate else int(gateway.address.split(":")[1])
    proxy = Proxy("lintel", gateway.process, port, "/release/bench/pets", certificate)
    proxy.gateway = gateway
    return proxy


def load(proxy, seconds, connections):
    """One wrk run -> (requests, answers that were not 2xx, socket errors)."""
    command = ["taskset", "-c", str(LOAD_CPU), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    for name, value in REQUEST_HEADERS.items():
        command += ["-H", f"{name}: {value}"]
    output = subprocess.run([*command, f"{proxy.scheme}://127.0.0.1:{proxy.port}{proxy.path}"], capture_output=True, text=True,
                            check=True).stdout
    requests = int(re.search(r"(\d+) requests in", output)[1])
    refused = int(match[1]) if (match := re.search(r"Non-2xx or 3xx responses: (\d+)", output)) else 0
    errors = sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", output)))
    return requests, refused, errors


def measure(proxy, seconds, connections):
    """One turn of one proxy; raises when any answer was wrong, since errors are cheap to make."""
    stolen, all_ticks = machine_ticks()
    before = run_time_ns(proxy.pid)
    requests, refused, errors = load(proxy, seconds, connections)
    spent = run_time_ns(proxy.pid) - before
    stolen_after, all_after = machine_ticks()
    if refused or errors:
        sys.exit(f"bench: {proxy.name}: {refused} refused and {errors} failed of {requests} requests")
    return {"us_per_request": spent / 1000 / requests, "requests_per_second": requests / seconds,
            "steal": (stolen_after - stolen) / max(1, all_after - all_ticks)}


def measure_round(proxies, seconds, connections):
    """Every proxy once -> {name: sample}, or None when the host kept taking time away."""
    for _ in range(TRIES):
        samples = {proxy.name: measure(proxy, seconds, connections) for proxy in proxies}
        worst = max(sample["steal"] for sample in samples.values())
        if worst <= STEAL_MAX:
            return samples
        print(f"  round repeated: {worst:.0%} of the time was stolen", file=sys.stderr)
    return None


def wait_for(proxy):
    deadline = time.monotonic() + 10
    while True:
        try:
            kind = http.client.HTTPSConnection if proxy.scheme == "https" else http.client.HTTPConnection
            trusting = {"context": ssl._create_unverified_context()} if proxy.scheme == "https" else {}
            connection = kind("127.0.0.1", proxy.port, timeout=2, **trusting)
            answer = exchange(f"127.0.0.1:{proxy.port}", "GET", proxy.path, connection=connection)
            connection.close()
            if answer.status == 200 and len(answer.body) == 1024:
                return
            problem = f"{answer.status} with {len(answer.body)} bytes: {answer.text[:200]}"
        except OSError as error:
            problem = str(error)
        if time.monotonic() > deadline:
            sys.exit(f"bench: {proxy.name} does not answer: {problem}")
        time.sleep(0.05)


def summarise(rounds, names):
    peers = [name for name in names if name not in ("lintel", "relay")]
    table = {}
    for name in names:
        figures = [samples[name]["us_per_request"] for samples in rounds]
        table[name] = {
            "us_per_request_median": statistics.median(figures),
            "us_per_request_min": min(figures),
            "requests_per_second_median": statistics.median(s[name]["requests_per_second"] for s in rounds),
            "ratio_to": {other: statistics.median(s[name]["us_per_request"] / s[other]["us_per_request"] for s in rounds)
                         for other in names if other != name},
        }
    if "lintel" in names and peers:
        # The better peer of the run, not of each round: the luck of a round must not choose whom we are compared with.
        better = min(peers, key=lambda name: table[name]["us_per_request_median"])
        table["lintel"]["better_peer"] = better
        table["lintel"]["ratio_to_better_peer"] = table["lintel"]["ratio_to"][better]
    return table


def show(table, names):
    print(f"{'proxy':10} {'us/request':>11} {'(min)':>8} {'requests/s':>11}  " +
          "  ".join(f"{'to ' + name:>10}" for name in names))
    for name in names:
        row = table[name]
        print(f"{name:10} {row['us_per_request_median']:11.2f} {row['us_per_request_min']:8.2f} "
              f"{row['requests_per_second_median']:11.0f}  " +
              "  ".join(f"{row['ratio_to'].get(other, 1):10.2f}" for other in names))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lintel", help="the program to measure; without it only the peers run")
    parser.add_argument("--upstream", required=True, help="the fixed-response server (bench_upstream)")
    parser.add_argument("--relay", help="the relay that shows what the kernel alone costs (bench_relay)")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=2, help="of one turn")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--tls", action="store_true", help="clients come by TLS")
    parser.add_argument("--json", default="build/bench/plain.json", help="where the samples go")
    parser.add_argument("--ratio-max", type=float, help="fail when Lintel costs more than this times the better peer")
    arguments = parser.parse_args()
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("bench: needs two CPUs, one for the proxy and one for the load")

    folder = pathlib.Path(tempfile.mkdtemp(prefix="lintel-bench-"))
    upstream_port = free_port()
    upstream = pinned([arguments.upstream, str(upstream_port)], LOAD_CPU)
    proxies = []
    try:
        certificate = Certificate(folder) if arguments.tls else None
        proxies.append(start_nginx(folder, upstream_port, certificate))
        proxies.append(start_haproxy(folder, upstream_port, certificate))
        if arguments.relay:
            proxies.append(start_relay(upstream_port, arguments.relay))
        if arguments.lintel:
            proxies.append(start_lintel(folder, upstream_port, arguments.lintel, certificate))
        for proxy in proxies:
            wait_for(proxy)
            load(proxy, 1, arguments.connections)
        rounds = []
        for number in range(arguments.rounds):
            # Another one goes first each time, so that nobody always follows the same neighbour.
            turn = proxies[number % len(proxies):] + proxies[:number % len(proxies)]
            samples = measure_round(turn, arguments.seconds, arguments.connections)
            if samples is None:
                print(f"inconclusive: more than {STEAL_MAX:.0%} of the time was stolen in {TRIES} tries of a round")
                return 3
            rounds.append(samples)
    finally:
        for proxy in proxies:
            proxy.stop()
        upstream.kill()
        shutil.rmtree(folder, ignore_errors=True)

    names = [proxy.name for proxy in reversed(proxies)]
    table = summarise(rounds, names)
    show(table, names)
    target = pathlib.Path(arguments.json)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({"connections": arguments.connections, "seconds": arguments.seconds, "summary": table,
                                  "rounds": rounds}, indent=1))
    ratio = table.get("lintel", {}).get("ratio_to_better_peer")
    if ratio is not None:
        print(f"lintel costs {ratio:.2f} times {table['lintel']['better_peer']}, the better peer")
        if arguments.ratio_max and ratio > arguments.ratio_max:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
