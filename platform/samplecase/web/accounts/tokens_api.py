"""A user's API tokens."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from samplecase.contracts.errors import NotFound
from samplecase.web.accounts.authentication import SignedInWithinScope
from samplecase.web.accounts.lockout import SignInTries
from samplecase.web.accounts.models import ApiToken, TokenScope, User
from samplecase.web.accounts.tokens import make_token, revoke_token
from samplecase.web.rest.schema import errors
from samplecase.web.rest.serializers import StrictSerializer
from samplecase.web.rest.views import ApiViewSet


class TokenRequestSerializer(StrictSerializer):
    """What a token is asked for with: a password, or nothing by those who are signed in."""

    username = serializers.CharField(max_length=150, required=False)
    password = serializers.CharField(max_length=4096, required=False, write_only=True, trim_whitespace=False)
    name = serializers.CharField(max_length=100, required=False, allow_blank=True)
    scope = serializers.ChoiceField(TokenScope.choices, required=False)
    expires = serializers.DateTimeField(required=False, help_text="Without it, a year from now.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("username" in attrs) != ("password" in attrs):
            missing = "password" if "username" in attrs else "username"
            raise serializers.ValidationError({missing: "Username and password go together."})
        return attrs


class TokenSerializer(serializers.Serializer[ApiToken]):
    """A token without its text."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    scope = serializers.ChoiceField(TokenScope.choices)
    created_at = serializers.DateTimeField(source="created")
    expires = serializers.DateTimeField(source="expiry", allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To within five minutes.")


class NewTokenSerializer(TokenSerializer):
    """A token just made, with its text, which is shown this once."""

    token = serializers.CharField()


class TokenViewSet(ApiViewSet):
    """A user's own API tokens. With a token, changing them needs the scope `admin`."""

    admin_scope = True
    page_order: ClassVar[tuple[str, ...]] = ("-created", "public_id")
    serializer_class = TokenSerializer
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"
    queryset = ApiToken.objects.none()

    def get_queryset(self) -> Any:
        return ApiToken.objects.filter(user=self.request.user)

    def get_permissions(self) -> list[BasePermission]:
        # Asking for a token by password is how those come in who are not signed in.
        return [AllowAny()] if self.action == "create" else [SignedInWithinScope()]

    @extend_schema(responses=TokenSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Your tokens, without their text."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        request=TokenRequestSerializer,
        responses={201: NewTokenSerializer, **errors(401, 403, 429)},
    )
    def create(self, request: Request) -> Response:
        """Make a token, by username and password or for the user who is signed in. Its text is shown this once."""
        asked = self.checked(TokenRequestSerializer)
        user = self._asking(request, asked.pop("username", None), asked.pop("password", None))
        token, text = make_token(user=user, **asked)
        headers = {"Cache-Control": "no-store"}
        return Response({**TokenSerializer(token).data, "token": text}, status=201, headers=headers)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, id: Any) -> Response:
        """Revoke a token."""
        token = self.get_queryset().filter(public_id=id).first()
        if token is None:
            raise NotFound(f"You have no token {id}.")
        revoke_token(token=token, acting_user=cast(User, request.user))
        return Response(status=204)

    def _asking(self, request: Request, username: str | None, password: str | None) -> User:
        if username is not None:
            tries = SignInTries(request, username)
            tries.count()
            # For an unknown name Django hashes too, so that both answers take as long.
            user = authenticate(request._request, username=username, password=password)
            if user is None:
                raise AuthenticationFailed("Wrong username or password.")
            tries.succeeded()
            return user
        if not request.user.is_authenticated:
            raise NotAuthenticated("Send username and password, or sign in first.")
        if not SignedInWithinScope().has_permission(request, self):
            self.permission_denied(request, message=SignedInWithinScope.message)
        return request.user
