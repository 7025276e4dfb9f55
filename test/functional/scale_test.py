"""Lists of a store with very many objects: what the processor works for a page, wherever the page is."""
import collections
import contextlib
import time

import pytest
import rig

pytestmark = pytest.mark.measured

MOST_MS = 50.0
SERVICES, CREDENTIALS, SUBSCRIPTIONS, USERS, EVENTS = 10_000, 100_000, 100_000, 1_000, 100_000
OF_ONE_SERVICE = 10_000  # credentials, and as many subscriptions
PASSWORD = "a-long-enough-password"

Filled = collections.namedtuple("Filled", "root member subscriber processes many")


def fill(lintel, tables_of):
    """A store with the numbers above; the gateway stands still meanwhile."""
    management = lintel.start().management()
    projects = [management.post("projects", {"name": f"Project {n}"}).json()["id"] for n in range(10)]
    api = {"name": "one", "method": "GET", "path": "/one", "auth": {"kind": "basic"},
           "backend": {"kind": "mock", "config": {"body": "one"}}}
    service = management.create_service("Template", [api], code="template", labels={"team": "many"})
    management.create_credential(service)
    management.publish(service)
    launch = management.post("services/template/applications", {"type": "launch"}).json()
    management.post(f"applications/{launch['number']}/approve", {})
    user = management.post("/api/v1/users", {"name": "template", "password": PASSWORD}).json()
    made = lintel.as_user("template", PASSWORD).post("catalog/template/subscriptions", {"new_credential": {"name": "key"}}).json()
    management.post(f"applications/{made['application']}/approve", {})
    management.post("/api/v1/users", {"name": "member", "password": PASSWORD})
    for project in projects[:5]:
        management.put(f"projects/{project}/members/member", {"role": "admin"})
    lintel.stop()
    tables = tables_of()
    many = rig.Multitude(tables, (lintel.data / "master.key").read_bytes(), projects, service["id"], made, user["id"])
    many.services(SERVICES)
    many.users(USERS)
    calls = CREDENTIALS * 6 // 10
    many.call_credentials([n % SERVICES for n in range(calls - OF_ONE_SERVICE)] + [0] * OF_ONE_SERVICE)
    own = CREDENTIALS - calls
    many.own_credentials([n % USERS for n in range(own)])
    many.subscriptions([(n, n % USERS, 0) for n in range(OF_ONE_SERVICE)] +
                       [(n % own, n % own % USERS, 1 + (n // own * 7 + n) % (SERVICES - 1))
                        for n in range(SUBSCRIPTIONS - OF_ONE_SERVICE)])
    many.audit_events(EVENTS)
    tables.close()
    # Somebody else may have taken the ports meanwhile.
    lintel.address = lintel.listen = f"127.0.0.1:{rig.free_port()}"
    lintel.admin_address = f"127.0.0.1:{rig.free_port()}"
    lintel.start(ready_within=300)
    clients = [lintel.management(), *(lintel.as_user(name, PASSWORD) for name in ("member", "many0"))]
    return clients, {"service": rig.numbered(service["id"], 0), "user": "many0"}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def filled(request, binary, tmp_path_factory):
    with contextlib.ExitStack() as stack:
        lintel = rig.Lintel(binary, tmp_path_factory.mktemp("many"))
        stack.callback(lintel.kill)
        processes = [lintel.processes]
        if request.param == "sqlite":
            lintel.environment.pop("LINTEL_STORE", None)
            made = fill(lintel, lambda: rig.SqliteTables(lintel))
        else:
            server = stack.enter_context(rig.Postgres())
            database = server.new_database()
            lintel.environment["LINTEL_STORE"] = server.url(database)
            made = fill(lintel, lambda: rig.PostgresTables(server, database))
            processes.append(server.processes)
        clients, many = made
        yield Filled(*clients, processes, many)


LISTS = {
    "services": "services",
    "services by text": "services?q=many",
    "services by a text nobody has": "services?q=nowhere",
    "services by one name": "services?name=Many%205000",
    "services that run": "services?status=running",
    "services that are stopped": "services?status=stopped",
    "services of a group": "services?group=Tenth",
    "services with a label": "services?label=team:many",
    "services of a project": "services?project=Project%203",
    "catalog": "catalog",
    "catalog by text": "catalog?q=number%205",
    "catalog by a text nobody has": "catalog?q=nowhere",
    "catalog of a group": "catalog?group=Tenth",
    "catalog of a project": "catalog?project=Project%203",
    "catalog by auth": "catalog?auth=basic",
    "catalog by an auth nobody wants": "catalog?auth=hmac",
    "catalog with a subscription": "catalog?subscription=approved",
    "credentials of a service": "services/{service}/credentials",
    "credentials of a service by text": "services/{service}/credentials?q=number",
    "credentials of a service by a text nobody has": "services/{service}/credentials?q=nowhere",
    "own credentials": "subscription-credentials",
    "own credentials of all": "subscription-credentials?all=true",
    "own credentials of all by text": "subscription-credentials?all=true&q=number",
    "own credentials of all by a text nobody has": "subscription-credentials?all=true&q=nowhere",
    "own subscriptions": "subscriptions",
    "subscribers": "services/{service}/subscriptions",
    "subscribers that are approved": "services/{service}/subscriptions?status=approved",
    "subscribers that were rejected": "services/{service}/subscriptions?status=rejected",
    "a subscriber": "services/{service}/subscriptions?subscriber={user}",
    "own applications": "applications",
    "applications to review": "applications?view=review",
    "applications to review that are pending": "applications?view=review&status=pending",
    "applications to review that ask for a removal": "applications?view=review&type=remove",
    "applications to review of a project": "applications?view=review&project=Project%203",
    "applications to review of a service": "applications?view=review&service=many-0",
    "applications to review of an applicant": "applications?view=review&applicant={user}",
    "users": "/api/v1/users",
    "users by text": "/api/v1/users?q=many",
    "users by a text nobody has": "/api/v1/users?q=nowhere",
    "audit events": "/api/v1/audit-events",
    "audit events by text": "/api/v1/audit-events?q=many",
    "audit events by a text nobody has": "/api/v1/audit-events?q=nowhere",
    "audit events of an action nobody did": "/api/v1/audit-events?action=nothing.happen",
    "audit events of an actor": "/api/v1/audit-events?actor=admin",
    "audit events since tomorrow": "/api/v1/audit-events?since=2100-01-01T00:00:00Z",
    "audit events of services": "/api/v1/audit-events?object_type=service",
    "audit events that were refused": "/api/v1/audit-events?result=refused",
    "audit events of a project": "/api/v1/audit-events?project=Project%203",
    "projects": "projects",
    "releases": "services/{service}/releases",
    "release records": "services/{service}/release-records",
}


def worked_ms(filled, look, times=5):
    """The processor time a look takes, of everything that serves it; the middle one of some."""
    seen = []
    for _ in range(times):
        before = rig.processor_ns(filled.processes)
        look()
        time.sleep(0.002)  # what follows the answer
        seen.append((rig.processor_ns(filled.processes) - before) / 1e6)
    return sorted(seen)[times // 2]


def last_page(client, path):
    """-> the path of the last page, and how many items there are"""
    joint = "&" if "?" in path else "?"
    token, count, before = "", 0, ""
    while True:
        page = client.get(f"{path}{joint}page_size=500" + (f"&page_token={token}" if token else ""))
        count += len(page["items"])
        if not page.get("next_page_token"):
            return f"{path}{joint}page_token={token}" if token else path, count
        token = page["next_page_token"]


@pytest.mark.parametrize("who", ["root", "member", "subscriber"])
def test_every_list_takes_little_work(filled, who):
    client, too_much = getattr(filled, who), []
    print()
    for name, path in LISTS.items():
        path = path.format(**filled.many)
        if client.call("GET", path).status in (403, 404):
            continue  # it is not there for this one
        last, count = last_page(client, path)
        costs = [worked_ms(filled, lambda page=page: client.get(page)) for page in (path, last)]
        line = f"{name:50}{count:8} items   first page {costs[0]:7.2f} ms   last page {costs[1]:7.2f} ms"
        print(line, flush=True)
        if max(costs) > MOST_MS:
            too_much.append(line)
    assert not too_much, "\n" + "\n".join(too_much)
