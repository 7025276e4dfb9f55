"""Waiting for what takes effect behind a call."""
import time


def eventually(look, within=10):
    """Looks until it sees something true; -> that"""
    deadline = time.monotonic() + within
    while not (seen := look()):
        assert time.monotonic() < deadline, f"it did not come to pass within {within} s"
        time.sleep(0.02)
    return seen
