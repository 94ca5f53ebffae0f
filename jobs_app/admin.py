"""Jobs in Django's admin: to be looked at and cancelled, never edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from jobs_app import steering
from jobs_app.models import Job, SampleError
from samplecase.contracts.errors import ContractError


class ReadOnlyAdmin(ModelAdmin):
    """Rows that only the ledger writes. They hold what models printed, so only superusers see them here."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Every job of the server, with a way to end it."""

    list_display = (
        "id",
        "kind",
        "state",
        "dataset",
        "version",
        "owner",
        "total",
        "done",
        "failed",
        "created_at",
    )
    list_filter = ("kind", "state")
    list_select_related = ("dataset", "version__model", "owner")
    search_fields = ("=id", "dataset__name", "version__model__name", "owner__username")
    show_full_result_count = False
    actions = ("cancel_jobs",)
    exclude = ("cursor",)

    @admin.action(description="Cancel the chosen jobs")
    def cancel_jobs(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        for job in queryset:
            try:
                steering.cancel(job=job, acting_user=request.user)  # type: ignore[arg-type]
            except ContractError as error:
                self.message_user(request, f"Job {job.pk}: {error.message}", messages.WARNING)


@admin.register(SampleError)
class SampleErrorAdmin(ReadOnlyAdmin):
    """Why samples failed."""

    list_display = ("job", "name", "reason", "message")
    list_filter = ("reason",)
    list_select_related = ("job",)
    search_fields = ("=job__id", "name")
    show_full_result_count = False
