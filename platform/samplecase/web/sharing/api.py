"""`GET/PUT …/sharing/` and `POST …/transfer/`: the same views for everything that can be shared."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from samplecase.web.accounts.models import User
from samplecase.web.rest.parameters import search_from, search_in
from samplecase.web.rest.serializers import StrictSerializer
from samplecase.web.rest.views import ApiView
from samplecase.web.sharing.known import known_groups, known_users
from samplecase.web.sharing.models import SHARED, Shareable, ShareableQuerySet
from samplecase.web.sharing.services import share, sharing_of
from samplecase.web.sharing.transfer import KEPT, transfer

MAX_HOLDERS = 1_000

# A parameter of the lists of what can be shared; see `ShareableQuerySet.shared`.
SHARED_WITH = OpenApiParameter(
    "shared", str, enum=SHARED, description="Only what you own, or only what others have shared with you."
)


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


class TransferSerializer(StrictSerializer):
    """Who is to be the owner, and what the owner so far keeps."""

    username = serializers.CharField(max_length=150)
    keep = serializers.CharField(
        max_length=8, default=KEPT, help_text="The right that the owner so far keeps; “none” for none."
    )


class TransferredSerializer(serializers.Serializer[Any]):
    """Whose it is now."""

    owner = serializers.CharField()
    access = serializers.CharField(help_text="The right that you have now.")


class TransferView(ApiView):
    """Giving one object to another owner; for its owner and superusers.

    Use: `path("models/<int:pk>/transfer/", TransferView.as_view(kind=Model))`.
    """

    kind: ClassVar[Any] = Shareable

    @extend_schema(request=TransferSerializer, responses=TransferredSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Make somebody else the owner. The owner so far keeps the right `keep`, *edit* if nothing is said."""
        user = cast(User, request.user)
        subject = ShareableQuerySet(self.kind).require(pk=pk, user=user)
        asked = self.checked(TransferSerializer)
        given = transfer(subject=subject, acting_user=user, **asked)
        return Response({"owner": given.owner.get_username(), "access": given.access_of(user)})


MOST_CANDIDATES = 10


class CandidateSerializer(serializers.Serializer[User]):
    """Somebody to share with."""

    username = serializers.CharField()
    name = serializers.CharField(source="get_full_name", help_text="May be empty.")


class CandidatesSerializer(serializers.Serializer[Any]):
    """People and groups to share with."""

    users = CandidateSerializer(many=True)
    groups = serializers.ListField(child=serializers.CharField())


class CandidatesView(ApiView):
    """Whom one may share with, while their name is typed."""

    @extend_schema(
        parameters=[search_in("usernames, full names and names of groups")], responses=CandidatesSerializer
    )
    def get(self, request: Request) -> Response:
        """At most ten people and ten groups whom you may know.

        Staff know all. Others know the members of their groups, the owners of what they may see, and who has a right
        on what they may edit; whoever else there is can be given a right by his exact username.
        """
        user, search = cast(User, request.user), search_from(request.query_params)
        names = Q(first_name__icontains=search) | Q(last_name__icontains=search)
        users = known_users(user).filter(names | Q(username__icontains=search)).order_by("username")
        groups = known_groups(user).filter(name__icontains=search).order_by("name")
        found = {
            "users": users[:MOST_CANDIDATES],
            "groups": groups.values_list("name", flat=True)[:MOST_CANDIDATES],
        }
        return Response(CandidatesSerializer(found).data)
