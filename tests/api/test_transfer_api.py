"""Giving an object away, what is shared with whom, and whom the Share dialog offers."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from datasets_app.models import Dataset
from models_app.models import Model
from samplecase.contracts.errors import NotFound
from samplecase.web.accounts.models import AuditEntry, User
from samplecase.web.sharing.services import share
from samplecase.web.sharing.transfer import transfer


@pytest.fixture(params=["datasets", "models"])
def given(request: Any, dataset: Dataset, model: Model) -> tuple[str, Any]:
    """The address and the object, of a dataset and of a model."""
    subject = dataset if request.param == "datasets" else model
    return f"/api/v1/{request.param}/{subject.pk}/transfer/", subject


class TestTransfer:
    def test_the_new_owner_has_all_and_the_old_one_keeps_edit(
        self, owner_api: Any, owner: User, collaborator: User, given: Any, grant: Any
    ) -> None:
        address, subject = given
        grant(subject, collaborator, "view")
        answer = owner_api.post(address, {"username": "collaborator"})
        assert answer.json() == {"owner": "collaborator", "access": "edit"}
        subject.refresh_from_db()
        assert subject.owner == collaborator
        assert subject.access_of(owner) == "edit"
        sharing = owner_api.get(address.replace("transfer", "sharing")).json()
        assert sharing["users"] == [{"username": "owner", "right": "edit"}]
        entry = AuditEntry.objects.get(action=f"{subject._meta.model_name}.transfer")
        assert entry.details == {"before": "owner", "after": "collaborator", "kept": "edit"}
        assert owner_api.post(address, {"username": "owner"}).status_code == 403

    def test_the_old_owner_may_keep_nothing(
        self, owner_api: Any, owner: User, collaborator: User, given: Any
    ) -> None:
        address, _ = given
        answer = owner_api.post(address, {"username": "collaborator", "keep": "none"})
        assert answer.json() == {"owner": "collaborator", "access": "none"}
        assert owner_api.get(address.removesuffix("transfer/")).status_code == 404

    def test_what_somebody_deleted_at_the_same_moment_is_not_found(
        self, owner: User, collaborator: User, given: Any
    ) -> None:
        _, subject = given
        type(subject).objects.all().delete()
        with pytest.raises(NotFound):
            transfer(subject=subject, username="collaborator", keep="edit", acting_user=owner)
        with pytest.raises(NotFound):
            share(subject=subject, sharing={"everyone": "none", "users": [], "groups": []}, acting_user=owner)

    def test_an_editor_cannot_take_it_a_superuser_can(
        self,
        collaborator_api: Any,
        superuser_api: Any,
        stranger_api: Any,
        collaborator: User,
        owner: User,
        given: Any,
        grant: Any,
    ) -> None:
        address, subject = given
        body = {"username": "collaborator"}
        assert stranger_api.post(address, body).status_code == 404
        grant(subject, collaborator, "edit")
        assert collaborator_api.post(address, body).status_code == 403
        assert superuser_api.post(address, body).json() == {"owner": "collaborator", "access": "owner"}
        assert subject.access_of(owner) == "edit"

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"username": "ghost"}, "/username"),
            ({"username": "asleep"}, "/username"),
            ({"username": "owner"}, "/username"),
            ({}, "/username"),
            ({"username": "collaborator", "keep": "owner"}, "/keep"),
            ({"username": "collaborator", "keep": "rule"}, "/keep"),
        ],
    )
    def test_what_is_wrong_is_said_in_its_place_and_nothing_changes(
        self, owner_api: Any, collaborator: User, make_user: Any, given: Any, body: Any, pointer: str
    ) -> None:
        make_user("asleep", is_active=False)
        address, subject = given
        answer = owner_api.post(address, body)
        assert answer.status_code == 400
        assert [fault["pointer"] for fault in answer.json()["error"]["details"]] == [pointer]
        subject.refresh_from_db()
        assert subject.owner.username == "owner"

    def test_a_superuser_transfers_in_the_administration_staff_cannot(
        self, client: Client, superuser: User, owner: User, collaborator: User, dataset: Dataset, grant: Any
    ) -> None:
        address = f"/admin/datasets_app/dataset/{dataset.pk}/change/"
        client.force_login(superuser)
        body = {"owner": collaborator.pk, "everyone": "view"}
        assert client.post(address, body).status_code == 302
        dataset.refresh_from_db()
        assert (dataset.owner, dataset.everyone) == (collaborator, "view")
        assert dataset.access_of(owner) == "edit"
        assert AuditEntry.objects.get(action="dataset.transfer").actor == superuser
        page = client.get("/admin/datasets_app/dataset/").content.decode()
        assert f'href="/audit?type=dataset&amp;id={dataset.pk}"' in page


class TestShared:
    def test_a_list_is_narrowed_down_to_ones_own_or_to_what_others_gave(
        self, make_user: Any, owner: User, collaborator: User, group: Group, client_of: Any, grant: Any
    ) -> None:
        collaborator.groups.add(group)
        made = {name: Dataset.objects.create(name=name, owner=owner) for name in "abcd"}
        Dataset.objects.create(name="own", owner=collaborator)
        grant(made["a"], collaborator, "view")
        grant(made["b"], group, "label")
        Dataset.objects.filter(name="c").update(everyone="view")

        def names(user: User, how: str) -> list[str]:
            answer = client_of(user).get("/api/v1/datasets/", {"shared": how} if how else {})
            return [row["name"] for row in answer.json()["results"]]

        assert names(collaborator, "") == ["a", "b", "c", "own"]
        assert names(collaborator, "with_me") == ["a", "b", "c"]
        assert names(collaborator, "mine") == ["own"]
        superuser = make_user("root", is_superuser=True)
        assert names(superuser, "with_me") == ["c"]
        assert names(superuser, "mine") == []

    def test_another_word_is_refused(self, owner_api: Any) -> None:
        answer = owner_api.get("/api/v1/datasets/", {"shared": "everything"})
        assert answer.status_code == 400
        assert answer.json()["error"]["details"][0]["pointer"] == "/shared"


class TestCandidates:
    def test_one_is_offered_only_whom_one_meets(
        self,
        owner: User,
        collaborator: User,
        stranger: User,
        make_user: Any,
        group: Group,
        dataset: Dataset,
        client_of: Any,
        grant: Any,
    ) -> None:
        mate, asleep = make_user("mate", first_name="Zoë"), make_user("asleep", is_active=False)
        for user in (collaborator, mate, asleep):
            user.groups.add(group)
        Group.objects.create(name="others")
        grant(dataset, collaborator, "view")

        def offered(user: User, search: str = "") -> tuple[list[str], list[str]]:
            answer = client_of(user).get("/api/v1/sharing/candidates/", {"search": search}).json()
            return [each["username"] for each in answer["users"]], answer["groups"]

        assert offered(collaborator) == (["mate", "owner"], ["annotators"])
        assert offered(collaborator, "zoë") == (["mate"], [])
        assert offered(owner) == (["collaborator"], [])
        assert offered(stranger) == ([], [])
        staff = make_user("staff", is_staff=True)
        assert offered(staff, "lab")[0] == ["collaborator"]
        assert offered(staff, "oth")[1] == ["others"]
        grant(dataset, group, "view")
        assert offered(owner, "anno") == ([], ["annotators"])
