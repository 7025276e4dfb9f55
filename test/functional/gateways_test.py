"""Gateways: resource spaces in one process that know nothing of each other."""
import re
import types

import pytest
import rig
import roles_test as roles
from rig import basic, pointers, refused

PASSWORD = "a-long-enough-password"
PARTS = ("service", "project", "api", "api_group", "credential", "environment", "group", "domain", "certificate", "upstream",
         "application", "subscription", "grant", "webhook", "delivery")
OTHERS = {"gateway", "release", "user", "server"}  # are no objects of a gateway, or only in one that is tried


def within(management, gateway):
    """The same caller in another gateway."""
    return rig.Management(management.address, management.token, gateway)


def furnish(root, folder, name):
    """One of everything in the gateway of `root`, called after `name`."""
    project = root.post("projects", {"name": name}).json()
    root.post("environments", {"code": name, "name": name})
    root.post("upstreams", {"name": f"pool-{name}", "servers": [{"address": "127.0.0.1:1"}]})
    root.post("certificates", rig.Authority(folder, name).issue(f"{name}.example").upload(name=f"cert-{name}"))
    service = root.create_service(f"Service of {name}", [{**roles.API, "group": "Group"}], code=name, project=name)
    root.post("service-groups", {"name": f"group-{name}", "project": name})
    root.publish(service, ("release", name))
    root.post(f"services/{name}/draft", {"from_release": 1}, If_Match="*")
    root.post("domains", {"name": f"{name}.example", "certificates": [f"cert-{name}"],
                          "mappings": [{"prefix": "/", "service": name, "environment": "release"}]})
    credential = root.create_credential(service)
    api, group = (root.get(f"services/{name}/{part}")["items"][0]["id"] for part in ("apis", "api-groups"))
    launch = root.post(f"services/{name}/applications", {"type": "launch"}).json()
    root.post(f"applications/{launch['number']}/approve", {})
    mine = roles.subscribed(root, name)
    webhook = root.post("webhooks", {**roles.WEBHOOK, "enabled": True, "project": name}).json()
    delivery = root.post(f"webhooks/{webhook['id']}/test").json()
    grant = root.post(f"services/{name}/grants", {"credential": mine["credential"], "api": api}).json()
    return {"gateway": root.gateway, "project": project["id"], "service": name, "api": api, "api_group": group,
            "credential": credential["id"], "environment": name, "release": "1", "group": f"group-{name}",
            "user": "admin", "certificate": f"cert-{name}", "domain": f"{name}.example", "upstream": f"pool-{name}",
            "server": "127.0.0.1:1", "access_policy": "none", "application": mine["application"],
            "subscription": mine["subscription"], "subscription_credential": mine["credential"], "grant": grant["id"],
            "webhook": webhook["id"], "delivery": delivery["id"]}


@pytest.fixture(scope="module")
def world(binary, tmp_path_factory):
    lintel = rig.Lintel(binary, tmp_path_factory.mktemp("gateways"))
    lintel.start()
    root = lintel.management()
    root.post("/api/v1/gateways", {"code": "shop", "name": "The shop"})
    contract = root.get("/api/v1/openapi.json")
    operations = {item["operationId"]: (method.upper(), path, item) for path, items in contract["paths"].items()
                  for method, item in items.items() if method != "parameters"}
    world = types.SimpleNamespace(lintel=lintel, root=root, shop=within(root, "shop"), contract=contract,
                                  operations=operations, callers={"root": root}, mine={})
    world.here = furnish(root, lintel.folder, "here")
    world.there = furnish(world.shop, lintel.folder, "there")
    world.upload = rig.Authority(lintel.folder, "new").issue("here.example", "there.example").upload()
    yield world
    lintel.kill()


def parts_of(world, operation):
    path = world.operations[operation][1]
    if "{gateway}" not in path:
        return []
    probe = types.SimpleNamespace(project="prj_probe", numbers=iter(range(9)))
    named = ["project"] if "prj_probe" in str(roles.NAMED_PROJECT.get(operation, lambda _: "")(probe)) else []
    return [part for part in PARTS if f"{{{part}}}" in path] + named


