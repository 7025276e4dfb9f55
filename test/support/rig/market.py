"""A service that can be listed and subscribed to, and the people around it."""
from .credentials import basic, signed

PASSWORD = "a-long-enough-password"
AUTHS = ("basic", "oauth2", "hmac")


class Market:
    """A project with a published service, and people around it."""
    OPEN = dict.fromkeys(AUTHS, 200)
    NO_RIGHT = {"basic": 403, "oauth2": 401, "hmac": 403}  # a token is not issued to who may not call


    def __init__(self, gateway, management, build):
        self.gateway, self.root, self.build = gateway, management, build
        self.project = management.post("projects", {"name": build.unique("project")}).json()
        self.boss = self.user()
        self.join(self.boss, role="admin")
        self.service, self.base = self.published()
        self.code = self.service["code"]

    def user(self):
        name = self.build.unique("user")
        self.root.post("/api/v1/users", {"name": name, "password": PASSWORD})
        client = self.gateway.as_user(name, PASSWORD)
        client.name = name
        return client

    def join(self, client, permission="read", role="member"):
        self.root.put(f"projects/{self.project['id']}/members/{client.name}", {"role": role, "permission": permission})
        return client

    def published(self, environments=("release", "test")):
        return self.build.published(*(self.build.api(path="/" + auth, auth=auth) for auth in ("none", *AUTHS)),
                                    environments=environments, project=self.project["id"])

    def apply(self, kind, by=None, **more):
        return (by or self.boss).post(f"services/{self.code}/applications", {"type": kind, **more}).json()["number"]

    def approve(self, number, by=None):
        return (by or self.boss).post(f"applications/{number}/approve", {}).json()

    def listed(self):
        self.approve(self.apply("launch"))
        return self

    def subscribe(self, client, credential=None, **more):
        body = {"credential": credential} if credential else {"new_credential": {"name": self.build.unique("key")}}
        return client.post(f"catalog/{self.code}/subscriptions", {**body, **more}).json()

    def subscribed(self, client, credential=None):
        made = self.subscribe(client, credential)
        self.approve(made["application"])
        return made

    def pairs(self, client, subscription):
        return client.get(f"subscription-credentials/{subscription['credential']['id']}/secrets")["key_pairs"]

    def calls(self, pairs, environment="release"):
        """Tries each way once -> {auth: status}"""
        base = f"/{environment}/{self.code}"
        key = pairs["oauth2"]
        issued = self.gateway.call("GET", f"{base}/-/oauth2/token?client_id={key['key']}&client_secret={key['secret']}")
        token = issued.json().get("access_token", "none")
        return {"basic": self.gateway.call("GET", base + "/basic", basic(pairs["basic"])).status,
                "oauth2": self.gateway.call("GET", base + "/oauth2", {"Authorization": f"Bearer {token}"}).status,
                "hmac": self.gateway.call("GET", base + "/hmac", signed(pairs["hmac"], "GET", base + "/hmac")).status}

    def in_catalog(self, client=None):
        client = client or self.user()
        return self.code in [item["code"] for item in client.get(f"catalog?q={self.service['name']}")["items"]]

    def listing(self):
        return self.boss.get(f"services/{self.code}/listing")["status"]
