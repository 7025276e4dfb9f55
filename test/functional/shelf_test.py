"""The shelf: applications for launch and removal, and who decides about them."""
import concurrent.futures

import pytest
from rig import Market, pointers, refused

PASSWORD = "a-long-enough-password"


def test_r69_r70_only_a_running_service_is_launched_and_only_after_approval_it_is_in_the_catalog(world):
    world.boss.patch(f"services/{world.code}/deployments", {"state": "stopped"})
    stopped = world.boss.call("POST", f"services/{world.code}/applications", {"type": "launch"})
    refused(stopped, 409, "service.not_running")
    assert world.listing() == "unlisted"
    world.boss.patch(f"services/{world.code}/deployments", {"state": "running", "environments": ["release"]})
    number = world.apply("launch", reason="ready")
    assert world.listing() == "pending_listing" and not world.in_catalog()
    refused(world.boss.call("POST", f"services/{world.code}/applications", {"type": "launch"}), 409, "listing.conflict")
    refused(world.boss.call("POST", f"services/{world.code}/applications", {"type": "remove"}), 409, "listing.conflict")
    shown = world.root.get(f"applications/{number}")
    assert (shown["status"], shown["reason"], shown["may_decide"]) == ("pending", "ready", True)
    assert shown["impact"] == {"subscribers": 0, "environments": ["release"], "calls_last_hour": 0}
    world.approve(number, world.root)
    assert world.listing() == "listed" and world.in_catalog()
    assert world.boss.get(f"services/{world.code}")["listing"] == "listed"


def test_a_launch_is_not_approved_once_the_service_is_stopped(world):
    number = world.apply("launch")
    world.boss.patch(f"services/{world.code}/deployments", {"state": "stopped"})
    refused(world.boss.call("POST", f"applications/{number}/approve", {}), 409, "service.not_running")
    assert world.root.get(f"applications/{number}")["status"] == "pending"


def test_r70_a_rejected_launch_stays_out_and_tells_why(world):
    number = world.apply("launch")
    problem = refused(world.boss.call("POST", f"applications/{number}/reject", {"comment": " "}), 400, "field.invalid")
    assert pointers(problem) == {"/comment"}
    decided = world.root.post(f"applications/{number}/reject", {"comment": "not yet"}).json()
    assert (decided["status"], decided["comment"], decided["reviewer"]) == ("rejected", "not yet", "admin")
    assert world.listing() == "unlisted" and not world.in_catalog()
    world.listed()


def test_an_application_is_withdrawn_by_who_submitted_it(world):
    number = world.apply("launch")
    refused(world.root.call("POST", f"applications/{number}/withdraw"), 403, "permission.denied")
    assert world.boss.post(f"applications/{number}/withdraw").json()["status"] == "withdrawn"
    assert world.listing() == "unlisted"
    refused(world.boss.call("POST", f"applications/{number}/approve", {}), 409, "application.decided")
    world.listed()
    world.boss.post(f"applications/{world.apply('remove')}/withdraw")
    assert world.listing() == "listed"


def test_r72_r73_r74_a_service_is_in_the_catalog_until_its_removal_is_approved(world):
    client = world.user()
    refused(world.boss.call("POST", f"services/{world.code}/applications", {"type": "remove"}), 409, "listing.conflict")
    world.listed()
    world.boss.post(f"applications/{world.apply('remove')}/reject", {"comment": "stays"})
    assert world.listing() == "listed"
    number = world.apply("remove")
    assert world.listing() == "pending_removal" and world.in_catalog()
    pending = world.subscribe(client)
    world.approve(number)
    assert world.listing() == "unlisted" and not world.in_catalog()
    refused(client.call("GET", f"catalog/{world.code}"), 404, "resource.not_found")
    refused(client.call("POST", f"catalog/{world.code}/subscriptions", {"new_credential": {"name": "x"}}), 404,
            "resource.not_found")
    assert client.get(f"subscriptions/{pending['id']}")["status"] == "ended"
    assert client.get(f"applications/{pending['application']}")["status"] == "closed"


