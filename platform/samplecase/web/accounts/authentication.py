"""How a request proves who it is from: a token or a session, and what a token's scope lets it do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework import authentication, exceptions
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from samplecase.web.accounts.models import SEEN_EVERY, ApiToken, TokenScope, User

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports this module, by the settings

SCHEME = "Token"
_TOKEN = re.compile(rb"[0-9a-f]{64}")


class TokenAuthentication(KnoxTokenAuthentication):
    """`Authorization: Token …`. Whatever is wrong with the header ends in 401."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        # Other bytes than knox gives out would reach the database, which may refuse them with another error.
        if not _TOKEN.fullmatch(token):
            raise exceptions.AuthenticationFailed("Invalid token.")
        user, found = super().authenticate_credentials(token)
        note_use(found)
        return user, found

    def _cleanup_token(self, auth_token: ApiToken) -> bool:
        # Knox deletes a user's expired tokens on each request, which writes while others read; they stay listed here.
        return auth_token.expiry is not None and auth_token.expiry <= timezone.now()


def note_use(token: ApiToken) -> None:
    """Remember that `token` is in use, at most every few minutes."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at <= now - SEEN_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


class SessionAuthentication(authentication.SessionAuthentication):
    """The page's session, with its CSRF token. Without one the answer is 401 and names the other way in."""

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


class SignedInWithinScope(BasePermission):
    """Signed in; and with a token, within the token's scope.

    A view that manages accounts says `admin_scope = True`: a token needs the scope `admin` there to write.
    """

    message = "This token's scope does not allow that."

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not (request.user and request.user.is_authenticated):
            raise exceptions.NotAuthenticated("Sign in, or send a token: `Authorization: Token …`.")
        token: Any = request.auth
        if not isinstance(token, ApiToken) or request.method in SAFE_METHODS:
            return True
        if getattr(view, "admin_scope", False):
            return token.scope == TokenScope.ADMIN
        return token.scope in {TokenScope.WRITE, TokenScope.ADMIN}
