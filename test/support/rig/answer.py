"""One HTTP exchange with the standard library, without retries or redirects."""
import http.client
import json


class Answer:
    """What came back; header names in any case."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name, default=None):
        return self.headers.get(name, default)

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.text[:300]}>"


def exchange(address, method, target, headers=None, body=None, timeout=15, connection=None):
    """Sends one request to "host:port"; `target` goes out exactly as given."""
    own = connection is None
    if own:
        connection = http.client.HTTPConnection(address, timeout=timeout)
    try:
        names = {name.lower() for name in headers or {}}
        connection.putrequest(method, target, skip_host="host" in names, skip_accept_encoding=True)
        if body is not None and not names & {"content-length", "transfer-encoding"}:
            connection.putheader("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        if own:
            connection.close()
