"""How often and from where: rate limits and IP lists, set on a service."""
import concurrent.futures

import pytest


def rate(limit, unit="minute"):
    return {"kind": "rate_limit", "config": {"limit": limit, "unit": unit}}


def addresses(mode, *entries):
    return {"kind": "ip_access", "config": {"mode": mode, "addresses": list(entries)}}


@pytest.mark.parametrize("limit", [1, 1000])
@pytest.mark.parametrize("unit", ["second", "minute", "hour", "day"])
def test_r23_limits_from_1_to_1000_are_accepted(management, build, limit, unit):
    build.published(policies=[rate(limit, unit)])


@pytest.mark.parametrize("limit", [0, 1001, -1, 1.5, "ten", None])
def test_r23_other_limits_are_refused_with_their_place(management, build, limit):
    answer = management.call("POST", "services", {"name": build.unique(), "apis": [build.api()], "policies": [rate(limit)]})
    assert (answer.status, answer.json()["code"]) == (400, "field.invalid")
    assert any(fault["pointer"].endswith("/config/limit") for fault in answer.json()["errors"]), answer


def test_r24_n_calls_pass_and_the_next_is_refused_on_any_worker(gateway, build):
    _, base = build.published(policies=[rate(20, "hour")])
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: gateway.call("GET", base + "/hello"), range(30)))
    statuses = [answer.status for answer in answers]
    assert (statuses.count(200), statuses.count(429)) == (20, 10)
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.json()["code"] == "limit.rate"
    assert 1 <= int(refused.header("Retry-After")) <= 3600
    passed = next(answer for answer in answers if answer.status == 200)
    assert passed.header("X-RateLimit-Limit") == "20"
    assert 0 <= int(passed.header("X-RateLimit-Remaining")) <= 19


def test_what_a_backend_says_of_limits_stands_only_where_the_gateway_has_none(gateway, build):
    said = {"x-ratelimit-limit": "999", "X-RATELIMIT-RESET": "888", "X-RateLimit-Remaining": "777", "X-RateLimit-Used": "1"}
    api = build.api(backend={"kind": "mock", "config": {"headers": said}})
    _, limited = build.published(api, policies=[rate(20, "hour")])
    _, unlimited = build.published(api)
    ours = gateway.call("GET", limited + "/hello").headers
    assert (ours.get_all("X-RateLimit-Limit"), ours.get_all("X-RateLimit-Remaining")) == (["20"], ["19"])
    [reset] = ours.get_all("X-RateLimit-Reset")
    assert 1 <= int(reset) <= 3600
    theirs = gateway.call("GET", unlimited + "/hello").headers
    assert [theirs.get_all("X-RateLimit-" + name) for name in ("Limit", "Remaining", "Reset")] == [["999"], ["777"], ["888"]]
    assert ours["X-RateLimit-Used"] == theirs["X-RateLimit-Used"] == "1"


def test_r24_the_next_window_passes_again(gateway, build):
    """Windows of a second: bursts until one is refused, then as soon as the next window is there, calls pass."""
    import time
    _, base = build.published(policies=[rate(3, "second")])
    deadline = time.monotonic() + 10
    seen = set()
    while len(seen) < 3 and time.monotonic() < deadline:
        status = gateway.call("GET", base + "/hello").status
        if status == 429:
            seen.add("refused")
        elif status == 200:
            seen.add("passed again" if "refused" in seen else "passed")
    assert seen == {"passed", "refused", "passed again"}


def test_a_publish_does_not_reset_a_limit(gateway, management, build):
    service, base = build.published(policies=[rate(2, "hour")])
    assert [gateway.call("GET", base + "/hello").status for _ in range(3)] == [200, 200, 429]
    management.post(f"services/{service['id']}/draft", {})
    management.publish(service)
    assert gateway.call("GET", base + "/hello").status == 429
    # Another value is another limit, and begins a window of its own.
    management.post(f"services/{service['id']}/draft", {})
    management.patch(f"services/{service['id']}", {"policies": [rate(1, "hour")]})
    management.publish(service)
    assert [gateway.call("GET", base + "/hello").status for _ in range(2)] == [200, 429]


@pytest.mark.parametrize("mode,entries,status", [
    ("allow", ["127.0.0.1"], 200), ("allow", ["127.0.0.0/8"], 200), ("allow", ["203.0.113.0/24", "127.0.0.1"], 200),
    ("allow", ["203.0.113.0/24"], 403), ("allow", ["::1"], 403),
    ("block", ["127.0.0.1"], 403), ("block", ["127.0.0.0/8"], 403), ("block", ["203.0.113.0/24", "2001:db8::/32"], 200)])
def test_r19_r21_r22_lists_admit_and_refuse(gateway, build, mode, entries, status):
    _, base = build.published(policies=[addresses(mode, *entries)])
    answer = gateway.call("GET", base + "/hello", {"X-Forwarded-For": "203.0.113.9"})
    assert answer.status == status
    if status == 403:
        assert answer.json()["code"] == "access.ip_denied"


@pytest.mark.parametrize("entry", ["", "x", "300.1.1.1", "10.0.0.0/33", "10.0.0.1/", "::1/129", "10.0.0.1-10.0.0.9"])
def test_r20_an_invalid_entry_is_refused_with_its_place(management, build, entry):
    answer = management.call("POST", "services", {"name": build.unique(), "apis": [build.api()],
                                                  "policies": [addresses("allow", "10.0.0.1", entry)]})
    assert (answer.status, answer.json()["code"]) == (400, "field.invalid")
    assert any(fault["pointer"].endswith("/config/addresses/1") for fault in answer.json()["errors"]), answer


def test_a_mock_skips_no_check(gateway, build):
    _, base = build.published(build.api(auth="basic"), policies=[addresses("block", "127.0.0.1")])
    assert gateway.call("GET", base + "/hello").status == 403
    _, base = build.published(build.api(auth="basic"))
    assert gateway.call("GET", base + "/hello").status == 401
