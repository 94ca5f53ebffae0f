"""The Share dialog of a model, over REST and in Django's admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from models_app.models import ModelUserRight
from samplecase.web.accounts.models import AuditEntry
from samplecase.web.sharing.services import right_permissions

NOTHING: dict[str, Any] = {"everyone": "none", "users": [], "groups": []}


def sharing(model: Any) -> str:
    return f"/api/v1/models/{model.pk}/sharing/"


def access(api: Any, model: Any) -> str | None:
    found = {each["id"]: each["access"] for each in api.get("/api/v1/models/").json()["results"]}
    return found.get(model.pk)


@pytest.mark.parametrize("right", ["view", "run", "edit"])
def test_a_right_can_be_given_to_everyone_to_a_user_and_to_a_group(
    owner_api: Any, stranger_api: Any, stranger: Any, group: Any, model: Any, right: str
) -> None:
    stranger.groups.add(group)
    for given in (
        {"everyone": right},
        {"users": [{"username": "stranger", "right": right}]},
        {"groups": [{"name": "annotators", "right": right}]},
    ):
        assert access(stranger_api, model) is None
        assert owner_api.put(sharing(model), {**NOTHING, **given}).json() == {**NOTHING, **given}
        assert access(stranger_api, model) == right
        assert owner_api.put(sharing(model), NOTHING).status_code == 200


def test_a_model_has_no_right_to_label(owner_api: Any, model: Any) -> None:
    answer = owner_api.put(sharing(model), {**NOTHING, "everyone": "label"})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == "/everyone"


@pytest.mark.parametrize(("right", "status"), [("view", 403), ("run", 403), ("edit", 200)])
def test_sharing_needs_edit(
    collaborator_api: Any, collaborator: Any, model: Any, grant: Any, right: str, status: int
) -> None:
    grant(model, collaborator, right)
    assert collaborator_api.get(sharing(model)).status_code == status
    assert collaborator_api.put(sharing(model), NOTHING).status_code == status


def test_strangers_find_nothing_to_share(stranger_api: Any, anonymous_api: Any, model: Any) -> None:
    assert stranger_api.get(sharing(model)).status_code == 404
    assert stranger_api.put(sharing(model), {**NOTHING, "everyone": "edit"}).status_code == 404
    assert anonymous_api.get(sharing(model)).status_code == 401
    model.refresh_from_db()
    assert model.everyone == "none"


def test_sharing_is_written_to_the_audit_log(owner_api: Any, model: Any) -> None:
    owner_api.put(sharing(model), {**NOTHING, "everyone": "run"})
    entry = AuditEntry.objects.get(action="model.share")
    assert (entry.actor_name, entry.details["before"]["everyone"], entry.details["after"]["everyone"]) == (
        "owner",
        "none",
        "run",
    )


class TestInTheAdmin:
    @pytest.fixture
    def admin(self, superuser: Any) -> Client:
        client = Client()
        client.force_login(superuser, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def test_the_right_of_everyone_is_changed_for_many_models_at_once(
        self, admin: Client, model: Any, owner: Any
    ) -> None:
        from models_app.models import Model

        other = Model.objects.create(name="other", slug="other", owner=owner)
        answer = admin.post(
            "/admin/models_app/model/",
            {
                "form-TOTAL_FORMS": 2,
                "form-INITIAL_FORMS": 2,
                "form-0-id": model.pk,
                "form-0-everyone": "run",
                "form-1-id": other.pk,
                "form-1-everyone": "edit",
                "_save": "Save",
            },
        )
        assert answer.status_code == 302
        assert set(Model.objects.values_list("name", "everyone")) == {
            ("digits-cnn", "run"),
            ("other", "edit"),
        }
        assert AuditEntry.objects.filter(action="model.share", actor_name="superuser").count() == 2

    def test_a_right_that_models_do_not_have_cannot_be_chosen(self, admin: Client, model: Any) -> None:
        admin.post(f"/admin/models_app/model/{model.pk}/change/", {"everyone": "label"})
        model.refresh_from_db()
        assert model.everyone == "none"

    def test_single_users_get_rights_and_lose_them_in_bulk(
        self, admin: Client, model: Any, collaborator: Any, collaborator_api: Any
    ) -> None:
        run = right_permissions(type(model))["run"]
        rights = "/admin/models_app/modeluserright/"
        given = {"user": collaborator.pk, "permission": run.pk, "content_object": model.pk}
        assert admin.post(f"{rights}add/", given).status_code == 302
        assert access(collaborator_api, model) == "run"
        row = ModelUserRight.objects.get()
        admin.post(rights, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
        assert access(collaborator_api, model) is None
        assert AuditEntry.objects.filter(action="model.share").count() == 2

    def test_permissions_that_are_no_rights_are_not_offered(
        self, admin: Client, model: Any, collaborator: Any
    ) -> None:
        from django.contrib.auth.models import Permission

        odd = Permission.objects.get(codename="delete_model")
        given = {"user": collaborator.pk, "permission": odd.pk, "content_object": model.pk}
        assert admin.post("/admin/models_app/modeluserright/add/", given).status_code == 200
        assert not ModelUserRight.objects.exists()

    @pytest.mark.parametrize("page", ["model", "modeluserright", "modelgroupright", "version", "deployment"])
    def test_every_list_opens(self, admin: Client, deployment: Any, page: str) -> None:
        assert admin.get(f"/admin/models_app/{page}/").status_code == 200

    def test_guardian_s_pages_open_and_are_audited(
        self, admin: Client, model: Any, collaborator: Any
    ) -> None:
        page = f"/admin/models_app/model/{model.pk}/permissions/"
        assert admin.get(page).status_code == 200
        user_page = f"{page}user-manage/{collaborator.pk}/"
        assert admin.get(user_page).status_code == 200
        assert admin.post(user_page, {"permissions": ["run_model"]}).status_code == 302
        assert AuditEntry.objects.filter(action="model.share").count() == 1

    def test_who_is_no_staff_gets_nowhere(self, owner: Any, model: Any) -> None:
        client = Client()
        client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get("/admin/models_app/model/").status_code == 302
