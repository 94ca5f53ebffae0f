"""`GET /audit/`: who did what, when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, cast

from django.db.models import Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from samplecase.contracts.errors import InvalidInput
from samplecase.web.accounts.models import AuditEntry, User
from samplecase.web.rest.parameters import search_from, search_in, text_from
from samplecase.web.rest.views import ApiViewSet
from samplecase.web.sharing.audit import readable_by


class AuditedObjectSerializer(serializers.Serializer[AuditEntry]):
    """What something was done to; it may be gone by now."""

    type = serializers.CharField(source="object_type", help_text="dataset, model, version, job, user …")
    id = serializers.CharField(source="object_id")
    name = serializers.CharField(source="object_name", help_text="As it was called then.")


class AuditHomeSerializer(serializers.Serializer[Any]):
    """The dataset or model that the object is or belongs to."""

    type = serializers.CharField()
    id = serializers.IntegerField()


class AuditEntrySerializer(serializers.Serializer[AuditEntry]):
    """One row of the audit log."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = serializers.CharField(source="actor_name", help_text="“system” for what nobody asked for.")
    action = serializers.CharField(help_text="`model.share`, `job.submit`, `dataset.delete` …")
    object = AuditedObjectSerializer(source="*")
    home = serializers.SerializerMethodField()
    details = serializers.DictField(help_text="More, as the action has it.")

    @extend_schema_field(AuditHomeSerializer(allow_null=True))
    def get_home(self, entry: AuditEntry) -> dict[str, Any] | None:
        return None if entry.home_id is None else {"type": entry.home_type, "id": entry.home_id}


FILTERS = [
    OpenApiParameter("action", str, description="One action, `job.submit`, or all of a kind, `job`."),
    OpenApiParameter("actor", str, description="The username of who did it, or `system`."),
    OpenApiParameter("type", str, description="The type of the object."),
    OpenApiParameter("id", str, description="The id of the object, with `type`."),
    OpenApiParameter("since", OpenApiTypes.DATETIME, description="At this time or later."),
    OpenApiParameter("until", OpenApiTypes.DATETIME, description="Before this time."),
    search_in("the names of objects"),
]


class AuditViewSet(ApiViewSet):
    """The audit log: all of it for superusers, for others what concerns their account and what they own."""

    page_order: ClassVar[tuple[str, ...]] = ("-id",)
    most_counted = 10_000
    serializer_class = AuditEntrySerializer
    queryset = AuditEntry.objects.none()

    @extend_schema(parameters=FILTERS, operation_id="audit_list")
    def list(self, request: Request) -> Response:
        """Who did what to which object, newest first. Rows are only ever added, so pages never shift."""
        rows = _filtered(readable_by(cast(User, request.user)), request.query_params)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


def _filtered(rows: QuerySet[AuditEntry], params: Mapping[str, str]) -> QuerySet[AuditEntry]:
    if action := text_from(params, "action"):
        rows = rows.filter(Q(action=action) | Q(action__startswith=f"{action}."))
    for name, column in {"actor": "actor_name", "type": "object_type", "id": "object_id"}.items():
        if text := text_from(params, name):
            rows = rows.filter(**{column: text})
    if since := _time(params, "since"):
        rows = rows.filter(at__gte=since)
    if until := _time(params, "until"):
        rows = rows.filter(at__lt=until)
    if search := search_from(params):
        rows = rows.filter(object_name__icontains=search)
    return rows


def _time(params: Mapping[str, str], name: str) -> datetime | None:
    text = params.get(name)
    if not text:
        return None
    try:
        return serializers.DateTimeField().to_internal_value(text)
    except (serializers.ValidationError, OverflowError):
        message = f"{name} is a time such as 2026-01-31T12:00:00Z."
        raise InvalidInput(message, pointer=f"/{name}") from None
