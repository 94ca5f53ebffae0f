"""Who may do what: the rows, the endpoint, the annotation, and the admin's limits."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.test import Client
from guardian.shortcuts import assign_perm

from datasets_app.models import Dataset
from samplecase.contracts.errors import Forbidden, NotFound
from samplecase.contracts.states import DatasetRight
from samplecase.web.accounts.models import AuditEntry, User

NOBODY: dict[str, Any] = {"everyone": "none", "users": [], "groups": []}


def address(dataset: Dataset) -> str:
    return f"/api/v1/datasets/{dataset.pk}/sharing/"


def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 400, answer.content
    return [fault["pointer"] for fault in answer.json()["error"]["details"]]


class TestVisibility:
    def test_nothing_is_visible_by_default(self, dataset: Dataset, stranger: User) -> None:
        assert not Dataset.objects.all().visible_to(stranger).exists()
        assert not Dataset.objects.all().visible_to(AnonymousUser()).exists()
        assert dataset.access_of(stranger) == "none"
        assert dataset.access_of(AnonymousUser()) == "none"

    @pytest.mark.parametrize("way", ["user", "group", "everyone"])
    @pytest.mark.parametrize("right", ["view", "label", "edit"])
    def test_a_right_includes_those_before_it(
        self, dataset: Dataset, collaborator: User, group: Group, grant: Any, way: str, right: str
    ) -> None:
        collaborator.groups.add(group)
        if way == "everyone":
            Dataset.objects.update(everyone=right)
        else:
            grant(dataset, collaborator if way == "user" else group, right)
        ordered = ["view", "label", "edit"]
        for asked in ordered:
            assert dataset.allows(collaborator, asked) == (ordered.index(asked) <= ordered.index(right))
        assert dataset.access_of(collaborator) == right

    def test_owner_and_superuser_have_all(self, dataset: Dataset, owner: User, superuser: User) -> None:
        for user in (owner, superuser):
            assert dataset.allows(user, DatasetRight.EDIT)
            assert dataset.access_of(user) == "owner"

    def test_an_inactive_user_sees_nothing(self, dataset: Dataset, owner: User, superuser: User) -> None:
        for user in (owner, superuser):
            user.is_active = False
            assert not dataset.allows(user, "view")
            assert dataset.access_of(user) == "none"

    def test_djangos_own_permissions_are_no_right(self, dataset: Dataset, stranger: User) -> None:
        stranger.user_permissions.set(Permission.objects.filter(content_type__app_label="datasets_app"))
        stranger = User.objects.get(pk=stranger.pk)
        assert stranger.has_perm("datasets_app.edit_dataset")
        assert dataset.access_of(stranger) == "none"

    def test_require_tells_unseen_from_forbidden(
        self, dataset: Dataset, stranger: User, collaborator: User, grant: Any
    ) -> None:
        grant(dataset, collaborator, "label")
        with pytest.raises(NotFound):
            Dataset.objects.all().require(pk=dataset.pk, user=stranger, right="view")
        with pytest.raises(Forbidden, match="edit"):
            Dataset.objects.all().require(pk=dataset.pk, user=collaborator, right="edit")
        assert Dataset.objects.all().require(pk=dataset.pk, user=collaborator, right="label") == dataset

    def test_a_list_with_access_costs_one_query(
        self, owner: User, collaborator: User, grant: Any, django_assert_num_queries: Any
    ) -> None:
        for number, right in enumerate(["view", "label", "edit"] * 3):
            grant(Dataset.objects.create(name=f"d{number}", owner=owner), collaborator, right)
        Dataset.objects.create(name="unseen", owner=owner)
        with django_assert_num_queries(1):
            rows = list(Dataset.objects.all().visible_to(collaborator).with_access(collaborator))
        assert [row.access for row in rows] == ["view", "label", "edit"] * 3


class TestEndpoint:
    def test_rights_are_replaced_as_a_whole(
        self, owner_api: Any, dataset: Dataset, collaborator: User, stranger: User, group: Group
    ) -> None:
        first = {"everyone": "view", "users": [{"username": "stranger", "right": "edit"}], "groups": []}
        assert owner_api.put(address(dataset), first).json() == first
        second = {
            "everyone": "none",
            "users": [{"username": "collaborator", "right": "label"}],
            "groups": [{"name": "annotators", "right": "view"}],
        }
        assert owner_api.put(address(dataset), second).json() == second
        assert owner_api.get(address(dataset)).json() == second
        assert dataset.access_of(stranger) == "none"
        assert dataset.access_of(collaborator) == "label"

    def test_old_and_new_are_audited_once(self, owner_api: Any, dataset: Dataset, owner: User) -> None:
        given = {**NOBODY, "everyone": "label"}
        for _ in range(2):
            owner_api.put(address(dataset), given)
        entry = AuditEntry.objects.get(action="dataset.share")
        assert (entry.actor, entry.details) == (owner, {"before": NOBODY, "after": given})

    def test_unknown_names_and_rights_are_named_and_nothing_changes(
        self, owner_api: Any, dataset: Dataset, collaborator: User
    ) -> None:
        body = {
            "everyone": "edit",
            "users": [{"username": "collaborator", "right": "edit"}, {"username": "ghost", "right": "view"}],
            "groups": [],
        }
        assert pointers(owner_api.put(address(dataset), body)) == ["/users/1/username"]
        body = {**NOBODY, "groups": [{"name": "ghosts", "right": "view"}]}
        assert pointers(owner_api.put(address(dataset), body)) == ["/groups/0/name"]
        body = {**NOBODY, "everyone": "run", "users": [{"username": "collaborator", "right": "rule"}]}
        assert pointers(owner_api.put(address(dataset), body)) == ["/everyone", "/users/0/right"]
        assert owner_api.get(address(dataset)).json() == NOBODY

    def test_the_owner_cannot_be_demoted(
        self, collaborator_api: Any, dataset: Dataset, collaborator: User, owner: User, grant: Any
    ) -> None:
        grant(dataset, collaborator, "edit")
        body = {**NOBODY, "users": [{"username": "owner", "right": "view"}]}
        assert pointers(collaborator_api.put(address(dataset), body)) == ["/users/0/username"]
        assert dataset.access_of(owner) == "owner"

    def test_a_name_stands_there_once(self, owner_api: Any, dataset: Dataset, collaborator: User) -> None:
        twice = [{"username": "collaborator", "right": "view"}, {"username": "collaborator", "right": "edit"}]
        assert pointers(owner_api.put(address(dataset), {**NOBODY, "users": twice})) == ["/users/1/username"]

    def test_the_right_none_takes_away(
        self, owner_api: Any, dataset: Dataset, collaborator: User, grant: Any
    ) -> None:
        grant(dataset, collaborator, "edit")
        body = {**NOBODY, "users": [{"username": "collaborator", "right": "none"}]}
        assert owner_api.put(address(dataset), body).json() == NOBODY

    @pytest.mark.parametrize("missing", ["everyone", "users", "groups"])
    def test_nothing_may_be_left_out(self, owner_api: Any, dataset: Dataset, missing: str) -> None:
        body = {key: value for key, value in NOBODY.items() if key != missing}
        assert pointers(owner_api.put(address(dataset), body)) == [f"/{missing}"]

    @pytest.mark.parametrize(
        "body", [{"users": 5}, {"users": [5]}, {"everyone": None}, {"users": [{"username": {}}]}]
    )
    def test_a_wrong_shape_is_invalid(self, owner_api: Any, dataset: Dataset, body: dict[str, Any]) -> None:
        assert pointers(owner_api.put(address(dataset), {**NOBODY, **body}))

    def test_only_who_may_edit_sees_and_shares(
        self,
        dataset: Dataset,
        collaborator: User,
        collaborator_api: Any,
        stranger_api: Any,
        anonymous_api: Any,
        grant: Any,
    ) -> None:
        for api, status in ((anonymous_api, 401), (stranger_api, 404), (collaborator_api, 404)):
            assert api.get(address(dataset)).status_code == status
            assert api.put(address(dataset), NOBODY).status_code == status
        grant(dataset, collaborator, "label")
        assert collaborator_api.get(address(dataset)).status_code == 403
        assert collaborator_api.put(address(dataset), NOBODY).status_code == 403
        grant(dataset, collaborator, "edit")
        assert collaborator_api.get(address(dataset)).status_code == 200

    def test_several_rows_of_one_holder_count_as_the_highest(
        self, owner_api: Any, dataset: Dataset, collaborator: User
    ) -> None:
        for right in ("edit", "view"):
            assign_perm(f"datasets_app.{right}_dataset", collaborator, dataset)
        assert owner_api.get(address(dataset)).json()["users"] == [
            {"username": "collaborator", "right": "edit"}
        ]


@pytest.fixture
def staff(make_user: Any) -> User:
    """Staff with every permission of Django's, without being superuser."""
    user: User = make_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    return user


