"""Every route × method × role, generated from the URL resolver: a route without a row here fails."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from samplecase.storage.port import package_key
from samplecase.web.accounts.models import ApiToken, LinkPurpose, OneTimeLink, UserSession
from samplecase.web.rest.blobs import blob_store
from tests.sending import begun

# Who may, in words of the contract. Each of view, middle and edit includes those after it; "middle" is `label` on a
# dataset and `run` on a model.
SIGNED_IN = "signed in"
VIEW = "view"
MIDDLE = "middle"
EDIT = "edit"
JOB_OWNER = "job owner"
OWNER = "owner"
STAFF = "staff"  # superusers too; rights on objects they have no others than everybody
OWN = "own"  # belongs to one person, superusers have no part in it
OPEN = "open"

MATRIX: dict[str, dict[str, str]] = {
    "me/": {"get": SIGNED_IN, "patch": SIGNED_IN},
    "me/password/": {"post": SIGNED_IN},
    "sessions/": {"get": SIGNED_IN, "delete": SIGNED_IN},
    "sessions/<uuid:id>/": {"delete": OWN},
    "uploads/": {"get": SIGNED_IN, "post": SIGNED_IN},
    "uploads/<uuid:id>/": {"get": OWN, "patch": OWN, "delete": OWN},
    "people/": {"get": STAFF, "post": STAFF},
    "people/<int:id>/": {"patch": STAFF},
    "people/<int:id>/link/": {"post": STAFF},
    "audit/": {"get": SIGNED_IN},
    "sharing/candidates/": {"get": SIGNED_IN},
    "schema/": {"get": SIGNED_IN},
    "tokens/": {"get": SIGNED_IN, "post": OPEN},
    "tokens/<uuid:id>/": {"delete": OWN},
    "datasets/": {"get": SIGNED_IN, "post": SIGNED_IN},
    "datasets/<int:pk>/": {"get": VIEW, "patch": EDIT, "delete": EDIT},
    "datasets/<int:pk>/sharing/": {"get": EDIT, "put": EDIT},
    "datasets/<int:pk>/transfer/": {"post": OWNER},
    "datasets/<int:pk>/facets/": {"get": VIEW},
    "datasets/<int:pk>/values/": {"put": MIDDLE},
    "datasets/<int:pk>/bulk/": {"post": MIDDLE},
    "datasets/<int:pk>/bulk/undo/": {"post": MIDDLE},
    "datasets/<int:pk>/views/": {"get": VIEW, "post": MIDDLE},
    "datasets/<int:pk>/views/<int:vid>/": {"get": VIEW, "patch": EDIT, "delete": EDIT},  # of somebody else
    "datasets/<int:pk>/reviews/": {"get": VIEW, "post": MIDDLE},
    "datasets/<int:pk>/reviews/<int:rid>/": {"get": VIEW, "delete": EDIT},  # of somebody else
    "datasets/<int:pk>/reviews/<int:rid>/claims/": {"post": MIDDLE, "delete": MIDDLE},
    "datasets/<int:pk>/reviews/<int:rid>/decisions/": {"post": MIDDLE},
    "datasets/<int:pk>/reviews/<int:rid>/undo/": {"post": MIDDLE},
    "datasets/<int:pk>/fields/": {"get": VIEW, "post": MIDDLE},
    "datasets/<int:pk>/fields/<str:name>/": {"patch": EDIT, "delete": EDIT},
    "datasets/<int:pk>/fields/<str:name>/restore/": {"post": EDIT},
    "datasets/<int:pk>/samples/": {"get": VIEW, "post": EDIT},
    "datasets/<int:pk>/samples/<int:sid>/": {"get": VIEW, "patch": MIDDLE, "delete": EDIT},
    "datasets/<int:pk>/samples/<int:sid>/history/": {"get": VIEW},
    "datasets/<int:pk>/samples/<int:sid>/nearest/": {"get": VIEW},
    "datasets/<int:pk>/samples/<int:sid>/media/": {"get": VIEW},
    "datasets/<int:pk>/samples/<int:sid>/thumbnail/": {"get": VIEW},
    "datasets/<int:pk>/samples/<int:sid>/masks/<str:name>/": {"get": VIEW},
    "datasets/<int:dataset>/evaluations/": {"get": VIEW, "post": MIDDLE},
    "datasets/<int:dataset>/evaluations/<int:pk>/": {"get": VIEW, "delete": EDIT},
    "datasets/<int:dataset>/evaluations/<int:pk>/refresh/": {"post": MIDDLE},
    "datasets/<int:dataset>/projections/": {"get": VIEW, "post": MIDDLE},
    "datasets/<int:dataset>/projections/methods/": {"get": VIEW},
    "datasets/<int:dataset>/projections/<int:pk>/": {"get": VIEW, "delete": EDIT},
    "datasets/<int:dataset>/projections/<int:pk>/points/": {"get": VIEW},
    "datasets/<int:dataset>/imports/": {"post": MIDDLE},
    "datasets/<int:dataset>/imports/<int:pk>/": {"get": VIEW},
    "datasets/<int:dataset>/imports/<int:pk>/report/": {"get": VIEW},
    "datasets/<int:dataset>/exports/": {"post": VIEW},
    "datasets/<int:dataset>/exports/<int:pk>/": {"get": VIEW},
    "datasets/<int:dataset>/exports/<int:pk>/file/": {"get": VIEW},
    "models/": {"get": SIGNED_IN, "post": SIGNED_IN},
    "models/check-schema/": {"post": SIGNED_IN},
    "models/<int:pk>/": {"get": VIEW, "patch": EDIT, "delete": EDIT},
    "models/<int:pk>/sharing/": {"get": EDIT, "put": EDIT},
    "models/<int:pk>/transfer/": {"post": OWNER},
    "models/<int:pk>/runs/": {"get": VIEW},
    "models/<int:pk>/versions/": {"post": EDIT},
    "models/<int:pk>/versions/<str:version>/": {"get": VIEW, "delete": EDIT},
    "models/<int:pk>/versions/<str:version>/stage/": {"post": EDIT},
    "models/<int:pk>/versions/<str:version>/changes/": {"get": VIEW},
    "models/<int:pk>/aliases/": {"get": VIEW},
    "models/<int:pk>/aliases/<str:name>/": {"put": EDIT, "delete": EDIT},
    "models/<int:pk>/aliases/<str:name>/history/": {"get": VIEW},
    "models/<int:pk>/versions/<str:version>/package/": {"get": EDIT},
    "deployments/": {"get": SIGNED_IN, "post": EDIT},
    "deployments/<int:pk>/": {"get": VIEW, "patch": EDIT, "delete": EDIT},
    "deployments/<int:pk>/log/": {"get": EDIT},
    "deployments/<int:pk>/start/": {"post": EDIT},
    "deployments/<int:pk>/stop/": {"post": EDIT},
    "jobs/": {"get": SIGNED_IN, "post": MIDDLE},
    "jobs/<int:pk>/": {"get": VIEW},
    "jobs/<int:pk>/pause/": {"post": EDIT},
    "jobs/<int:pk>/resume/": {"post": EDIT},
    "jobs/<int:pk>/cancel/": {"post": EDIT},
    "jobs/<int:pk>/retry/": {"post": EDIT},
    "jobs/<int:pk>/undo/": {"post": EDIT},
    "jobs/<int:pk>/preview/": {"get": JOB_OWNER},
    "jobs/<int:pk>/errors/": {"get": VIEW},  # without the messages, see test_jobs_api
    "jobs/<int:pk>/errors/reasons/": {"get": VIEW},
    "jobs/<int:pk>/log/": {"get": JOB_OWNER},
}
# Of pages: the status that anonymous gets from GET.
PAGES = {
    "": 302,
    "api/v1/docs/": 302,
    "^(?:datasets|models|account|people|audit)(?:/.*)?$": 302,
    "login/": 200,
    "logout/": 405,
    "sign-up/": 404,  # off unless the settings say otherwise
    "welcome/<str:secret>/": 200,
    "health": 200,
    "health/": 200,
    "metrics": 401,
    "metrics/": 401,
    "favicon.ico": 301,
}
SAFE = {"get"}
RANK = {
    "stranger": 0,
    "staff": 0,
    "viewer": 1,
    "middle": 2,
    "editor": 3,
    "group editor": 3,
    "owner": 4,
    "superuser": 4,
}
NEEDS = {VIEW: 1, MIDDLE: 2, EDIT: 3, JOB_OWNER: 4, OWNER: 4}
NOBODY = ("anonymous", "inactive", "owner with a revoked token", "owner with an expired token")
ROLES = (*NOBODY, *RANK, "owner with a read token")


def routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for found in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(found, URLResolver):
            yield from routes(found.url_patterns, prefix + str(found.pattern))
        elif isinstance(found, URLPattern):
            yield prefix + str(found.pattern), found.callback


def methods_of(view: Any) -> set[str]:
    actions = getattr(view, "actions", None)
    if actions:
        return set(actions) - {"head", "options"}
    kind = getattr(view, "cls", None) or view.view_class
    return {name for name in ("get", "post", "put", "patch", "delete") if hasattr(kind, name)}


OF_AN_OBJECT = re.compile("(datasets|models|deployments|jobs)/<")
EVERYTHING = dict(routes())
API = {
    route.removeprefix("api/v1/"): view
    for route, view in EVERYTHING.items()
    if route.startswith("api/v1/") and route not in PAGES
}
ADMIN = sorted(route for route in EVERYTHING if route.startswith("admin/"))
CHANGES = [(route, method) for route, rows in MATRIX.items() for method in rows if method != "get"]


def test_every_route_of_the_api_has_its_row() -> None:
    assert {route: methods_of(view) for route, view in API.items()} == {
        route: set(rows) for route, rows in MATRIX.items()
    }


def test_every_page_has_its_row() -> None:
    rest = set(EVERYTHING) - {f"api/v1/{route}" for route in API} - set(ADMIN)
    assert rest == set(PAGES)


@dataclass
class World:
    """One of everything, and a client per role."""

    clients: dict[str, APIClient]
    ids: dict[str, Any]
    bodies: dict[tuple[str, str], Any] = field(default_factory=dict)

    def address(self, route: str) -> str:
        def fill(match: re.Match[str]) -> str:
            before = route[: match.start()].rstrip("/").rsplit("/", 1)[-1]
            return str(self.ids[before])

        return "/api/v1/" + re.sub(r"<[^>]+>", fill, route)

    def ask(self, role: str, route: str, method: str) -> Any:
        """The answer; whatever it changed is undone."""
        with transaction.atomic():
            body = self.bodies.get((route, method), {})
            form = "multipart" if route.endswith(("/samples/", "/versions/")) and method == "post" else "json"
            call = getattr(self.clients[role], method)
            answer = (
                call(self.address(route)) if method in SAFE else call(self.address(route), body, format=form)
            )
            if answer.streaming:
                b"".join(answer.streaming_content)
            transaction.set_rollback(True)
        return answer


@pytest.fixture
def world(
    make_user: Callable[..., Any],
    client_of: Callable[..., APIClient],
    grant: Any,
    group: Group,
    owner: Any,
    superuser: Any,
    stranger: Any,
    dataset: Any,
    model: Any,
    version: Any,
    deployment: Any,
) -> World:
    from datasets_app.models import Field, Projection, Sample, View
    from datasets_app.review_models import Review
    from jobs_app.models import Job, Submission

    people = {"owner": owner, "superuser": superuser, "stranger": stranger}
    people["staff"] = make_user("staff", is_staff=True)
    for role, rights in {
        "viewer": ("view", "view"),
        "middle": ("label", "run"),
        "editor": ("edit", "edit"),
    }.items():
        people[role] = make_user(role)
        grant(dataset, people[role], rights[0])
        grant(model, people[role], rights[1])
    people["group editor"] = make_user("group-editor")
    people["group editor"].groups.add(group)
    grant(dataset, group, "edit")
    grant(model, group, "edit")
    people["inactive"] = make_user("inactive", is_superuser=True)
    clients = {role: client_of(user, scope="admin") for role, user in people.items()}
    people["inactive"].is_active = False
    people["inactive"].save()
    clients["anonymous"] = APIClient()
    clients["owner with a read token"] = client_of(owner, scope="read")
    clients["owner with a revoked token"] = client_of(owner, scope="admin")
    ApiToken.objects.filter(user=owner).latest("created").delete()
    clients["owner with an expired token"] = client_of(owner, scope="admin")
    last = ApiToken.objects.filter(user=owner).latest("created")
    ApiToken.objects.filter(pk=last.pk).update(expiry=timezone.now())
    token = ApiToken.objects.filter(user=owner).first()
    assert token is not None

    upload = clients["owner"].post(
        f"/api/v1/datasets/{dataset.pk}/samples/", {"files": png()}, format="multipart"
    )
    assert upload.status_code == 200, upload.content
    truth, guess = (
        Field.objects.create(dataset=dataset, name=name, type="classification") for name in ("truth", "guess")
    )
    review = Review.objects.create(
        dataset=dataset, name="unsure", order="confidence", source=guess, target=truth, created_by=owner
    )
    blob_store().put(package_key(version.sha256), io.BytesIO(b"x"))
    champion = clients["owner"].put(
        f"/api/v1/models/{model.pk}/aliases/champion/", {"version": version.version}
    )
    assert champion.status_code == 200, champion.content
    submission = Submission.objects.create(owner=owner)
    job = Job.objects.create(
        submission=submission,
        kind="inference",
        dataset=dataset,
        version=version,
        deployment=deployment,
        owner=owner,
    )
    compared = {"predictions": "guess", "ground_truth": "truth"}
    evaluation = clients["owner"].post(f"/api/v1/datasets/{dataset.pk}/evaluations/", compared)
    assert evaluation.status_code == 202, evaluation.content
    vectors = Field.objects.create(dataset=dataset, name="vectors", type="embedding", dimension=2)
    projection = Projection.objects.create(
        dataset=dataset, field=vectors, method="pca", created_by=owner, job=job.pk
    )
    table = io.BytesIO(b"name,kind.label\none.png,a\n")
    table.name = "table.csv"
    exchanged = [
        clients["owner"].post(f"/api/v1/datasets/{dataset.pk}/imports/", {"file": table}, format="multipart"),
        clients["owner"].post(f"/api/v1/datasets/{dataset.pk}/exports/", {"format": "csv"}),
    ]
    assert [answer.status_code for answer in exchanged] == [202, 202]
    invited = make_user("invited")
    OneTimeLink.objects.issue(user=invited, purpose=LinkPurpose.INVITATION, made_by=people["staff"])
    session = UserSession.objects.create(
        session_key="x" * 32, user=owner, expire_date=timezone.now() + timedelta(days=1)
    )
    ids = {
        "people": invited.pk,
        "sessions": session.public_id,
        "uploads": begun(clients["owner"], 10).rstrip("/").rpartition("/")[2],
        "imports": exchanged[0].json()["id"],
        "exports": exchanged[1].json()["id"],
        "datasets": dataset.pk,
        "samples": Sample.objects.get().pk,
        "fields": "truth",
        "views": View.objects.create(dataset=dataset, name="unsure", created_by=owner).pk,
        "reviews": review.pk,
        "masks": "none",
        "models": model.pk,
        "versions": version.version,
        "aliases": "champion",
        "deployments": deployment.pk,
        "jobs": job.pk,
        "evaluations": evaluation.json()["id"],
        "projections": projection.pk,
        "tokens": token.public_id,
    }
    entry = {"deployment": deployment.pk, "outputs": {"predictions": "found"}}
    bodies: dict[tuple[str, str], Any] = {
        ("datasets/<int:pk>/fields/<str:name>/", "patch"): {"name": "renamed"},
        ("deployments/", "post"): {"model": model.pk, "name": "another"},
        ("datasets/<int:pk>/reviews/", "post"): {"name": "another", "source": "guess"},
        ("datasets/<int:pk>/reviews/<int:rid>/decisions/", "post"): {"sample": 1, "decision": "reject"},
        ("people/", "post"): {"username": "another"},
        ("people/<int:id>/", "patch"): {"is_active": False},
        ("datasets/<int:pk>/transfer/", "post"): {"username": "stranger"},
        ("models/<int:pk>/transfer/", "post"): {"username": "stranger"},
        ("jobs/", "post"): {"dataset": dataset.pk, "entries": [entry]},
        ("datasets/<int:dataset>/evaluations/", "post"): compared,
        ("datasets/<int:dataset>/exports/", "post"): {"format": "csv"},
    }
    return World(clients, ids, bodies)


def png() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    file.seek(0)
    file.name = "one.png"
    return file


def expected(role: str, need: str, method: str) -> set[int] | None:
    """The only statuses that are right, or None where the role is let in and its request judged."""
    if need == OPEN:
        return None
    if role in NOBODY:
        return {401}
    if role == "owner with a read token" and method not in SAFE:
        return {403}
    if need == SIGNED_IN or (need == OWN and role.startswith("owner")):
        return None
    if need == OWN:
        return {404}
    if need == STAFF:
        return None if role in {"staff", "superuser"} else {403}
    rank = RANK.get(role, RANK["owner"])
    if rank == 0:
        return {404}
    return {403} if rank < NEEDS[need] else None


# A mask of which no value speaks, and a field that was not deleted: absent for all who may ask.
ABSENT = {
    "datasets/<int:pk>/samples/<int:sid>/masks/<str:name>/",
    "datasets/<int:pk>/fields/<str:name>/restore/",
}


def complaint(answer: Any, wanted: set[int] | None, route: str, need: str) -> str:
    """What is wrong with an answer; empty when nothing is."""
    if wanted is not None:
        if answer.status_code not in wanted:
            return f"not one of {wanted}"
        return "" if answer.json().keys() == {"error"} else "not in the shape of errors"
    if answer.status_code >= 500:
        return "the server's fault"
    if need == OPEN:
        return ""
    is_let_in = answer.status_code not in {401, 403, 405}
    return "" if is_let_in and (answer.status_code != 404 or route in ABSENT) else "not let in"


def test_each_role_gets_just_what_it_may(world: World) -> None:
    """In one world for all: whatever a request changes is undone."""
    complaints = []
    for route, rows in MATRIX.items():
        for (method, need), role in itertools.product(rows.items(), ROLES):
            answer = world.ask(role, route, method)
            if found := complaint(answer, expected(role, need, method), route, need):
                said = f"{answer.status_code} {getattr(answer, 'content', b'')[:300]!r}"
                complaints.append(f"{method} {route} as {role}: {found}: {said}")
    assert complaints == []


# Routes of what goes with a dataset or a model.
BELOW = [(route, method) for route, rows in MATRIX.items() for method in rows if OF_AN_OBJECT.match(route)]


def test_what_was_deleted_is_gone_for_everybody(world: World) -> None:
    for kind in ("datasets", "models"):
        assert world.clients["owner"].delete(f"/api/v1/{kind}/{world.ids[kind]}/").status_code == 204
    for role in RANK:
        for route, method in BELOW:
            assert world.ask(role, route, method).status_code == 404, (role, method, route)


LISTS = ["datasets/", "models/", "deployments/", "jobs/", "tokens/"]


@pytest.mark.parametrize("route", LISTS)
def test_lists_show_strangers_nothing_of_others(world: World, route: str) -> None:
    seen = world.ask("viewer", route, "get").json()
    assert seen["results"]
    rows = world.ask("stranger", route, "get").json()["results"]
    own = {str(each.public_id) for each in ApiToken.objects.filter(user__username="stranger")}
    assert [row for row in rows if row.get("id") not in own] == []


def test_an_object_that_is_not_there_looks_like_one_that_is_not_seen(world: World) -> None:
    for route in ("datasets/", "models/", "deployments/", "jobs/"):
        unseen = world.clients["stranger"].get(f"/api/v1/{route}{world.ids[route.rstrip('/')]}/")
        absent = world.clients["stranger"].get(f"/api/v1/{route}999999/")
        assert (unseen.status_code, absent.status_code) == (404, 404)
        shape = [re.sub(r"\d+", "#", answer.json()["error"]["message"]) for answer in (unseen, absent)]
        assert shape[0] == shape[1]


@pytest.mark.parametrize("number", ["9" * 30, "0"])
def test_ids_out_of_range_are_not_found(world: World, number: str) -> None:
    for route in ("datasets", "models", "deployments", "jobs"):
        assert world.clients["owner"].get(f"/api/v1/{route}/{number}/").status_code == 404


def test_a_session_changes_nothing_without_its_csrf_token(world: World, owner: Any) -> None:
    page = APIClient(enforce_csrf_checks=True)
    page.force_login(owner)
    world.clients["page"] = page
    for route, method in CHANGES:
        assert world.ask("page", route, method).status_code == 403, (route, method)


@pytest.mark.parametrize("route", PAGES)
def test_pages_answer_anonymous_as_stated(make_user: Any, route: str) -> None:
    secret = OneTimeLink.objects.issue(user=make_user("new"), purpose=LinkPurpose.LOGIN)
    address = {"^(?:datasets|models|account|people|audit)(?:/.*)?$": "datasets/1"}.get(
        route, route.replace("<str:secret>", secret)
    )
    answer = Client().get(f"/{address}")
    assert answer.status_code == PAGES[route]
    if answer.status_code == 302:
        assert answer["Location"].startswith("/login/?next=")


def test_the_administration_cannot_add_tasks_to_the_queue() -> None:
    assert not [route for route in ADMIN if "django_q" in route or "schedule" in route]


@pytest.mark.parametrize("role", ["anonymous", "stranger"])
def test_the_administration_is_for_staff(role: str, stranger: Any) -> None:
    client = Client()
    if role == "stranger":
        client.force_login(stranger)
    for route in ADMIN:
        address = "/" + re.sub(r"<[^>]+>|\(\?P<[^>]+>[^)]*\)", "1", route).strip("^$").replace(".*", "x")
        answer = client.get(address)
        if answer.status_code == 200:
            assert route in {"admin/jsi18n/"}, address
        else:
            assert answer.status_code in {302, 403, 404}, address
            assert answer.status_code != 302 or answer["Location"].startswith(("/login/", "/admin/")), address
