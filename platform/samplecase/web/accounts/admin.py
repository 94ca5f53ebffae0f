"""Users, groups, tokens and the audit log in Django's admin.

Whoever is staff without being superuser may create and edit ordinary users, as far as Django's permissions let him,
and can neither raise anyone's rights, his own included, nor take over another's account.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm
from unfold.widgets import UnfoldAdminTextInputWidget

from samplecase.web.accounts.links import login_link
from samplecase.web.accounts.models import ApiToken, AuditEntry, LinkPurpose, OneTimeLink, User, record
from samplecase.web.accounts.names import TAKEN, is_taken
from samplecase.web.accounts.sessions import end_sessions
from samplecase.web.accounts.tokens import revoke_token

admin.site.unregister(Group)


class ForSuperusers:
    """Mixed into an admin: nobody else sees or changes anything there."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._is_superuser(request)

    def _is_superuser(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)


class NewUserForm(forms.ModelForm):  # type: ignore[type-arg]
    """A user without a password: an invitation lets him choose one."""

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email")
        field_classes: ClassVar[dict[str, Any]] = {"username": UsernameField}
        widgets: ClassVar[dict[str, Any]] = dict.fromkeys(fields, UnfoldAdminTextInputWidget)

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if is_taken(username):
            raise forms.ValidationError(TAKEN)
        return username

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        user: User = super().save(commit)
        return user


def rights_of(user: User) -> dict[str, Any]:
    """What the audit log compares: all that decides what a user may do everywhere."""
    return {
        "active": user.is_active,
        "staff": user.is_staff,
        "superuser": user.is_superuser,
        "groups": sorted(user.groups.values_list("name", flat=True)),
        "permissions": sorted(user.user_permissions.values_list("codename", flat=True)),
    }


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    """People."""

    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    add_fieldsets = ((None, {"fields": ("username", "first_name", "last_name", "email")}),)
    fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        ("May do", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    list_display = (
        "username",
        "first_name",
        "last_name",
        "is_active",
        "is_staff",
        "is_superuser",
        "last_login",
    )
    readonly_fields = ("last_login", "date_joined")
    actions = ("make_links", "sign_out")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        everyone = super().get_queryset(request)
        if request.user.is_superuser:
            return everyone
        return everyone.filter(is_staff=False, is_superuser=False)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        if request.user.is_superuser:
            return self.readonly_fields
        return (*self.readonly_fields, "is_staff", "is_superuser", "groups", "user_permissions")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser) and super().has_delete_permission(request, obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Whoever sets another's password can act as him, so only superusers may."""
        if not request.user.is_superuser:
            raise PermissionDenied
        known = User.objects.filter(pk=id) if id.isdecimal() else User.objects.none()
        before = known.values_list("password", flat=True).first()
        response = super().user_change_password(request, id, form_url)
        changed = known.exclude(password=before).first()
        if changed is not None:
            acting_user: Any = request.user
            # One's own session goes on under the key that Django has just given it.
            end_sessions(user=changed, acting_user=acting_user, besides=request.session.session_key)
            OneTimeLink.objects.withdraw(changed)
            record(actor=acting_user, action="user.password", subject=changed)
        return response

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        form.rights_before = rights_of(User.objects.get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        after = rights_of(form.instance)
        if form.rights_before != after:
            action = "user.rights" if change else "user.create"
            record(
                actor=request.user,  # type: ignore[arg-type]
                action=action,
                subject=form.instance,
                before=form.rights_before,
                after=after,
            )
        if not form.instance.is_active:
            end_sessions(user=form.instance, acting_user=request.user)  # type: ignore[arg-type]
            OneTimeLink.objects.withdraw(form.instance)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        record(actor=request.user, action="user.delete", subject=obj)  # type: ignore[arg-type]
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            self.delete_model(request, user)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found: dict[str, Any] = super().get_actions(request)
        if not request.user.is_superuser:
            for name in ("make_links", "sign_out"):
                found.pop(name, None)
        return found

    @admin.action(description="Sign out everywhere")
    def sign_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        ended = 0
        for user in queryset:
            ended += end_sessions(user=user, acting_user=request.user)  # type: ignore[arg-type]
        self.message_user(request, f"{ended} sessions were ended.")

    @admin.action(description="Make one-time links to sign in with")
    def make_links(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse:
        """Shown this once: an invitation for who never signed in, else a short-lived link."""
        base = request.build_absolute_uri("/")
        links = []
        for user in queryset.filter(is_active=True):
            purpose = LinkPurpose.INVITATION if user.last_login is None else LinkPurpose.LOGIN
            address = login_link(user.username, base_url=base, purpose=purpose, acting_user=request.user)  # type: ignore[arg-type]
            links.append({"user": user, "address": address, "purpose": purpose})
        context = {**self.admin_site.each_context(request), "title": "One-time links", "links": links}
        response = render(request, "accounts/links.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response


@admin.register(Group)
class GroupAdmin(ForSuperusers, DjangoGroupAdmin, ModelAdmin):
    """Groups; what is shared with one is shared with all its members."""

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        action = "group.update" if change else "group.create"
        record(actor=request.user, action=action, subject=obj)  # type: ignore[arg-type]

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        members = list(obj.user_set.values_list("username", flat=True))
        record(actor=request.user, action="group.delete", subject=obj, members=members)  # type: ignore[arg-type]
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        for group in queryset:
            self.delete_model(request, group)


@admin.register(ApiToken)
class ApiTokenAdmin(ForSuperusers, ModelAdmin):
    """Tokens, to be looked at and revoked. Their text is stored nowhere."""

    list_display = ("public_id", "user", "name", "scope", "created", "expiry")
    list_display_links = None
    list_filter = ("scope",)
    search_fields = ("user__username", "name")
    list_select_related = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: ApiToken) -> None:
        revoke_token(token=obj, acting_user=request.user)  # type: ignore[arg-type]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset.select_related("user"):
            self.delete_model(request, token)


@admin.register(AuditEntry)
class AuditEntryAdmin(ForSuperusers, ModelAdmin):
    """Who did what, when: to be read only."""

    list_display = ("at", "actor_name", "action", "object_type", "object_name")
    list_filter = ("action", "object_type")
    search_fields = ("actor_name", "object_name", "object_id")
    date_hierarchy = "at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
