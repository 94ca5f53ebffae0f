"""`/people/`: the accounts of this server, for staff."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.db import transaction
from django.db.models import Q
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from samplecase.contracts.errors import NotFound
from samplecase.web.accounts.authentication import SignedInWithinScope
from samplecase.web.accounts.models import LINK_LIFETIME, LinkPurpose, User
from samplecase.web.accounts.names import LONGEST_NAME, as_stored
from samplecase.web.accounts.people import invite, new_link, people, set_active, set_staff
from samplecase.web.rest.parameters import search_from, search_in
from samplecase.web.rest.schema import errors
from samplecase.web.rest.serializers import StrictSerializer
from samplecase.web.rest.views import ApiViewSet


class IsStaff(BasePermission):
    """Staff and superusers."""

    message = "Only staff may do that."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user.is_staff or request.user.is_superuser)


class PersonSerializer(serializers.Serializer[User]):
    """An account, as staff see it."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField(source="get_full_name", help_text="May be empty.")
    email = serializers.CharField(help_text="May be empty.")
    is_active = serializers.BooleanField()
    is_staff = serializers.BooleanField()
    is_superuser = serializers.BooleanField()
    last_login = serializers.DateTimeField(allow_null=True, help_text="null: never signed in.")
    invited_until = serializers.DateTimeField(
        allow_null=True, help_text="When an unused invitation ends; null without one."
    )


class UsernameField(serializers.CharField):
    """A username as it will be stored."""

    def to_internal_value(self, data: Any) -> str:
        return as_stored(super().to_internal_value(data))


class InvitationSerializer(StrictSerializer):
    """Whom to invite."""

    username = UsernameField(max_length=LONGEST_NAME, validators=[User.username_validator])
    name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)


class PersonChangesSerializer(StrictSerializer):
    """What is changed of an account here; groups and all other rights are the administration's."""

    is_active = serializers.BooleanField(required=False)
    is_staff = serializers.BooleanField(required=False, help_text="For superusers.")


class LinkSerializer(serializers.Serializer[Any]):
    """A one-time link, which is shown this once."""

    link = serializers.CharField()
    purpose = serializers.ChoiceField(LinkPurpose.choices)
    valid_seconds = serializers.IntegerField()


class InvitedSerializer(PersonSerializer):
    """A person just invited, with the link to hand over."""

    invitation = LinkSerializer()


SEARCH = search_in("username, name or email")
NO_STORE = {"Cache-Control": "no-store"}


@extend_schema_view(list=extend_schema(parameters=[SEARCH]))
class PersonViewSet(ApiViewSet):
    """Accounts, for staff. With a token, changing them needs the scope `admin`."""

    admin_scope = True
    page_order: ClassVar[tuple[str, ...]] = ("username", "id")
    serializer_class = PersonSerializer
    lookup_url_kwarg = "id"
    queryset = User.objects.none()
    permission_classes = (SignedInWithinScope, IsStaff)

    def list(self, request: Request) -> Response:
        """Everybody with an account, by username."""
        found = people()
        if search := search_from(request.query_params):
            parts = ("username", "first_name", "last_name", "email")
            found = found.filter(Q.create([(f"{part}__icontains", search) for part in parts], Q.OR))
        page = self.paginate_queryset(found)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=InvitationSerializer, responses={201: InvitedSerializer})
    def create(self, request: Request) -> Response:
        """Invite somebody: an ordinary account without a password, and a link that lets its person choose one."""
        facts = self.checked(InvitationSerializer)
        user, link = invite(acting_user=cast(User, request.user), base_url=_base_url(request), **facts)
        shown = {**self._shown(user), "invitation": _link(link, LinkPurpose.INVITATION)}
        return Response(shown, status=201, headers=NO_STORE)

    @extend_schema(request=PersonChangesSerializer, responses={200: PersonSerializer, **errors(409)})
    def partial_update(self, request: Request, id: int) -> Response:
        """Take an account out of use, which ends its sessions, or let it be used again; make it staff, or no longer.

        What it owns stays.
        """
        user, acting_user = self._person(id), cast(User, request.user)
        changes = self.checked(PersonChangesSerializer)
        with transaction.atomic():
            if "is_staff" in changes:
                set_staff(user=user, is_staff=changes["is_staff"], acting_user=acting_user)
            if "is_active" in changes:
                set_active(user=user, is_active=changes["is_active"], acting_user=acting_user)
        return Response(self._shown(user))

    @extend_schema(request=None, responses={201: LinkSerializer, **errors(409)})
    def link(self, request: Request, id: int) -> Response:
        """Make another one-time link: an invitation while its person never came, else one for 15 minutes.

        Links from before stop working. For staff: only for those whom they invited and who have not come yet.
        """
        user = self._person(id)
        link, purpose = new_link(user=user, base_url=_base_url(request), acting_user=cast(User, request.user))
        return Response(_link(link, purpose), status=201, headers=NO_STORE)

    def _person(self, id: int) -> User:
        user = User.objects.filter(pk=id).first()
        if user is None:
            raise NotFound(f"There is no person {id}.")
        return user

    def _shown(self, user: User) -> Any:
        return PersonSerializer(people().get(pk=user.pk)).data


def _base_url(request: Request) -> str:
    return request.build_absolute_uri("/")


def _link(address: str, purpose: LinkPurpose) -> dict[str, Any]:
    seconds = int(LINK_LIFETIME[purpose].total_seconds())
    return {"link": address, "purpose": purpose.value, "valid_seconds": seconds}