@pytest.mark.parametrize("operation", sorted(roles.TABLE))
def test_r64_nothing_of_another_gateway_is_found(world, monkeypatch, operation):
    monkeypatch.setitem(roles.BODIES, "addUpstreamServer", {"address": "127.0.0.1:2"})
    monkeypatch.setitem(roles.BODIES, "replaceCertificate", world.upload)
    for mine, other in ((world.here, world.there), (world.there, world.here)):
        if operation in roles.OWN:
            mine, other = ({**each, "credential": each["subscription_credential"]} for each in (mine, other))
        for part in parts_of(world, operation):
            place = types.SimpleNamespace(values={**mine, part: other[part]}, project=mine["project"], numbers=iter(range(9)))
            answer = roles.ask(world, operation, "root", place, if_match="*")
            assert answer.status == 404, (operation, part, answer)
            unknown = {"api": "api_0", "credential": "crd_0", "project": "prj_0", "application": "999999", "subscription": "sub_0",
                       "grant": "gra_0", "webhook": "whk_0", "delivery": "dlv_0"}.get(part, "nothing")
            place.values[part] = unknown
            told = roles.ask(world, operation, "root", place, if_match="*")
            assert (told.status, told.json()["detail"].replace(f"'{unknown}'", "it")) == \
                (answer.status, answer.json()["detail"].replace(f"'{other[part]}'", "it")), (operation, part)


def test_the_matrix_has_no_gaps(world):
    tried = [operation for operation in roles.TABLE if parts_of(world, operation)]
    assert len(tried) > 50 and {part for operation in tried for part in parts_of(world, operation)} == set(PARTS)
    named = {part for _, path, _ in world.operations.values() if "{gateway}" in path for part in re.findall(r"{(\w+)}", path)}
    assert named == set(PARTS) | OTHERS, "every new kind of object is tried, too"


@pytest.mark.parametrize("listed,field,own", [
    ("services", "code", "service"), ("projects", "id", "project"), ("environments", "code", "environment"),
    ("domains", "name", "domain"), ("certificates", "name", "certificate"), ("upstreams", "name", "upstream"),
    ("catalog", "code", "service"), ("subscription-credentials", "id", "subscription_credential"),
    ("subscriptions", "id", "subscription"), ("webhooks", "id", "webhook"), ("applications", "number", "application"),
    ("applications?view=review", "number", "application")])
def test_lists_hold_what_the_gateway_has(world, listed, field, own):
    here, there = ({str(item[field]) for item in root.get(listed)["items"]} for root in (world.root, world.shop))
    assert world.here[own] in here and world.there[own] in there
    assert world.there[own] not in here and world.here[own] not in there


def test_nothing_leads_into_another_gateway(world):
    root, there = world.root, world.there
    mapping = {"prefix": "/", "service": there["service"], "environment": there["environment"]}
    body = {"name": "x.example", "mappings": [mapping], "certificates": [there["certificate"]]}
    assert {"/mappings/0/service", "/mappings/0/environment", "/certificates/0"} <= \
        pointers(refused(root.call("POST", "domains", body), 400, "field.invalid"))
    taken = {"name": there["domain"], "mappings": [{**mapping, "service": "here", "environment": "here"}]}
    refused(root.call("POST", "domains", taken), 409, "name.taken")
    api = {**roles.API, "name": "Up", "path": "/up", "backend": {"kind": "http", "config": {"upstream": there["upstream"]}}}
    assert pointers(refused(root.call("POST", "services/here/apis", api), 400, "field.invalid")) == {"/backend/config/upstream"}
    api["backend"]["config"]["upstream"] = there["upstream"] + ".shop"
    assert root.call("POST", "services/here/apis", api).status == 400
    refused(root.call("POST", "services/here/releases", {"environments": ["there"]}), 400, "field.invalid")
    debug = {"api": world.here["api"], "credential": there["credential"]}
    refused(root.call("POST", "services/here/debug-calls", debug), 404, "resource.not_found")


