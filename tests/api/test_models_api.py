"""Models over REST: made, listed, searched, changed and deleted by those who may."""

from __future__ import annotations

from typing import Any

import pytest

from models_app.models import Deployment, Model, Version
from samplecase.web.accounts.models import AuditEntry

MODELS = "/api/v1/models/"


def one(model: Any) -> str:
    return f"{MODELS}{model.pk}/"


def faults(answer: Any) -> dict[str, str]:
    return {fault["pointer"]: fault["message"] for fault in answer.json()["error"]["details"]}


def test_whoever_is_signed_in_makes_a_model_and_owns_it(stranger_api: Any) -> None:
    answer = stranger_api.post(
        MODELS, {"name": "Digits CNN", "description": "reads digits", "tags": ["mnist", "mnist"]}
    )
    assert answer.status_code == 201
    made = answer.json()
    assert made["slug"] == "digits_cnn"
    assert made["owner"] == "stranger"
    assert made["access"] == "owner"
    assert made["tags"] == ["mnist"]
    assert made["versions"] == made["deployments"] == []
    assert AuditEntry.objects.get(action="model.create").object_name == "Digits CNN"


def test_a_name_that_is_taken_is_refused_at_its_place(owner_api: Any, stranger_api: Any) -> None:
    owner_api.post(MODELS, {"name": "digits"})
    answer = stranger_api.post(MODELS, {"name": "digits"})
    assert answer.status_code == 400
    assert "taken" in faults(answer)["/name"]
    assert answer.json()["error"]["code"] == "name_taken"
    assert Model.objects.count() == 1


def test_two_names_with_one_slug_get_two(owner_api: Any) -> None:
    slugs = [owner_api.post(MODELS, {"name": name}).json()["slug"] for name in ("a b", "a-b", "A B!")]
    assert slugs == ["a_b", "a_b_2", "a_b_3"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "  "}, "/name"),
        ({"name": None}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"name": "two\nlines"}, "/name"),
        ({"name": ["a"]}, "/name"),
        ({"name": "a", "tags": "b"}, "/tags"),
        ({"name": "a", "tags": [""]}, "/tags/0"),
        ({"name": "a", "tags": ["t", {}]}, "/tags/1"),
        ({"name": "a", "tags": ["t"] * 51}, "/tags"),
        ({"name": "a", "description": "x" * 10_001}, "/description"),
        ({"name": "a", "slug": "b"}, "/slug"),
        ({"name": "a", "owner": "stranger"}, "/owner"),
        ({"name": "a", "everyone": "edit"}, "/everyone"),
    ],
)
def test_what_is_not_valid_is_named_by_its_place(owner_api: Any, body: Any, place: str) -> None:
    answer = owner_api.post(MODELS, body)
    assert answer.status_code == 400
    assert place in faults(answer)
    assert not Model.objects.exists()


def test_the_list_has_what_one_may_see_with_ones_access(
    owner_api: Any, collaborator_api: Any, stranger_api: Any, model: Any, collaborator: Any, grant: Any
) -> None:
    grant(model, collaborator, "run")
    assert [each["access"] for each in owner_api.get(MODELS).json()["results"]] == ["owner"]
    assert [each["access"] for each in collaborator_api.get(MODELS).json()["results"]] == ["run"]
    assert stranger_api.get(MODELS).json() == {"results": [], "next": None, "count": 0}


def test_the_list_shows_versions_and_deployments(owner_api: Any, model: Any, deployment: Any) -> None:
    [listed] = owner_api.get(MODELS).json()["results"]
    assert [each["version"] for each in listed["versions"]] == ["1.0.0"]
    assert listed["versions"][0]["schema"]["outputs"]["properties"] == {
        "predictions": {"type": "classification"}
    }
    assert [(each["id"], each["model"], each["state"]) for each in listed["deployments"]] == [
        (deployment.pk, model.pk, "ready")
    ]


