"""`GET/PUT …/sharing/`: one view for everything that can be shared."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from samplecase.web.rest.serializers import StrictSerializer
from samplecase.web.rest.views import ApiView
from samplecase.web.sharing.models import Shareable, ShareableQuerySet
from samplecase.web.sharing.services import share, sharing_of

MAX_HOLDERS = 1_000


class UserRightSerializer(StrictSerializer):
    """A right given to one user."""

    username = serializers.CharField(max_length=150)
    right = serializers.CharField(max_length=8)


class GroupRightSerializer(StrictSerializer):
    """A right given to all members of a group."""

    name = serializers.CharField(max_length=150)
    right = serializers.CharField(max_length=8)


class SharingSerializer(StrictSerializer):
    """Who may do what. Rights are cumulative: models none < view < run < edit, datasets none < view < label < edit."""

    everyone = serializers.CharField(max_length=8, help_text="The right of all who are signed in.")
    users = serializers.ListField(child=UserRightSerializer(), max_length=MAX_HOLDERS)
    groups = serializers.ListField(child=GroupRightSerializer(), max_length=MAX_HOLDERS)


class SharingView(ApiView):
    """Who may do what with one object; both reading and changing it need the right `edit`.

    Use: `path("models/<int:pk>/sharing/", SharingView.as_view(kind=Model))`.
    """

    kind: ClassVar[Any] = Shareable

    def _subject(self, request: Request, pk: int) -> Any:
        return ShareableQuerySet(self.kind).require(pk=pk, user=request.user, right="edit")

    @extend_schema(responses=SharingSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Who may do what."""
        return Response(sharing_of(self._subject(request, pk)))

    @extend_schema(request=SharingSerializer, responses=SharingSerializer)
    def put(self, request: Request, pk: int) -> Response:
        """Replace all rights at once; the owner keeps every right and is not listed."""
        subject = self._subject(request, pk)
        sharing = self.checked(SharingSerializer)
        return Response(share(subject=subject, sharing=sharing, acting_user=request.user))  # type: ignore[arg-type]