def api(body, auth="none"):
    return {"name": "Hello", "method": "GET", "path": "/hello", "auth": {"kind": auth},
            "backend": {"kind": "mock", "config": {"body": body}}}


@pytest.fixture(scope="module")
def twins(world):
    """Two services of the same code in the same environments of two gateways -> their credentials"""
    credentials = []
    for root, body in ((world.root, "default"), (world.shop, "shop")):
        service = root.create_service("Twin", [api(body), {**api(body, "basic"), "path": "/basic", "name": "Basic"},
                                               {**api(body, "oauth2"), "path": "/oauth2", "name": "Token"}], code="twin")
        root.publish(service, ("release", "test"))
        credentials.append(root.create_credential(service)["key_pairs"])
    return credentials


def test_calls_reach_the_gateway_they_name(world, twins):
    call = world.lintel.call
    assert call("GET", "/release/twin/hello").text == "default"
    assert call("GET", "/release.shop/twin/hello").text == "shop"
    assert call("GET", "/anything/hello", {"Host": "twin-release.localhost"}).status == 404
    assert call("GET", "/hello", {"Host": "twin-release.localhost"}).text == "default"
    assert call("GET", "/hello", {"Host": "twin-test.shop.localhost"}).text == "shop"
    for path in ("/release.default/twin/hello", "/release.none/twin/hello", "/there/there/hello", "/here.shop/here/hello"):
        assert call("GET", path).status == 404, path
    assert call("GET", "/there.shop/there/hello").status == 200
    logged = world.lintel.logged(call("GET", "/release.shop/twin/hello"))
    assert (logged["environment"], logged["service"]) == ("release.shop", "twin")


def test_r62_credentials_of_one_gateway_open_nothing_in_another(world, twins):
    call = world.lintel.call
    bases = ("/release/twin", "/release.shop/twin")
    for own, base in zip(twins, bases):
        other = bases[bases[0] == base]
        assert call("GET", f"{base}/basic", basic(own["basic"])).status == 200
        assert call("GET", f"{other}/basic", basic(own["basic"])).status == 403
        key = own["oauth2"]
        token = call("GET", f"{base}/-/oauth2/token?client_id={key['key']}&client_secret={key['secret']}").json()["access_token"]
        assert call("GET", f"{base}/oauth2", {"Authorization": f"Bearer {token}"}).status == 200
        assert call("GET", f"{other}/oauth2", {"Authorization": f"Bearer {token}"}).status == 403
        answer = call("GET", f"{other}/-/oauth2/token?client_id={key['key']}&client_secret={key['secret']}")
        assert answer.status in (401, 403)


def test_the_stage_of_a_domain_stays_in_its_gateway(world, twins):
    for root, name in ((world.root, "twin.example"), (world.shop, "twin-shop.example")):
        root.post("domains", {"name": name, "mappings": [{"prefix": "/", "service": "twin", "environment": "release"}]})
    for host, body in (("twin.example", "default"), ("twin-shop.example", "shop")):
        for stage in ({}, {"X-Stage": "test"}, {"X-Stage": "release"}):
            assert world.lintel.call("GET", "/hello", {"Host": host, **stage}).text == body, (host, stage)
        for stage in ("release.shop", "test.shop", "there", ".shop"):
            answer = world.lintel.call("GET", "/hello", {"Host": host, "X-Stage": stage})
            assert (answer.status, answer.json()["code"]) == (404, "route.stage_unknown"), (host, stage)


def test_upstreams_of_the_same_name_are_two(world, twins):
    backends = [rig.Recorder(), rig.Recorder()]
    try:
        for root, backend in zip((world.root, world.shop), backends):
            root.post("upstreams", {"name": "same", "servers": [{"address": f"127.0.0.1:{backend.port}"}]})
            service = root.create_service("Uses same", [{**api(""), "backend": {"kind": "http", "config": {"upstream": "same"}}}],
                                          code="uses-same")
            root.publish(service)
        for address, backend in zip(("/release", "/release.shop"), backends):
            assert world.lintel.call("GET", f"{address}/uses-same/hello").status == 200
            assert len(backend.requests) == 1
    finally:
        for backend in backends:
            backend.close()