def test_the_list_has_the_newest_few_versions_and_says_how_many_there_are(
    owner_api: Any, owner: Any, model: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(7):
        facts = {"sha256": "1" * 64, "size": 1, "manifest": {"readme": "x"}, "schema": {}}
        version = Version.objects.create(model=model, version=f"1.{number}.0", **facts)
        if number in (0, 6):
            Deployment.objects.create(version=version, name=f"d{number}", sandbox="bwrap", created_by=owner)
    [listed] = owner_api.get(MODELS).json()["results"]
    newest = [f"1.{number}.0" for number in (6, 5, 4, 3, 2)]
    assert [each["version"] for each in listed["versions"]] == [*newest, "1.0.0"], "and what is deployed"
    whole = owner_api.get(f"{MODELS}{model.pk}/").json()
    assert [each["version"] for each in whole["versions"]] == [f"1.{6 - number}.0" for number in range(7)]
    for shown in (listed, whole):
        assert shown["version_count"] == 7
        assert [each["name"] for each in shown["deployments"]] == ["d6", "d0"]


def test_the_list_takes_as_many_queries_for_many_models_as_for_one(
    owner: Any, owner_api: Any, deployment: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        made = Model.objects.create(name=f"m{number}", slug=f"m{number}", owner=owner)
        for patch in range(3):
            version = Version.objects.create(
                model=made, version=f"1.0.{patch}", sha256="1" * 64, size=1, manifest={}, schema={}
            )
            Deployment.objects.create(version=version, name="d", sandbox="bwrap", created_by=owner)
    with django_assert_max_num_queries(8):
        answer = owner_api.get(MODELS)
    assert answer.json()["count"] == 13
    assert len(answer.json()["results"][1]["deployments"]) == 3


def test_the_list_goes_on_page_by_page(owner: Any, owner_api: Any) -> None:
    for name in "edcba":
        Model.objects.create(name=name, slug=name, owner=owner)
    first = owner_api.get(MODELS, {"limit": 3}).json()
    second = owner_api.get(MODELS, {"limit": 3, "cursor": first["next"]}).json()
    assert [each["name"] for each in first["results"] + second["results"]] == list("abcde")
    assert second["next"] is None


def test_search_looks_at_name_description_and_tags(owner: Any, owner_api: Any) -> None:
    Model.objects.create(name="Digits", slug="a", owner=owner)
    Model.objects.create(name="b", slug="b", owner=owner, description="reads digits")
    Model.objects.create(name="c", slug="c", owner=owner, tags=["digits"])
    Model.objects.create(name="d", slug="d", owner=owner)
    Model.objects.create(name="e", slug="e", owner=owner, tags=["Größe", 'a "b"'])
    found = owner_api.get(MODELS, {"search": "digits"}).json()["results"]
    assert [each["slug"] for each in found] == ["a", "b", "c"]
    for text in ("größ", 'a "'):
        found = owner_api.get(MODELS, {"search": text}).json()["results"]
        assert [each["slug"] for each in found] == ["e"]
    assert owner_api.get(MODELS, {"search": "x" * 101}).status_code == 400


def test_the_list_is_narrowed_by_tag_and_owner_and_by_what_others_share(
    owner: Any, owner_api: Any, collaborator: Any, superuser_api: Any, group: Any, grant: Any
) -> None:
    def make(name: str, user: Any, **facts: Any) -> Any:
        return Model.objects.create(name=name, slug=name, owner=user, **facts)

    make("a", owner, tags=["Größe", 'x"y"'])
    make("b", collaborator, tags=["y", "cat"], everyone="view")
    grant(make("c", collaborator, tags=["cat food"]), owner, "run")
    owner.groups.add(group)
    grant(make("d", collaborator), group, "edit")
    make("e", collaborator)

    def found(api: Any = owner_api, **query: Any) -> str:
        return "".join(each["name"] for each in api.get(MODELS, query).json()["results"])

    assert found() == "abcd"
    assert (found(tag="cat"), found(tag="größe"), found(tag="y"), found(tag="c")) == ("b", "a", "b", "")
    assert (found(tag=["y", "cat"]), found(tag=["y", "größe"])) == ("b", "")
    assert (found(owner="owner"), found(owner="collaborator"), found(owner="nobody")) == ("a", "bcd", "")
    assert (found(shared="with_me"), found(shared="with_me", tag="cat")) == ("bcd", "b")
    assert (found(shared="mine"), found(superuser_api, shared="mine")) == ("a", "")
    assert (found(superuser_api), found(superuser_api, shared="with_me")) == ("abcde", "b")
    assert "/shared" in faults(owner_api.get(MODELS, {"shared": "by_me"}))


@pytest.mark.parametrize(
    ("sort", "names"),
    [("name", "abc"), ("-name", "cba"), ("created", "bca"), ("-created", "acb"), ("-updated", "bac")],
)
def test_the_list_is_sorted_and_goes_on_so(owner: Any, owner_api: Any, sort: str, names: str) -> None:
    for name in "bca":
        Model.objects.create(name=name, slug=name, owner=owner)
    owner_api.patch(one(Model.objects.get(name="b")), {"description": "changed"})
    query = {"limit": 2, "sort": sort}
    first = owner_api.get(MODELS, query).json()
    second = owner_api.get(MODELS, {**query, "cursor": first["next"]}).json()
    assert "".join(each["name"] for each in first["results"] + second["results"]) == names
    assert "/sort" in faults(owner_api.get(MODELS, {"sort": "owner"}))


@pytest.mark.parametrize("sort", ["updated", "-updated"])
def test_a_page_does_not_begin_with_the_model_that_ended_the_one_before(
    owner: Any, owner_api: Any, sort: str
) -> None:
    """SQLite keeps the time of a change as another text than that of a creation."""
    models = [Model.objects.create(name=name, slug=name, owner=owner) for name in "abc"]
    for model in models:
        owner_api.patch(one(model), {"description": "changed"})
    names, query = "", {"limit": 1, "sort": sort}
    for _ in models:
        page = owner_api.get(MODELS, query).json()
        names += page["results"][0]["name"]
        query["cursor"] = page["next"]
    assert names == ("abc" if sort == "updated" else "cba")
    assert query["cursor"] is None


@pytest.mark.parametrize(("right", "status"), [("view", 403), ("run", 403), ("edit", 200)])
def test_changing_needs_edit(
    collaborator_api: Any, collaborator: Any, model: Any, grant: Any, right: str, status: int
) -> None:
    grant(model, collaborator, right)
    assert collaborator_api.get(one(model)).json()["access"] == right
    answer = collaborator_api.patch(one(model), {"description": "new", "tags": ["a"]})
    assert answer.status_code == status
    model.refresh_from_db()
    assert model.description == ("new" if status == 200 else "")


def test_a_stranger_finds_nothing_and_nobody_is_asked_to_sign_in(
    stranger_api: Any, anonymous_api: Any, model: Any
) -> None:
    for method in ("get", "patch", "delete"):
        assert getattr(stranger_api, method)(one(model)).status_code == 404
        assert getattr(anonymous_api, method)(one(model)).status_code == 401
    assert anonymous_api.get(MODELS).status_code == 401
    assert anonymous_api.post(MODELS, {"name": "x"}).status_code == 401


def test_a_superuser_may_all(superuser_api: Any, model: Any) -> None:
    assert superuser_api.get(one(model)).json()["access"] == "owner"
    assert superuser_api.patch(one(model), {"name": "renamed"}).json()["name"] == "renamed"
    assert superuser_api.delete(one(model)).status_code == 204


def test_a_read_only_token_changes_nothing(client_of: Any, owner: Any, model: Any) -> None:
    api = client_of(owner, scope="read")
    assert api.get(one(model)).status_code == 200
    assert api.post(MODELS, {"name": "x"}).status_code == 403
    assert api.delete(one(model)).status_code == 403


def test_a_renamed_model_keeps_its_slug(owner_api: Any, model: Any) -> None:
    answer = owner_api.patch(one(model), {"name": "other"})
    assert (answer.json()["name"], answer.json()["slug"]) == ("other", "digits_cnn")


def test_a_model_keeps_its_own_name_but_gets_no_other_s(owner_api: Any, owner: Any, model: Any) -> None:
    Model.objects.create(name="taken", slug="taken", owner=owner)
    assert owner_api.patch(one(model), {"name": model.name}).status_code == 200
    answer = owner_api.patch(one(model), {"name": "taken"})
    assert answer.status_code == 400
    assert "/name" in faults(answer)


def test_who_has_the_present_state_is_not_sent_it_again(owner_api: Any, model: Any) -> None:
    tag = owner_api.get(one(model))["ETag"]
    assert owner_api.get(one(model), HTTP_IF_NONE_MATCH=tag).status_code == 304
    owner_api.patch(one(model), {"description": "new"})
    assert owner_api.get(one(model), HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_ids_that_no_database_holds_are_not_found(owner_api: Any) -> None:
    assert owner_api.get(f"{MODELS}{10**30}/").status_code == 404


@pytest.mark.parametrize(("right", "status"), [("view", 403), ("run", 403), ("edit", 204)])
def test_deleting_needs_edit(
    collaborator_api: Any, collaborator: Any, model: Any, grant: Any, right: str, status: int
) -> None:
    grant(model, collaborator, right)
    assert collaborator_api.delete(one(model)).status_code == status
    assert Model.objects.filter(pk=model.pk).exists() == (status != 204)


def test_deleting_takes_versions_deployments_and_rights_along(
    owner_api: Any, model: Any, deployment: Any, collaborator: Any, grant: Any
) -> None:
    grant(model, collaborator, "run")
    assert owner_api.delete(one(model)).status_code == 204
    assert not Version.objects.exists()
    assert not Deployment.objects.exists()
    assert AuditEntry.objects.get(action="model.delete").object_id == str(model.pk)