@pytest.fixture
def admin_of(client: Client) -> Any:
    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in


LISTS_FOR_SUPERUSERS = [
    "auth/group/",
    "accounts/apitoken/",
    "accounts/auditentry/",
    "models_app/version/",
    "models_app/deployment/",
    "jobs_app/job/",
    "jobs_app/sampleerror/",
]


def user_form(user: User, **changes: Any) -> dict[str, Any]:
    return {
        "username": user.username,
        "first_name": "",
        "last_name": "",
        "email": "",
        "is_active": "on",
        **changes,
    }


class TestAdmin:
    def test_pages_open_for_a_superuser(
        self, admin_of: Any, superuser: User, dataset: Dataset, model: Any
    ) -> None:
        admin = admin_of(superuser)
        pages = [
            "",
            "accounts/user/",
            "accounts/user/add/",
            f"accounts/user/{superuser.pk}/change/",
            "auth/group/",
        ]
        pages += ["accounts/apitoken/", "accounts/auditentry/", "models_app/model/"]
        pages += [f"models_app/model/{model.pk}/change/", f"models_app/model/{model.pk}/permissions/"]
        pages += ["datasets_app/dataset/", f"datasets_app/dataset/{dataset.pk}/change/"]
        for page in pages:
            assert admin.get(f"/admin/{page}").status_code == 200, page

    def test_staff_cannot_raise_themselves(self, admin_of: Any, staff: User, group: Group) -> None:
        admin = admin_of(staff)
        body = user_form(staff, is_staff="on", is_superuser="on", groups=[group.pk])
        assert admin.post(f"/admin/accounts/user/{staff.pk}/change/", body).status_code == 302
        staff.refresh_from_db()
        assert not staff.is_superuser
        assert not staff.groups.exists()

    def test_staff_cannot_raise_others(
        self, admin_of: Any, staff: User, stranger: User, group: Group
    ) -> None:
        permission = Permission.objects.first()
        assert permission is not None
        body = user_form(
            stranger,
            first_name="Changed",
            is_staff="on",
            is_superuser="on",
            groups=[group.pk],
            user_permissions=[permission.pk],
        )
        assert admin_of(staff).post(f"/admin/accounts/user/{stranger.pk}/change/", body).status_code == 302
        stranger.refresh_from_db()
        assert stranger.first_name == "Changed"
        raised = (stranger.is_staff, stranger.is_superuser)
        assert raised == (False, False)
        assert not stranger.groups.exists()
        assert not stranger.user_permissions.exists()

    def test_staff_cannot_touch_a_superuser(self, admin_of: Any, staff: User, superuser: User) -> None:
        body = user_form(superuser, username="mine")
        admin_of(staff).post(f"/admin/accounts/user/{superuser.pk}/change/", body)
        superuser.refresh_from_db()
        assert superuser.username == "superuser"

    def test_staff_cannot_take_an_account_over(self, admin_of: Any, staff: User, stranger: User) -> None:
        admin = admin_of(staff)
        address = f"/admin/accounts/user/{stranger.pk}/password/"
        assert admin.post(address, {"password1": "x" * 12, "password2": "x" * 12}).status_code == 403
        admin.post("/admin/accounts/user/", {"action": "make_links", "_selected_action": [stranger.pk]})
        assert not stranger.one_time_links.exists()

    @pytest.mark.parametrize("listed", LISTS_FOR_SUPERUSERS)
    def test_what_belongs_to_all_is_listed_for_superusers(
        self, admin_of: Any, staff: User, listed: str
    ) -> None:
        assert admin_of(staff).get(f"/admin/{listed}").status_code == 403

    def test_staff_share_only_what_they_may_edit(
        self, admin_of: Any, staff: User, dataset: Dataset, grant: Any
    ) -> None:
        admin = admin_of(staff)
        address = f"/admin/datasets_app/dataset/{dataset.pk}/change/"
        admin.post(address, {"everyone": "edit"})
        rows = f"/admin/datasets_app/dataset/{dataset.pk}/permissions/user-manage/{staff.pk}/"
        assert admin.post(rows, {"permissions": ["edit_dataset"]}).status_code == 404
        assert dataset.access_of(staff) == "none"
        grant(dataset, staff, "edit")
        assert admin.post(address, {"everyone": "view"}).status_code == 302
        dataset.refresh_from_db()
        assert dataset.everyone == "view"

    def test_a_change_of_rights_is_audited(self, admin_of: Any, superuser: User, stranger: User) -> None:
        admin_of(superuser).post(
            f"/admin/accounts/user/{stranger.pk}/change/", user_form(stranger, is_staff="on")
        )
        entry = AuditEntry.objects.get(action="user.rights")
        assert entry.actor == superuser
        assert (entry.details["before"]["staff"], entry.details["after"]["staff"]) == (False, True)

    def test_a_superuser_invites(self, admin_of: Any, superuser: User) -> None:
        admin = admin_of(superuser)
        assert admin.post("/admin/accounts/user/add/", {"username": "guest"}).status_code == 302
        guest = User.objects.get(username="guest")
        assert not guest.has_usable_password()
        body = {"action": "make_links", "_selected_action": [guest.pk]}
        answer = admin.post("/admin/accounts/user/", body)
        assert b"http://testserver/welcome/" in answer.content
        assert "no-store" in answer["Cache-Control"]

    def test_a_superuser_revokes_a_token(
        self, admin_of: Any, superuser: User, owner: User, owner_api: Any
    ) -> None:
        token = owner.auth_token_set.get()
        body = {"action": "delete_selected", "_selected_action": [token.pk], "post": "yes"}
        assert admin_of(superuser).post("/admin/accounts/apitoken/", body).status_code == 302
        assert owner_api.get("/api/v1/me/").status_code == 401
        assert AuditEntry.objects.get(action="token.revoke").actor == superuser

    def test_deleted_people_and_groups_and_ended_sessions_are_audited(
        self, admin_of: Any, superuser: User, stranger: User, group: Group
    ) -> None:
        admin = admin_of(superuser)
        stranger.groups.add(group)
        elsewhere = Client()
        elsewhere.force_login(stranger)
        chosen = {"_selected_action": [stranger.pk]}
        assert admin.post("/admin/accounts/user/", {**chosen, "action": "sign_out"}).status_code == 302
        assert elsewhere.get("/api/v1/me/").status_code == 401
        delete = {"action": "delete_selected", "post": "yes"}
        admin.post("/admin/auth/group/", {**delete, "_selected_action": [group.pk]})
        admin.post("/admin/accounts/user/", {**delete, **chosen})
        rows = AuditEntry.objects.filter(actor=superuser).values_list("action", "object_name")
        assert list(rows) == [
            ("user.delete", "stranger"),
            ("group.delete", "annotators"),
            ("session.end_all", "stranger"),
        ]
        assert AuditEntry.objects.get(action="group.delete").details == {"members": ["stranger"]}

    def test_audit_rows_cannot_be_changed(
        self, admin_of: Any, superuser: User, owner_api: Any, dataset: Dataset
    ) -> None:
        owner_api.put(address(dataset), {**NOBODY, "everyone": "view"})
        entry = AuditEntry.objects.get(action="dataset.share")
        admin = admin_of(superuser)
        assert admin.get(f"/admin/accounts/auditentry/{entry.pk}/change/").status_code == 200
        for page in ("change", "delete"):
            answer = admin.post(f"/admin/accounts/auditentry/{entry.pk}/{page}/", {"post": "yes"})
            assert answer.status_code == 403
        assert AuditEntry.objects.filter(pk=entry.pk).exists()
