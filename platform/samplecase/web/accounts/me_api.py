"""Who one is, one's password, and where one is signed in."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from samplecase.contracts.errors import InvalidInput
from samplecase.web.accounts.lockout import SignInTries
from samplecase.web.accounts.models import User, UserSession, record
from samplecase.web.accounts.passwords import check_password_rules, set_password
from samplecase.web.accounts.sessions import end_session, end_sessions, open_sessions
from samplecase.web.rest.schema import errors
from samplecase.web.rest.serializers import StrictSerializer
from samplecase.web.rest.views import ApiView, ApiViewSet


class MeSerializer(serializers.Serializer[Any]):
    """Who one is, and what this sign-in may do."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField(source="get_full_name", help_text="May be empty.")
    email = serializers.CharField(help_text="May be empty.")
    is_staff = serializers.BooleanField(help_text="May open the administration.")
    is_superuser = serializers.BooleanField(help_text="Has every right.")
    has_password = serializers.BooleanField(
        source="has_usable_password", help_text="False: came by a link, and has chosen none."
    )
    import_roots = serializers.SerializerMethodField(
        help_text="What of the server's own folders and buckets one may import from, by name; for staff."
    )

    def get_import_roots(self, user: User) -> list[str]:
        return list(settings.IMPORT_ROOTS) if user.is_staff or user.is_superuser else []


class MyFactsSerializer(StrictSerializer):
    """What one may change of oneself."""

    name = serializers.CharField(max_length=150, allow_blank=True)


class PasswordSerializer(StrictSerializer):
    """A new password, and the one so far."""

    current = serializers.CharField(
        max_length=4096, required=False, write_only=True, trim_whitespace=False, help_text="If there is one."
    )
    new = serializers.CharField(max_length=4096, write_only=True, trim_whitespace=False)


class MeView(ApiView):
    """The user who asks. With a token, changing anything needs the scope `admin`."""

    admin_scope = True

    @extend_schema(responses=MeSerializer, operation_id="me_retrieve")
    def get(self, request: Request) -> Response:
        """Who you are."""
        return Response(MeSerializer(request.user).data)

    @extend_schema(request=MyFactsSerializer, responses=MeSerializer, operation_id="me_update")
    def patch(self, request: Request) -> Response:
        """Change your full name."""
        user = cast(User, request.user)
        changes = self.checked(MyFactsSerializer, partial=True)
        if "name" in changes:
            with transaction.atomic():
                user.first_name, _, user.last_name = changes["name"].partition(" ")
                user.save(update_fields=["first_name", "last_name"])
                record(actor=user, action="user.update", subject=user, changed=["name"])
        return Response(MeSerializer(user).data)


class MyPasswordView(ApiView):
    """The password of the user who asks."""

    admin_scope = True

    @extend_schema(
        request=PasswordSerializer, responses={204: None, **errors(429)}, operation_id="me_password"
    )
    def post(self, request: Request) -> Response:
        """Change your password: all your other sessions end, tokens stay. Wrong tries are counted as at sign-in."""
        user = cast(User, request.user)
        given = self.checked(PasswordSerializer)
        if user.has_usable_password():
            self._check_current(request, user, given.get("current", ""))
        check_password_rules(given["new"], user, pointer="/new")
        session = request._request.session
        set_password(user=user, password=given["new"], acting_user=user, besides=session.session_key)
        if request.auth is None:
            update_session_auth_hash(request._request, user)
        return Response(status=204)

    def _check_current(self, request: Request, user: User, current: str) -> None:
        tries = SignInTries(request, user.username)
        tries.count()
        if not user.check_password(current):
            raise InvalidInput("This is not your present password.", pointer="/current")
        tries.succeeded()


class SessionSerializer(serializers.Serializer[UserSession]):
    """A browser that one is signed in with."""

    id = serializers.UUIDField(source="public_id")
    created_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField(help_text="When it was last used, to within five minutes.")
    address = serializers.CharField(help_text="Where it was last used from.")
    agent = serializers.CharField(help_text="What the browser says it is.")
    is_current = serializers.SerializerMethodField(help_text="The one that asks.")

    def get_is_current(self, session: UserSession) -> bool:
        return bool(session.pk == self.context["request"]._request.session.session_key)


class EndedSerializer(serializers.Serializer[Any]):
    """How many sessions were ended."""

    ended = serializers.IntegerField()


class SessionViewSet(ApiViewSet):
    """Where the user who asks is signed in. With a token, ending sessions needs the scope `admin`."""

    admin_scope = True
    page_order: ClassVar[tuple[str, ...]] = ("-seen_at", "public_id")
    serializer_class = SessionSerializer
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    queryset = UserSession.objects.none()

    def get_queryset(self) -> Any:
        return open_sessions(cast(User, self.request.user))

    def list(self, request: Request) -> Response:
        """The browsers that you are signed in with."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, id: Any) -> Response:
        """Sign one browser out; its next request is refused."""
        user = cast(User, request.user)
        end_session(user=user, public_id=id, acting_user=user)
        return Response(status=204)

    @extend_schema(responses={200: EndedSerializer}, operation_id="sessions_end_others")
    def destroy_others(self, request: Request) -> Response:
        """Sign out every browser but the one that asks."""
        user = cast(User, request.user)
        key = request._request.session.session_key
        return Response({"ended": end_sessions(user=user, acting_user=user, besides=key)})
