"""Models in Django's admin: who may run and edit which, changed in bulk."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from models_app.models import Deployment, Model, ModelGroupRight, ModelUserRight, Version
from models_app.pointing import AliasMove, Tombstone
from samplecase.web.sharing.admin import GroupRightAdmin, ShareableAdmin, UserRightAdmin


@admin.register(Model)
class SharedModelAdmin(ShareableAdmin):
    """Which models everyone may see, run or edit; single users and groups by their object permissions."""


admin.site.register(ModelUserRight, UserRightAdmin)
admin.site.register(ModelGroupRight, GroupRightAdmin)


class ReadOnlyAdmin(ModelAdmin):
    """Rows for superusers to look at: the API alone keeps files, audit and jobs in step with them."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Version)
class VersionAdmin(ReadOnlyAdmin):
    """Uploaded packages."""

    list_display = ("model", "version", "stage", "sha256", "size", "uploaded_by", "created_at")
    list_filter = ("stage",)
    list_select_related = ("model", "uploaded_by")
    search_fields = ("model__name", "sha256")


@admin.register(Deployment)
class DeploymentAdmin(ReadOnlyAdmin):
    """How versions run."""

    list_display = ("name", "version", "follows", "state", "sandbox", "is_tuned", "created_by", "updated_at")
    list_filter = ("state", "sandbox", "tune")
    list_select_related = ("version__model", "created_by")
    search_fields = ("name", "version__model__name")

    @admin.display(boolean=True, description="tuned")
    def is_tuned(self, deployment: Deployment) -> bool:
        return deployment.plan is not None


@admin.register(AliasMove)
class AliasMoveAdmin(ReadOnlyAdmin):
    """Where aliases pointed, and who moved them."""

    list_display = ("model", "name", "before", "after", "moved_by", "moved_at")
    list_filter = ("name",)
    list_select_related = ("model", "moved_by")
    search_fields = ("model__name", "name")


@admin.register(Tombstone)
class TombstoneAdmin(ReadOnlyAdmin):
    """Versions that were deleted and that values name."""

    list_display = ("model_name", "version", "sha256", "deleted_by", "deleted_at")
    list_select_related = ("deleted_by",)
    search_fields = ("model_name", "sha256")
