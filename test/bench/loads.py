"""What callers do: programs that make load, each with a first call that shows whether the proxy can serve it."""
import dataclasses
import re
import subprocess

from machine import as_load
from method import Failed
from rig import signed

# With Host, nine request headers.
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
HANG_S = 30


@dataclasses.dataclass
class Count:
    """What came of one turn."""
    requests: int
    refused: int
    errors: int


@dataclasses.dataclass
class Call:
    """What one caller sends."""
    method: str = "GET"
    body: str = ""
    headers: dict = dataclasses.field(default_factory=dict)
    answer_bytes: int = 1024


def run(command, seconds):
    try:
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=seconds + HANG_S, preexec_fn=as_load())
    except subprocess.TimeoutExpired:
        raise Failed(f"{command[0]} had not ended {HANG_S} s after its time; its command was {' '.join(map(str, command))}")
    if done.returncode != 0:
        raise Failed(f"{command[0]} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def headers_of(call, proxy, path):
    own = signed(proxy.key_pair, call.method, path) if proxy.key_pair else {}
    return {**REQUEST_HEADERS, **call.headers, **own}


def request(proxy, call, path):
    """As it goes over HTTP/1.1."""
    lines = [f"{call.method} {path} HTTP/1.1", f"Host: 127.0.0.1:{proxy.port}",
             *(f"{name}: {value}" for name, value in headers_of(call, proxy, path).items())]
    if call.body:
        lines.append(f"Content-Length: {len(call.body)}")
    return "\r\n".join([*lines, "", call.body])


def bench_load(seconds, *command):
    answers, refused, mixed, lost = map(int, re.search(r"answers (\d+) refused (\d+) mixed (\d+) lost (\d+)",
                                                       run(command, seconds)).groups())
    return Count(answers, refused + mixed, lost)


def curl(proxy, call, *flags):
    """-> why the first of the calls is not answered as it must be, or None"""
    path = proxy.paths[0]
    command = ["curl", "-sk", "-m", "2", "-o", "/dev/null", "-w", "%{http_code} %{size_download}", "-X", call.method, *flags]
    for name, value in headers_of(call, proxy, path).items():
        command += ["-H", f"{name}: {value}"]
    if call.body:
        command += ["--data-binary", call.body]
    answer = subprocess.run([*command, proxy.origin + path], capture_output=True, text=True).stdout
    return None if answer == f"200 {call.answer_bytes}" else f"status and bytes are {answer}, not 200 {call.answer_bytes}"


class Http1:
    """HTTP/1.1 by bench_load, written out before the run. Where a proxy has several paths, they take turns."""

    def __init__(self, connections, program, folder, call=Call()):
        self.connections, self.program, self.folder, self.call = connections, program, folder, call

    def problem(self, proxy):
        return curl(proxy, self.call, "--http1.1")

    def turn(self, proxy, seconds):
        # Written anew for each turn: signatures are good for minutes only.
        requests = self.folder / f"{proxy.name}.requests"
        requests.write_text("\0".join(request(proxy, self.call, path) for path in proxy.paths), newline="")
        tls = ["tls"] if proxy.scheme == "https" else []
        return bench_load(seconds, self.program, "http", proxy.port, self.connections, int(seconds * 1000), requests,
                          self.call.answer_bytes, *tls)


class H2load:
    """HTTP/2, many calls at once on each connection; in clear by prior knowledge."""

    def __init__(self, connections, streams, call=Call()):
        self.connections, self.streams, self.call = connections, streams, call

    def problem(self, proxy):
        return curl(proxy, self.call, "--http2" if proxy.scheme == "https" else "--http2-prior-knowledge")

    def turn(self, proxy, seconds):
        command = ["h2load", "-t1", f"-c{self.connections}", f"-m{self.streams}", f"-D{seconds}"]
        for name, value in headers_of(self.call, proxy, proxy.paths[0]).items():
            command += ["-H", f"{name}: {value}"]
        output = run([*command, proxy.origin + proxy.paths[0]], seconds)
        sums = re.search(r"requests: .* (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", output)
        statuses = re.search(r"status codes: \d+ 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", output)
        protocol = re.search(r"Application protocol: (\S+)", output)
        if not protocol or not protocol[1].startswith("h2"):
            raise Failed(f"{proxy.name} spoke {protocol[1] if protocol else 'nothing'}, not HTTP/2")
        succeeded, failed, errored, timed_out = map(int, sums.groups())
        # Statuses are counted when a head comes, requests when they are complete.
        return Count(succeeded, sum(map(int, statuses.groups())), failed + errored + timed_out)


class Echo:
    """WebSocket by bench_load: each connection has one message under way."""

    def __init__(self, connections, program):
        self.connections, self.program = connections, program

    def command(self, proxy, connections, milliseconds):
        return [self.program, "websocket", proxy.port, connections, milliseconds, proxy.paths[0]]

    def problem(self, proxy):
        done = subprocess.run([*map(str, self.command(proxy, 1, 20))], capture_output=True, text=True)
        return None if done.returncode == 0 and " lost 0" in done.stdout else done.stderr.strip() or done.stdout.strip()

    def turn(self, proxy, seconds):
        return bench_load(seconds, *self.command(proxy, self.connections, int(seconds * 1000)))