def test_debug_calls_run_in_their_gateway(world, twins):
    twin = world.shop.get("services/twin/apis")["items"]
    tried = next(item["id"] for item in twin if item["name"] == "Basic")
    credential = world.shop.get("services/twin/credentials")["items"][0]["id"]
    answer = world.shop.post("services/twin/debug-calls", {"api": tried, "credential": credential, "environment": "test"}).json()
    assert (answer["response"]["body"], answer["target"]) == ("shop", "/test.shop/twin/basic")


def test_addresses_in_description_files_name_the_gateway(world, twins):
    text = world.shop.call("GET", "services/twin/description-file?format=json").text
    assert "/release.shop/twin" in text and "/release/twin" not in text


def test_a_gateway_is_there_for_those_who_belong_to_it(world):
    world.root.post("/api/v1/users", {"name": "seller", "password": PASSWORD})
    seller = world.lintel.as_user("seller", PASSWORD)
    inside = within(seller, "shop")

    def codes():
        return [item["code"] for item in seller.get("/api/v1/gateways")["items"]]
    assert codes() == ["default"]
    for path in ("services", "projects", "environments", "upstreams", "services/there", "/api/v1/gateways/shop"):
        told = refused(inside.call("GET", path), 404, "resource.not_found")
        unknown = refused(within(seller, "nothing").call("GET", path.replace("shop", "nothing")), 404, "resource.not_found")
        assert told["detail"].replace("shop", "it") == unknown["detail"].replace("nothing", "it")
    world.shop.put("projects/there/members/seller", {"role": "member", "permission": "read"})
    assert codes() == ["default", "shop"]
    assert [item["code"] for item in inside.get("services")["items"]] == ["there"]
    assert [item["name"] for item in inside.get("projects")["items"]] == ["there"], "its default project is not everybody's"
    refused(inside.call("GET", "services/twin"), 404, "resource.not_found")
    assert world.there["project"] in [item["id"] for item in seller.get("/api/v1/whoami")["projects"]]
    world.shop.delete("projects/there/members/seller")
    assert codes() == ["default"]


def test_a_gateway_is_made_renamed_and_deleted_when_it_is_empty(world):
    root = world.root
    path = "/api/v1/gateways/brief"
    made = root.call("POST", "/api/v1/gateways", {"code": "brief"})
    assert (made.status, made.header("Location"), made.json()["name"]) == (201, path, "brief")
    refused(root.call("POST", "/api/v1/gateways", {"code": "brief"}), 409, "name.taken")
    problem = refused(root.call("POST", "/api/v1/gateways", {"code": "a-b", "name": " "}), 400, "field.invalid")
    assert pointers(problem) == {"/code", "/name"}
    brief = within(root, "brief")
    assert [item["code"] for item in brief.get("environments")["items"]] == ["test", "prepub", "release"]
    assert [item["is_default"] for item in brief.get("projects")["items"]] == [True]
    renamed = root.patch(path, {"name": "Short"}, etag=made.header("ETag"))
    refused(root.call("PATCH", path, {"name": "x"}, If_Match=made.header("ETag")), 412, "precondition.failed")
    assert root.get(path) == renamed.json()
    project = brief.post("projects", {"name": "p"}).json()
    assert "projects" in refused(root.call("DELETE", path, If_Match="*"), 409, "state.conflict")["detail"]
    brief.delete(f"projects/{project['id']}")
    service = brief.create_service("s", [api("")], code="brief-s")
    assert "services" in refused(root.call("DELETE", path, If_Match="*"), 409, "state.conflict")["detail"]
    brief.delete(f"services/{service['id']}")
    root.delete(path)
    refused(brief.call("GET", "services"), 404, "resource.not_found")
    refused(root.call("DELETE", "/api/v1/gateways/default", If_Match="*"), 409, "state.conflict")
    actions = [event["action"] for event in root.get("/api/v1/audit-events?object_type=gateway&q=brief")["items"]]
    assert actions == ["gateway.delete", "gateway.rename", "gateway.create"]
