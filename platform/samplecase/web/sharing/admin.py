"""Who may do what, in Django's admin: the same rows as the Share dialog, for many objects at once, with audit.

Django's permissions open the admin, but they are no right on any object: staff see and share there what they may
edit, superusers everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.html import format_html
from django.utils.http import urlencode
from guardian.admin import AdminGroupObjectPermissionsForm, AdminUserObjectPermissionsForm, GuardedModelAdmin
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget

from samplecase.web.accounts.models import User
from samplecase.web.sharing.models import Shareable, ShareableQuerySet
from samplecase.web.sharing.services import record_sharing, right_permissions, sharing_of
from samplecase.web.sharing.transfer import KEPT, transfer


def editable_by(request: HttpRequest, kind: type[Shareable]) -> ShareableQuerySet:
    """What the one who asks may share."""
    return ShareableQuerySet(kind).visible_to(request.user, "edit")


@contextmanager
def audited(subject: Shareable, request: HttpRequest) -> Iterator[None]:
    """Write to the audit log what the block changes in the rights on `subject`."""
    with transaction.atomic():
        stored = type(subject)._default_manager
        before = sharing_of(stored.get(pk=subject.pk))
        yield
        after = sharing_of(stored.get(pk=subject.pk))
        if after != before:
            acting_user = cast(User, request.user)
            record_sharing(subject=subject, before=before, after=after, acting_user=acting_user)


class OnlyRights:
    """Mixed into guardian's forms: the rights of the contract, not Django's add, change and delete."""

    obj: Any

    def get_obj_perms_field_choices(self) -> list[tuple[str, str]]:
        return [(self.obj.codename(right), right) for right in self.obj.rights_from()]


class UserRightsForm(OnlyRights, AdminUserObjectPermissionsForm):
    """What one user may do with an object."""


class GroupRightsForm(OnlyRights, AdminGroupObjectPermissionsForm):
    """What the members of a group may do with an object."""


class ShareableAdmin(ModelAdmin, GuardedModelAdmin):
    """Lists what is shared, the right of everyone editable in the list; guardian's pages set those of others.

    Objects are made and deleted through the API alone, which keeps what belongs to them in step.
    """

    list_display = ("name", "owner", "everyone", "created_at", "audit_log")
    list_editable = ("everyone",)
    list_filter = ("everyone",)
    search_fields = ("name", "owner__username")
    fields = ("name", "owner", "everyone")
    readonly_fields = ("name",)
    list_select_related = ("owner",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Owners give theirs away on the object's page.
        return self.readonly_fields if request.user.is_superuser else (*self.readonly_fields, "owner")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "owner":
            kwargs["queryset"] = User.objects.filter(is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="who changed what")
    def audit_log(self, obj: Any) -> str:
        query = urlencode({"type": obj._meta.model_name, "id": obj.pk})
        return format_html('<a href="/audit?{}">show</a>', query)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        allowed = editable_by(request, self.model).values("pk")
        return cast("models.QuerySet[Any]", super().get_queryset(request).filter(pk__in=allowed))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "everyone":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        choices = [(str(right), str(right)) for right in self.model.RIGHTS]
        return forms.ChoiceField(choices=choices, widget=UnfoldAdminSelectWidget)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if "owner" in form.changed_data:
            acting_user = cast(User, request.user)
            transfer(subject=obj, username=obj.owner.username, keep=KEPT, acting_user=acting_user)
        with audited(obj, request):
            super().save_model(request, obj, form, change)

    def get_obj_perms_manage_user_form(self, request: HttpRequest) -> type[Any]:
        return UserRightsForm

    def get_obj_perms_manage_group_form(self, request: HttpRequest) -> type[Any]:
        return GroupRightsForm

    def obj_perms_manage_user_view(self, request: HttpRequest, object_pk: Any, user_id: Any) -> HttpResponse:
        with audited(get_object_or_404(self.get_queryset(request), pk=object_pk), request):
            return cast(HttpResponse, super().obj_perms_manage_user_view(request, object_pk, user_id))

    def obj_perms_manage_group_view(
        self, request: HttpRequest, object_pk: Any, group_id: Any
    ) -> HttpResponse:
        with audited(get_object_or_404(self.get_queryset(request), pk=object_pk), request):
            return cast(HttpResponse, super().obj_perms_manage_group_view(request, object_pk, group_id))


class RightAdmin(ModelAdmin):
    """Lists the rights that single users or groups have, each editable in the list."""

    list_editable = ("permission",)
    list_filter = ("permission",)

    @property
    def kind(self) -> type[Shareable]:
        """What the rights are on."""
        return cast("type[Shareable]", self.model.content_object.field.related_model)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        allowed = editable_by(request, self.kind).values("pk")
        rows = super().get_queryset(request).filter(content_object__in=allowed)
        return cast("models.QuerySet[Any]", rows)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "permission":
            allowed = [permission.pk for permission in right_permissions(self.kind).values()]
            kwargs["queryset"] = db_field.related_model.objects.filter(pk__in=allowed)
        elif db_field.name == "content_object":
            kwargs["queryset"] = editable_by(request, self.kind)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with audited(obj.content_object, request):
            super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with audited(obj.content_object, request):
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        for row in queryset.select_related("content_object"):
            self.delete_model(request, row)


class UserRightAdmin(RightAdmin):
    """The rights of single users."""

    list_display = ("content_object", "user", "permission")
    search_fields = ("content_object__name", "user__username")
    list_select_related = ("content_object", "user")


class GroupRightAdmin(RightAdmin):
    """The rights of groups."""

    list_display = ("content_object", "group", "permission")
    search_fields = ("content_object__name", "group__name")
    list_select_related = ("content_object", "group")