@pytest.mark.parametrize("ends", [False, True])
def test_a_removal_ends_the_subscriptions_only_when_asked_to(world, ends):
    client = world.user()
    subscription = world.listed().subscribed(client)
    pairs = world.pairs(client, subscription)
    number = world.apply("remove", end_subscriptions=ends)
    assert world.root.get(f"applications/{number}")["impact"]["subscribers"] == 1
    world.approve(number)
    assert client.get(f"subscriptions/{subscription['id']}")["status"] == ("ended" if ends else "approved")
    assert world.calls(pairs) == (Market.NO_RIGHT if ends else Market.OPEN)
    addresses = [address["url"] for address in client.get(f"subscriptions/{subscription['id']}")["addresses"]]
    assert [url.split("/", 3)[3] for url in addresses] == ([] if ends else [f"test/{world.code}", f"release/{world.code}"])


def test_a_service_on_the_shelf_is_not_deleted(world):
    number = world.apply("launch")
    world.boss.patch(f"services/{world.code}/deployments", {"state": "stopped"})
    for _ in ("pending", "listed"):
        refused(world.root.call("DELETE", f"services/{world.code}", If_Match="*"), 409, "listing.conflict")
        refused(world.root.call("DELETE", f"projects/{world.project['id']}", If_Match="*"), 409, "listing.conflict")
        if world.listing() == "pending_listing":
            world.boss.patch(f"services/{world.code}/deployments", {"state": "running", "environments": ["test"]})
            world.approve(number)
            world.boss.patch(f"services/{world.code}/deployments", {"state": "stopped"})
    client = world.user()
    assert client.get(f"catalog/{world.code}")["status"] == "stopped"
    refused(client.call("POST", f"catalog/{world.code}/subscriptions", {"new_credential": {"name": "x"}}), 409,
            "service.not_running")
    world.approve(world.apply("remove"))
    world.root.delete(f"services/{world.code}")


def test_what_is_deleted_ends_its_subscriptions(world):
    stays, goes = world.user(), world.user()
    world.listed()
    kept, gone = world.subscribed(stays), world.subscribed(goes)
    pending = world.subscribe(goes)
    pairs = world.pairs(goes, gone)
    assert world.calls(pairs) == Market.OPEN
    world.root.delete(f"/api/v1/users/{goes.name}")
    assert set(world.calls(pairs).values()) == {401}
    status = {item["id"]: item["status"] for item in world.boss.get(f"services/{world.code}/subscriptions")["items"]}
    assert status == {kept["id"]: "approved", gone["id"]: "ended", pending["id"]: "ended"}
    world.approve(world.apply("remove"))
    world.boss.patch(f"services/{world.code}/deployments", {"state": "stopped"})
    world.root.delete(f"services/{world.code}")
    ended = stays.get(f"subscriptions/{kept['id']}")
    assert (ended["status"], ended["service"]["code"]) == ("ended", world.code)


def test_r89_r90_r91_everybody_sees_what_he_submitted_and_only_reviewers_what_is_to_review(world):
    client, reader = world.user(), world.join(world.user(), "edit_publish")
    world.listed()
    made = world.subscribe(client, reason="for the shop")
    number = made["application"]
    mine = client.get("applications")["items"]
    assert [(item["number"], item["type"], item["status"], item["reason"]) for item in mine] == [
        (number, "subscribe", "pending", "for the shop")]
    for nobody in (client, reader):
        assert nobody.get("applications?view=review")["items"] == []
    refused(reader.call("GET", f"applications/{number}"), 404, "resource.not_found")
    refused(client.call("POST", f"applications/{number}/approve", {}), 403, "permission.denied")
    for reviewer in (world.boss, world.root):
        query = f"applications?view=review&status=pending&type=subscribe&service={world.code}&applicant={client.name}"
        assert [item["number"] for item in reviewer.get(query)["items"]] == [number]
        assert reviewer.get(query + "&project=nowhere")["items"] == []


