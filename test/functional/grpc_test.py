"""gRPC through the gateway: real clients and servers of another project on both sides."""
import base64
import concurrent.futures
import threading

import grpc
import pytest


class Echo(grpc.GenericRpcHandler):
    """Every kind of call, with bytes as messages."""

    def service(self, call):
        handlers = {
            "Say": grpc.unary_unary_rpc_method_handler(self.say),
            "Count": grpc.unary_stream_rpc_method_handler(self.count),
            "Sum": grpc.stream_unary_rpc_method_handler(lambda messages, _: b"%d" % sum(map(int, messages))),
            "Chat": grpc.stream_stream_rpc_method_handler(lambda messages, _: (b"re: " + one for one in messages)),
            "Fail": grpc.unary_unary_rpc_method_handler(self.fail),
            "Seen": grpc.unary_unary_rpc_method_handler(self.seen),
        }
        return handlers.get(call.method.rsplit("/", 1)[1])

    @staticmethod
    def say(message, context):
        context.set_trailing_metadata((("x-trailing", "yes"),))
        return b"hello " + message

    @staticmethod
    def count(message, _context):
        return (b"%d" % number for number in range(int(message)))

    @staticmethod
    def fail(message, context):
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not today: " + message.decode())

    @staticmethod
    def seen(_message, context):
        return repr(sorted(context.invocation_metadata())).encode()


@pytest.fixture(scope="module")
def server():
    serving = grpc.server(concurrent.futures.ThreadPoolExecutor(8), handlers=[Echo()])
    port = serving.add_insecure_port("127.0.0.1:0")
    serving.start()
    yield f"http://127.0.0.1:{port}"
    serving.stop(None).wait()


@pytest.fixture
def channel(gateway, build, server):
    service, _ = build.published(
        build.api("POST", "/test.Echo/*", backend=build.http(server, http_version="2")),
        build.api("POST", "/test.Guarded/*", auth="basic", backend=build.http(server, http_version="2")))
    with grpc.insecure_channel(gateway.address, options=[
            ("grpc.default_authority", f"{service['code']}-release.localhost")]) as made:
        yield made


def test_unary_calls_with_trailers(channel):
    answer, call = channel.unary_unary("/test.Echo/Say").with_call(b"you", timeout=15)
    assert answer == b"hello you"
    assert ("x-trailing", "yes") in [tuple(one) for one in call.trailing_metadata()]
    assert call.code() == grpc.StatusCode.OK


def test_large_messages_both_ways(channel):
    message = bytes(range(256)) * 8000
    assert channel.unary_unary("/test.Echo/Say")(message, timeout=30) == b"hello " + message


def test_streams_of_every_direction(channel):
    assert list(channel.unary_stream("/test.Echo/Count")(b"1000", timeout=30)) == [b"%d" % n for n in range(1000)]
    assert channel.stream_unary("/test.Echo/Sum")((b"%d" % n for n in range(1000)), timeout=30) == b"499500"


def test_a_conversation_is_not_held_up(channel):
    """Each message is sent only after the answer to the one before has come."""
    answers, answered = [], threading.Semaphore(1)

    def messages():
        for number in range(20):
            assert answered.acquire(timeout=15)
            yield b"%d" % number

    for answer in channel.stream_stream("/test.Echo/Chat")(messages(), timeout=30):
        answers.append(answer)
        answered.release()
    assert answers == [b"re: %d" % number for number in range(20)]


def test_the_servers_own_status_comes_through(channel):
    with pytest.raises(grpc.RpcError) as failed:
        channel.unary_unary("/test.Echo/Fail")(b"really", timeout=15)
    assert failed.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert failed.value.details() == "not today: really"


def test_refusals_are_understood_by_grpc_clients(channel):
    with pytest.raises(grpc.RpcError) as refused:
        channel.unary_unary("/test.Guarded/Say")(b"x", timeout=15)
    assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
    assert refused.value.details().startswith("auth.missing: ")
    with pytest.raises(grpc.RpcError) as unknown:
        channel.unary_unary("/test.Nothing/Say")(b"x", timeout=15)
    assert unknown.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_many_calls_share_a_connection(gateway, channel):
    calls = [channel.unary_unary("/test.Echo/Say").future(b"%d" % number, timeout=30) for number in range(500)]
    assert [call.result() for call in calls] == [b"hello %d" % number for number in range(500)]


def test_metadata_goes_along(channel):
    seen = channel.unary_unary("/test.Echo/Seen")(b"", timeout=15, metadata=(("x-own", "mine"),)).decode()
    assert "x-own" in seen and "mine" in seen and "x-request-id" in seen


def test_a_server_that_is_gone_is_unavailable(gateway, build):
    service, _ = build.published(build.api("POST", "/test.Echo/*", backend=build.http("http://127.0.0.1:9", http_version="2")))
    with grpc.insecure_channel(gateway.address, options=[
            ("grpc.default_authority", f"{service['code']}-release.localhost")]) as channel:
        with pytest.raises(grpc.RpcError) as gone:
            channel.unary_unary("/test.Echo/Say")(b"x", timeout=15)
    assert gone.value.code() == grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("answer,code,details", [
    (None, grpc.StatusCode.UNAVAILABLE, "breaker.open"),
    ({"status": 503, "body": "{}"}, grpc.StatusCode.UNAVAILABLE, "503"),
    ({"status": 200, "headers": {"Content-Type": "text/plain"}, "body": "spare"}, grpc.StatusCode.UNKNOWN, "")])
def test_an_open_breaker_is_an_error_to_grpc_clients_whatever_its_answer(gateway, build, answer, code, details):
    config = {"failures": 1, **({"answer": answer} if answer else {})}
    service, _ = build.published(build.api("POST", "/test.Echo/*", policies=[{"kind": "circuit_breaker", "config": config}],
                                           backend=build.http("http://127.0.0.1:9", http_version="2")))
    with grpc.insecure_channel(gateway.address, options=[
            ("grpc.default_authority", f"{service['code']}-release.localhost")]) as channel:
        say = channel.unary_unary("/test.Echo/Say")
        with pytest.raises(grpc.RpcError) as failed:
            say(b"x", timeout=15)
        assert failed.value.details().startswith("backend.connect")
        with pytest.raises(grpc.RpcError) as opened:
            say(b"x", timeout=15)
    assert opened.value.code() == code and details in opened.value.details()


@pytest.mark.parametrize("method,message,status,words", [
    ("Say", b"hello you", "0", ""), ("Fail", None, "9", "not today: you"), ("Nothing", None, "12", "")])
def test_a_debug_call_shows_what_a_grpc_server_says(management, build, server, method, message, status, words):
    service = build.service(build.api("POST", "/test.Echo/*", backend=build.http(server, http_version="2")))
    [api] = management.get(f"services/{service['id']}/apis")["items"]
    answer = management.post(f"services/{service['id']}/debug-calls", {
        "api": api["id"], "path": f"/test.Echo/{method}", "headers": [{"name": "Content-Type", "value": "application/grpc"}],
        "body": base64.b64encode(b"\0\0\0\0\3you").decode(), "body_encoding": "base64"}).json()["response"]
    said = {field["name"]: field["value"] for field in answer["headers"] + answer["trailers"]}
    assert (said["grpc-status"], said.get("grpc-message", "")[:len(words)]) == (status, words)
    if message:
        framed = base64.b64decode(answer["body"]) if answer["body_encoding"] == "base64" else answer["body"].encode()
        assert framed[5:] == message
        assert {"name": "grpc-status", "value": "0"} in answer["trailers"]
        assert {"name": "x-trailing", "value": "yes"} in answer["trailers"]
