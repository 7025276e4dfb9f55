"""What was acknowledged is on the disk: across kill -9, and by the order of system calls."""
import re
import sys
import time

import pytest
import rig

from conftest import ROOT

sys.path.insert(0, str(ROOT / "test/crash"))
import crash  # noqa: E402


def test_kill_minus_nine_loses_no_acknowledged_write(binary, tmp_path):
    acknowledged, findings, _ = crash.run(binary, tmp_path, kills=6, seed=11)
    assert findings == []
    assert acknowledged > 6


@pytest.mark.sqlite
def test_the_sync_comes_before_the_acknowledgement(binary, tmp_path):
    calls = tmp_path / "calls"
    lintel = rig.Lintel(binary, tmp_path, wrapper=[
        "strace", "-D", "-f", "-y", "-s", "200", "-o", str(calls),
        "-e", "trace=fsync,fdatasync,recvfrom,recvmsg,read,sendto,sendmsg,write,writev"])
    try:
        lintel.start(ready_within=60)
        management = lintel.management()
        management.create_service("synced", code="synced")
    finally:
        lintel.stop(within=60)
    # The tracer ends after what it traced.
    deadline = time.monotonic() + 20
    while "+++ exited with" not in (text := calls.read_text(errors="replace")).rsplit("\n", 2)[-2]:
        assert time.monotonic() < deadline, text[-500:]
        time.sleep(0.05)
    lines = text.splitlines()
    asked = next(at for at, line in enumerate(lines) if "/services HTTP/1.1" in line)
    acknowledged = next(at for at, line in enumerate(lines) if at > asked and "HTTP/1.1 201" in line)
    # "resumed" is where a call that other threads interleaved with came back.
    synced = [line for line in lines[asked:acknowledged]
              if re.search(r"(fsync|fdatasync)(\(| resumed)", line) and line.rstrip().endswith("= 0")]
    assert synced, "\n".join(lines[asked:acknowledged + 1])
