"""A client of the management API, thin enough that tests still see the API itself."""
import json
import time

from .answer import exchange


class Refused(AssertionError):
    """The management API answered with an error where the test expected success."""

    def __init__(self, method, path, answer):
        super().__init__(f"{method} {path} was refused: {answer.status} {answer.text}")
        self.answer = answer


class Management:
    """Bound to one admin address and, after log_in, to one user. `call` returns any answer, the rest raise Refused."""

    def __init__(self, address, token=None, gateway="default"):
        self.address = address
        self.token = token
        self.gateway = gateway

    def log_in(self, name, password):
        """Waits for its turn: on a fast machine tests log in more often in a minute than the program admits."""
        self.token = None
        account = {"name": name, "password": password}
        try:
            answer = self.post("/api/v1/sessions", account)
        except Refused as refused:
            if refused.answer.status != 429:
                raise
            time.sleep(int(refused.answer.header("Retry-After")))
            answer = self.post("/api/v1/sessions", account)
        self.token = answer.json()["token"]
        return self

    def call(self, method, path, body=None, **headers):
        """A path that does not start with "/" is below the gateway. Header names are written with "_" for "-"."""
        if not path.startswith("/"):
            path = f"/api/v1/gateways/{self.gateway}/{path}"
        fields = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        if self.token:
            fields.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            fields.setdefault("Content-Type", "application/json")
        return exchange(self.address, method, path, fields, body, timeout=30)

    def _expect(self, method, path, body=None, **headers):
        answer = self.call(method, path, body, **headers)
        if answer.status >= 300:
            raise Refused(method, path, answer)
        return answer

    def get(self, path):
        return self._expect("GET", path).json()

    def post(self, path, body=None, **headers):
        return self._expect("POST", path, body, **headers)

    def put(self, path, body, etag="*"):
        return self._expect("PUT", path, body, If_Match=etag)

    def patch(self, path, body, etag="*"):
        return self._expect("PATCH", path, body, If_Match=etag)

    def delete(self, path, etag="*"):
        return self._expect("DELETE", path, If_Match=etag)

    # --- what most tests need ---

    def create_service(self, name, apis=(), code=None, **definition):
        """A service with its APIs in the draft."""
        body = {"name": name, "apis": list(apis), **definition}
        if code is not None:
            body["code"] = code
        return self.post("services", body).json()

    def publish(self, service, environments=("release",), **more):
        return self.post(f"services/{service['id']}/releases", {"environments": list(environments), **more}).json()

    def create_credential(self, service, name="caller", **more):
        return self.post(f"services/{service['id']}/credentials", {"name": name, **more}).json()

    def import_file(self, document, **more):
        return self.post("imports", {"document": document, **more}).json()
