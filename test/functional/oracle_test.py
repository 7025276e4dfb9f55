"""Whatever a client sends, what a backend receives is canonical HTTP that Lintel meant to send (requirement of SECURITY.md)."""
import re
import subprocess
import sys

import pytest
import rig

from conftest import ROOT, Builder
from tls_test import Secure


def run_oracle(gateway, *options, address=None):
    port = rig.free_port()
    management = gateway.management()
    code = Builder.unique("oracle")
    # Every method, every path below the prefix, no authentication.
    apis = [Builder.api(method, "/*", backend=Builder.http(f"http://127.0.0.1:{port}"))
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")]
    management.publish(management.create_service(code, apis, code=code))
    return subprocess.run([sys.executable, ROOT / "tools/desync.py", "--gw", address or gateway.address, "--listen", f"127.0.0.1:{port}",
                           "--host", "localhost", "--prefix", f"/release/{code}", "--mark", "X-Request-Id", *options],
                          capture_output=True, text=True, timeout=900)


def run_over_tls(gateway, *options):
    secure = Secure(gateway)
    gateway.start()
    return run_oracle(gateway, "--tls-ca", secure.certificate, *options, address=f"127.0.0.1:{secure.port}")


def test_a_sample_of_malformed_requests_smuggles_nothing(gateway):
    run = run_oracle(gateway, "--sample", "1500", "--seed", "7")
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_sample_over_tls_smuggles_nothing(own_gateway):
    run = run_over_tls(own_gateway, "--sample", "500", "--seed", "8")
    assert run.returncode == 0, run.stdout + run.stderr
    assert int(re.search(r'"backend_requests": (\d+)', run.stdout)[1]) > 50, run.stdout


@pytest.mark.oracle
def test_no_malformed_request_smuggles_anything(own_gateway):
    run = run_oracle(own_gateway.start())
    print(run.stdout)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.oracle
def test_nor_does_any_over_tls(own_gateway):
    run = run_over_tls(own_gateway)
    print(run.stdout)
    assert run.returncode == 0, run.stdout + run.stderr