def test_r81_r92_r93_administrators_review_where_they_are_it(world, gateway, management, build):
    other = Market(gateway, management, build)
    client = world.user()
    for place in (world, other):
        launch = place.apply("launch")
        stranger = other.boss if place is world else world.boss
        for rest, body in (("", None), ("/approve", {}), ("/reject", {"comment": "x"})):
            method = "POST" if rest else "GET"
            refused(stranger.call(method, f"applications/{launch}{rest}", body), 404, "resource.not_found")
        place.approve(launch, place.boss)
        subscription = place.subscribe(client)
        refused(stranger.call("POST", f"applications/{subscription['application']}/approve", {}), 404, "resource.not_found")
        place.approve(subscription["application"], place.root)
        removal = place.apply("remove")
        assert removal not in [item["number"] for item in stranger.get("applications?view=review&page_size=500")["items"]]
        place.approve(removal, place.root)
    assert {launch, removal} <= {item["number"] for item in world.root.get("applications?view=review&page_size=500")["items"]}


def test_the_first_decision_holds(world):
    client = world.user()
    number = world.listed().subscribe(client)["application"]

    def decide(turn):
        path = f"applications/{number}/" + ("approve" if turn % 2 else "reject")
        return (world.boss if turn % 3 else world.root).call("POST", path, {"comment": f"turn {turn}"})
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(decide, range(8)))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 7
    won = next(answer.json() for answer in answers if answer.status == 200)
    for answer in answers:
        if answer.status == 409:
            refused(answer, 409, "application.decided")
    shown = client.get(f"applications/{number}")
    assert (shown["status"], shown["comment"]) == (won["status"], won["comment"])


def test_applications_are_counted_and_paged(world):
    numbers = []
    for _ in range(3):
        numbers.append(world.apply("launch"))
        world.boss.post(f"applications/{numbers[-1]}/withdraw")
    assert numbers == sorted(numbers)
    first = world.boss.get("applications?page_size=2")
    rest = world.boss.get(f"applications?page_size=2&page_token={first['next_page_token']}")
    assert [item["number"] for item in first["items"] + rest["items"]] == numbers[::-1] and "next_page_token" not in rest


def test_nobody_decides_about_his_own_where_that_is_forbidden(own_gateway):
    own_gateway.flags += ["--approvals-forbid-own"]
    root = own_gateway.start().management()
    service = root.create_service("Pets", [{"name": "p", "method": "GET", "path": "/", "auth": {"kind": "none"},
                                            "backend": {"kind": "mock", "config": {}}}], code="pets")
    root.publish(service)
    number = root.post("services/pets/applications", {"type": "launch"}).json()["number"]
    refused(root.call("POST", f"applications/{number}/approve", {}), 403, "application.own")
    root.post("/api/v1/users", {"name": "second", "password": PASSWORD, "is_system_admin": True})
    assert own_gateway.as_user("second", PASSWORD).post(f"applications/{number}/approve", {}).json()["status"] == "approved"


def test_decisions_are_in_the_audit(world):
    number = world.apply("launch")
    world.approve(number)
    events = world.root.get(f"/api/v1/audit-events?object_type=application&object_id={number}")["items"]
    assert [(event["action"], event["actor"]) for event in events] == [
        ("application.approve", world.boss.name), ("application.submit", world.boss.name)]


def test_unsubscribing_while_it_is_pending_withdraws_the_application(world):
    client = world.listed().user()
    made = world.subscribe(client)
    assert client.post(f"subscriptions/{made['id']}/unsubscribe").json()["status"] == "withdrawn"
    assert client.get(f"applications/{made['application']}")["status"] == "withdrawn"
    refused(world.boss.call("POST", f"applications/{made['application']}/approve", {}), 409, "application.decided")
